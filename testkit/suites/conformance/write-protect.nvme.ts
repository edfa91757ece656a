import { adminOpcode, test as base, type Cqe, DmaBuffer, expect, type Namespace, type Qpair } from '@doorbell/testkit';
import { type Fresh, freshSsd } from './freshSsd.ts';

const test = base.extend<Fresh>(freshSsd('write-protect', 'size=64M&namespaces=2'));
const states = 'NVMe Base 2.0, Namespace Write Protection';
const refused = 'Namespace is Write Protected';
const successful = 'Successful Completion';

/** Statuses of a command of each kind, by name. */
async function answers(ns: Namespace, q: Qpair): Promise<Record<string, string>> {
  const buffer = new DmaBuffer(4096);
  buffer.setDsmRange(0, 0, 8);
  const at = { slba: 0, allowError: true } as const;
  const commands: Record<string, PromiseLike<Cqe>> = {
    write: ns.write(q, buffer, at),
    writeZeroes: ns.writeZeroes(q, at),
    writeUncorrectable: ns.writeUncorrectable(q, { slba: 100, allowError: true }),
    deallocate: ns.dsm(q, buffer, { ranges: 1, deallocate: true, allowError: true }),
    copy: ns.copy(q, [{ slba: 0, blockCount: 1 }], { slba: 8, allowError: true }),
    hint: ns.dsm(q, buffer, { ranges: 1, integralRead: true, allowError: true }),
    read: ns.read(q, new DmaBuffer(4096), at),
    compare: ns.compare(q, new DmaBuffer(4096), at),
    verify: ns.verify(q, at),
    flush: ns.flush(q, { allowError: true }),
  };
  const found: Record<string, string> = {};
  for (const [name, command] of Object.entries(commands)) found[name] = (await command).status.name;
  return found;
}

test('Identify says which states there are', {
  spec: 'NVMe Base 2.0, Namespace Write Protection Capabilities (NWPC)',
}, ({ ssd }) => {
  expect(ssd.identifyData.u(531) & 0b111).toBe(0b111);
});

test.each(['write-protect', 'until-power-cycle', 'permanent'] as const)(
  '%s refuses what modifies blocks, and nothing else',
  {
    spec: states,
  },
  async ({ ssd, ns, q }, state) => {
    await ns.setWriteProtection(state);
    expect(await ns.writeProtection()).toBe(state);
    const found = await answers(ns, q);
    for (const name of ['write', 'writeZeroes', 'writeUncorrectable', 'deallocate', 'copy']) {
      expect([name, found[name]]).toEqual([name, refused]);
    }
    for (const name of ['hint', 'read', 'compare', 'verify', 'flush']) {
      expect([name, found[name]]).toEqual([name, successful]);
    }
    const other = ssd.namespace(2);
    expect(await other.writeProtection()).toBe('none');
    await other.write(q, new DmaBuffer(4096), { slba: 0 });
  },
);

test('repeating a refused write gives the same answer', { spec: 'NVMe Base 2.0, Status Field: Do Not Retry' }, async ({
  ns,
  q,
  buf,
}) => {
  await ns.setWriteProtection('write-protect');
  expect((await ns.write(q, buf, { slba: 0, allowError: true })).status).toMatchObject({ name: refused, dnr: true });
});

test('protection ends when the host ends it', { spec: states }, async ({ ns, q, buf }) => {
  await ns.setWriteProtection('write-protect');
  await ns.setWriteProtection('none');
  await ns.write(q, buf, { slba: 0 });
});

test('protection outlives resets', { spec: states }, async ({ ssd, ns }) => {
  await ns.setWriteProtection('write-protect');
  await ssd.reset();
  expect(await ns.writeProtection()).toBe('write-protect');
});

test.each([
  ['write-protect', 'write-protect'],
  ['until-power-cycle', 'none'],
  ['permanent', 'permanent'],
] as const)('%s is %s after a power cycle', { spec: states, tags: ['power'] }, async ({ ssd, ns }, before, after) => {
  await ns.setWriteProtection(before);
  await ssd.subsystem.powerCycle();
  await ssd.reset();
  expect(await ns.writeProtection()).toBe(after);
});

test.each(['until-power-cycle', 'permanent'] as const)(
  '%s cannot be changed',
  {
    spec: 'NVMe Base 2.0, Namespace Write Protection Config (Feature Identifier 84h)',
  },
  async ({ ns }, state) => {
    await ns.setWriteProtection(state);
    await ns.setWriteProtection(state);
    for (const other of ['none', 'write-protect', 'until-power-cycle', 'permanent'] as const) {
      if (other === state) continue;
      await expect(ns.setWriteProtection(other)).toRejectWithStatus('Feature Not Changeable');
    }
  },
);

test('keeps Format NVM, Sanitize and deletion away', { spec: states }, async ({ ssd, ns }) => {
  await ns.setWriteProtection('write-protect');
  await expect(ssd.format()).toRejectWithStatus(refused);
  await expect(ssd.format({ nsid: 0xffff_ffff })).toRejectWithStatus(refused);
  await ssd.format({ nsid: 2 });
  await expect(ssd.sanitize({ action: 'block-erase' })).toRejectWithStatus(refused);
  await expect(ssd.deleteNamespace(1)).toRejectWithStatus(refused);
  await ssd.detachNamespace(1);
  await ssd.attachNamespace(1);
  expect(await ns.writeProtection()).toBe('write-protect');
});

test('refuses reserved states and what is not saveable', {
  spec: 'NVMe Base 2.0, Namespace Write Protection Config (Feature Identifier 84h)',
}, async ({ ssd }) => {
  for (const state of [4, 7]) {
    await expect(ssd.setFeatures(0x84, state, { nsid: 1 })).toRejectWithStatus('Invalid Field in Command');
  }
  await expect(ssd.setFeatures(0x84, 1, { nsid: 1, save: true })).toRejectWithStatus('Feature Identifier Not Saveable');
  await expect(ssd.admin({ opcode: adminOpcode.setFeatures, cdw10: 0x84, cdw11: 1 })).toRejectWithStatus(
    'Invalid Namespace or Format',
  );
});
