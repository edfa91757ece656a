import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type PowerController, PowerError, type PowerFacts, type PowerState } from './powerController.ts';

/** `sysfs` is another folder in tests. */
export interface SlotPlace {
  readonly sysfs?: string;
  /** PCI address of the controller: `0000:3d:00.0`. */
  readonly address: string;
  /** In /sys/bus/pci/slots; default: the slot of the address. */
  readonly name?: string;
}

/** The power of a hotplug slot, as the kernel's hotplug driver offers it in sysfs. */
export class SlotPower implements PowerController {
  readonly #name: string;
  readonly #file: string;

  /** @throws PowerError when the controller is in no slot whose power can be switched */
  constructor({ sysfs = '/sys', address, name }: SlotPlace) {
    const slots = path.join(sysfs, 'bus/pci/slots');
    this.#name = name ?? slotOf(slots, address);
    this.#file = path.join(slots, this.#name, 'power');
    // A wrong name is told now, not when a test has begun to write.
    this.#read();
  }

  describe(): PowerFacts {
    return {
      kind: 'slot',
      name: `slot ${this.#name}`,
      midIo: false,
      why: 'the kernel removes the device before it switches the slot off',
    };
  }

  async state(): Promise<PowerState> {
    return this.#read() === '1' ? 'on' : 'off';
  }

  async off(): Promise<void> {
    this.#write('0');
  }

  async on(): Promise<void> {
    this.#write('1');
  }

  #read(): string {
    try {
      return readFileSync(this.#file, 'utf8').trim();
    } catch (cause) {
      throw new PowerError('NOT_SUPPORTED', `slot ${this.#name} has no power switch (${this.#file})`, { cause });
    }
  }

  #write(value: '0' | '1'): void {
    if (this.#read() === value) return;
    try {
      writeFileSync(this.#file, value);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const way = code === 'EACCES' || code === 'EPERM' ? `: it needs the right to write ${this.#file}` : `: ${code}`;
      throw new PowerError('FAILED', `slot ${this.#name} could not be switched ${value === '1' ? 'on' : 'off'}${way}`, {
        cause,
      });
    }
    if (this.#read() !== value) throw new PowerError('FAILED', `slot ${this.#name} did not switch`);
  }
}

/** A slot's `address` has no function: `0000:3d:00`. */
function slotOf(slots: string, address: string): string {
  const device = address.replace(/\.[0-7]$/, '');
  const found = namesIn(slots).find((name) => addressOf(path.join(slots, name)) === device);
  if (found !== undefined) return found;
  throw new PowerError('NOT_SUPPORTED', `${address} is in no hotplug slot of this machine (${slots})`);
}

function namesIn(slots: string): string[] {
  try {
    return readdirSync(slots).sort();
  } catch {
    // No hotplug driver: no folder.
    return [];
  }
}

function addressOf(slot: string): string {
  try {
    return readFileSync(path.join(slot, 'address'), 'utf8').trim();
  } catch {
    return '';
  }
}
