import { Fields } from './fields.ts';

/** Volatile Write Cache. */
export interface VolatileWriteCache {
  /** There is one. */
  readonly present: boolean;
  /** Flush with NSID FFFFFFFFh: 0 not indicated, 2 not supported, 3 supported. */
  readonly flushAll: number;
}

/** Identify Controller data structure (NVMe Base 2.0). What has no name here is at {@link Fields.u} and {@link Fields.big}. */
export class IdentifyController extends Fields {
  /** PCI Vendor ID. */
  get vid(): number {
    return this.u(1, 0);
  }
  /** PCI Subsystem Vendor ID. */
  get ssvid(): number {
    return this.u(3, 2);
  }
  /** Serial Number. */
  get serial(): string {
    return this.ascii(23, 4);
  }
  /** Model Number. */
  get model(): string {
    return this.ascii(63, 24);
  }
  /** Firmware Revision. */
  get firmware(): string {
    return this.ascii(71, 64);
  }
  /** IEEE OUI Identifier. */
  get ieee(): number {
    return this.u(75, 73);
  }
  /** Controller Multi-Path I/O and Namespace Sharing Capabilities. */
  get cmic(): number {
    return this.u(76);
  }
  /** Maximum Data Transfer Size as a power of two of the minimum memory page; 0 = no limit. */
  get mdts(): number {
    return this.u(77);
  }
  /** Controller ID. */
  get cntlid(): number {
    return this.u(79, 78);
  }
  /** Version, as VS. */
  get ver(): number {
    return this.u(83, 80);
  }
  /** Optional Asynchronous Events Supported. */
  get oaes(): number {
    return this.u(95, 92);
  }
  /** Optional Admin Command Support. */
  get oacs(): number {
    return this.u(257, 256);
  }
  /** Abort Command Limit, 0's based. */
  get acl(): number {
    return this.u(258);
  }
  /** Asynchronous Event Request Limit, 0's based. */
  get aerl(): number {
    return this.u(259);
  }
  /** Firmware Updates. */
  get frmw(): number {
    return this.u(260);
  }
  /** Log Page Attributes. */
  get lpa(): number {
    return this.u(261);
  }
  /** Error Log Page Entries, 0's based. */
  get elpe(): number {
    return this.u(262);
  }
  /** Number of Power States Support, 0's based. */
  get npss(): number {
    return this.u(263);
  }
  /** Warning Composite Temperature Threshold, kelvin. */
  get wctemp(): number {
    return this.u(267, 266);
  }
  /** Critical Composite Temperature Threshold, kelvin. */
  get cctemp(): number {
    return this.u(269, 268);
  }
  /** Maximum Time for Firmware Activation, 100 ms; 0 = not reported. */
  get mtfa(): number {
    return this.u(271, 270);
  }
  /** Total NVM Capacity, bytes. */
  get tnvmcap(): bigint {
    return this.big(295, 280);
  }
  /** Submission Queue Entry Size: minimum (3:0) and maximum (7:4), powers of two. */
  get sqes(): number {
    return this.u(512);
  }
  /** Completion Queue Entry Size: minimum (3:0) and maximum (7:4), powers of two. */
  get cqes(): number {
    return this.u(513);
  }
  /** Maximum Outstanding Commands; 0 = not reported. */
  get maxcmd(): number {
    return this.u(515, 514);
  }
  /** Number of Namespaces. */
  get nn(): number {
    return this.u(519, 516);
  }
  /** Optional NVM Command Support, decoded. */
  get oncs(): OptionalNvmCommands {
    const raw = this.u(521, 520);
    const has = (bit: number): boolean => ((raw >>> bit) & 1) === 1;
    return {
      raw,
      compare: has(0),
      writeUncorrectable: has(1),
      datasetManagement: has(2),
      writeZeroes: has(3),
      saveSelectFeatures: has(4),
      reservations: has(5),
      timestamp: has(6),
      verify: has(7),
      copy: has(8),
    };
  }
  /** Format NVM Attributes. */
  get fna(): number {
    return this.u(524);
  }
  /** Volatile Write Cache, decoded. */
  get vwc(): VolatileWriteCache {
    const raw = this.u(525);
    return { present: (raw & 1) === 1, flushAll: (raw >>> 1) & 3 };
  }
  /** Atomic Write Unit Normal, 0's based blocks. */
  get awun(): number {
    return this.u(527, 526);
  }
  /** Atomic Write Unit Power Fail, 0's based blocks. */
  get awupf(): number {
    return this.u(529, 528);
  }
  /** SGL Support. */
  get sgls(): number {
    return this.u(539, 536);
  }
  /** NVM Subsystem NVMe Qualified Name. */
  get subnqn(): string {
    return this.ascii(1023, 768);
  }
}

