import { adminOpcode } from '../nvme/opcode.ts';
import { integer, unsigned64 } from './checks.ts';
import type { Command, CommandCallback, CommandOptions } from './command.ts';
import { DmaBuffer } from './dmaBuffer.ts';
import { Fields } from './fields.ts';
import { IdentifyController, IdentifyNamespace } from './identify.ts';
import { type ErrorLogEntry, errorLogEntries, FirmwareSlotLog, SmartLog } from './logPages.ts';
import type { Qpair, RawOptions } from './qpair.ts';
import type { SqeFields } from './sqe.ts';

export interface IdentifyOptions extends CommandOptions {
  /** Controller or Namespace Structure, 0..255. */
  readonly cns: number;
  readonly nsid?: number;
  /** Controller Identifier. */
  readonly cntid?: number;
  /** CNS Specific Identifier. */
  readonly cnsSpecific?: number;
  /** Command Set Identifier. */
  readonly csi?: number;
}

export interface GetFeaturesOptions extends CommandOptions {
  /** Which value. Default `current`. */
  readonly select?: 'current' | 'default' | 'saved' | 'supported';
  readonly cdw11?: number;
  readonly nsid?: number;
  /** For features with a data structure. */
  readonly buffer?: DmaBuffer;
}

export interface SetFeaturesOptions extends CommandOptions {
  /** Keep the value over power cycles and resets. */
  readonly save?: boolean;
  readonly nsid?: number;
  readonly cdw12?: number;
  readonly cdw13?: number;
  readonly cdw14?: number;
  readonly cdw15?: number;
  readonly buffer?: DmaBuffer;
}

export interface LogPageOptions extends CommandOptions {
  /** Bytes to transfer, a multiple of 4. Default: the buffer. */
  readonly length?: number;
  /** Byte of the log page to start at, a multiple of 4. */
  readonly offset?: number | bigint;
  /** Log Specific Field, 0..127. */
  readonly lsp?: number;
  /** Log Specific Identifier. */
  readonly lsi?: number;
  /** Retain Asynchronous Event: leave the event of this log page pending. */
  readonly rae?: boolean;
  /** Default FFFFFFFFh: the controller's. */
  readonly nsid?: number;
}

export const allNamespaces = 0xffff_ffff;
const selects = { current: 0, default: 1, saved: 2, supported: 3 } as const;
const errorInformation = 0x01;
const smartHealth = 0x02;
const firmwareSlotInformation = 0x03;
const commandsSupported = 0x05;

/** The commands of the admin queue. */
export abstract class AdminCommands {
  abstract readonly adminQpair: Qpair;
  abstract get identifyData(): IdentifyController;
  abstract set identifyData(data: IdentifyController);
  /** @internal */
  abstract changed(): void;

  /** Any admin command; what its fields say is the device's to judge. */
  admin(sqe: SqeFields, buffer?: DmaBuffer, options?: RawOptions): Command;
  admin(sqe: SqeFields, buffer: DmaBuffer | undefined, options: RawOptions, callback: CommandCallback): void;
  admin(sqe: SqeFields, buffer?: DmaBuffer, options: RawOptions = {}, callback?: CommandCallback): Command | undefined {
    this.changed();
    return callback === undefined
      ? this.adminQpair.send(sqe, buffer, options)
      : void this.adminQpair.send(sqe, buffer, options, callback);
  }

  /** Identify Controller, read now. */
  async identify(options: CommandOptions = {}): Promise<IdentifyController> {
    const { bytes } = await this.identifyStructure({ ...options, cns: 0x01 });
    this.identifyData = new IdentifyController(bytes);
    return this.identifyData;
  }

  /** Identify Namespace of the NVM Command Set, read now. */
  async identifyNamespace(nsid = 1, options: CommandOptions = {}): Promise<IdentifyNamespace> {
    const { bytes } = await this.identifyStructure({ ...options, cns: 0x00, nsid });
    return new IdentifyNamespace(bytes);
  }

  /** Any Identify data structure, 4096 bytes. */
  async identifyStructure({
    cns,
    nsid = 0,
    cntid = 0,
    cnsSpecific = 0,
    csi = 0,
    ...options
  }: IdentifyOptions): Promise<Fields> {
    const cdw10 = (integer('cns', cns, 0, 0xff) | (integer('cntid', cntid, 0, 0xffff) << 16)) >>> 0;
    const cdw11 = (integer('cnsSpecific', cnsSpecific, 0, 0xffff) | (integer('csi', csi, 0, 0xff) << 24)) >>> 0;
    return this.#read({ opcode: adminOpcode.identify, nsid, cdw10, cdw11 }, 4096, options);
  }

  /** Bytes `end:begin`, both included, of Identify Controller as read last. @throws RangeError above 2^53-1 */
  idData(end: number, begin: number = end): number {
    return this.identifyData.u(end, begin);
  }

