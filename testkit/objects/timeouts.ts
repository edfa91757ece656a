import { integer } from './checks.ts';

const most = 2 ** 32 - 1;
const asynchronousEventRequest = 0x0c;
const firmwareCommit = 0x10;
const formatNvm = 0x80;
const sanitize = 0x84;

const standardMs = 10_000;
const firmwareCommitMs = 60_000;
const standardAdmin: readonly (readonly [opcode: number, ms: number])[] = [
  [asynchronousEventRequest, 0],
  [firmwareCommit, firmwareCommitMs],
  [formatNvm, 600_000],
  [sanitize, 600_000],
];

/**
 * How long commands of a controller may take, milliseconds, by opcode; 0 = for ever. What a single command is given goes before.
 * Defaults: 10,000; Format NVM and Sanitize 600,000; Firmware Commit 60,000, or the controller's MTFA where that is more
 * (MTFA is the time activation takes: writing an image comes on top); AER 0.
 */
export class Timeouts {
  #defaultMs = standardMs;
  #mtfa = 0;
  readonly #admin = new Map<number, number>(standardAdmin);
  readonly #io = new Map<number, number>();

  /** For every opcode without a setting of its own. */
  get defaultMs(): number {
    return this.#defaultMs;
  }

  set defaultMs(value: number) {
    this.#defaultMs = integer('defaultMs', value, 0, most);
  }

  /** @throws TypeError, RangeError */
  setAdmin(opcode: number, timeoutMs: number): void {
    this.#admin.set(integer('opcode', opcode, 0, 0xff), integer('timeoutMs', timeoutMs, 0, most));
  }

  /** @throws TypeError, RangeError */
  setIo(opcode: number, timeoutMs: number): void {
    this.#io.set(integer('opcode', opcode, 0, 0xff), integer('timeoutMs', timeoutMs, 0, most));
  }

  /** What a command with that opcode gets; qid 0 is the admin queue. */
  of(qid: number, opcode: number): number {
    const byOpcode = qid === 0 ? this.#admin : this.#io;
    return byOpcode.size > 0 ? (byOpcode.get(opcode) ?? this.#defaultMs) : this.#defaultMs;
  }

  /** MTFA is in 100 ms; 0 = not reported (NVMe Base 2.0, Identify Controller data structure). @internal */
  setMtfa(mtfa: number): void {
    this.#mtfa = mtfa;
    this.#admin.set(firmwareCommit, Math.max(firmwareCommitMs, mtfa * 100));
  }

  /** What a test set is no other's. @internal */
  reset(): void {
    this.#defaultMs = standardMs;
    this.#admin.clear();
    this.#io.clear();
    for (const [opcode, ms] of standardAdmin) this.#admin.set(opcode, ms);
    this.setMtfa(this.#mtfa);
  }
}
