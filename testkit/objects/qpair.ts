import { completionLayout, type NativeQpair } from '../nativeQpair.ts';
import { integer } from './checks.ts';
import { Command, type CommandCallback, type CommandOptions, type CommandOwner } from './command.ts';
import { commandFailure } from './commandFailure.ts';
import { CompletionPump, type PumpedQueue } from './completionPump.ts';
import { Cqe } from './cqe.ts';
import type { DmaBuffer } from './dmaBuffer.ts';
import { dossierText } from './dossier.ts';
import { queueName, WaitdoneTimeoutError } from './errors.ts';
import { fullError, isGone, submitError } from './nativeErrors.ts';
import { queueLogText } from './queueLog.ts';
import { encodeSqe, Sqe, type SqeFields, sqeScratch } from './sqe.ts';
import { currentScope } from './testScope.ts';
import type { Timeouts } from './timeouts.ts';
import { CompletionLedger } from './waitdone.ts';

/** What a queue pair needs of its controller. @internal */
export interface QpairController {
  readonly address: string;
  readonly timeouts: Timeouts;
  /** Every completion, for the controller's own record. */
  completed(qid: number, cqe: Cqe): void;
  qpairEnded(qpair: Qpair): void;
}

export interface QpairOptions {
  /** Queue entries, 2 to CAP.MQES + 1: one fewer commands can be outstanding. Default 256, or what the controller has. */
  readonly depth?: number;
  /** For weighted round robin arbitration. Default `medium`. */
  readonly priority?: 'urgent' | 'high' | 'medium' | 'low';
  /** Whether the completion queue has an interrupt vector. Default true. */
  readonly interrupts?: boolean;
}

export interface WaitdoneOptions {
  /** Milliseconds. Default 10,000, and longer as long as an outstanding command has time of its own left. */
  readonly timeoutMs?: number;
}

export interface RawOptions extends CommandOptions {
  /** Bytes of the buffer the command transfers: what PRP1 and PRP2 are built for. Default: all. */
  readonly length?: number;
}

/** Data of a command. @internal */
export interface CommandData {
  readonly buffer: DmaBuffer;
  readonly length: number;
}

const waitdoneMs = 10_000;
const drainMs = 1000;

/**
 * A submission queue and its completion queue. Made by {@link Controller.createQpair}; deleted at the end of the test that made
 * it, at the latest. Q00 is the admin queue.
 */
export class Qpair implements AsyncDisposable, CommandOwner, PumpedQueue {
  readonly controller: QpairController;
  readonly qid: number;
  /** Queue entries. */
  readonly depth: number;
  /** Id of the queue's segment in the evidence file. */
  readonly segment: number;
  readonly #native: NativeQpair;
  readonly #pump: CompletionPump;
  readonly #ledger = new CompletionLedger();
  readonly #commands: (Command | undefined)[] = [];
  readonly #posted: Uint32Array;
  #pending = 0;
  #drained: (() => void) | undefined;
  #latest: Cqe | undefined;
  #isDeleted = false;

  /** @internal */
  constructor(controller: QpairController, native: NativeQpair) {
    this.controller = controller;
    this.#native = native;
    this.qid = native.qid;
    this.depth = native.depth;
    this.segment = native.segment;
    this.#posted = new Uint32Array(16 * this.depth);
    this.#pump = new CompletionPump(native, this);
  }

  /** Commands sent whose completion was not seen yet. */
  get outstanding(): number {
    return this.#pending;
  }

  /** @internal */
  get pending(): number {
    return this.#pending;
  }

  /** CID of the command that completed last; undefined before the first. */
  get latestCid(): number | undefined {
    return this.#latest?.cid;
  }

  /** Its latency, microseconds. */
  get latestLatencyUs(): number | undefined {
    return this.#latest?.latencyUs;
  }

  /**
   * Sends a command of the test's own making; what its fields say is the device's to judge. With a buffer the driver builds
   * PRP1 and PRP2.
   * @throws TypeError, RangeError on misuse, a full queue included
   */
  send(sqe: SqeFields, buffer?: DmaBuffer, options?: RawOptions): Command;
  send(sqe: SqeFields, buffer: DmaBuffer | undefined, options: RawOptions, callback: CommandCallback): void;
  send(sqe: SqeFields, buffer?: DmaBuffer, options: RawOptions = {}, callback?: CommandCallback): Command | undefined {
    encodeSqe(sqe);
    const length = buffer && integer('length', options.length ?? buffer.size, 1, buffer.size);
    const data = buffer && length ? { buffer, length } : undefined;
    return this.submit(data, options, callback);
  }

