import type { NativeController } from '../nativeSurface.ts';
import { HostMemoryBuffer } from './admin/hostMemoryBuffer.ts';
import { TunnelCommands } from './admin/tunnelCommands.ts';
import { ControllerMemoryBuffer } from './controllerMemoryBuffer.ts';
import type { Cqe } from './cqe.ts';
import type { IdentifyController } from './identify.ts';
import type { Registers } from './registers.ts';

/** What a controller remembers: what it said of itself, the command that completed last, and whether a test has changed it. */
export abstract class ControllerRecord extends TunnelCommands {
  /** As it was opened, e.g. `emulated`. */
  abstract readonly address: string;
  /** @internal */
  abstract readonly native: NativeController;
  /** The controller's properties, by name and by offset. */
  abstract readonly registers: Registers;
  /** Its Controller Memory Buffer, where it has one. */
  readonly cmb = new ControllerMemoryBuffer(this);
  /** Memory of the host that is lent to it. */
  readonly hmb = new HostMemoryBuffer(this);
  /** @internal */
  protected wasClosed = false;
  /** Since it was brought to its default state. @internal */
  protected isChanged = true;
  #identify: IdentifyController | undefined;
  #latest: Cqe | undefined;

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.wasClosed;
  }

  /** Identify Controller data as read by the last initialisation or {@link identify}. */
  get identifyData(): IdentifyController {
    if (this.#identify !== undefined) return this.#identify;
    throw new TypeError(`${this.address} was not initialised yet`);
  }

  /** @internal */
  override set identifyData(data: IdentifyController) {
    this.#identify = data;
  }

  /** CID of the command that completed last on any queue pair. */
  get latestCid(): number | undefined {
    return this.#latest?.cid;
  }

  /** Its latency, microseconds. */
  get latestLatencyUs(): number | undefined {
    return this.#latest?.latencyUs;
  }

  /** The newest admin commands as text, newest first. */
  cmdlog(max = 128): string {
    return this.adminQpair.cmdlog(max);
  }

  /** It is no longer in its default state. @internal */
  changed(): void {
    this.isChanged = true;
  }

  /** @internal */
  completed(_qid: number, cqe: Cqe): void {
    this.#latest = cqe;
  }
}
