import { adminOpcode } from '../../nvme/opcode.ts';
import { integer, record, unsigned64, wrongType } from '../checks.ts';
import type { Command, CommandOptions } from '../command.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import { Fields } from '../fields.ts';
import { IdentifyController, IdentifyNamespace } from '../identify.ts';
import type { SqeFields } from '../sqe.ts';
import { AdminQueue, allNamespaces, readInto } from './adminQueue.ts';
import type { GetFeaturesOptions, IdentifyOptions, LogPageOptions, SetFeaturesOptions } from './informationOptions.ts';

const selects = { current: 0, default: 1, saved: 2, supported: 3 } as const;

/** What a controller tells of itself and what it can be told: Identify, features, log pages; and Abort. */
export abstract class InformationCommands extends AdminQueue {
  /** Identify Controller data structure, read now (NVMe Base 2.0, "Identify command", CNS 01h). */
  async identify(options: CommandOptions = {}): Promise<IdentifyController> {
    const { bytes } = await this.identifyStructure({ ...record(options), cns: 0x01 });
    this.identifyData = new IdentifyController(bytes);
    return this.identifyData;
  }

  /** Identify Namespace data structure of the NVM Command Set, read now (CNS 00h). */
  async identifyNamespace(nsid = 1, options: CommandOptions = {}): Promise<IdentifyNamespace> {
    const { bytes } = await this.identifyStructure({ ...record(options), cns: 0x00, nsid });
    return new IdentifyNamespace(bytes);
  }

  /**
   * Any Identify data structure, 4096 bytes (NVMe Base 2.0, "Identify command").
   * @throws TypeError, RangeError naming the field that does not fit
   */
  async identifyStructure(options: IdentifyOptions): Promise<Fields> {
    const { cns, nsid = 0, cntid = 0, cnsSpecific = 0, csi = 0, uuidIndex = 0, ...rest } = record(options);
    const cdw10 = (integer('cns', cns, 0, 0xff) | (integer('cntid', cntid, 0, 0xffff) << 16)) >>> 0;
    const cdw11 = (integer('cnsSpecific', cnsSpecific, 0, 0xffff) | (integer('csi', csi, 0, 0xff) << 24)) >>> 0;
    const cdw14 = integer('uuidIndex', uuidIndex, 0, 0x7f);
    const sqe = { opcode: adminOpcode.identify, nsid, cdw10, cdw11, cdw14 };
    return new Fields(await readInto(4096, 'identify', (buffer) => this.adminQpair.send(sqe, buffer, rest)));
  }

  /** Bytes `end:begin`, both included, of Identify Controller as read last. @throws RangeError above 2^53-1 */
  idData(end: number, begin: number = end): number {
    return this.identifyData.u(end, begin);
  }

  /**
   * Get Features (NVMe Base 2.0, "Get Features command"): the value, for most features, is in `dw0` of the CQE.
   * @param fid Feature Identifier, 0..255
   * @throws TypeError, RangeError naming the field that does not fit
   */
  getFeatures(fid: number, options: GetFeaturesOptions = {}): Command {
    const { select = 'current', nsid = 0, cdw11 = 0, uuidIndex = 0, buffer, ...rest } = record(options);
    const cdw10 = integer('fid', fid, 0, 0xff) | (selectOf(select) << 8);
    const cdw14 = integer('uuidIndex', uuidIndex, 0, 0x7f);
    return this.adminQpair.send({ opcode: adminOpcode.getFeatures, nsid, cdw10, cdw11, cdw14 }, buffer, rest);
  }

