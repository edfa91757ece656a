import { test as base, DmaBuffer, expect, type Namespace, nvmOpcode, type Qpair } from '@doorbell/testkit';
import { type Fresh, freshSsd } from './freshSsd.ts';

const test = base.extend<Fresh>(freshSsd('io'));
const nvm = 'NVM Command Set 1.0';
const nowhere = 0xdead_0000_0000n;
const random = (bytes: number) => new DmaBuffer(bytes, { pattern: { random: 0 } });

/** A block range as the device has it. */
async function blocksAt(ns: Namespace, q: Qpair, slba: number | bigint, blockCount = 1): Promise<DmaBuffer> {
  const buffer = new DmaBuffer(blockCount * ns.lbaBytes, { pattern: 'ones' });
  await ns.read(q, buffer, { slba, blockCount });
  return buffer;
}
const isZero = (buffer: DmaBuffer) => buffer.compare(new DmaBuffer(buffer.size)) === undefined;

test.each([1, 7, 8, 9, 256, 4096])(
  'reads the %d blocks that were written, and no others',
  {
    spec: `${nvm}, Write command; Read command`,
  },
  async ({ ns, q }, blockCount) => {
    const data = random(blockCount * 512);
    await ns.write(q, data, { slba: 3, blockCount });
    expect((await blocksAt(ns, q, 3, blockCount)).compare(data)).toBeUndefined();
    expect([isZero(await blocksAt(ns, q, 2)), isZero(await blocksAt(ns, q, 3 + blockCount))]).toEqual([true, true]);
  },
);

test.each(['read', 'write', 'compare', 'verify', 'writeZeroes', 'writeUncorrectable'] as const)(
  '%s uses all 64 bits of SLBA, and refuses what is not all within the namespace',
  { spec: `${nvm}, Status Code: LBA Out of Range` },
  async ({ ssd, ns, q }, name) => {
    const { nsze } = ns;
    const send = (slba: bigint, blockCount: number) => {
      const options = { slba, blockCount, allowError: true } as const;
      if (name === 'verify' || name === 'writeZeroes' || name === 'writeUncorrectable') return ns[name](q, options);
      return ns[name](q, new DmaBuffer(blockCount * 512), options);
    };
    expect((await send(nsze - 2n, 2)).status.name).toBe('Successful Completion');
    for (const [slba, blockCount] of [
      [nsze - 2n, 3],
      [nsze, 1],
      [2n ** 32n, 1],
      [2n ** 63n, 2],
      [2n ** 64n - 1n, 2],
    ] as const) {
      const { status } = await send(slba, blockCount);
      expect([slba, status.name, status.dnr]).toEqual([slba, 'LBA Out of Range', true]);
      expect((await ssd.errorLog(1))[0]).toMatchObject({ lba: slba, nsid: 1, sqid: q.qid });
    }
  },
);

test('transfers no more than MDTS', { spec: 'NVMe Base 2.0, Maximum Data Transfer Size' }, async ({ ssd, ns, q }) => {
  const most = ssd.maxTransferBytes / 512;
  const buffer = new DmaBuffer((most + 8) * 512);
  for (const name of ['read', 'write', 'compare'] as const) {
    await ns[name](q, buffer, { slba: 0, blockCount: most });
    await expect(ns[name](q, buffer, { slba: 0, blockCount: most + 1 })).toRejectWithStatus('Invalid Field in Command');
  }
});

test('commands without a transfer have limits of their own', {
  spec: `${nvm}, I/O Command Set specific Identify Controller data structure`,
}, async ({ ssd, ns, q }) => {
  const limits = await ssd.identifyStructure({ cns: 0x06, csi: 0 });
  for (const [at, name] of [
    [0, 'verify'],
    [1, 'writeZeroes'],
    [2, 'writeUncorrectable'],
  ] as const) {
    const blocks = (2 ** limits.u(at) * 4096) / 512;
    expect(blocks).toBeGreaterThanOrEqual(65_536);
    await ns[name](q, { slba: 0, blockCount: 65_536 });
  }
});

test('refuses data pointers that lead nowhere, and changes nothing', {
  spec: 'NVMe Base 2.0, Status Code: Data Transfer Error',
}, async ({ ns, q }) => {
  const data = random(512);
  await ns.write(q, data, { slba: 0 });
  for (const opcode of [nvmOpcode.read, nvmOpcode.write, nvmOpcode.compare]) {
    const failed = await q.send({ opcode, nsid: 1, prp1: nowhere }, undefined, { allowError: true });
    expect([failed.status.name, failed.status.dnr]).toEqual(['Data Transfer Error', false]);
  }
  expect((await blocksAt(ns, q, 0)).compare(data)).toBeUndefined();
});