/** Optional NVM Command Support (ONCS), decoded. */
export interface OptionalNvmCommands {
  /** As it stands in the structure. */
  readonly raw: number;
  /** Compare. */
  readonly compare: boolean;
  /** Write Uncorrectable. */
  readonly writeUncorrectable: boolean;
  /** Dataset Management. */
  readonly datasetManagement: boolean;
  /** Write Zeroes. */
  readonly writeZeroes: boolean;
  /** Save field of Set Features, Select field of Get Features. */
  readonly saveSelectFeatures: boolean;
  /** Reservations. */
  readonly reservations: boolean;
  /** Timestamp feature. */
  readonly timestamp: boolean;
  /** Verify. */
  readonly verify: boolean;
  /** Copy. */
  readonly copy: boolean;
}

/** LBA Format. */
export interface LbaFormat {
  /** Bytes of a block; 0 = the format is not available. */
  readonly lbaBytes: number;
  /** Bytes of metadata of a block. */
  readonly metadataBytes: number;
  /** Relative Performance, 0 best to 3. */
  readonly rp: number;
}

/** Identify Namespace data structure of the NVM Command Set (NVM Command Set 1.0). */
export class IdentifyNamespace extends Fields {
  /** Namespace Size, blocks. */
  get nsze(): bigint {
    return this.big(7, 0);
  }
  /** Namespace Capacity, blocks. */
  get ncap(): bigint {
    return this.big(15, 8);
  }
  /** Namespace Utilization, blocks. */
  get nuse(): bigint {
    return this.big(23, 16);
  }
  /** Namespace Features. */
  get nsfeat(): number {
    return this.u(24);
  }
  /** Number of LBA Formats, 0's based. */
  get nlbaf(): number {
    return this.u(25);
  }
  /** Formatted LBA Size. */
  get flbas(): number {
    return this.u(26);
  }
  /** End-to-end Data Protection Capabilities. */
  get dpc(): number {
    return this.u(28);
  }
  /** End-to-end Data Protection Type Settings. */
  get dps(): number {
    return this.u(29);
  }
  /** Deallocate Logical Block Features. */
  get dlfeat(): number {
    return this.u(33);
  }
  /** Namespace Atomic Write Unit Power Fail, 0's based blocks. */
  get nawupf(): number {
    return this.u(37, 36);
  }
  /** LBA formats 0 to NLBAF. */
  get lbaFormats(): readonly LbaFormat[] {
    return Array.from({ length: this.nlbaf + 1 }, (_, index) => this.#format(index));
  }
  /** Index of the format in use: FLBAS bits 3:0, and 6:5 above them. */
  get formatIndex(): number {
    return (this.flbas & 0xf) | ((this.flbas & 0x60) >> 1);
  }
  /** The format in use. */
  get lbaFormat(): LbaFormat {
    return this.#format(this.formatIndex);
  }

  #format(index: number): LbaFormat {
    const at = 128 + index * 4;
    const lbads = this.u(at + 2);
    return { lbaBytes: lbads === 0 ? 0 : 2 ** lbads, metadataBytes: this.u(at + 1, at), rp: this.u(at + 3) & 3 };
  }
}
