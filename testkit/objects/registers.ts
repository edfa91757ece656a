import type { NativeController } from '../nativeSurface.ts';
import { aligned, integer, unsigned64 } from './checks.ts';

/** Controller properties by the specification's names: offset and bytes (NVMe Base 2.0, "Controller Properties"). */
const properties = {
  CAP: { offset: 0x00, width: 8 },
  VS: { offset: 0x08, width: 4 },
  INTMS: { offset: 0x0c, width: 4 },
  INTMC: { offset: 0x10, width: 4 },
  CC: { offset: 0x14, width: 4 },
  CSTS: { offset: 0x1c, width: 4 },
  NSSR: { offset: 0x20, width: 4 },
  AQA: { offset: 0x24, width: 4 },
  ASQ: { offset: 0x28, width: 8 },
  ACQ: { offset: 0x30, width: 8 },
  CMBLOC: { offset: 0x38, width: 4 },
  CMBSZ: { offset: 0x3c, width: 4 },
  BPINFO: { offset: 0x40, width: 4 },
  BPRSEL: { offset: 0x44, width: 4 },
  BPMBL: { offset: 0x48, width: 8 },
  CMBMSC: { offset: 0x50, width: 8 },
  CMBSTS: { offset: 0x58, width: 4 },
  CMBEBS: { offset: 0x5c, width: 4 },
  CMBSWTP: { offset: 0x60, width: 4 },
  NSSD: { offset: 0x64, width: 4 },
  CRTO: { offset: 0x68, width: 4 },
  PMRCAP: { offset: 0xe00, width: 4 },
  PMRCTL: { offset: 0xe04, width: 4 },
  PMRSTS: { offset: 0xe08, width: 4 },
  PMREBS: { offset: 0xe0c, width: 4 },
  PMRSWTP: { offset: 0xe10, width: 4 },
  PMRMSCL: { offset: 0xe14, width: 4 },
  PMRMSCU: { offset: 0xe18, width: 4 },
} as const satisfies Record<string, { offset: number; width: 4 | 8 }>;

/** Names of the controller's properties, as in the specification. */
export type RegisterName = keyof typeof properties;

/** CAP, decoded (NVMe Base 2.0, "Controller Capabilities"). */
export interface Cap {
  /** As read. */
  readonly raw: bigint;
  /** Maximum Queue Entries Supported, 0's based: a queue can have `mqes + 1` entries. */
  readonly mqes: number;
  /** Contiguous Queues Required. */
  readonly cqr: boolean;
  /** Arbitration Mechanism Supported: bit 0 weighted round robin with urgent, bit 1 vendor specific. */
  readonly ams: number;
  /** CAP.TO in milliseconds. */
  readonly timeoutMs: number;
  /** Doorbells are 4 << dstrd bytes apart. */
  readonly dstrd: number;
  /** NVM Subsystem Reset Supported. */
  readonly nssrs: boolean;
  /** Command Sets Supported. */
  readonly css: number;
  /** Smallest memory page, bytes. */
  readonly minPageBytes: number;
  /** Largest memory page, bytes. */
  readonly maxPageBytes: number;
  /** Controller Memory Buffer Supported. */
  readonly cmbs: boolean;
}

/** VS, decoded: 2.0.0. */
export interface Version {
  /** As read. */
  readonly raw: number;
  /** Major Version Number. */
  readonly major: number;
  /** Minor Version Number. */
  readonly minor: number;
  /** Tertiary Version Number. */
  readonly tertiary: number;
}

/** CC, decoded (NVMe Base 2.0, "Controller Configuration"). */
export interface Cc {
  /** As read. */
  readonly raw: number;
  /** Enable. */
  readonly en: boolean;
  /** I/O Command Set Selected. */
  readonly css: number;
  /** Memory page, bytes. */
  readonly pageBytes: number;
  /** Arbitration Mechanism Selected. */
  readonly ams: number;
  /** Shutdown Notification. */
  readonly shn: number;
  /** I/O SQ entry size, bytes. */
  readonly sqEntryBytes: number;
  /** I/O CQ entry size, bytes. */
  readonly cqEntryBytes: number;
}