  /** Get Features: the value, for most features, is in `dw0` of the CQE. */
  getFeatures(fid: number, options: GetFeaturesOptions = {}): Command {
    const { select = 'current', nsid = 0, cdw11 = 0, buffer, ...rest } = options;
    const cdw10 = integer('fid', fid, 0, 0xff) | (selects[select] << 8);
    return this.adminQpair.send({ opcode: adminOpcode.getFeatures, nsid, cdw10, cdw11 }, buffer, rest);
  }

  /** @param cdw11 the value, for most features */
  setFeatures(fid: number, cdw11: number, options: SetFeaturesOptions = {}): Command {
    const { save = false, nsid = 0, cdw12 = 0, cdw13 = 0, cdw14 = 0, cdw15 = 0, buffer, ...rest } = options;
    const cdw10 = (integer('fid', fid, 0, 0xff) | (save ? 0x8000_0000 : 0)) >>> 0;
    const opcode = adminOpcode.setFeatures;
    return this.admin({ opcode, nsid, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 }, buffer, rest);
  }

  /** Get Log Page into a buffer. @param lid Log Page Identifier, 0..255 */
  getLogPage(lid: number, buffer: DmaBuffer, options: LogPageOptions = {}): Command {
    const {
      length = buffer.size & ~3,
      offset = 0,
      lsp = 0,
      lsi = 0,
      rae = false,
      nsid = allNamespaces,
      ...rest
    } = options;
    integer('length', length, 4, buffer.size);
    if (length % 4 !== 0) throw new RangeError(`length must be a multiple of 4 bytes, not ${length}`);
    const dwords = length / 4 - 1;
    const from = unsigned64('offset', offset);
    const fields: SqeFields = {
      opcode: adminOpcode.getLogPage,
      nsid,
      cdw10: lidField(lid, lsp, rae) + (dwords & 0xffff) * 0x1_0000,
      cdw11: (dwords >>> 16) + integer('lsi', lsi, 0, 0xffff) * 0x1_0000,
      cdw12: Number(from & 0xffff_ffffn),
      cdw13: Number(from >> 32n),
    };
    return this.adminQpair.send(fields, buffer, { ...rest, length });
  }

  /** SMART / Health Information. */
  async smart(options: LogPageOptions = {}): Promise<SmartLog> {
    return new SmartLog(await this.#logPage(smartHealth, 512, options));
  }

  /** Error Information, newest first; unused entries left out. @param count entries to read; default all, ELPE + 1 */
  async errorLog(count: number = this.identifyData.elpe + 1, options: LogPageOptions = {}): Promise<ErrorLogEntry[]> {
    return errorLogEntries(await this.#logPage(errorInformation, integer('count', count, 1, 256) * 64, options));
  }

  async firmwareSlot(options: LogPageOptions = {}): Promise<FirmwareSlotLog> {
    return new FirmwareSlotLog(await this.#logPage(firmwareSlotInformation, 512, options));
  }

  /** Whether the controller says it has that command (Commands Supported and Effects log page). */
  async supports(opcode: number, queue: 'admin' | 'io' = 'admin'): Promise<boolean> {
    const effects = new Fields(await this.#logPage(commandsSupported, 4096, {}));
    const at = (queue === 'admin' ? 0 : 1024) + integer('opcode', opcode, 0, 0xff) * 4;
    return effects.bit(0, at + 3, at);
  }

  /** Asks to abort a command. Bit 0 of the CQE's `dw0` is 0 when it was aborted; either way that command completes. */
  abort(qpair: Qpair | number, cid: number, options: CommandOptions = {}): Command {
    const sqid = typeof qpair === 'number' ? integer('qpair', qpair, 0, 0xffff) : qpair.qid;
    const cdw10 = (sqid | (integer('cid', cid, 0, 0xffff) << 16)) >>> 0;
    return this.adminQpair.send({ opcode: adminOpcode.abort, cdw10 }, undefined, options);
  }

  async #logPage(lid: number, length: number, options: LogPageOptions): Promise<Uint8Array> {
    const buffer = new DmaBuffer(length, { name: `log page ${lid}` });
    await this.getLogPage(lid, buffer, options);
    return take(buffer);
  }

  async #read(sqe: SqeFields, length: number, options: CommandOptions): Promise<Fields> {
    const buffer = new DmaBuffer(length, { name: 'identify' });
    await this.adminQpair.send(sqe, buffer, options);
    return new Fields(take(buffer));
  }
}

function lidField(lid: number, lsp: number, rae: boolean): number {
  return integer('lid', lid, 0, 0xff) | (integer('lsp', lsp, 0, 0x7f) << 8) | (rae ? 0x8000 : 0);
}

/** The bytes; the memory goes back at once. */
function take(buffer: DmaBuffer): Uint8Array {
  const bytes = buffer.slice();
  buffer.close();
  return bytes;
}
