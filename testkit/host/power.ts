import { Controller } from '../objects/controller.ts';
import type { PowerAction, PowerReport } from '../protocol.ts';

/** Switches the supply of an NVM subsystem, and tells what the drive counted. Opens the controller where no run holds it. */
export async function switchPower(action: PowerAction, address: string, held?: Controller): Promise<PowerReport> {
  if (held) return switchOpen(action, held, false);
  const controller = await Controller.open(address, { initialize: false });
  try {
    return await switchOpen(action, controller, true);
  } finally {
    await controller.close();
  }
}

/** @param enable bring the controller up to read its counts: not under a running test, whose business its state is */
async function switchOpen(action: PowerAction, controller: Controller, enable: boolean): Promise<PowerReport> {
  const { subsystem, address } = controller;
  if (action !== 'on' && controller.powered) await subsystem.powerOff();
  if (action !== 'off' && !controller.powered) await subsystem.powerOn();
  const report = { controller: address, powered: controller.powered };
  if (!controller.powered || !enable) return report;
  await controller.restore();
  const { powerCycles, unsafeShutdowns } = await controller.smart();
  return { ...report, powerCycles, unsafeShutdowns };
}
