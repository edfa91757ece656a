import type { IdentifyOptions } from './admin/informationOptions.ts';
import type { FormatOptions } from './admin/maintenanceOptions.ts';
import { integer, record, unsigned64, wrongType } from './checks.ts';
import type { CommandOptions } from './command.ts';
import type { Cqe } from './cqe.ts';
import type { DmaBuffer } from './dmaBuffer.ts';
import type { Fields } from './fields.ts';
import type { IdentifyNamespace, LbaFormat } from './identify.ts';
import { IoWorker, type IoWorkerController } from './ioworker/ioWorker.ts';
import type { IoWorkerOptions } from './ioworker/ioWorkerOptions.ts';
import { type BlockLayout, blockLayout } from './nvm/blockData.ts';
import {
  checkProtection,
  fillProtection,
  type ProtectedBlocks,
  type ProtectionCheck,
  type ProtectionMismatch,
} from './nvm/protection.ts';
import type { Qpair } from './qpair.ts';
import { Verification, type VerificationOptions } from './verification.ts';
import { Zone } from './zns/zone.ts';
import { ZoneCommands } from './zns/zoneCommands.ts';
import { ZonedNamespaceData } from './zns/zoneDescriptor.ts';
import { readReport, type ZonesOptions } from './zns/zoneReport.ts';

/** What a namespace needs of its controller. @internal */
export interface NamespaceController extends IoWorkerController {
  format(options: FormatOptions): Promise<Cqe>;
  identifyNamespace(nsid: number): Promise<IdentifyNamespace>;
  identifyStructure(options: IdentifyOptions): Promise<Fields>;
  getFeatures(fid: number, options: CommandOptions & { readonly nsid: number }): PromiseLike<Cqe>;
  setFeatures(fid: number, cdw11: number, options: CommandOptions & { readonly nsid: number }): PromiseLike<Cqe>;
}

/** Which format a namespace is to get; the first one that fits is taken. */
export interface FormatBySize extends Omit<FormatOptions, 'nsid' | 'lbaf'> {
  /** Bytes of the data of a block. Default: as it is. */
  readonly dataBytes?: number;
  /** Bytes of its metadata. Default 0. */
  readonly metadataBytes?: number;
}

const writeProtectionFid = 0x84;
const writeProtectionStates = ['none', 'write-protect', 'until-power-cycle', 'permanent'] as const;

/** Namespace Write Protection Config (NVMe Base 2.0): not protected, protected, until the next power cycle, for ever. */
export type WriteProtection = (typeof writeProtectionStates)[number];

/**
 * A namespace and its commands (NVM Command Set 1.0). Each goes to the queue pair given, and returns a promise of its CQE, or,
 * with a callback, nothing. Misuse (a buffer too small, `blockCount` out of range, a closed object) throws `TypeError` or
 * `RangeError` before anything is sent.
 */
export class Namespace extends ZoneCommands {
  /** The controller it is attached to. @internal */
  readonly controller: NamespaceController;
  readonly nsid: number;
  #identify: IdentifyNamespace;
  #layout: BlockLayout;

  /** @internal */
  constructor(controller: NamespaceController, nsid: number, identify: IdentifyNamespace) {
    super();
    this.controller = controller;
    this.nsid = nsid;
    this.#identify = identify;
    this.#layout = blockLayout(identify);
  }

  /** Identify Namespace as read by the last initialisation, format or {@link refresh}. */
  get identifyData(): IdentifyNamespace {
    return this.#identify;
  }

  /** @internal */
  takeIdentify(identify: IdentifyNamespace): void {
    this.#identify = identify;
    this.#layout = blockLayout(identify);
  }

  /** Reads Identify Namespace again: size, utilization and format as they are now. */
  async refresh(): Promise<IdentifyNamespace> {
    this.takeIdentify(await this.controller.identifyNamespace(this.nsid));
    return this.#identify;
  }

  /** Namespace Size, blocks: the first LBA out of range. */
  get nsze(): bigint {
    return this.identifyData.nsze;
  }

  /** Namespace Capacity, blocks. */
  get ncap(): bigint {
    return this.identifyData.ncap;
  }

  /** Namespace Size, bytes of data. */
  get capacityBytes(): bigint {
    return this.nsze * BigInt(this.lbaBytes);
  }

  /** Bytes of the data of a block. */
  get lbaBytes(): number {
    return this.#layout.lbaBytes;
  }

  /** Bytes of the metadata of a block; 0 = none. */
  get metadataBytes(): number {
    return this.#layout.metadataBytes;
  }

  /** Bytes a block takes in a data buffer: with extended metadata more than {@link lbaBytes}. */
  get blockBytes(): number {
    return this.#layout.lbaBytes + (this.#layout.extended ? this.#layout.metadataBytes : 0);
  }

  /** How its blocks are formatted. */
  get layout(): BlockLayout {
    return this.#layout;
  }

  /** LBA formats it can have, by index. */
  get lbaFormats(): readonly LbaFormat[] {
    return this.identifyData.lbaFormats;
  }

