import { integer } from '../checks.ts';
import { Fields } from '../fields.ts';

/** Zone States (ZS) by name (ZNS Command Set 1.1, "Zone Descriptor"); the names the specification abbreviates ZSE, ZSIO and so on. */
const states: Readonly<Record<number, ZoneState>> = {
  1: 'empty',
  2: 'implicitly-opened',
  3: 'explicitly-opened',
  4: 'closed',
  13: 'read-only',
  14: 'full',
  15: 'offline',
};

/** State of a zone. `reserved`: a value the specification does not define. */
export type ZoneState =
  | 'empty'
  | 'implicitly-opened'
  | 'explicitly-opened'
  | 'closed'
  | 'read-only'
  | 'full'
  | 'offline'
  | 'reserved';

/** Bytes of a Zone Descriptor, and of the header of a report. @internal */
export const descriptorBytes = 64;

const noWritePointer = 2n ** 64n - 1n;

/** A Zone Descriptor as a report has it. */
export class ZoneDescriptor extends Fields {
  /** Bytes of the Zone Descriptor Extension; none in a report that is not extended. */
  readonly extension: Uint8Array;

  /** @internal */
  constructor(bytes: Uint8Array, extension: Uint8Array = new Uint8Array()) {
    super(bytes);
    this.extension = extension;
  }

  /** Zone Type; 2h = Sequential Write Required. */
  get type(): number {
    return this.u(0) & 0xf;
  }

  /** Zone State. */
  get state(): ZoneState {
    return states[this.u(1) >> 4] ?? 'reserved';
  }

  /** Zone Attributes, as they are: ZFC (0), FZR (1), RZR (2), ZDEV (7). */
  get attributes(): number {
    return this.u(2);
  }

  /** The controller made it full on its own (ZFC). */
  get finishedByController(): boolean {
    return this.bit(0, 2);
  }

  /** The controller asks the host to finish it (FZR). */
  get finishRecommended(): boolean {
    return this.bit(1, 2);
  }

  /** The controller asks the host to reset it (RZR). */
  get resetRecommended(): boolean {
    return this.bit(2, 2);
  }

  /** A Zone Descriptor Extension was set (ZDEV). */
  get extensionValid(): boolean {
    return this.bit(7, 2);
  }

  /** Zone Capacity, blocks. */
  get capacity(): bigint {
    return this.big(15, 8);
  }

  /** Zone Start LBA. */
  get zslba(): bigint {
    return this.big(23, 16);
  }

  /** Where the next write goes, an LBA; undefined in states that have none (full, read-only, offline). */
  get writePointer(): bigint | undefined {
    const value = this.big(31, 24);
    return value === noWritePointer ? undefined : value;
  }
}

/** Identify data a zoned namespace has beyond that of the NVM Command Set (CNS 05h, CSI 02h). */
export class ZonedNamespaceData extends Fields {
  /** Zone Operation Characteristics: variable zone capacity (0), zone active excursions (1). */
  get zoc(): number {
    return this.u(1, 0);
  }

  /** Reads may cross zone boundaries (OZCS, bit 0). */
  get readAcrossZones(): boolean {
    return this.bit(0, 3, 2);
  }

  /** How many zones can be active at once (MAR + 1); undefined = no limit. */
  get maxActive(): number | undefined {
    return limit(this.u(7, 4));
  }

  /** How many zones can be open at once (MOR + 1); undefined = no limit. */
  get maxOpen(): number | undefined {
    return limit(this.u(11, 8));
  }

  /** Zone Size of an LBA format, blocks. @param format 0..63 */
  zoneSize(format: number): bigint {
    const at = formatAt(format);
    return this.big(at + 7, at);
  }

  /** Bytes of a Zone Descriptor Extension of an LBA format; 0 = there is none. @param format 0..63 */
  extensionBytes(format: number): number {
    return this.u(formatAt(format) + 8) * 64;
  }
}

/** Where the LBA Format Extension of a format is. */
function formatAt(format: number): number {
  return 2816 + 16 * integer('format', format, 0, 63);
}

function limit(zeroBased: number): number | undefined {
  return zeroBased === 0xffff_ffff ? undefined : zeroBased + 1;
}
