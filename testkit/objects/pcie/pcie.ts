import type { NativeController } from '../../nativeSurface.ts';
import { wrongType } from '../checks.ts';
import { Bar } from './bar.ts';
import { type Capability, extendedCapabilities, standardCapabilities } from './capabilities.ts';
import { ConfigSpace } from './configSpace.ts';
import { NotSupportedError, PlatformLimitError } from './notSupportedError.ts';

/** What the function needs of its controller. @internal */
export interface PcieController {
  readonly address: string;
  readonly native: NativeController;
  changed(): void;
  resetBy(kind: 'flr' | 'hot'): Promise<void>;
}

/** Link Status register of the PCI Express capability. */
export interface LinkStatus {
  /** Current Link Speed: 1 is 2.5 GT/s, 2 5, 3 8, 4 16, 5 32. */
  readonly speed: number;
  /** Negotiated Link Width, lanes. */
  readonly width: number;
  /** Link Training is in progress. */
  readonly training: boolean;
}

const aspmStates = ['disabled', 'L0s', 'L1', 'L0s+L1'] as const;
/** What Active State Power Management may enter. */
export type Aspm = (typeof aspmStates)[number];

const powerStates = ['D0', 'D1', 'D2', 'D3hot'] as const;
/** Power states that software can choose (PCI Power Management, PMCSR). */
export type PowerState = (typeof powerStates)[number];

const commandOffset = 0x04;
const capabilityIds = { powerManagement: 1, pciExpress: 16 } as const;
const pmcsr = 4;
const linkControl = 0x10;
const linkStatus = 0x12;

/**
 * The PCI function of a controller. What a test changes of its command register, power state and ASPM is put back before the next
 * test. Use after the controller was closed throws `TypeError`.
 */
export class Pcie {
  /** Configuration space, 4096 bytes. */
  readonly config: ConfigSpace;
  /** BAR0: the controller's properties and doorbells. */
  readonly bar: Bar;
  readonly #controller: PcieController;
  #original: { readonly command: number; readonly aspm: number | undefined } | undefined;

  /** @internal */
  constructor(controller: PcieController) {
    this.#controller = controller;
    this.config = new ConfigSpace(controller.native, () => this.#changed());
    this.bar = new Bar(controller.native, () => controller.changed());
  }

  /** Vendor ID. */
  get vendorId(): number {
    return this.config.read16(0x00);
  }

  /** Device ID. */
  get deviceId(): number {
    return this.config.read16(0x02);
  }

  /** Class Code: 010802h is an NVM Express I/O controller. */
  get classCode(): number {
    return this.config.read32(0x08) >>> 8;
  }

  /** Standard capabilities in the order of their list. */
  get capabilities(): readonly Capability[] {
    return standardCapabilities(this.config);
  }

  /** Extended capabilities in the order of their list. */
  get extendedCapabilities(): readonly Capability[] {
    return extendedCapabilities(this.config);
  }

  /** The first standard capability with that id; undefined when there is none. */
  capability(id: number): Capability | undefined {
    return this.capabilities.find((each) => each.id === id);
  }

  /** The first extended capability with that id; undefined when there is none. */
  extendedCapability(id: number): Capability | undefined {
    return this.extendedCapabilities.find((each) => each.id === id);
  }

  /** @throws NotSupportedError without a PCI Express capability */
  get linkStatus(): LinkStatus {
    const raw = this.config.read16(this.#place(capabilityIds.pciExpress) + linkStatus);
    return { speed: raw & 0xf, width: (raw >>> 4) & 0x3f, training: (raw & 0x800) !== 0 };
  }

  /**
   * ASPM Control of the Link Control register.
   * @throws NotSupportedError without a PCI Express capability; PlatformLimitError when set through VFIO, which keeps the register
   */
  get aspm(): Aspm {
    return aspmStates[this.config.read16(this.#place(capabilityIds.pciExpress) + linkControl) & 3] ?? 'disabled';
  }

  set aspm(state: Aspm) {
    const value = indexOf('aspm', aspmStates, state);
    const at = this.#place(capabilityIds.pciExpress) + linkControl;
    this.config.write16(at, (this.config.read16(at) & ~3) | value);
    if ((this.config.read16(at) & 3) === value || !isBusAddress(this.#controller.address)) return;
    throw new PlatformLimitError(`${this.#controller.address}: Link Control is read-only through VFIO`);
  }

  /** PowerState of the PMCSR. @throws NotSupportedError without a Power Management capability */
  get powerState(): PowerState {
    return powerStates[this.config.read16(this.#place(capabilityIds.powerManagement) + pmcsr) & 3] ?? 'D0';
  }

  /** In a state other than D0 the controller does not answer accesses to its BAR. */
  set powerState(state: PowerState) {
    const value = indexOf('powerState', powerStates, state);
    const at = this.#place(capabilityIds.powerManagement) + pmcsr;
    this.config.write16(at, (this.config.read16(at) & ~3) | value);
  }

  /** Hot reset of the link. The controller is disabled then: `nvme0.reset()` brings it back. */
  async hotReset(): Promise<void> {
    await this.#controller.resetBy('hot');
  }

  /** Function Level Reset. The controller is disabled then: `nvme0.reset()` brings it back. */
  async flr(): Promise<void> {
    await this.#controller.resetBy('flr');
  }

  /** Gives the function to the driver. @throws NotSupportedError on a platform where nothing binds */
  async bind(): Promise<void> {
    throw this.#notSupported('bind');
  }

  /** Takes the function from the driver. @throws NotSupportedError on a platform where nothing binds */
  async unbind(): Promise<void> {
    throw this.#notSupported('unbind');
  }

  /** Looks for functions on the bus again. @throws NotSupportedError on a platform without a bus */
  async rescan(): Promise<void> {
    throw this.#notSupported('rescan');
  }

  /** Back to D0, and what the command register and ASPM were before a test wrote configuration space. @internal */
  restore(): void {
    const original = this.#original;
    if (original === undefined) return;
    this.#original = undefined;
    const { native } = this.#controller;
    const power = this.capability(capabilityIds.powerManagement);
    if (power !== undefined) native.configWrite(power.offset + pmcsr, 2, 0);
    native.configWrite(commandOffset, 2, original.command);
    const express = this.capability(capabilityIds.pciExpress);
    if (express === undefined || original.aspm === undefined) return;
    const at = express.offset + linkControl;
    native.configWrite(at, 2, (native.configRead(at, 2) & ~3) | original.aspm);
  }

  #changed(): void {
    const express = this.#original === undefined ? this.capability(capabilityIds.pciExpress) : undefined;
    this.#original ??= {
      command: this.config.read16(commandOffset),
      aspm: express && this.config.read16(express.offset + linkControl) & 3,
    };
    this.#controller.changed();
  }

  #place(id: number): number {
    const found = this.capability(id);
    if (found !== undefined) return found.offset;
    throw new NotSupportedError(`${this.#controller.address} has no capability ${id.toString(16).padStart(2, '0')}h`);
  }

  #notSupported(verb: string): NotSupportedError {
    const platform = this.#controller.address.replace(/[:?].*/, '');
    return new NotSupportedError(`${verb}: the platform "${platform}" has no bus that functions are bound to`);
  }
}

/** A drive on the PCI bus of this machine. */
const isBusAddress = (address: string) => /^[\da-f]{4}:/.test(address);

function indexOf(name: string, known: readonly string[], value: unknown): number {
  const index = known.indexOf(value as string);
  if (index < 0) throw wrongType(name, known.map((each) => `'${each}'`).join(', '), value);
  return index;
}
