import { nvmOpcode } from '../../nvme/opcode.ts';
import { named } from '../admin/maintenanceFields.ts';
import { record, unsigned64, wrongType } from '../checks.ts';
import type { Command, CommandOptions } from '../command.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import type { IoBuffer, IoOptions } from '../nvm/ioOptions.ts';
import { ReservationCommands } from '../nvm/reservationCommands.ts';
import type { Qpair } from '../qpair.ts';

const sendActions = { close: 1, finish: 2, open: 3, reset: 4, offline: 5, 'set-descriptor-extension': 0x10 } as const;
const filters = {
  all: 0,
  empty: 1,
  'implicitly-opened': 2,
  'explicitly-opened': 3,
  closed: 4,
  full: 5,
  'read-only': 6,
  offline: 7,
} as const;

/** Zone Send Action, by name. */
export type ZoneAction = keyof typeof sendActions;

/** Which zones a report lists: all, or those in one state. */
export type ZoneFilter = keyof typeof filters;

/** Options of {@link Namespace.zoneSend}. */
export interface ZoneSendOptions extends CommandOptions {
  /** Starting LBA: that of the zone. Default 0; without meaning with `selectAll`. */
  readonly slba?: number | bigint;
  /** Select All: every zone in a state that the action is for. */
  readonly selectAll?: boolean;
}

/** Options of {@link Namespace.zoneReceive}. */
export interface ZoneReceiveOptions extends CommandOptions {
  /** Any LBA of the first zone to report. Default 0. */
  readonly slba?: number | bigint;
  /** Zone Receive Action: `report`, `extended-report` with descriptor extensions, or a number, 0..255. Default `report`. */
  readonly action?: 'report' | 'extended-report' | number;
  /** Reporting Options, or their number, 0..255. Default `all`. */
  readonly filter?: ZoneFilter | number;
  /** Partial Report: the header counts the zones in the report, not all that match. Default false. */
  readonly partial?: boolean;
}

/** Options of {@link Namespace.zoneAppend}. */
export interface ZoneAppendOptions extends Omit<IoOptions, 'slba' | 'dsm' | 'stream'> {
  /** Zone Start LBA. */
  readonly zslba: number | bigint;
  /** PIREMAP: reference tags are moved to where the blocks go. */
  readonly remapRefTags?: boolean;
}

const remapBit = 2 ** 25;

/** Commands of the Zoned Namespace Command Set (ZNS Command Set 1.1); any value can be sent, the status tells. */
export abstract class ZoneCommands extends ReservationCommands {
  /**
   * Zone Append: writes blocks where the zone's write pointer is. The first one's LBA is in dw0 (31:0) and dw1 (63:32) of the CQE;
   * {@link Zone.append} gives it as a bigint.
   * @throws TypeError, RangeError
   */
  zoneAppend(qpair: Qpair, buffer: IoBuffer, options: ZoneAppendOptions): Command {
    const { zslba, remapRefTags = false, ...rest } = record(options);
    return this.sendBlocks(qpair, buffer, {
      opcode: nvmOpcode.zoneAppend,
      options: { ...rest, slba: zslba },
      cdw12: remapRefTags ? remapBit : 0,
    });
  }

  /**
   * Zone Management Send.
   * @param action by name, or a number, 0..255
   * @param buffer of `set-descriptor-extension`: the extension
   * @throws TypeError, RangeError
   */
  zoneSend(qpair: Qpair, action: ZoneAction | number, asked: ZoneSendOptions = {}, buffer?: DmaBuffer): Command {
    const { slba = 0, selectAll = false, ...options } = record(asked);
    const cdw13 = named('action', action, { names: sendActions, most: 0xff }) + (selectAll ? 0x100 : 0);
    return this.send(qpair, { opcode: nvmOpcode.zoneManagementSend, ...lba(slba), cdw13 }, buffer, options);
  }

  /** Zone Management Receive: fills the buffer with a report. @throws TypeError, RangeError */
  zoneReceive(qpair: Qpair, buffer: DmaBuffer, asked: ZoneReceiveOptions = {}): Command {
    const { slba = 0, action = 'report', filter = 'all', partial = false, ...options } = record(asked);
    if (!(buffer instanceof DmaBuffer)) throw wrongType('buffer', 'a DmaBuffer', buffer);
    const actions = { report: 0, 'extended-report': 1 };
    const cdw13 =
      named('action', action, { names: actions, most: 0xff }) +
      named('filter', filter, { names: filters, most: 0xff }) * 0x100 +
      (partial ? 0x1_0000 : 0);
    const cdw12 = Math.max(Math.floor(buffer.size / 4) - 1, 0);
    const sqe = { opcode: nvmOpcode.zoneManagementReceive, ...lba(slba), cdw12, cdw13 };
    return this.send(qpair, sqe, buffer, options);
  }
}

function lba(slba: number | bigint): { readonly cdw10: number; readonly cdw11: number } {
  const value = unsigned64('slba', slba);
  return { cdw10: Number(value & 0xffff_ffffn), cdw11: Number(value >> 32n) };
}
