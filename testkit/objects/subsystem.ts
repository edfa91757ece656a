import { integer, record } from './checks.ts';

interface PoweredController {
  readonly powered: boolean;
  power(action: 'off' | 'on'): Promise<void>;
  resetBy(kind: 'subsystem'): Promise<void>;
  shutdown(kind: 'normal' | 'abrupt'): Promise<void>;
}

/**
 * The NVM subsystem behind a controller: its supply (where something can switch it, as for the emulated SSD) and its reset. After
 * power on, or a reset, the controller is disabled: `await nvme0.reset()` brings it back.
 */
export class Subsystem {
  readonly #controller: PoweredController;

  /** @internal */
  constructor(controller: PoweredController) {
    this.#controller = controller;
  }

  /** Whether it has power. */
  get powered(): boolean {
    return this.#controller.powered;
  }

  /**
   * Cuts the supply: outstanding commands end with {@link PowerLostError}, what was only in the volatile write cache is lost.
   * Without {@link shutdown} before it the device counts an unsafe shutdown.
   * @throws an error with code `NOT_SUPPORTED` where nothing can switch the supply
   */
  async powerOff(): Promise<void> {
    await this.#controller.power('off');
  }

  /** Returns when the function answers again; the controller is not enabled. */
  async powerOn(): Promise<void> {
    await this.#controller.power('on');
  }

  /** {@link powerOff}, then {@link powerOn}. @param options offMs: milliseconds without power; default 0 */
  async powerCycle(options: { readonly offMs?: number } = {}): Promise<void> {
    const { offMs = 0 } = record(options);
    integer('offMs', offMs, 0, 2 ** 31 - 1);
    await this.powerOff();
    if (offMs > 0) await new Promise((resolve) => setTimeout(resolve, offMs));
    await this.powerOn();
  }

  /** NVM Subsystem Reset by NSSR (NVMe Base 2.0, "NVM Subsystem Reset"). @throws `NOT_SUPPORTED` when CAP.NSSRS is 0 */
  async nssr(): Promise<void> {
    await this.#controller.resetBy('subsystem');
  }

  /** Shutdown notification by CC.SHN; complete when it returns. Power may go off safely then. */
  async shutdown(kind: 'normal' | 'abrupt' = 'normal'): Promise<void> {
    await this.#controller.shutdown(kind);
  }
}
