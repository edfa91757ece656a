import { makePower } from '../power/makePower.ts';
import { checkedPower, type PowerController } from '../power/powerController.ts';
import { parsePower } from '../power/powerSpec.ts';
import { integer, record } from './checks.ts';
import type { Controller } from './controller.ts';

/** How a subsystem is reached. */
export interface SubsystemOptions {
  /**
   * What switches the supply: an object with `describe`, `state`, `off` and `on`, or the words of the setting `doorbell.power`.
   * Default: as chosen for the controller; for the emulated SSD its own supply.
   */
  readonly power?: string | PowerController;
}

/**
 * The NVM subsystem behind a controller: its supply, where something can switch it (vPower), and its reset. After power on, or a
 * reset, the controller is disabled: `await nvme0.reset()` brings it back.
 */
export class Subsystem {
  readonly #controller: Controller;
  readonly #choice: string | PowerController | undefined;
  #power: PowerController | undefined;

  /** @throws TypeError, RangeError for a power controller that is none */
  constructor(controller: Controller, options: SubsystemOptions = {}) {
    this.#controller = record(controller, 'controller');
    const { power } = record(options);
    this.#choice = power === undefined ? controller.powerChoice : power;
    if (typeof this.#choice === 'string') parsePower(this.#choice);
    else if (this.#choice !== undefined) checkedPower(this.#choice);
  }

  /** Whether it has power, as far as the driver knows. */
  get powered(): boolean {
    return this.#controller.powered;
  }

  /**
   * What switches the supply, and what that can do: `if (!subsystem.power.describe().midIo) skip(...)`.
   * @throws PowerError with code `PLATFORM_LIMIT` where nothing can: the test counts as skipped
   */
  get power(): PowerController {
    this.#power ??= this.#chosen();
    return this.#power;
  }

  /**
   * Cuts the supply: outstanding commands end with {@link PowerLostError}, what was only in the volatile write cache is lost.
   * Without {@link shutdown} before it the device counts an unsafe shutdown.
   * @throws PowerError where nothing can switch the supply, or it did not switch
   */
  async powerOff(): Promise<void> {
    const { power } = this;
    // Where the kernel takes the device away first, the driver must have let go of it, or the two wait for each other.
    if (!power.describe().midIo) await this.#tellDriver('off');
    await power.off();
    await this.#tellDriver('off');
  }

  /** Returns when the function answers again; the controller is not enabled. @throws PowerError */
  async powerOn(): Promise<void> {
    await this.power.on();
    await this.#tellDriver('on');
  }

  /**
   * {@link powerOff}, {@link powerOn}, and the enable sequence: the controller is ready when it returns.
   * @param options offMs: milliseconds without power; default 0
   * @throws PowerError; `INIT_FAILED` when the controller does not come back
   */
  async powerCycle(options: { readonly offMs?: number } = {}): Promise<void> {
    const { offMs = 0 } = record(options);
    integer('offMs', offMs, 0, 2 ** 31 - 1);
    await this.cycleSupply(offMs);
    await this.#controller.initialize();
  }

  /** {@link powerCycle} without the enable sequence. @internal */
  async cycleSupply(offMs: number): Promise<void> {
    if (this.power.cycle) {
      await this.#tellDriver('off');
      await this.power.cycle(offMs);
      await this.#tellDriver('on');
    } else {
      await this.powerOff();
      if (offMs > 0) await new Promise((resolve) => setTimeout(resolve, offMs));
      await this.powerOn();
    }
  }

  /** NVM Subsystem Reset by NSSR (NVMe Base 2.0, "NVM Subsystem Reset"). @throws `NOT_SUPPORTED` when CAP.NSSRS is 0 */
  async nssr(): Promise<void> {
    await this.#controller.resetBy('subsystem');
  }

  /** Shutdown notification by CC.SHN; complete when it returns. Power may go off safely then. */
  async shutdown(kind: 'normal' | 'abrupt' = 'normal'): Promise<void> {
    await this.#controller.shutdown(kind);
  }

  #chosen(): PowerController {
    const choice = this.#choice ?? 'emulated';
    return typeof choice === 'string' ? makePower(parsePower(choice), this.#controller) : choice;
  }

  async #tellDriver(action: 'off' | 'on'): Promise<void> {
    if (this.#controller.powered === (action === 'off')) await this.#controller.power(action);
  }
}
