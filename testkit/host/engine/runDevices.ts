import { SkipError } from '../../api/testContext.ts';
import { emulatedAddress } from '../../machine/address.ts';
import type { Controller } from '../../objects/controller.ts';
import type { EnvironmentError } from './execution.ts';
import { RunDevice } from './runDevice.ts';

/** The controllers of a run: `nvme0`, `nvme1`, ... */
export class RunDevices {
  private readonly devices: RunDevice[];

  /** @param power what switches the supply of each */
  constructor(addresses: readonly string[], power: readonly string[] = []) {
    const named = addresses.length > 0 ? addresses : [emulatedAddress];
    this.devices = named.map((address, at) => new RunDevice(address, power[at] || undefined));
  }

  /** Why no further test can run. */
  get unusable(): EnvironmentError | undefined {
    return this.devices.map(({ unusable }) => unusable).find((reason) => reason !== undefined);
  }

  /** The controller a test names, opened when first needed. @throws SkipError when the run has too few */
  async controller(index: number): Promise<Controller> {
    const { length } = this.devices;
    if (this.devices[index] === undefined && this.isEmulated()) {
      this.devices.push(new RunDevice(`${emulatedAddress}?name=nvme${length}`));
    }
    const device = this.devices[index];
    if (device) return device.controller();
    throw new SkipError(`the run has ${length} controller${length > 1 ? 's' : ''}: name another one for nvme${index}`);
  }

  at(address: string): RunDevice | undefined {
    return this.devices.find((device) => device.address === address);
  }

  /** @param fresh initialise anew, whatever state the controllers are in */
  beforeTest(fresh: boolean): void {
    for (const device of this.devices) device.beforeTest(fresh);
  }

  afterTest(title: string, stuck: boolean): void {
    for (const device of this.devices) device.afterTest(title, stuck);
  }

  async close(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.close()));
  }

  /** A controller nobody chose is never a drive. */
  private isEmulated(): boolean {
    return this.devices.every(({ address }) => /^emulated($|[:?])/.test(address));
  }
}
