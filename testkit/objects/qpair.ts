import { completionLayout, type NativeQpair } from '../nativeQpair.ts';
import { integer, optionalFunction, record } from './checks.ts';
import { Command, type CommandCallback, type CommandOptions, type CommandOwner } from './command.ts';
import { commandFailure } from './commandFailure.ts';
import { CompletionPump, type PumpedQueue } from './completionPump.ts';
import { Cqe } from './cqe.ts';
import type { DmaBuffer } from './dmaBuffer.ts';
import { dossierText } from './dossier.ts';
import { Drain } from './drain.ts';
import { queueName, waitdoneTimeout } from './errors.ts';
import { InFlight } from './inFlight.ts';
import { InterruptVector } from './interruptVector.ts';
import { codeOf, fullError, isGone } from './nativeErrors.ts';
import { fusedEntry, Posting } from './posting.ts';
import type { QpairController } from './qpairController.ts';
import type { CommandData, FusedEntry, FusedHalf, RawOptions, WaitdoneOptions } from './qpairOptions.ts';
import { queueLogText } from './queueLog.ts';
import { encodeSqe, type SqeFields, sqeScratch } from './sqe.ts';
import { currentScope } from './testScope.ts';
import { rawData } from './transfer.ts';
import { CompletionLedger } from './waitdone.ts';

const waitdoneMs = 10_000;
const drainMs = 1000;

/**
 * A submission queue and its completion queue. Made by {@link Controller.createQpair}; deleted at the end of the test that made
 * it, at the latest. Q00 is the admin queue.
 */
export class Qpair implements AsyncDisposable, CommandOwner, PumpedQueue {
  /** The controller it belongs to. */
  readonly controller: QpairController;
  /** Queue Identifier of both queues. */
  readonly qid: number;
  /** Queue entries. */
  readonly depth: number;
  /** Id of the queue's segment in the evidence file. */
  readonly segment: number;
  readonly #native: NativeQpair;
  readonly #posting: Posting;
  readonly #pump: CompletionPump;
  readonly #ledger = new CompletionLedger();
  readonly #inFlight: InFlight;
  #pending = 0;
  #vector: InterruptVector | undefined;
  readonly #drain = new Drain();
  #latest: Cqe | undefined;
  #isDeleted = false;

  /** @internal */
  constructor(controller: QpairController, native: NativeQpair) {
    this.controller = controller;
    this.#native = native;
    this.qid = native.qid;
    this.depth = native.depth;
    this.segment = native.segment;
    this.#inFlight = new InFlight(this.depth);
    this.#posting = new Posting(native, this);
    this.#pump = new CompletionPump(native, this);
  }

