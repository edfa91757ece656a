import { CommandPower } from './commandPower.ts';
import { EmulatedPower } from './emulatedPower.ts';
import { type PowerController, PowerError } from './powerController.ts';
import type { PowerSpec } from './powerSpec.ts';
import { QuarchPower } from './quarch/quarchPower.ts';
import { SlotPower } from './slotPower.ts';
import { SuspendPower } from './suspendPower.ts';

interface Supplied {
  readonly address: string;
  readonly powered: boolean;
  power(action: 'off' | 'on'): Promise<void>;
}

/** Kinds that switch a slot or a machine, where no emulated SSD is. (Others may be rehearsed on it.) */
const bound: readonly PowerSpec['kind'][] = ['s3', 'slot'];

/** The power controller a setting, an option or a test names, for this controller. @throws PowerError where it cannot be */
export function makePower(spec: PowerSpec, controller: Supplied): PowerController {
  const isEmulated = controller.address.startsWith('emulated');
  if (isEmulated ? bound.includes(spec.kind) : spec.kind === 'emulated') throw mismatch(spec.kind, controller.address);
  switch (spec.kind) {
    case 'emulated':
      return new EmulatedPower(controller);
    case 's3':
      return new SuspendPower();
    case 'slot':
      return new SlotPower({ address: controller.address, ...(spec.name !== undefined && { name: spec.name }) });
    case 'quarch':
      return new QuarchPower(spec);
    case 'command':
      return new CommandPower(spec);
  }
}

function mismatch(kind: string, address: string): PowerError {
  if (kind === 'emulated') {
    return new PowerError(
      'PLATFORM_LIMIT',
      `nothing is chosen that switches the power of ${address}: set doorbell.power, --power or new Subsystem(nvme0, { power })`,
    );
  }
  return new PowerError('NOT_SUPPORTED', `${kind} switches no emulated SSD: its supply is its own (power: emulated)`);
}
