import type { PowerController, PowerFacts, PowerState } from './powerController.ts';

interface Supply {
  readonly address: string;
  readonly powered: boolean;
  power(action: 'off' | 'on'): Promise<void>;
}

/** The supply that the platform itself can switch: the emulated SSD's. */
export class EmulatedPower implements PowerController {
  constructor(private readonly supply: Supply) {}

  describe(): PowerFacts {
    return { kind: 'emulated', name: `the supply of ${this.supply.address}`, midIo: true };
  }

  async state(): Promise<PowerState> {
    return this.supply.powered ? 'on' : 'off';
  }

  async off(): Promise<void> {
    await this.supply.power('off');
  }

  async on(): Promise<void> {
    await this.supply.power('on');
  }
}