  /** Interrupt vector of its completion queue, to watch and mask: MSI-X, or MSI. Undefined without one. */
  get msix(): InterruptVector | undefined {
    if (this.#native.vector < 0) return undefined;
    this.#vector ??= new InterruptVector(this.controller.native, this.#native.vector);
    return this.#vector;
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
    const data = rawData(buffer, options);
    encodeSqe(sqe);
    return this.submit(data, options, callback);
  }

  /**
   * Two adjacent commands and one write of the doorbell; FUSE is set: first command, second command (NVMe Base 2.0, "Fused
   * Operations"). Both are sent or none.
   * @throws TypeError, RangeError on misuse, a queue without room for two included
   */
  sendFused(first: FusedHalf, second: FusedHalf): readonly [Command, Command] {
    return this.submitFused(fusedEntry(first), fusedEntry(second));
  }

  /** Tells the controller of every command sent with `ring: false`. */
  ringDoorbell(): void {
    if (this.#isDeleted) throw new TypeError(`${queueName(this)} is deleted`);
    this.#posting.ring();
    this.#pump.schedule();
  }

  /**
   * Waits until `count` completions of this queue pair are there that no earlier `waitdone` consumed, those seen before the call
   * included, and consumes them. Callbacks of commands run before.
   * @returns the last one's CQE
   * @throws what a consumed command failed with, the first of them; what a callback threw; {@link WaitdoneTimeoutError}
   */
  async waitdone(count = 1, options: WaitdoneOptions = {}): Promise<Cqe | undefined> {
    integer('count', count, 0, 2 ** 31);
    const { timeoutMs = waitdoneMs } = record(options);
    integer('timeoutMs', timeoutMs, 1, 2 ** 31 - 1);
    const { last, failed } = await this.#ledger.take(count, {
      timeoutMs: currentScope().commandTimeouts ? timeoutMs : undefined,
      mayStillCome: () => options.timeoutMs === undefined && this.#native.nextDeadlineMs() > 0,
      error: () => waitdoneTimeout(this, { count, timeoutMs, seen: this.#ledger.available, dossier: this.#dossier() }),
    });
    if (failed !== undefined) throw failed.failure;
    return last;
  }

  /** The newest commands of this queue as text, newest first. */
  cmdlog(max = 128): string {
    return queueLogText(this.segment, integer('max', max, 1, 1_000_000));
  }

  /**
   * Deletes both queues; outstanding commands end with {@link QueueDeletedError}. A second call does nothing, unless the first was
   * refused because commands of the test filled the admin queue.
   */
  async delete(): Promise<void> {
    if (this.#isDeleted) return;
    if (this.qid === 0) throw new TypeError('the admin queue pair cannot be deleted');
    this.#isDeleted = true;
    const scope = currentScope();
    scope.disown(this);
    try {
      await this.#native.delete();
    } catch (error) {
      // Nothing was sent: it goes on as it was.
      if (codeOf(error) === 'QUEUE_FULL') {
        this.#isDeleted = false;
        scope.own(this);
        throw error;
      }
      this.#ended();
      throw error;
    }
    this.#ended();
  }

  #ended(): void {
    this.#pump.flush();
    this.controller.qpairEnded(this);
  }

  /**
   * {@link delete}, also fine after the controller was reset, lost its power or was closed. Outstanding commands get a second to
   * complete by themselves before.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.#isDeleted && this.#pending > 0) await this.#drain.wait(drainMs);
      await this.delete();
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** Posts the scratch entry. @internal */
  submit(data: CommandData | undefined, options: CommandOptions, callback?: CommandCallback): Command | undefined {
    this.#checkRoom(1);
    optionalFunction('callback', callback);
    const timeoutMs = this.#timeoutOf(options, sqeScratch.dwords);
    const cid = this.#posting.post(data, timeoutMs);
    const command = this.#sent(cid, timeoutMs, options, callback);
    this.#inFlight.remember(command);
    return callback === undefined ? command : undefined;
  }

  /** @internal */
  submitFused(first: FusedEntry, second: FusedEntry): readonly [Command, Command] {
    this.#checkRoom(2);
    const limits = [first, second].map(({ options, entry }) => this.#timeoutOf(options, entry));
    const [firstMs = 0, secondMs = 0] = limits;
    const cids = this.#posting.postFused({ ...first, timeoutMs: firstMs }, { ...second, timeoutMs: secondMs });
    const commands = [
      this.#sent(cids[0], firstMs, first.options),
      this.#sent(cids[1], secondMs, second.options),
    ] as const;
    this.#inFlight.remember(commands[0], first.entry);
    this.#inFlight.remember(commands[1], second.entry);
    return commands;
  }

  #checkRoom(commands: number): void {
    if (this.#isDeleted) throw new TypeError(`${queueName(this)} is deleted`);
    // By what was delivered, not by how quick the device is: whether a command fits must not depend on that.
    if (this.#pending + commands > this.depth - 1) throw fullError(this);
  }

  #sent(cid: number, timeoutMs: number, options: CommandOptions, callback?: CommandCallback): Command {
    const allowError = options.allowError ?? false;
    const command = new Command(cid, { owner: this, scope: currentScope(), timeoutMs, allowError, callback });
    this.#pending += 1;
    this.#ledger.sent();
    this.#pump.schedule();
    return command;
  }

  /** Looks for completions now: the controller knows that there are. @internal */
  flush(): void {
    this.#pump.flush();
  }

  /** @internal */
  deliver(view: DataView, count: number): void {
    for (let at = 0; at < count; at += 1) this.#deliverOne(new Cqe(view, at * completionLayout.size));
    this.#ledger.settle();
    if (this.#pending === 0) this.#drain.empty();
  }

  /** @internal */
  awaited(command: Command): void {
    this.#ledger.awaited(command);
  }

  /** @internal */
  failureOf(command: Command, cqe: Cqe): unknown {
    return commandFailure(command, cqe, {
      qpair: this,
      dossier: () => this.#dossier(),
      mismatch: (sequence) => this.#native.mismatch(sequence),
    });
  }

  #timeoutOf(options: CommandOptions, entry: Uint32Array): number {
    if (!currentScope().commandTimeouts) return 0;
    if (record(options).timeoutMs !== undefined) return integer('timeoutMs', options.timeoutMs, 0, 2 ** 32 - 1);
    return this.controller.timeouts.of(this.qid, (entry[0] ?? 0) & 0xff);
  }

  #deliverOne(cqe: Cqe): void {
    const command = this.#inFlight.take(cqe.cid, !cqe.ok);
    if (command === undefined) return;
    this.#pending -= 1;
    this.#latest = cqe;
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
      postedOf: (cid) => this.#inFlight.postedOf(cid),
      qid: this.qid,
      log: () => queueLogText(this.segment, 8),
    });
  }
}
