import { expect, test } from '@doorbell/testkit';

test.describe('identify', () => {
  test('names the drive', { spec: 'NVMe Base 2.0, Identify Controller data structure' }, async ({ nvme0, log }) => {
    const id = await nvme0.identify();
    log(`${id.model}, serial ${id.serial}, firmware ${id.firmware}`);
    expect(id.model).not.toBe('');
    expect(id.serial).not.toBe('');
  });

  test('reports the capacity of namespace 1', async ({ nvme0n1, log }) => {
    log(`${nvme0n1.nsze} blocks of ${nvme0n1.lbaBytes} bytes`);
    expect(nvme0n1.nsze).toBeGreaterThan(0n);
    expect([512, 4096]).toContain(nvme0n1.lbaBytes);
  });
});
