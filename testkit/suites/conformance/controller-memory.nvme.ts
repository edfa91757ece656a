// An SSD of its own, with a Controller Memory Buffer of 256 KiB.
import {
  test as base,
  CompletionQueue,
  Controller,
  DmaBuffer,
  expect,
  nvmOpcode,
  PrpList,
  Sqe,
  SubmissionQueue,
} from '@doorbell/testkit';

const spec = 'NVMe Base 2.0, Controller Memory Buffer';
const cre = 1n;
const cmse = 2n;

const test = base.extend<{ ssd: Controller }>({
  ssd: async (_fixtures, use) => {
    const controller = await Controller.open('emulated?name=controller-memory&size=16M&cmb=256K');
    await use(controller);
    await controller.close();
  },
});

const flush = (cid: number) => new Sqe({ opcode: nvmOpcode.flush, cid, nsid: 1 });

test('the properties show once the host asks for them', { spec }, async ({ ssd }) => {
  expect(ssd.registers.cap.cmbs).toBe(true);
  expect([ssd.registers.get('CMBLOC'), ssd.registers.get('CMBSZ')]).toEqual([0n, 0n]);
  ssd.registers.set('CMBMSC', cre);
  const size = Number(ssd.registers.get('CMBSZ'));
  expect((size >>> 12) * 4096 * 16 ** ((size >>> 8) & 0xf)).toBe(256 * 1024);
  ssd.registers.set('CMBMSC', 0);
  expect(ssd.registers.get('CMBSZ')).toBe(0n);
});

test('a base address behind which it does not fit is invalid', { spec }, async ({ ssd }) => {
  ssd.registers.set('CMBMSC', 0xffff_ffff_ffff_f000n | cre | cmse);
  expect(ssd.registers.get('CMBSTS')).toBe(1n);
  ssd.registers.set('CMBMSC', 0);
  expect(ssd.registers.get('CMBSTS')).toBe(0n);
});

test('it stays enabled through Controller Reset and Function Level Reset', {
  spec: 'NVMe Base 2.0, Controller Level Reset',
}, async ({ ssd }) => {
  ssd.cmb.enable();
  const enabled = ssd.registers.get('CMBMSC');
  expect(enabled & 3n).toBe(cre | cmse);
  await ssd.reset();
  expect(ssd.registers.get('CMBMSC')).toBe(enabled);
  await ssd.pcie.flr();
  await ssd.reset();
  expect(ssd.registers.get('CMBMSC')).toBe(enabled);
  await ssd.pcie.hotReset();
  await ssd.reset();
  expect(ssd.registers.get('CMBMSC')).toBe(0n);
  expect(ssd.cmb.enabled).toBe(false);
});

test('queue pairs work in it, both queues or one', { spec }, async ({ ssd }) => {
  ssd.cmb.enable();
  const free = ssd.cmb.freeBytes;
  for (const controllerMemory of ['sq', 'cq', 'both'] as const) {
    const qpair = await ssd.createQpair({ depth: 64, controllerMemory });
    expect(ssd.cmb.freeBytes).toBeLessThan(free);
    await Promise.all(Array.from({ length: 63 }, () => ssd.namespace(1).flush(qpair)));
    await Promise.all(Array.from({ length: 63 }, () => ssd.namespace(1).flush(qpair)));
    await qpair.delete();
    expect(ssd.cmb.freeBytes).toBe(free);
  }
});

test('data of commands may lie in it', { spec }, async ({ ssd }) => {
  ssd.cmb.enable();
  const qpair = await ssd.createQpair({ depth: 8, controllerMemory: 'both' });
  const ns = ssd.namespace(1);
  const written = ssd.cmb.allocate(16_384, { pattern: { random: 0, seed: 3n } });
  const host = new DmaBuffer(16_384);
  const back = ssd.cmb.allocate(16_384);
  const range = { slba: 8, blockCount: 32 };
  await ns.write(qpair, written, range);
  await ns.read(qpair, host, range);
  await ns.read(qpair, back, { ...range, pointers: 'sgl' });
  expect(host.equals(written)).toBe(true);
  expect(back.equals(written)).toBe(true);
});

