import type { NativeFault, NativeFaultInjector, NativeFaultKind, NativeHealth } from '../../nativeFaults.ts';
import { encodeStatus, findStatus, type StatusName } from '../../nvme/status.ts';
import { finite, integer, record, wrongType } from '../checks.ts';
import { codeOf } from '../nativeErrors.ts';
import { currentScope } from '../testScope.ts';
import { Fault, type FaultWhen, faultError, triggerOf } from './fault.ts';

/** A command ends with this status; {@link FaultWhen} says which. */
export interface FailOptions extends FaultWhen {
  /** Do Not Retry. Default false. */
  readonly dnr?: boolean;
  /** The Error Information log page gets an entry, and More is set. Default true. */
  readonly more?: boolean;
}

export interface CorruptOptions extends FaultWhen {
  /** The byte of the command's data, from 0. Default 0. */
  readonly offset?: number;
  /** Its bits that are inverted, 1 to 255. Default 255. */
  readonly mask?: number;
}

/** When, in the life of the command, the supply fails. */
export type PowerLossMoment =
  | { readonly at: 'before' }
  /** The first `blocks` blocks of a Write or Write Zeroes are on the medium, the others are not. */
  | { readonly at: 'between-blocks'; readonly blocks: number }
  /**
   * Some of the pages a Write or Write Zeroes programs are on the medium, as the seed of the SSD says. Of a Firmware Commit: the new
   * image is only partly in its slot, which keeps the old one.
   */
  | { readonly at: 'mid-program' }
  /** All of it happened; its completion is never seen. */
  | { readonly at: 'before-completion' };

/** What the sensors of the device say. What is left out stays as it is. */
export interface HealthFault extends Omit<NativeHealth, 'temperatureKelvin'> {
  /** Composite temperature, degrees Celsius, -273 to 1000. */
  readonly temperatureC?: number;
}

/**
 * Makes the emulated SSD misbehave: `nvme0.faults`. Faults act on commands that {@link FaultWhen} describes, several together
 * where several match; all of them end with the test. Every method throws an error with code `PLATFORM_LIMIT` on a device that
 * cannot be made to misbehave, and `RangeError` for a description that could never act.
 */
export class Faults {
  readonly #native: NativeFaultInjector;
  #owned: AsyncDisposable | undefined;

  /** @internal */
  constructor(native: NativeFaultInjector) {
    this.#native = native;
  }

  /** The command is not executed and ends with a status, by its name in the specification or as type and code. */
  fail(status: StatusName | readonly [type: number, code: number], options: FailOptions = {}): Fault {
    const { dnr = false, more = true, ...when } = record(options);
    return this.#add('status', when, { status: encodeStatus({ ...codesOf(status), dnr, more }) });
  }

  /**
   * Reading (Read, Compare, Verify) any of the blocks of `when.lba` ends with Unrecovered Read Error, naming the block in the
   * Error Information log page. Lasts until it is removed, unless `times` says otherwise; writing does not heal it.
   */
  mediaError(when: FaultWhen & Required<Pick<FaultWhen, 'lba'>>): Fault {
    return this.#add('media-error', when, {}, Number.POSITIVE_INFINITY);
  }

