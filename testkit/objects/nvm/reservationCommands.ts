import { nvmOpcode } from '../../nvme/opcode.ts';
import { bufferOf, commandOptions } from '../admin/adminQueue.ts';
import { named } from '../admin/maintenanceFields.ts';
import { integer, record, unsigned64 } from '../checks.ts';
import type { Command, CommandOptions } from '../command.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import type { Qpair } from '../qpair.ts';
import { RangeCommands } from './rangeCommands.ts';
import { ReservationStatus } from './reservationStatus.ts';

const types = {
  'write-exclusive': 1,
  'exclusive-access': 2,
  'write-exclusive-registrants-only': 3,
  'exclusive-access-registrants-only': 4,
  'write-exclusive-all-registrants': 5,
  'exclusive-access-all-registrants': 6,
} as const;
const registerActions = { register: 0, unregister: 1, replace: 2 } as const;
const acquireActions = { acquire: 0, preempt: 1, 'preempt-and-abort': 2 } as const;
const releaseActions = { release: 0, clear: 1 } as const;
const ptplChanges = { keep: 0, off: 2, on: 3 } as const;

/** Reservation Type, by name. */
export type ReservationType = keyof typeof types;

interface ReservationOptions extends CommandOptions {
  /** Current Reservation Key. Default 0. */
  readonly currentKey?: number | bigint;
  /** Ignore Existing Key. */
  readonly ignoreExistingKey?: boolean;
}

/** Options of {@link Namespace.reservationRegister}. */
export interface ReservationRegisterOptions extends ReservationOptions {
  /** Reservation Register Action; other values by number, 0..7. Default `register`. */
  readonly action?: keyof typeof registerActions | number;
  /** New Reservation Key. Default 0. */
  readonly newKey?: number | bigint;
  /** Change Persist Through Power Loss State. Default `keep`; other values by number, 0..3. */
  readonly persistThroughPowerLoss?: keyof typeof ptplChanges | number;
}

/** Options of {@link Namespace.reservationAcquire}. */
export interface ReservationAcquireOptions extends ReservationOptions {
  /** Reservation Acquire Action; other values by number, 0..7. Default `acquire`. */
  readonly action?: keyof typeof acquireActions | number;
  /** Preempt Reservation Key. Default 0. */
  readonly preemptKey?: number | bigint;
  /** Other values by number, 0..255. */
  readonly type: ReservationType | number;
}

/** Options of {@link Namespace.reservationRelease}. */
export interface ReservationReleaseOptions extends ReservationOptions {
  /** Reservation Release Action; other values by number, 0..7. Default `release`. */
  readonly action?: keyof typeof releaseActions | number;
  /** Other values by number, 0..255. Default 0: with `clear` it means nothing. */
  readonly type?: ReservationType | number;
}

/** Reservations (NVMe Base 2.0, "Reservations"). Keys are 64 bits. */
export abstract class ReservationCommands extends RangeCommands {
  /** Reservation Register: registers, replaces or unregisters this host's key. @throws TypeError, RangeError naming the field */
  reservationRegister(qpair: Qpair, options: ReservationRegisterOptions): Command {
    const { action = 'register', newKey = 0, persistThroughPowerLoss = 'keep' } = record(options);
    const ptpl = named('persistThroughPowerLoss', persistThroughPowerLoss, { names: ptplChanges, most: 3 });
    const cdw10 = named('action', action, { names: registerActions, most: 7 }) + iekey(options) + ptpl * 2 ** 30;
    return this.#reserve(qpair, { opcode: nvmOpcode.reservationRegister, cdw10, options, keys: { newKey } });
  }

  /** Reservation Acquire: acquires or preempts a reservation. @throws TypeError, RangeError naming the field */
  reservationAcquire(qpair: Qpair, options: ReservationAcquireOptions): Command {
    const { action = 'acquire', preemptKey = 0, type } = record(options);
    const cdw10 = named('action', action, { names: acquireActions, most: 7 }) + iekey(options) + typeField(type);
    return this.#reserve(qpair, { opcode: nvmOpcode.reservationAcquire, cdw10, options, keys: { preemptKey } });
  }

  /** Reservation Release: releases or clears a reservation. @throws TypeError, RangeError naming the field */
  reservationRelease(qpair: Qpair, options: ReservationReleaseOptions): Command {
    const { action = 'release', type = 0 } = record(options);
    const cdw10 = named('action', action, { names: releaseActions, most: 7 }) + iekey(options) + typeField(type);
    return this.#reserve(qpair, { opcode: nvmOpcode.reservationRelease, cdw10, options, keys: {} });
  }

  /**
   * Reservation Report: who is registered and who holds the reservation.
   * @param asked extended: the extended data structure (EDS), which has 128-bit host identifiers; default true; bytes: of the
   * structure to read, a multiple of 4, default 4096
   */
  async reservationReport(
    qpair: Qpair,
    asked: CommandOptions & { extended?: boolean; bytes?: number } = {},
  ): Promise<ReservationStatus> {
    const { extended = true, bytes = 4096, ...options } = record(asked);
    integer('bytes', bytes, 24, 2 ** 20);
    if (bytes % 4 !== 0) throw new RangeError(`bytes must be a multiple of 4, not ${bytes}`);
    const buffer = new DmaBuffer(bytes, { name: 'reservation status' });
    const sqe = { opcode: nvmOpcode.reservationReport, cdw10: bytes / 4 - 1, cdw11: extended ? 1 : 0 };
    await this.send(qpair, sqe, buffer, commandOptions(options));
    const status = new ReservationStatus(buffer.slice(), extended);
    buffer.close();
    return status;
  }

  #reserve(
    qpair: Qpair,
    command: {
      readonly opcode: number;
      readonly cdw10: number;
      readonly options: ReservationOptions;
      readonly keys: Readonly<Record<string, number | bigint>>;
    },
  ): Command {
    const { currentKey = 0 } = command.options;
    const keys = { currentKey, ...command.keys };
    const bytes = new Uint8Array(8 * Object.keys(keys).length);
    Object.entries(keys).forEach(([name, key], index) => {
      new DataView(bytes.buffer).setBigUint64(index * 8, unsigned64(name, key), true);
    });
    const sqe = { opcode: command.opcode, cdw10: command.cdw10 };
    return this.send(qpair, sqe, bufferOf(bytes, 'reservation keys'), commandOptions(command.options));
  }
}

const iekey = ({ ignoreExistingKey }: ReservationOptions): number => (ignoreExistingKey ? 8 : 0);

function typeField(type: unknown): number {
  return named('type', type, { names: types, most: 0xff }) * 0x100;
}
