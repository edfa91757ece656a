import { type Controller, expect } from '@doorbell/testkit';

/** What SMART counts of losses of power. */
export interface PowerCounts {
  readonly powerCycles: bigint;
  readonly unsafeShutdowns: bigint;
}

export async function powerCounts(nvme0: Controller): Promise<PowerCounts> {
  const { powerCycles, unsafeShutdowns } = await nvme0.smart();
  return { powerCycles, unsafeShutdowns };
}

/** So many more power cycles since, each of them unsafe unless said otherwise. */
export async function expectCounts(
  nvme0: Controller,
  since: PowerCounts,
  { cycles, unsafe = cycles }: { readonly cycles: number; readonly unsafe?: number },
): Promise<void> {
  expect(await powerCounts(nvme0)).toEqual({
    powerCycles: since.powerCycles + BigInt(cycles),
    unsafeShutdowns: since.unsafeShutdowns + BigInt(unsafe),
  });
}