  /**
   * Format NVM of this namespace by the sizes of a block. Everything on it is lost.
   * @throws RangeError that lists the formats there are, when none has these sizes; NvmeStatusError
   */
  async format(options: FormatBySize = {}): Promise<Cqe> {
    const { dataBytes = this.lbaBytes, metadataBytes = 0, ...rest } = record(options);
    integer('dataBytes', dataBytes, 1, 2 ** 31);
    integer('metadataBytes', metadataBytes, 0, 65_535);
    const formats = this.lbaFormats;
    const lbaf = formats.findIndex((has) => has.lbaBytes === dataBytes && has.metadataBytes === metadataBytes);
    if (lbaf >= 0) return this.controller.format({ ...rest, nsid: this.nsid, lbaf });
    const known = formats.map((has) => `${has.lbaBytes}+${has.metadataBytes}`).join(', ');
    throw new RangeError(`there is no LBA format of ${dataBytes}+${metadataBytes} bytes; there are: ${known}`);
  }

  /** Whether and how it is write protected now. */
  async writeProtection(options: CommandOptions = {}): Promise<WriteProtection> {
    const { dw0 } = await this.controller.getFeatures(writeProtectionFid, { ...record(options), nsid: this.nsid });
    return writeProtectionStates[dw0 & 3] ?? 'none';
  }

  /** Write protects it, or ends that. `permanent` is for ever. */
  async setWriteProtection(state: WriteProtection, options: CommandOptions = {}): Promise<Cqe> {
    const value = writeProtectionStates.indexOf(state);
    if (value < 0) throw wrongType('state', writeProtectionStates.map((name) => `'${name}'`).join(', '), state);
    return this.controller.setFeatures(writeProtectionFid, value, { ...record(options), nsid: this.nsid });
  }

  /**
   * The zones of a zoned namespace (Zone Management Receive).
   * @example const [first] = await nvme0n1.zones(qpair, { state: 'empty', most: 1 });
   * @throws NvmeStatusError `Invalid Command Opcode` where there are no zones
   */
  async zones(qpair: Qpair, options: ZonesOptions = {}): Promise<Zone[]> {
    const descriptors = await readReport(this, this.on(qpair), options);
    return descriptors.map((descriptor) => new Zone(this, descriptor));
  }

  /** The zone that an LBA lies in. @throws NvmeStatusError `LBA Out of Range` */
  async zone(qpair: Qpair, slba: number | bigint, options: CommandOptions = {}): Promise<Zone> {
    const [zone] = await this.zones(qpair, { ...record(options), slba: unsigned64('slba', slba), most: 1 });
    if (zone === undefined) throw new RangeError(`the report has no zone at LBA ${slba}`);
    return zone;
  }

  /** Limits and zone sizes of a zoned namespace (Identify, CNS 05h, CSI 02h). @throws NvmeStatusError where there are no zones */
  async zonedData(options: CommandOptions = {}): Promise<ZonedNamespaceData> {
    const request = { ...record(options), cns: 0x05, csi: 0x02, nsid: this.nsid };
    return new ZonedNamespaceData((await this.controller.identifyStructure(request)).bytes);
  }

  /**
   * Computes guard, application tag and reference tag of every block of a buffer into its metadata, as the controller would (NVM
   * Command Set 1.0, "End-to-end Data Protection"). Reference tags count up from `refTag`, with type 3 they are all the same.
   * @throws TypeError, RangeError
   */
  fillProtection(buffer: DmaBuffer, options: ProtectedBlocks = {}): void {
    fillProtection(buffer, options, this.#layout);
  }

  /** The first block of a buffer whose protection information is wrong; undefined when none is. @throws TypeError, RangeError */
  checkProtection(buffer: DmaBuffer, options: ProtectionCheck = {}): ProtectionMismatch | undefined {
    return checkProtection(buffer, options, this.#layout);
  }

  /**
   * Verifies the data of every read from now on, until the end of the test: of queue pairs and ioworkers alike. A write or Compare whose
   * guard the host computed and has checked is refused meanwhile: the stamps of verification would not fit it.
   * @throws TypeError, RangeError
   */
  verification(options: VerificationOptions = {}): Verification {
    const verification = new Verification(this);
    verification.on(options);
    return verification;
  }

  /**
   * Generated or recorded I/O by a native thread with a queue pair of its own; it starts at once, together with those made before the
   * next `await`. Stopped at the end of the test, at the latest.
   * @example const result = await nvme0n1.ioworker({ ioSize: 8, qdepth: 32, timeS: 2 }).run();
   * @throws TypeError, RangeError naming the field
   */
  ioworker(options: IoWorkerOptions): IoWorker {
    return new IoWorker(this, options);
  }

  /** @internal */
  protected on(qpair: Qpair): Qpair {
    if (qpair?.controller === this.controller) return qpair;
    throw new TypeError(
      qpair === undefined || qpair === null
        ? 'qpair must be a Qpair'
        : 'the queue pair belongs to another controller than the namespace',
    );
  }
}
