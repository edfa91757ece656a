import { Controller } from '../objects/controller.ts';
import type { PowerAction, PowerReport } from '../protocol.ts';

export interface PowerRequest {
  readonly action: PowerAction;
  readonly address: string;
  /** What switches the supply, in the words of `doorbell.power`; undefined = the usual for the controller. */
  readonly power?: string;
  /** Milliseconds without power in a cycle. */
  readonly offMs?: number;
}

/** Switches the supply of an NVM subsystem, and tells what the drive counted. Opens the controller where no run holds it. */
export async function switchPower(request: PowerRequest, held?: Controller): Promise<PowerReport> {
  if (held) return switchOpen(request, held, false);
  const { address, power } = request;
  const controller = await Controller.open(address, { initialize: false, ...(power && { power }) });
  try {
    return await switchOpen(request, controller, true);
  } finally {
    await controller.close();
  }
}

/** @param enable bring the controller up to read its counts: not under a running test, whose business its state is */
async function switchOpen(request: PowerRequest, controller: Controller, enable: boolean): Promise<PowerReport> {
  await switchSupply(request, controller);
  const { address, subsystem } = controller;
  const report = { controller: address, powered: controller.powered, supply: subsystem.power.describe() };
  if (!controller.powered || !enable) return report;
  await controller.restore();
  const { powerCycles, unsafeShutdowns } = await controller.smart();
  return { ...report, powerCycles, unsafeShutdowns };
}

async function switchSupply({ action, offMs = 0 }: PowerRequest, { subsystem, powered }: Controller): Promise<void> {
  if (action === 'off' && powered) return subsystem.powerOff();
  if (action === 'on' && !powered) return subsystem.powerOn();
  if (action !== 'cycle') return;
  if (powered) return subsystem.cycleSupply(offMs);
  return subsystem.powerOn();
}