  /**
   * Set Features (NVMe Base 2.0, "Set Features command").
   * @param fid Feature Identifier, 0..255
   * @param cdw11 the value, for most features
   * @throws TypeError, RangeError naming the field that does not fit
   */
  setFeatures(fid: number, cdw11: number, options: SetFeaturesOptions = {}): Command {
    const { save = false, nsid = 0, cdw12 = 0, cdw13 = 0, cdw15 = 0, uuidIndex = 0, buffer, ...rest } = record(options);
    const cdw10 = (integer('fid', fid, 0, 0xff) | (save ? 0x8000_0000 : 0)) >>> 0;
    const { cdw14 = integer('uuidIndex', uuidIndex, 0, 0x7f) } = options;
    const opcode = adminOpcode.setFeatures;
    integer('cdw11', cdw11, 0, 0xffff_ffff);
    const command = { opcode, nsid, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 };
    return this.admin(command, buffer, rest);
  }

  /**
   * Get Log Page into a buffer (NVMe Base 2.0, "Get Log Page command").
   * @param lid Log Page Identifier, 0..255
   * @throws TypeError, RangeError naming the field that does not fit
   */
  getLogPage(lid: number, buffer: DmaBuffer, options: LogPageOptions = {}): Command {
    if (!(buffer instanceof DmaBuffer)) throw wrongType('buffer', 'a DmaBuffer', buffer);
    const { length = buffer.size & ~3 } = record(options);
    integer('length', length, 4, buffer.size);
    if (length % 4 !== 0) throw new RangeError(`length must be a multiple of 4 bytes, not ${length}`);
    return this.adminQpair.send(logPageCommand(lid, length, options), buffer, {
      ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
      ...(options.allowError !== undefined && { allowError: options.allowError }),
      length,
    });
  }

  /**
   * Asks to abort a command (NVMe Base 2.0, "Abort command"). Bit 0 of the CQE's `dw0` is 0 when it was aborted; either way that
   * command completes.
   * @param qpair the queue pair, or the id of its submission queue
   * @param cid Command Identifier, 0..65,535
   */
  abort(qpair: { readonly qid: number } | number, cid: number, options: CommandOptions = {}): Command {
    if (qpair === null || qpair === undefined) throw wrongType('qpair', 'a Qpair or a queue id', qpair);
    const sqid = integer('qpair', typeof qpair === 'number' ? qpair : qpair.qid, 0, 0xffff);
    const cdw10 = (sqid | (integer('cid', cid, 0, 0xffff) << 16)) >>> 0;
    return this.adminQpair.send({ opcode: adminOpcode.abort, cdw10 }, undefined, options);
  }

  /** Bytes of a log page, read now. @internal */
  protected readLogPage(lid: number, length: number, options: LogPageOptions = {}): Promise<Uint8Array> {
    return readInto(length, `log page ${lid}`, (buffer) => this.getLogPage(lid, buffer, options));
  }
}

function selectOf(select: GetFeaturesOptions['select'] & string): number {
  const value = Object.hasOwn(selects, select) ? selects[select] : undefined;
  if (value === undefined) throw wrongType('select', "'current', 'default', 'saved' or 'supported'", select);
  return value;
}

function logPageCommand(lid: number, length: number, options: LogPageOptions): SqeFields {
  const { offset = 0, lsp = 0, lsi = 0, rae = false, nsid = allNamespaces, uuidIndex = 0, csi = 0 } = options;
  const dwords = length / 4 - 1;
  const from = unsigned64('offset', offset);
  const cdw10 = integer('lid', lid, 0, 0xff) | (integer('lsp', lsp, 0, 0x7f) << 8) | (rae ? 0x8000 : 0);
  const cdw14 = integer('uuidIndex', uuidIndex, 0, 0x7f) | (options.offsetIsIndex ? 0x80_0000 : 0);
  return {
    opcode: adminOpcode.getLogPage,
    nsid,
    cdw10: cdw10 + (dwords & 0xffff) * 0x1_0000,
    cdw11: (dwords >>> 16) + integer('lsi', lsi, 0, 0xffff) * 0x1_0000,
    cdw12: Number(from & 0xffff_ffffn),
    cdw13: Number(from >> 32n),
    cdw14: (cdw14 | (integer('csi', csi, 0, 0xff) << 24)) >>> 0,
  };
}
