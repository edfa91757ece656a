import { type Controller, DmaBuffer, expect, test } from '@doorbell/testkit';

const hostMemoryBuffer = 0x0d;
const pageBytes = 4096;
const enable = 1;

/** Memory for the drive, and the list that describes it. */
function lend(nvme0: Controller): { readonly memory: DmaBuffer; readonly list: DmaBuffer; readonly pages: number } {
  const pages = nvme0.identifyData.u(275, 272);
  const memory = new DmaBuffer(pages * pageBytes);
  const list = new DmaBuffer(pageBytes);
  list.setQword(0, memory.busAddress(nvme0));
  list.setDword(8, pages);
  return { memory, list, pages };
}

function set(
  nvme0: Controller,
  flags: number,
  { list, pages, entries = 1 }: ReturnType<typeof lend> & { entries?: number },
) {
  const address = list.busAddress(nvme0);
  return nvme0.setFeatures(hostMemoryBuffer, flags, {
    cdw12: pages,
    cdw13: Number(address & 0xffff_ffffn),
    cdw14: Number(address >> 32n),
    cdw15: entries,
  });
}

test('the drive uses the memory it was lent until it is taken back', {
  spec: 'NVMe Base 2.0, Host Memory Buffer (Feature Identifier 0Dh)',
}, async ({ nvme0, buf }) => {
  const lent = lend(nvme0);
  const empty = lent.memory.slice();
  await set(nvme0, enable, lent);
  expect(lent.memory.slice()).not.toEqual(empty);
  expect((await nvme0.getFeatures(hostMemoryBuffer, { buffer: buf })).dw0).toBe(1);
  expect(buf.u(3, 0)).toBe(lent.pages);
  expect(buf.big(11, 4)).toBe(lent.list.busAddress(nvme0));
  expect(buf.u(15, 12)).toBe(1);
  await expect(set(nvme0, enable, lent)).toRejectWithStatus('Command Sequence Error');
  await set(nvme0, 0, lent);
  const left = lent.memory.slice();
  await nvme0.admin({ opcode: 0xff }, undefined, { allowError: true });
  expect(lent.memory.slice()).toEqual(left);
  expect((await nvme0.getFeatures(hostMemoryBuffer, { buffer: buf })).dw0).toBe(0);
  await set(nvme0, 0, lent);
});

test('the drive refuses memory that is too small or not described', {
  spec: 'NVMe Base 2.0, Host Memory Buffer (Feature Identifier 0Dh)',
}, async ({ nvme0 }) => {
  const lent = lend(nvme0);
  const minimum = nvme0.identifyData.u(279, 276);
  await expect(set(nvme0, enable, { ...lent, pages: minimum - 1 })).toRejectWithStatus('Invalid Field in Command');
  await expect(set(nvme0, enable, { ...lent, entries: 0 })).toRejectWithStatus('Invalid Field in Command');
});

test('a reset gives the memory back', {
  spec: 'NVMe Base 2.0, Host Memory Buffer (Feature Identifier 0Dh)',
}, async ({ nvme0, buf }) => {
  const lent = lend(nvme0);
  await set(nvme0, enable, lent);
  await nvme0.reset();
  expect((await nvme0.getFeatures(hostMemoryBuffer, { buffer: buf })).dw0).toBe(0);
  await set(nvme0, enable, lent);
  await set(nvme0, 0, lent);
});

test('the verbs of the test lend memory in pieces, tell what is lent, and take it back', {
  spec: 'NVMe Base 2.0, Host Memory Buffer (Feature Identifier 0Dh)',
}, async ({ nvme0 }) => {
  const { hmb } = nvme0;
  expect(hmb.preferredBytes).toBeGreaterThan(0);
  expect(hmb.minimumBytes <= hmb.preferredBytes).toBe(true);
  expect(await hmb.query()).toMatchObject({ enabled: false });
  const pieces = [new DmaBuffer(pageBytes), new DmaBuffer(Math.max(pageBytes, hmb.preferredBytes - pageBytes))];
  const total = pieces.reduce((sum, { size }) => sum + size, 0);
  await hmb.enable(pieces);
  expect(await hmb.query()).toMatchObject({ enabled: true, bytes: total, entries: 2 });
  await nvme0.admin({ opcode: 0xff }, undefined, { allowError: true });
  const used = pieces.map((piece) => piece.slice());
  expect(used.some((bytes) => bytes.some((byte) => byte !== 0))).toBe(true);
  await hmb.disable();
  expect((await hmb.query()).enabled).toBe(false);
  // Returned with its contents, the drive goes on where it was.
  await hmb.enable(pieces, { returned: true });
  expect(pieces.map((piece) => piece.slice())).toEqual(used);
  await hmb.disable();
});

test('the drive has its limits of memory and of pieces', {
  spec: 'NVMe Base 2.0, Host Memory Buffer (Feature Identifier 0Dh)',
}, async ({ nvme0 }) => {
  const { hmb } = nvme0;
  if (hmb.minimumBytes > pageBytes)
    await expect(hmb.enable(new DmaBuffer(hmb.minimumBytes - pageBytes))).toRejectWithStatus(
      'Invalid Field in Command',
    );
  await expect(hmb.enable([])).toRejectWithStatus('Invalid Field in Command');
  await expect(hmb.enable(new DmaBuffer(pageBytes + 512))).rejects.toThrow('whole memory pages');
});
