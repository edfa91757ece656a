import { integer } from '../checks.ts';
import { Fields } from '../fields.ts';

const blockBytes = 512;

/** Header of a Telemetry Host-Initiated or Controller-Initiated log page (NVMe Base 2.0), 512 bytes. */
export class TelemetryHeader extends Fields {
  /** 07h host-initiated, 08h controller-initiated. */
  get lid(): number {
    return this.u(0);
  }
  /** IEEE OUI Identifier. */
  get ieee(): number {
    return this.u(7, 5);
  }
  /** Last block of data areas 1, 2, 3 and 4; blocks have 512 bytes, block 0 is this header. */
  get lastBlocks(): readonly [number, number, number, number] {
    return [this.u(9, 8), this.u(11, 10), this.u(13, 12), this.u(19, 16)];
  }
  /** Bytes of the header and data areas 1 to `area`. @param area 1..4 */
  bytesOf(area: 1 | 2 | 3 | 4): number {
    const last = this.lastBlocks[integer('area', area, 1, 4) - 1] ?? 0;
    return (last + 1) * blockBytes;
  }
  /** Telemetry Controller-Initiated Data Available. */
  get controllerDataAvailable(): boolean {
    return this.u(382) === 1;
  }
  /** Telemetry Controller-Initiated Data Generation Number. */
  get controllerGeneration(): number {
    return this.u(383);
  }
  /** Telemetry Host-Initiated Data Generation Number. */
  get hostGeneration(): number {
    return this.u(381);
  }
}

/** One event of the Persistent Event log page (NVMe Base 2.0, "Persistent Event"). */
export interface PersistentEvent {
  /** Event Type: 1 SMART snapshot, 2 firmware commit, 3 timestamp change, 4 power-on or reset, ... DEh vendor specific, DFh TCG. */
  readonly type: number;
  /** Event Type Revision. */
  readonly revision: number;
  /** Controller Identifier. */
  readonly cntlid: number;
  /** Event Timestamp, ms (47:0); the bits above tell its origin. */
  readonly timestamp: bigint;
  /** Vendor Specific Information, then the event's data. */
  readonly vendorBytes: number;
  /** The event's own data, by byte numbers of its format. */
  readonly data: Fields;
}

/** Persistent Event log page (NVMe Base 2.0): its header of 512 bytes, and events newest first. */
export class PersistentEventLog extends Fields {
  /** Total Number of Events. */
  get totalEvents(): number {
    return this.u(7, 4);
  }
  /** Total Log Length, bytes, the header included. */
  get totalBytes(): bigint {
    return this.big(15, 8);
  }
  /** Log Revision. */
  get revision(): number {
    return this.u(16);
  }
  /** Timestamp when the context was established. */
  get timestamp(): bigint {
    return this.big(27, 20);
  }
  /** Power On Hours. */
  get powerOnHours(): bigint {
    return this.big(43, 28);
  }
  /** Power Cycle Count. */
  get powerCycles(): bigint {
    return this.big(51, 44);
  }
  /** Serial Number. */
  get serial(): string {
    return this.ascii(75, 56);
  }
  /** Model Number. */
  get model(): string {
    return this.ascii(115, 76);
  }
  /** Supported Events Bitmap: whether events of that type are logged. @param type 0..255 */
  logs(type: number): boolean {
    integer('type', type, 0, 0xff);
    return this.bit(type & 7, 480 + (type >>> 3));
  }
  /** Those whose header and data are within the bytes that were read. */
  get events(): readonly PersistentEvent[] {
    const events: PersistentEvent[] = [];
    let at = blockBytes;
    while (events.length < this.totalEvents && at + eventHeaderBytes <= this.bytes.length) {
      const end = at + this.#eventBytes(at);
      if (end > this.bytes.length) break;
      events.push(eventOf(new Fields(this.bytes.slice(at, end))));
      at = end;
    }
    return events;
  }

  #eventBytes(at: number): number {
    return eventHeaderLength(new Fields(this.bytes.subarray(at, at + eventHeaderBytes))) + this.u(at + 23, at + 22);
  }
}

const eventHeaderBytes = 24;

/** Event Header Length counts the bytes after itself. */
function eventHeaderLength(header: Fields): number {
  return header.u(2) + 3;
}

function eventOf(event: Fields): PersistentEvent {
  return {
    type: event.u(0),
    revision: event.u(1),
    cntlid: event.u(5, 4),
    timestamp: event.big(13, 6),
    vendorBytes: event.u(21, 20),
    data: new Fields(event.bytes.slice(eventHeaderLength(event) + event.u(21, 20))),
  };
}