/** CSTS, decoded (NVMe Base 2.0, "Controller Status"). */
export interface Csts {
  /** As read. */
  readonly raw: number;
  /** Ready. */
  readonly rdy: boolean;
  /** Controller Fatal Status. */
  readonly cfs: boolean;
  /** Shutdown Status: 0 normal operation, 1 occurring, 2 complete. */
  readonly shst: number;
  /** NVM Subsystem Reset Occurred. */
  readonly nssro: boolean;
  /** Processing Paused. */
  readonly pp: boolean;
}

/** Controller properties: BAR0 by offset or by name. Without power every read gives all ones, as PCIe does. */
export class Registers {
  readonly #native: NativeController;
  readonly #changed: () => void;

  /** @param changed told of every write @internal */
  constructor(native: NativeController, changed: () => void) {
    this.#native = native;
    this.#changed = changed;
  }

  /** @param offset bytes in BAR0, a multiple of 4 @throws RangeError */
  read32(offset: number): number {
    return Number(this.#native.readRegister(aligned(offset, 4), 4));
  }

  /** @param offset a multiple of 8 @throws RangeError */
  read64(offset: number): bigint {
    return this.#native.readRegister(aligned(offset, 8), 8);
  }

  /** Any value reaches the device, on purpose. */
  write32(offset: number, value: number): void {
    this.#changed();
    this.#native.writeRegister(aligned(offset, 4), 4, BigInt(integer('value', value, 0, 0xffff_ffff)));
  }

  /** Any value reaches the device, on purpose. @param offset a multiple of 8 */
  write64(offset: number, value: number | bigint): void {
    this.#changed();
    this.#native.writeRegister(aligned(offset, 8), 8, unsigned64('value', value));
  }

  /** A property by name, whatever its width. */
  get(name: RegisterName): bigint {
    const { offset, width } = property(name);
    return this.#native.readRegister(offset, width);
  }

  /** Writes a property. Any value reaches the device. @throws TypeError, RangeError */
  set(name: RegisterName, value: number | bigint): void {
    const { offset, width } = property(name);
    if (width === 8) this.write64(offset, value);
    else this.write32(offset, Number(unsigned64('value', value)));
  }

  /** CAP, read now. */
  get cap(): Cap {
    const raw = this.get('CAP');
    const field = (low: number, bits: number): number => Number((raw >> BigInt(low)) & ((1n << BigInt(bits)) - 1n));
    return {
      raw,
      mqes: field(0, 16),
      cqr: field(16, 1) === 1,
      ams: field(17, 2),
      timeoutMs: field(24, 8) * 500,
      dstrd: field(32, 4),
      nssrs: field(36, 1) === 1,
      css: field(37, 8),
      minPageBytes: 4096 << field(48, 4),
      maxPageBytes: 4096 << field(52, 4),
      cmbs: field(57, 1) === 1,
    };
  }

  /** VS, read now. */
  get vs(): Version {
    const raw = Number(this.get('VS'));
    return { raw, major: raw >>> 16, minor: (raw >>> 8) & 0xff, tertiary: raw & 0xff };
  }

  /** CC, read now. */
  get cc(): Cc {
    const raw = Number(this.get('CC'));
    return {
      raw,
      en: (raw & 1) === 1,
      css: (raw >>> 4) & 7,
      pageBytes: 4096 << ((raw >>> 7) & 0xf),
      ams: (raw >>> 11) & 7,
      shn: (raw >>> 14) & 3,
      sqEntryBytes: 1 << ((raw >>> 16) & 0xf),
      cqEntryBytes: 1 << ((raw >>> 20) & 0xf),
    };
  }

  /** CSTS, read now. */
  get csts(): Csts {
    const raw = Number(this.get('CSTS'));
    return {
      raw,
      rdy: (raw & 1) === 1,
      cfs: (raw & 2) === 2,
      shst: (raw >>> 2) & 3,
      nssro: (raw & 0x10) !== 0,
      pp: (raw & 0x20) !== 0,
    };
  }
}

function property(name: RegisterName): { offset: number; width: 4 | 8 } {
  const found = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (found !== undefined) return found;
  throw new TypeError(`there is no controller property '${name}'; there are: ${Object.keys(properties).join(', ')}`);
}