test('queues and PRP lists that the test lays out may lie in it', { spec }, async ({ ssd }) => {
  ssd.cmb.enable();
  const shape = { qid: 3, depth: 300, controllerMemory: true };
  const cq = new CompletionQueue(ssd, { ...shape, contiguous: false });
  const sq = new SubmissionQueue(ssd, shape);
  await cq.create();
  await sq.create();
  for (let sent = 0; sent < 310; sent += 1) {
    sq[sent % 300] = flush(sent);
    sq.tail = (sent + 1) % 300;
    expect((await cq.next()).cid).toBe(sent);
  }
  const list = ssd.cmb.allocate(4096);
  const data = new DmaBuffer(12_288, { pattern: 'ones' });
  const [prp1 = 0n, ...others] = PrpList.pagesOf(data, ssd);
  for (const [index, page] of others.entries()) list.setQword(8 * index, page);
  const tail = sq.tail;
  sq[tail] = new Sqe({ opcode: nvmOpcode.write, cid: 1, nsid: 1, prp1, prp2: list.busAddress(ssd), cdw12: 23 });
  sq.tail = tail + 1;
  expect((await cq.next()).ok).toBe(true);
});

test('what lies in it is out of reach once it is disabled', { spec }, async ({ ssd }) => {
  ssd.cmb.enable();
  const data = ssd.cmb.allocate(512);
  const qpair = await ssd.createQpair({ depth: 4 });
  await ssd.namespace(1).write(qpair, data, { slba: 0 });
  ssd.cmb.disable();
  await expect(ssd.namespace(1).write(qpair, data, { slba: 0 })).toRejectWithStatus('Data Transfer Error');
  expect(() => ssd.cmb.size).toThrow('not enabled');
  expect(() => ssd.cmb.allocate(512)).toThrow('not enabled');
  await expect(ssd.createQpair({ controllerMemory: 'sq' })).rejects.toThrow('not enabled');
});

test('a power cycle empties it and switches it off', { spec }, async ({ ssd }) => {
  ssd.cmb.enable();
  const data = ssd.cmb.allocate(512, { pattern: 'ones' });
  const at = data.busAddress(ssd);
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  expect(ssd.cmb.enabled).toBe(false);
  expect(data.slice(0, 4)).toEqual(new Uint8Array(4));
  ssd.cmb.enable();
  expect(data.busAddress(ssd)).toBe(at);
});

test('it does not hold more than it is large, and says what is left', { spec }, async ({ ssd }) => {
  ssd.cmb.enable();
  expect(ssd.cmb.holds).toEqual({
    submissionQueues: true,
    completionQueues: true,
    lists: true,
    readData: true,
    writeData: true,
  });
  const all = ssd.cmb.allocate(ssd.cmb.size);
  expect(() => ssd.cmb.allocate(1)).toThrow('0 of 262144 are left');
  await expect(ssd.createQpair({ controllerMemory: 'cq' })).rejects.toThrow('0 of 262144 are left');
  all.close();
  expect(ssd.cmb.freeBytes).toBe(ssd.cmb.size);
});

test('a controller without one says so', { spec }, async ({ nvme0, skip }) => {
  if (nvme0.cmb.exists) skip('the controller has one (CAP.CMBS)');
  expect(() => nvme0.cmb.enable()).toThrow('CAP.CMBS');
  expect(() => nvme0.cmb.allocate(512)).toThrow('CAP.CMBS');
  await expect(nvme0.createQpair({ controllerMemory: 'both' })).rejects.toThrow('CAP.CMBS');
  expect(() => new SubmissionQueue(nvme0, { qid: 3, depth: 8, controllerMemory: true })).toThrow('CAP.CMBS');
});