test('takes FUA, LR and hints of the access pattern', { spec: `${nvm}, Dataset Management field (DSM)` }, async ({
  ns,
  q,
  buf,
}) => {
  for (const dsm of [0x01, 0x02, 0x30, 0x40, 0x80]) {
    await ns.write(q, buf, { slba: 0, fua: true, limitedRetry: true, dsm });
    await ns.read(q, buf, { slba: 0, fua: true, limitedRetry: true, dsm });
  }
  await ns.verify(q, { slba: 0, fua: true, limitedRetry: true });
  await ns.writeZeroes(q, { slba: 0, fua: true, limitedRetry: true });
});

test('Compare tells the first block that differs', { spec: `${nvm}, Compare command` }, async ({ ssd, ns, q }) => {
  const data = random(4096);
  await ns.write(q, data, { slba: 8, blockCount: 8 });
  await ns.compare(q, data, { slba: 8, blockCount: 8 });
  data.setByte(3 * 512 + 17, data.byte(3 * 512 + 17) ^ 1);
  await expect(ns.compare(q, data, { slba: 8, blockCount: 8 })).toRejectWithStatus('Compare Failure');
  expect((await ssd.errorLog(1))[0]?.lba).toBe(11n);
});

test('Write Zeroes zeros its blocks and no others', { spec: `${nvm}, Write Zeroes command` }, async ({ ns, q }) => {
  const data = random(32 * 512);
  for (const deallocate of [false, true]) {
    await ns.write(q, data, { slba: 0, blockCount: 32 });
    await ns.writeZeroes(q, { slba: 5, blockCount: 20, deallocate });
    expect((await blocksAt(ns, q, 0, 5)).slice()).toEqual(data.slice(0, 5 * 512));
    expect(isZero(await blocksAt(ns, q, 5, 20))).toBe(true);
    expect((await blocksAt(ns, q, 25, 7)).slice()).toEqual(data.slice(25 * 512));
  }
});

test('uncorrectable blocks cannot be read, compared or verified until they are written', {
  spec: `${nvm}, Write Uncorrectable command`,
}, async ({ ssd, ns, q, buf }) => {
  const before = (await ssd.smart()).mediaErrors;
  await ns.writeUncorrectable(q, { slba: 10, blockCount: 2 });
  const range = { slba: 8, blockCount: 8 } as const;
  await expect(ns.read(q, buf, range)).toRejectWithStatus('Unrecovered Read Error');
  expect((await ssd.errorLog(1))[0]?.lba).toBe(10n);
  await expect(ns.compare(q, buf, range)).toRejectWithStatus('Unrecovered Read Error');
  await expect(ns.verify(q, range)).toRejectWithStatus('Unrecovered Read Error');
  expect((await ssd.smart()).mediaErrors).toBe(before + 3n);
  await ns.read(q, buf, { slba: 8, blockCount: 2 });
  await ns.write(q, buf, { slba: 10 });
  await expect(ns.read(q, buf, range)).toRejectWithStatus('Unrecovered Read Error');
  await ns.writeZeroes(q, { slba: 11 });
  await ns.read(q, buf, range);
});

test('Flush takes the NSID of a namespace, or of all', { spec: 'NVMe Base 2.0, Flush command' }, async ({
  ssd,
  ns,
  q,
  buf,
}) => {
  expect(ssd.identifyData.vwc).toMatchObject({ present: true, flushAll: 3 });
  await ns.write(q, buf, { slba: 0 });
  await ns.flush(q);
  await q.send({ opcode: nvmOpcode.flush, nsid: 0xffff_ffff });
  for (const [nsid, status] of [
    [0, 'Invalid Namespace or Format'],
    [2, 'Invalid Field in Command'],
    [0xffff_fffe, 'Invalid Namespace or Format'],
  ] as const) {
    await expect(q.send({ opcode: nvmOpcode.flush, nsid })).toRejectWithStatus(status);
  }
});

test('only Flush takes NSID FFFFFFFFh', { spec: 'NVMe Base 2.0, Namespace Identifier (NSID)' }, async ({ q, buf }) => {
  const { flush: _flush, ...others } = nvmOpcode;
  for (const opcode of [others.read, others.write, others.compare, others.verify, others.writeZeroes]) {
    const sent = q.send({ opcode, nsid: 0xffff_ffff }, buf, { allowError: true });
    expect((await sent).status.name).toBe('Invalid Field in Command');
  }
});

test('refuses reserved values of FUSE and PSDT', { spec: 'NVMe Base 2.0, Command Dword 0' }, async ({
  ssd,
  q,
  buf,
}) => {
  const flags = 1;
  for (const psdt of [3]) {
    const sent = q.send({ opcode: nvmOpcode.read, nsid: 1, flags: psdt << 6 }, buf, { allowError: true });
    expect((await sent).status.name).toBe('Invalid Field in Command');
    expect((await ssd.errorLog(1))[0]?.parameterErrorLocation).toBe(flags | (6 << 8));
  }
});
