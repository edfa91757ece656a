import { Controller } from '../../objects/controller.ts';
import { EnvironmentError } from './execution.ts';

const closeMs = 10_000;

/** The controller of a run: opened when first needed, brought back to its default enabled state before each test that uses it. */
export class RunDevice {
  private opened: Promise<Controller> | undefined;
  private ready: Promise<Controller> | undefined;
  private fresh = false;
  private fault: EnvironmentError | undefined;

  constructor(private readonly address: string) {}

  /** Why no further test can run. */
  get unusable(): EnvironmentError | undefined {
    return this.fault;
  }

  beforeTest(fresh: boolean): void {
    this.ready = undefined;
    this.fresh = fresh;
  }

  /** For the test's fixtures; the same for all of them. */
  controller(): Promise<Controller> {
    this.ready ??= this.prepare();
    return this.ready;
  }

  /** @param stuck the tear-down did not end: something holds the controller */
  async afterTest(title: string, stuck: boolean): Promise<void> {
    if (stuck) this.fault = new EnvironmentError(`controller unusable since "${title}": its tear-down did not end`);
  }

  async close(): Promise<void> {
    const opened = await this.opened?.catch(() => undefined);
    if (!opened) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeMs);
    });
    await Promise.race([opened.close(), late]);
    clearTimeout(timer);
  }

  private async prepare(): Promise<Controller> {
    this.opened ??= Controller.open(this.address);
    const controller = await this.opened;
    return controller;
  }
}