  /**
   * Waits until `count` completions of this queue pair are there that no earlier `waitdone` consumed, those seen before the call
   * included, and consumes them. Callbacks of commands run before.
   * @returns the last one's CQE
   * @throws what a consumed command failed with, the first of them; what a callback threw; {@link WaitdoneTimeoutError}
   */
  async waitdone(count = 1, options: WaitdoneOptions = {}): Promise<Cqe | undefined> {
    integer('count', count, 0, 2 ** 31);
    const timeoutMs = integer('timeoutMs', options.timeoutMs ?? waitdoneMs, 1, 2 ** 31 - 1);
    const { last, failed } = await this.#ledger.take(count, {
      timeoutMs: currentScope().commandTimeouts ? timeoutMs : undefined,
      mayStillCome: () => options.timeoutMs === undefined && this.#native.nextDeadlineMs() > 0,
      error: () => this.#waitdoneTimeout(count, timeoutMs),
    });
    if (failed !== undefined) throw failed.failure;
    return last;
  }

  /** The newest commands of this queue as text, newest first. */
  cmdlog(max = 128): string {
    return queueLogText(this.segment, integer('max', max, 1, 1_000_000));
  }

  /** Deletes both queues; outstanding commands end with {@link QueueDeletedError}. A second call does nothing. */
  async delete(): Promise<void> {
    if (this.#isDeleted) return;
    if (this.qid === 0) throw new TypeError('the admin queue pair cannot be deleted');
    this.#isDeleted = true;
    currentScope().disown(this);
    try {
      await this.#native.delete();
    } finally {
      this.#pump.flush();
      this.controller.qpairEnded(this);
    }
  }

  /**
   * {@link delete}, also fine after the controller was reset, lost its power or was closed. Outstanding commands get a second to
   * complete by themselves before.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.#isDeleted) await this.#drain();
      await this.delete();
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  async #drain(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, drainMs);
      this.#drained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Posts the scratch entry. @internal */
  submit(data: CommandData | undefined, options: CommandOptions, callback?: CommandCallback): Command | undefined {
    if (this.#isDeleted) throw new TypeError(`${queueName(this)} is deleted`);
    // By what was delivered, not by how quick the device is: whether a command fits must not depend on that.
    if (this.#pending >= this.depth - 1) throw fullError(this);
    const scope = currentScope();
    const timeoutMs = this.#timeoutOf(options, scope.commandTimeouts);
    const cid = this.#post(data, timeoutMs);
    const allowError = options.allowError ?? false;
    const command = new Command(cid, { owner: this, scope, timeoutMs, allowError, callback });
    this.#remember(command);
    this.#pending += 1;
    this.#ledger.sent();
    this.#pump.schedule();
    return callback === undefined ? command : undefined;
  }

  /** Looks for completions now: the controller knows that there are. @internal */
  flush(): void {
    this.#pump.flush();
  }

  /** @internal */
  deliver(view: DataView, count: number): void {
    for (let at = 0; at < count; at += 1) this.#deliverOne(new Cqe(view, at * completionLayout.size));
    this.#ledger.settle();
    if (this.#pending === 0) this.#drained?.();
  }

  /** @internal */
  awaited(command: Command): void {
    this.#ledger.awaited(command);
  }

  /** @internal */
  failureOf(command: Command, cqe: Cqe): unknown {
    return commandFailure(command, cqe, { qpair: this, dossier: () => this.#dossier() });
  }

  #post(data: CommandData | undefined, timeoutMs: number): number {
    const { bytes } = sqeScratch;
    try {
      return data === undefined
        ? this.#native.submit(bytes, undefined, 0, 0, timeoutMs)
        : this.#native.submit(bytes, data.buffer.native, data.buffer.offset, data.length, timeoutMs);
    } catch (error) {
      throw submitError(error, this);
    }
  }

  #timeoutOf(options: CommandOptions, areOn: boolean): number {
    if (!areOn) return 0;
    if (options.timeoutMs !== undefined) return integer('timeoutMs', options.timeoutMs, 0, 2 ** 32 - 1);
    return this.controller.timeouts.of(this.qid, (sqeScratch.dwords[0] ?? 0) & 0xff);
  }

  #remember(command: Command): void {
    const { cid } = command;
    const earlier = this.#commands[cid];
    if (earlier === undefined) {
      this.#commands[cid] = command;
    } else {
      // The driver saw the completion of an earlier command with this CID, which was not fetched yet; they come in order.
      let latest = earlier;
      while (latest.next !== undefined) latest = latest.next;
      latest.posted = this.#postedAs(cid);
      latest.next = command;
    }
    this.#posted.set(sqeScratch.dwords, cid * 16);
  }

  #postedAs(cid: number): Uint32Array {
    return this.#posted.slice(cid * 16, cid * 16 + 16);
  }

  #deliverOne(cqe: Cqe): void {
    const command = this.#commands[cqe.cid];
    if (command === undefined) return;
    this.#commands[cqe.cid] = command.next;
    this.#pending -= 1;
    this.#latest = cqe;
    if (!cqe.ok) command.posted ??= this.#postedAs(cqe.cid);
    this.controller.completed(this.qid, cqe);
    command.complete(cqe);
    this.#ledger.completed(command, cqe);
    if (command.recipe.callback !== undefined) this.#call(command, command.recipe.callback, cqe);
  }

  #call(command: Command, callback: CommandCallback, cqe: Cqe): void {
    try {
      command.recipe.scope.call(callback, cqe);
    } catch (error) {
      const { scope } = command.recipe;
      command.fail(error);
      scope.handled(command);
      scope.fail(error);
      this.#ledger.abandon(error);
    }
  }

  #dossier(): string {
    return dossierText({
      registers: this.#native.dossier(),
      postedOf: (cid) => new Sqe(this.#postedAs(cid)),
      qid: this.qid,
      log: () => queueLogText(this.segment, 8),
    });
  }

  #waitdoneTimeout(count: number, timeoutMs: number): WaitdoneTimeoutError {
    const seen = this.#ledger.available;
    const noun = seen === 1 ? 'completion' : 'completions';
    const message = `waitdone(${count}) on ${queueName(this)}: ${seen} ${noun} in ${timeoutMs} ms, ${this.#pending} commands outstanding`;
    return new WaitdoneTimeoutError(message, this.#dossier());
  }
}
