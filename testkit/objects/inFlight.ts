import type { Command } from './command.ts';
import { sqeScratch } from './sqe.ts';
import { Sqe } from './sqeEntry.ts';

/** Commands of one queue by CID, and the entries they were posted as. Nothing is allocated for a command. @internal */
export class InFlight {
  readonly #commands: (Command | undefined)[] = [];
  readonly #posted: Uint32Array;

  constructor(depth: number) {
    this.#posted = new Uint32Array(16 * depth);
  }

  /** @param entry as it was posted for this command */
  remember(command: Command, entry: Uint32Array = sqeScratch.dwords): void {
    const { cid } = command;
    const earlier = this.#commands[cid];
    if (earlier === undefined) {
      this.#commands[cid] = command;
    } else {
      // The driver saw the completion of an earlier command with this CID, which was not fetched yet; they come in order.
      let latest = earlier;
      while (latest.next !== undefined) latest = latest.next;
      latest.posted = this.#entry(cid);
      latest.next = command;
    }
    this.#posted.set(entry, cid * 16);
  }

  /** The command that a completion with this CID is of; none when nothing was sent with it. */
  take(cid: number, isFailed: boolean): Command | undefined {
    const command = this.#commands[cid];
    if (command === undefined) return undefined;
    this.#commands[cid] = command.next;
    if (isFailed) command.posted ??= this.#entry(cid);
    return command;
  }

  /** The entry posted last with this CID. */
  postedOf(cid: number): Sqe {
    return new Sqe(this.#entry(cid));
  }

  #entry(cid: number): Uint32Array {
    return this.#posted.slice(cid * 16, cid * 16 + 16);
  }
}