  /** One byte of the data arrives inverted: in memory for a Read, on the medium for a Write or Zone Append. No error is reported. */
  corruptData(options: CorruptOptions): Fault {
    const { offset = 0, mask = 0xff, ...when } = record(options);
    return this.#add('corrupt-data', when, {
      offset: integer('offset', offset, 0, 2 ** 32 - 1),
      mask: integer('mask', mask, 1, 0xff),
    });
  }

  /** The command is executed at once and completes later, by `delayMs` milliseconds: up to 600,000. */
  delay(delayMs: number, when: FaultWhen = {}): Fault {
    return this.#add('delay', when, { delayNs: nanoseconds(delayMs) });
  }

  /** The same for every command that touches these blocks, until it is removed. */
  slowBlock(delayMs: number, when: FaultWhen & Required<Pick<FaultWhen, 'lba'>>): Fault {
    if (record(when, 'when').lba === undefined) throw wrongType('lba', 'a number or a bigint', undefined);
    return this.#add('delay', when, { delayNs: nanoseconds(delayMs) }, Number.POSITIVE_INFINITY);
  }

  /** Executed, but never completed. */
  dropCompletion(when: FaultWhen = {}): Fault {
    return this.#add('drop-completion', when);
  }

  /** Completed twice, the second entry right behind the first. */
  duplicateCompletion(when: FaultWhen = {}): Fault {
    return this.#add('duplicate-completion', when);
  }

  /** Completed with another Command Identifier. */
  wrongCid(cid: number, when: FaultWhen = {}): Fault {
    return this.#add('wrong-cid', when, { value: integer('cid', cid, 0, 0xffff) });
  }

  /** Completed with another SQ Identifier. */
  wrongSqid(sqid: number, when: FaultWhen = {}): Fault {
    return this.#add('wrong-sqid', when, { value: integer('sqid', sqid, 0, 0xffff) });
  }

  /** Completed with an SQ Head Pointer beyond the last entry. */
  sqHeadOutOfRange(when: FaultWhen = {}): Fault {
    return this.#add('sq-head-out-of-range', when);
  }

  /** The completion is written without toggling its Phase Tag: the host cannot see that it is there. */
  stalePhase(when: FaultWhen = {}): Fault {
    return this.#add('stale-phase', when);
  }

  /** Completed in another completion queue, which must exist when it happens. */
  unexpectedQueue(cqid: number, when: FaultWhen = {}): Fault {
    return this.#add('unexpected-queue', when, { value: integer('cqid', cqid, 0, 0xffff) });
  }

  /** CSTS.CFS instead of executing the command: nothing is processed until a reset. */
  controllerFatalAt(when: FaultWhen): Fault {
    return this.#add('controller-fatal', when);
  }

  /** CSTS.CFS now. */
  async controllerFatal(): Promise<void> {
    await this.#verb(() => this.#native.failController());
  }

  /**
   * An internal error that no command caused: an entry in the Error Information log page, and an event of type Error (NVMe Base 2.0,
   * "Asynchronous Event Request command"): Persistent Internal Error, or Transient Internal Error. The controller goes on.
   */
  async internalError(kind: 'persistent' | 'transient'): Promise<void> {
    if (kind !== 'persistent' && kind !== 'transient') throw wrongType('kind', "'persistent' or 'transient'", kind);
    await this.#verb(() => this.#native.reportInternalError(kind === 'persistent'));
  }

  /** The sanitize operation that runs, or else the next one, fails. */
  async failSanitize(): Promise<void> {
    await this.#verb(() => this.#native.failSanitize());
    this.#own();
  }

  /** The device is pulled out instead of executing the command; see {@link removeDevice}. */
  removeDeviceAt(when: FaultWhen): Fault {
    return this.#add('removal', when);
  }

  /**
   * The device is pulled out now: registers read all ones, commands end with ControllerRemovedError, what was cached is lost as in
   * any power loss. `subsystem.powerOn()` plugs it in again.
   */
  async removeDevice(): Promise<void> {
    await this.#verb(() => this.#native.removeDevice());
  }

  /** The supply fails at a command, at a moment of its life: the power loss that random timing would rarely hit. */
  powerLoss(moment: PowerLossMoment, when: FaultWhen): Fault {
    const { at } = record(moment, 'moment');
    if (!moments.includes(at)) throw wrongType('at', `one of '${moments.join("', '")}'`, at);
    const blocks = moment.at === 'between-blocks' ? { blocks: integer('blocks', moment.blocks, 1, 65_536) } : {};
    return this.#add('power-loss', when, { moment: at, ...blocks });
  }

  /** Changes what sensors say: temperature, spare, critical warnings of the SMART / Health log page, with their events. */
  async health(fault: HealthFault): Promise<void> {
    const { temperatureC, availableSpare, percentageUsed, ...flags } = record(fault, 'fault');
    const kelvin = temperatureC === undefined ? undefined : 273 + finite('temperatureC', temperatureC, -273, 1000);
    const change = {
      ...flags,
      ...(kelvin !== undefined && { temperatureKelvin: Math.round(kelvin) }),
      ...(availableSpare !== undefined && { availableSpare: integer('availableSpare', availableSpare, 0, 100) }),
      ...(percentageUsed !== undefined && { percentageUsed: integer('percentageUsed', percentageUsed, 0, 255) }),
    };
    await this.#verb(() => this.#native.setHealth(change));
    this.#own();
  }

  /** Forgets every fault, and what {@link health} changed. */
  async clear(): Promise<void> {
    await this.#verb(() => this.#native.clear());
  }

  #add(kind: NativeFaultKind, when: FaultWhen, what: Partial<NativeFault> = {}, timesByDefault = 1): Fault {
    const fault = { kind, ...triggerOf(when, timesByDefault), ...what };
    try {
      const id = this.#native.add(fault);
      this.#own();
      return new Fault(this.#native, kind, id);
    } catch (error) {
      throw faultError(error);
    }
  }

  async #verb(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      throw faultError(error);
    }
  }

  /** Cleared before anything made earlier in the test ends. */
  #own(): void {
    const scope = currentScope();
    if (this.#owned !== undefined) scope.disown(this.#owned);
    this.#owned = { [Symbol.asyncDispose]: () => this.#clearIfOpen() };
    scope.own(this.#owned);
  }

  async #clearIfOpen(): Promise<void> {
    try {
      await this.#native.clear();
    } catch (error) {
      if (codeOf(error) !== 'CLOSED') throw error;
    }
  }
}

const moments: readonly string[] = ['before', 'between-blocks', 'mid-program', 'before-completion'];

function codesOf(status: StatusName | readonly [type: number, code: number]): { type: number; code: number } {
  if (Array.isArray(status)) {
    return { type: integer('status type', status[0], 0, 7), code: integer('status code', status[1], 0, 0xff) };
  }
  const found = typeof status === 'string' ? findStatus(status) : undefined;
  if (found !== undefined) return found;
  throw wrongType('status', "the specification's name, as 'Internal Error', or [type, code]", status);
}

function nanoseconds(delayMs: number): bigint {
  return BigInt(Math.max(1, Math.round(finite('delayMs', delayMs, 0, 600_000) * 1e6)));
}
