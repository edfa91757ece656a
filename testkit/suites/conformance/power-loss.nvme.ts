import {
  type Controller,
  DmaBuffer,
  expect,
  type Namespace,
  type PowerLossMoment,
  PowerLostError,
  type Subsystem,
  test,
} from '@doorbell/testkit';

// Power loss at a chosen moment of a chosen command. The durability contract under random cuts is proved natively, by the thousand.

const blocks = 16;
const lbaBytes = 512;

function filled(value: number): DmaBuffer {
  return new DmaBuffer(blocks * lbaBytes, { pattern: value * 0x01010101 });
}

/** One digit a block; `?` for one that is neither. */
async function contentOf(nvme0: Controller, namespace: Namespace): Promise<string> {
  const found = new DmaBuffer(blocks * lbaBytes);
  await namespace.read(await nvme0.createQpair(), found, { slba: 0, blockCount: blocks });
  return Array.from({ length: blocks }, (_, block) => {
    const bytes = found.slice(block * lbaBytes, (block + 1) * lbaBytes);
    return bytes.every((byte) => byte === bytes[0]) ? String(bytes[0]) : '?';
  }).join('');
}

interface Device {
  readonly nvme0: Controller;
  readonly nvme0n1: Namespace;
  readonly subsystem: Subsystem;
}

/** Ones, durable; then twos, with the power going at that moment of their write. What is there afterwards. */
async function cut(moment: PowerLossMoment, { nvme0, nvme0n1, subsystem }: Device): Promise<string> {
  const qpair = await nvme0.createQpair();
  await nvme0n1.write(qpair, filled(1), { slba: 0, blockCount: blocks, fua: true });
  const fault = nvme0.faults.powerLoss(moment, { command: 'write', lba: [0, blocks - 1] });
  const before = (await nvme0.smart()).big(159, 144);
  await expect(nvme0n1.write(qpair, filled(2), { slba: 0, blockCount: blocks, fua: true })).rejects.toThrow(
    PowerLostError,
  );
  expect(fault.fired).toBe(1);
  await subsystem.powerOn();
  await nvme0.reset();
  expect((await nvme0.smart()).big(159, 144)).toBe(before + 1n);
  return contentOf(nvme0, nvme0n1);
}

const spec = 'NVMe Base 2.0, Power Loss Signaling; SMART / Health Information: Unsafe Shutdowns';

test('before a write nothing of it is there', { tags: ['power'], spec }, async ({ nvme0, nvme0n1, subsystem }) => {
  expect(await cut({ at: 'before' }, { nvme0, nvme0n1, subsystem })).toBe('1'.repeat(blocks));
});

test('between two blocks of a write each block is old or new', { tags: ['power'], spec }, async ({
  nvme0,
  nvme0n1,
  subsystem,
}) => {
  expect(await cut({ at: 'between-blocks', blocks: 8 }, { nvme0, nvme0n1, subsystem })).toBe('2222222211111111');
});

test('in the middle of a program each block is old or new', { tags: ['power'], spec }, async ({
  nvme0,
  nvme0n1,
  subsystem,
}) => {
  expect(await cut({ at: 'mid-program' }, { nvme0, nvme0n1, subsystem })).toMatch(/^[12]{16}$/);
});

test('after its data and before its completion a durable write is there', { tags: ['power'], spec }, async ({
  nvme0,
  nvme0n1,
  subsystem,
}) => {
  expect(await cut({ at: 'before-completion' }, { nvme0, nvme0n1, subsystem })).toBe('2'.repeat(blocks));
});

test('what Flush made durable survives, what came after may not', {
  tags: ['power'],
  spec: 'NVM Command Set 1.0, Flush command',
}, async ({ nvme0, nvme0n1, subsystem }) => {
  const qpair = await nvme0.createQpair();
  await nvme0n1.write(qpair, filled(3), { slba: 0, blockCount: blocks });
  await nvme0n1.flush(qpair);
  await nvme0n1.write(qpair, filled(4), { slba: 0, blockCount: blocks });
  await subsystem.powerOff();
  await subsystem.powerOn();
  await nvme0.reset();
  expect(await contentOf(nvme0, nvme0n1)).toMatch(/^[34]{16}$/);
});
