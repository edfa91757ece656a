import { Controller } from '../../objects/controller.ts';
import { bounded } from '../bounded.ts';
import { EnvironmentError } from './execution.ts';

const closeMs = 10_000;

/** The controller of a run: opened when first needed, brought back to its default enabled state before each test that uses it. */
export class RunDevice {
  private opened: Promise<Controller> | undefined;
  private ready: Promise<Controller> | undefined;
  private fresh = false;
  private fault: EnvironmentError | undefined;
  private lastTest = '';

  constructor(
    readonly address: string,
    private readonly power?: string,
  ) {}

  /** Why no further test can run. */
  get unusable(): EnvironmentError | undefined {
    return this.fault;
  }

  /** The controller as it is, when the run has opened it. */
  async current(): Promise<Controller | undefined> {
    return this.opened?.catch(() => undefined);
  }

  /** @param fresh initialise anew, whatever state the controller is in */
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
  afterTest(title: string, stuck: boolean): void {
    this.lastTest = title;
    if (stuck) this.fault = new EnvironmentError(`controller unusable since "${title}": its tear-down did not end`);
  }

  async close(): Promise<void> {
    const controller = await this.current();
    if (controller) await bounded(controller.close(), closeMs);
  }

  private async prepare(): Promise<Controller> {
    this.opened ??= this.open();
    const controller = await this.opened;
    try {
      await controller.restore({ fresh: this.fresh });
      return controller;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const since = this.lastTest && ` since "${this.lastTest}"`;
      this.fault = new EnvironmentError(`controller unusable${since}: ${reason}`);
      throw this.fault;
    }
  }

  private async open(): Promise<Controller> {
    try {
      // As it is: `restore` also brings one back that has no power.
      return await Controller.open(this.address, {
        initialize: false,
        ...(this.power !== undefined && { power: this.power }),
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.fault = new EnvironmentError(`The controller "${this.address}" cannot be used: ${reason}`);
      throw this.fault;
    }
  }
}
