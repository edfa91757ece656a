import type { ThreadContext } from '@doorbell/testkit';

/** Deallocates one range after the other until it is stopped. @returns how many */
export async function main({
  nvme0,
  data,
  signal,
}: ThreadContext<{ slba: number; blockCount: number }>): Promise<number> {
  const nvme0n1 = nvme0.namespace(1);
  const qpair = await nvme0.createQpair({ depth: 8 });
  let trimmed = 0;
  while (!signal.aborted) {
    await nvme0n1.trim(qpair, data);
    trimmed += 1;
  }
  return trimmed;
}
