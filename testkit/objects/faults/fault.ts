import type { NativeFault, NativeFaultInjector, NativeFaultKind, NativeFaultReport } from '../../nativeFaults.ts';
import { adminOpcode, nvmOpcode } from '../../nvme/opcode.ts';
import { integer, record, unsigned64, wrongType } from '../checks.ts';
import { codeOf } from '../nativeErrors.ts';

/** A command by its name in {@link adminOpcode} or {@link nvmOpcode}, which says the command set too. */
export type FaultCommand = keyof typeof adminOpcode | keyof typeof nvmOpcode;

/** Which commands a fault acts on. What is left out matches every command. */
export interface FaultWhen {
  /** The admin queue, any I/O queue, or the queue of this identifier (0 to 64). */
  readonly queue?: 'admin' | 'io' | number;
  /** A command by its name. */
  readonly command?: FaultCommand;
  /** A command by its opcode, 0 to 255: of whichever queue, unless `queue` says so. */
  readonly opcode?: number;
  /** The NSID field of the command, whatever the namespace. */
  readonly nsid?: number;
  /** Commands whose SLBA and NLB touch this block, or the blocks from the first to the last of these two. */
  readonly lba?: number | bigint | readonly [first: number | bigint, last: number | bigint];
  /** The first of the matching commands it acts on, counted from 1. Default 1. */
  readonly nth?: number;
  /** How many matching commands in a row it acts on; Infinity: all that follow. Default 1. */
  readonly times?: number;
}

/**
 * A fault that was injected, and what became of it. Faults end with the test; a test that depends on one asserts that it
 * happened: `expect(fault.fired).toBe(1)`.
 */
export class Fault implements Disposable {
  /** What it does, as `status` or `power-loss`. */
  readonly kind: NativeFaultKind;
  readonly #id: number;
  readonly #injector: NativeFaultInjector;
  #last: NativeFaultReport;

  /** @internal */
  constructor(injector: NativeFaultInjector, kind: NativeFaultKind, id: number) {
    this.kind = kind;
    this.#id = id;
    this.#injector = injector;
    this.#last = { id, matched: 0, fired: 0 };
  }

  /** Commands it matched so far, those before the nth included. */
  get matched(): number {
    return this.#report().matched;
  }

  /** Commands it acted on so far. */
  get fired(): number {
    return this.#report().fired;
  }

  /** It acts on nothing more; its counts stay. A second call does nothing. */
  remove(): void {
    this.#report();
    unlessClosed(() => this.#injector.remove(this.#id));
  }

  /** {@link remove}, for `using`. */
  [Symbol.dispose](): void {
    this.remove();
  }

  /** Counts of a fault that is gone are those it had. */
  #report(): NativeFaultReport {
    this.#last = unlessClosed(() => this.#injector.find(this.#id)) ?? this.#last;
    return this.#last;
  }
}

/** The error an author should see of a fault that cannot be injected. @internal */
export function faultError(error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'BAD_FAULT') return new RangeError((error as Error).message);
  return code === 'CLOSED' ? new TypeError('the controller is closed: it takes no faults') : error;
}

/** Nothing is left of the faults of a closed controller. */
function unlessClosed<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (codeOf(error) === 'CLOSED') return undefined;
    throw error;
  }
}

/** @internal */
export function triggerOf(when: FaultWhen, timesByDefault: number): Partial<NativeFault> {
  const { times = timesByDefault, nth = 1 } = record(when, 'when');
  return {
    ...queueOf(when),
    ...commandOf(when),
    ...(when.nsid !== undefined && { nsid: integer('nsid', when.nsid, 0, 0xffff_ffff) }),
    ...(when.lba !== undefined && blocksOf(when.lba)),
    nth: integer('nth', nth, 1, Number.MAX_SAFE_INTEGER),
    times: times === Number.POSITIVE_INFINITY ? 0 : integer('times', times, 1, Number.MAX_SAFE_INTEGER),
  };
}

function queueOf({ queue }: FaultWhen): Partial<NativeFault> {
  if (queue === undefined) return {};
  if (queue === 'admin' || queue === 'io') return { admin: queue === 'admin' };
  if (typeof queue === 'number') return { qid: integer('queue', queue, 0, 65535) };
  throw wrongType('queue', "'admin', 'io' or a queue identifier", queue);
}

function commandOf({ queue, command, opcode }: FaultWhen): Partial<NativeFault> {
  if (command !== undefined && opcode !== undefined) throw new TypeError('a fault takes either command or opcode');
  if (opcode !== undefined) return { opcode: integer('opcode', opcode, 0, 0xff) };
  if (command === undefined) return {};
  const admin = Object.hasOwn(adminOpcode, command);
  if (!admin && !Object.hasOwn(nvmOpcode, command)) {
    throw wrongType('command', "the name of a command, as 'read' or 'identify'", command);
  }
  if (queue === (admin ? 'io' : 'admin')) throw new RangeError(`${command} is no ${queue} command`);
  const opcodes: Readonly<Record<string, number>> = admin ? adminOpcode : nvmOpcode;
  return { admin, opcode: opcodes[command] ?? 0 };
}

function blocksOf(lba: NonNullable<FaultWhen['lba']>): Partial<NativeFault> {
  const [first, last] = Array.isArray(lba) ? lba : [lba, lba];
  return { firstLba: unsigned64('lba', first), lastLba: unsigned64('lba', last) };
}
