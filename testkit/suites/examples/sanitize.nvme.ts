import { expect, test } from '@doorbell/testkit';

test('sanitize with progress', { tags: ['destructive'] }, async ({ nvme0, nvme0n1, qpair, buf, skip, log }) => {
  const sanicap = nvme0.idData(331, 328);
  if ((sanicap & 2) === 0) skip('no block erase sanitize');
  buf.fill('ones');
  await nvme0n1.write(qpair, buf, { slba: 0, blockCount: 8 });

  const told: number[] = [];
  const status = await nvme0.sanitize({ action: 'block-erase', onProgress: (percent) => told.push(percent) });
  log(`progress: ${told.join(', ')} %`);
  expect(status.state).toBe('completed');
  expect(told.at(-1)).toBe(100);
  expect(told).toEqual([...told].sort((a, b) => a - b));

  await nvme0n1.read(qpair, buf, { slba: 0, blockCount: 8, allowError: true });
  expect(buf.slice().every((byte) => byte === 0xff)).toBe(false);
});
