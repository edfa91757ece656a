import { Fields } from '../fields.ts';

/** SMART / Health Information log page (NVMe Base 2.0), 512 bytes. */
export class SmartLog extends Fields {
  /** Critical Warning, bits 5:0. */
  get criticalWarning(): number {
    return this.u(0);
  }
  /** Composite Temperature, kelvin. */
  get temperatureKelvin(): number {
    return this.u(2, 1);
  }
  /** The same in degrees Celsius, by 0 degrees = 273 K as drives report it. */
  get temperatureCelsius(): number {
    return this.temperatureKelvin - 273;
  }
  /** Available Spare, %. */
  get availableSpare(): number {
    return this.u(3);
  }
  /** Available Spare Threshold, %. */
  get availableSpareThreshold(): number {
    return this.u(4);
  }
  /** Percentage Used; may exceed 100. */
  get percentageUsed(): number {
    return this.u(5);
  }
  /** Data Units Read, thousands of 512 bytes. */
  get dataUnitsRead(): bigint {
    return this.big(47, 32);
  }
  /** Data Units Written, thousands of 512 bytes. */
  get dataUnitsWritten(): bigint {
    return this.big(63, 48);
  }
  /** Host Read Commands. */
  get hostReadCommands(): bigint {
    return this.big(79, 64);
  }
  /** Host Write Commands. */
  get hostWriteCommands(): bigint {
    return this.big(95, 80);
  }
  /** Controller Busy Time, minutes. */
  get controllerBusyTime(): bigint {
    return this.big(111, 96);
  }
  /** Power Cycles. */
  get powerCycles(): bigint {
    return this.big(127, 112);
  }
  /** Power On Hours. */
  get powerOnHours(): bigint {
    return this.big(143, 128);
  }
  /** Unsafe Shutdowns. */
  get unsafeShutdowns(): bigint {
    return this.big(159, 144);
  }
  /** Media and Data Integrity Errors. */
  get mediaErrors(): bigint {
    return this.big(175, 160);
  }
  /** Number of Error Information Log Entries over the controller's life. */
  get errorLogEntries(): bigint {
    return this.big(191, 176);
  }
}

/** One entry of the Error Information log page (NVMe Base 2.0), 64 bytes. */
export interface ErrorLogEntry {
  /** Unique identifier of the error, counting up over the life of the controller. */
  readonly errorCount: bigint;
  /** Submission Queue ID. */
  readonly sqid: number;
  /** Command Identifier. */
  readonly cid: number;
  /** Status field (15 bits, without the phase tag). */
  readonly status: number;
  /** Byte and bit of the parameter in error: byte (7:0), bit (10:8); FFFFh = not specific. */
  readonly parameterErrorLocation: number;
  /** First LBA in error, where it is one. */
  readonly lba: bigint;
  /** Namespace Identifier. */
  readonly nsid: number;
}

/** The valid entries, newest first; an Error Count of 0 marks an unused one. @internal */
export function errorLogEntries(bytes: Uint8Array): ErrorLogEntry[] {
  const entries: ErrorLogEntry[] = [];
  for (let at = 0; at + 64 <= bytes.length; at += 64) {
    const entry = new Fields(bytes.subarray(at, at + 64));
    const errorCount = entry.big(7, 0);
    if (errorCount === 0n) continue;
    entries.push({
      errorCount,
      sqid: entry.u(9, 8),
      cid: entry.u(11, 10),
      status: entry.u(13, 12) >>> 1,
      parameterErrorLocation: entry.u(15, 14),
      lba: entry.big(23, 16),
      nsid: entry.u(27, 24),
    });
  }
  return entries;
}

/** Firmware Slot Information log page (NVMe Base 2.0), 512 bytes. */
export class FirmwareSlotLog extends Fields {
  /** The slot the running firmware was loaded from, 1..7. */
  get activeSlot(): number {
    return this.u(0) & 7;
  }
  /** The slot to be activated at the next Controller Level Reset; 0 = not indicated. */
  get nextSlot(): number {
    return (this.u(0) >>> 4) & 7;
  }
  /** Firmware revisions of slots 1 to 7; empty text where a slot holds none. */
  get revisions(): readonly string[] {
    return Array.from({ length: 7 }, (_, index) => this.ascii(15 + index * 8, 8 + index * 8));
  }
}
