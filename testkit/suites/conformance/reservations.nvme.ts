import {
  test as base,
  type Controller,
  type Cqe,
  DmaBuffer,
  expect,
  type Namespace,
  type Qpair,
  type ReservationType,
} from '@doorbell/testkit';
import { type Fresh, freshSsd } from './freshSsd.ts';

// The drive has one controller: another host is the same one with another Host Identifier.
const clause = 'NVMe Base 2.0, Reservations';
const hostIdentifier = 0x81;
const persistence = 0x83;
const extended = 1;
const hosts = { a: 0xa, b: 0xb, c: 0xc } as const;
const keys = { a: 0x1111n, b: 0x2222n, c: 0x3333n } as const;
type Host = keyof typeof hosts;

async function become(ssd: Controller, host: Host): Promise<void> {
  const buffer = new DmaBuffer(16);
  buffer.setByte(0, hosts[host]);
  await ssd.setFeatures(hostIdentifier, extended, { buffer });
}

interface Hosts extends Fresh {
  /** What a host does; the drive takes it for that host from then on. */
  readonly as: <T>(host: Host, act: (ns: Namespace, q: Qpair) => T | PromiseLike<T>) => Promise<T>;
}

const test = base.extend<Fresh>(freshSsd('reservations')).extend<Pick<Hosts, 'as'>>({
  as: async ({ ssd, ns, q }, use) => {
    await use(async (host, act) => {
      await become(ssd, host);
      return act(ns, q);
    });
  },
});

const register = (host: Host) => (ns: Namespace, q: Qpair) => ns.reservationRegister(q, { newKey: keys[host] });
const acquire = (host: Host, type: ReservationType) => (ns: Namespace, q: Qpair) =>
  ns.reservationAcquire(q, { currentKey: keys[host], type });
const report = (ns: Namespace, q: Qpair) => ns.reservationReport(q);

/** Whether a host may read and write. */
async function access(ns: Namespace, q: Qpair): Promise<string> {
  const can = async (command: PromiseLike<Cqe>) => {
    const { status } = await command;
    if (status.name !== 'Reservation Conflict') return status.name === 'Successful Completion';
    expect(status.dnr).toBe(true);
    return false;
  };
  const at = { slba: 0, allowError: true } as const;
  const data = new DmaBuffer(512);
  const reads = await can(ns.read(q, data, at));
  const writes = await can(ns.write(q, data, at));
  expect([await can(ns.verify(q, at)), await can(ns.compare(q, new DmaBuffer(512), at))]).toEqual([reads, reads]);
  expect([await can(ns.writeZeroes(q, at)), await can(ns.flush(q, { allowError: true }))]).toEqual([writes, writes]);
  return `${reads ? 'r' : '-'}${writes ? 'w' : '-'}`;
}

test.each([
  ['write-exclusive', 'rw', 'r-', 'r-', 1],
  ['exclusive-access', 'rw', '--', '--', 2],
  ['write-exclusive-registrants-only', 'rw', 'rw', 'r-', 3],
  ['exclusive-access-registrants-only', 'rw', 'rw', '--', 4],
  ['write-exclusive-all-registrants', 'rw', 'rw', 'r-', 5],
  ['exclusive-access-all-registrants', 'rw', 'rw', '--', 6],
] as const)(
  '%s: the holder may %s, a registrant %s, another host %s',
  {
    spec: `${clause}: Command Behavior in the Presence of a Reservation`,
  },
  async ({ as }, ...row) => {
    const [type, holder, registrant, other, code] = row;
    await as('a', register('a'));
    await as('b', register('b'));
    await as('a', acquire('a', type));
    expect([await as('a', access), await as('b', access), await as('c', access)]).toEqual([holder, registrant, other]);
    const status = await as('a', report);
    expect([status.type, status.registered]).toEqual([code, 2]);
    const all = code >= 5;
    expect(status.registrants.map(({ holds, key }) => [holds, key])).toEqual([
      [true, keys.a],
      [all, keys.b],
    ]);
  },
);

test('registering, replacing and unregistering are counted', { spec: `${clause}: Registering` }, async ({ as }) => {
  const generation = async () => (await as('a', report)).generation;
  expect([await generation(), (await as('a', report)).type]).toEqual([0, 0]);
  await as('a', register('a'));
  await as('a', register('a'));
  const afterRegister = await generation();
  expect(afterRegister).toBeGreaterThan(0);
  const replace = { action: 'replace', currentKey: keys.a, newKey: keys.c } as const;
  await as('a', (ns, q) => ns.reservationRegister(q, replace));
  expect((await as('a', report)).registrants.map(({ key }) => key)).toEqual([keys.c]);
  await as('a', (ns, q) => ns.reservationRegister(q, { action: 'unregister', currentKey: keys.c }));
  const status = await as('a', report);
  expect([status.registered, status.generation > afterRegister]).toEqual([0, true]);
});

test('a wrong key conflicts, unless it is to be ignored', { spec: `${clause}: Registering` }, async ({ as }) => {
  await as('a', register('a'));
  const conflict = async (act: (ns: Namespace, q: Qpair) => PromiseLike<Cqe>) =>
    expect(as('a', act)).toRejectWithStatus('Reservation Conflict');
  await conflict((ns, q) => ns.reservationRegister(q, { newKey: keys.b }));
  await conflict((ns, q) => ns.reservationRegister(q, { action: 'replace', currentKey: keys.b, newKey: keys.c }));
  await conflict((ns, q) => ns.reservationRegister(q, { action: 'unregister', currentKey: keys.b }));
  await conflict((ns, q) => ns.reservationAcquire(q, { currentKey: keys.b, type: 'write-exclusive' }));
  await conflict((ns, q) => ns.reservationRelease(q, { currentKey: keys.b, type: 'write-exclusive' }));
  await as('a', (ns, q) => ns.reservationRegister(q, { action: 'replace', ignoreExistingKey: true, newKey: keys.c }));
  expect((await as('a', report)).registrants[0]?.key).toBe(keys.c);
});

test('who is not registered can neither acquire, release, clear nor preempt', { spec: clause }, async ({ as }) => {
  await as('a', register('a'));
  await as('a', acquire('a', 'write-exclusive'));
  for (const act of [
    acquire('b', 'write-exclusive'),
    (ns: Namespace, q: Qpair) =>
      ns.reservationAcquire(q, { action: 'preempt', preemptKey: keys.a, type: 'write-exclusive' }),
    (ns: Namespace, q: Qpair) => ns.reservationRelease(q, { type: 'write-exclusive' }),
    (ns: Namespace, q: Qpair) => ns.reservationRelease(q, { action: 'clear' }),
    (ns: Namespace, q: Qpair) => ns.reservationRegister(q, { action: 'unregister', ignoreExistingKey: true }),
  ]) {
    await expect(as('b', act)).toRejectWithStatus('Reservation Conflict');
  }
});

test('acquiring again changes nothing; another type conflicts', { spec: `${clause}: Acquiring a Reservation` }, async ({
  as,
}) => {
  await as('a', register('a'));
  await as('a', acquire('a', 'write-exclusive'));
  await as('a', acquire('a', 'write-exclusive'));
  await expect(as('a', acquire('a', 'exclusive-access'))).toRejectWithStatus('Reservation Conflict');
  await as('b', register('b'));
  await expect(as('b', acquire('b', 'write-exclusive'))).toRejectWithStatus('Reservation Conflict');
});

test('the holder releases with the type it holds; of others a release is without effect', {
  spec: `${clause}: Releasing a Reservation`,
}, async ({ as }) => {
  await as('a', register('a'));
  await as('b', register('b'));
  await as('a', acquire('a', 'exclusive-access'));
  await as('b', (ns, q) => ns.reservationRelease(q, { currentKey: keys.b, type: 'exclusive-access' }));
  expect((await as('a', report)).type).toBe(2);
  const wrong = as('a', (ns, q) => ns.reservationRelease(q, { currentKey: keys.a, type: 'write-exclusive' }));
  await expect(wrong).toRejectWithStatus('Invalid Field in Command');
  await as('a', (ns, q) => ns.reservationRelease(q, { currentKey: keys.a, type: 'exclusive-access' }));
  expect([(await as('a', report)).type, await as('c', access)]).toEqual([0, 'rw']);
});

test('a reservation goes with its holder, one of all registrants with the last', {
  spec: `${clause}: Unregistering`,
}, async ({ as }) => {
  const unregister = (host: Host) => (ns: Namespace, q: Qpair) =>
    ns.reservationRegister(q, { action: 'unregister', currentKey: keys[host] });
  for (const host of ['a', 'b'] as const) await as(host, register(host));
  await as('a', acquire('a', 'write-exclusive'));
  await as('a', unregister('a'));
  expect((await as('b', report)).type).toBe(0);
  await as('a', register('a'));
  await as('a', acquire('a', 'write-exclusive-all-registrants'));
  await as('a', unregister('a'));
  expect((await as('b', report)).type).toBe(5);
  await as('b', unregister('b'));
  expect((await as('b', report)).type).toBe(0);
});

test('clear removes the reservation and every registrant', { spec: `${clause}: Clearing a Reservation` }, async ({
  as,
}) => {
  for (const host of ['a', 'b'] as const) await as(host, register(host));
  await as('a', acquire('a', 'exclusive-access'));
  await as('b', (ns, q) => ns.reservationRelease(q, { action: 'clear', currentKey: keys.b }));
  const status = await as('c', report);
  expect([status.type, status.registered]).toEqual([0, 0]);
});

const preempt =
  (host: Host, preemptKey: bigint | number, type: ReservationType = 'exclusive-access') =>
  (ns: Namespace, q: Qpair) =>
    ns.reservationAcquire(q, { action: 'preempt', currentKey: keys[host], preemptKey, type });

test('preempting the holder takes the reservation and its registration', {
  spec: `${clause}: Preempting a Reservation or Registration`,
}, async ({ as }) => {
  for (const host of ['a', 'b'] as const) await as(host, register(host));
  await as('a', acquire('a', 'write-exclusive'));
  await as('b', preempt('b', keys.a));
  const status = await as('b', report);
  expect([status.type, status.registrants.map(({ key, holds }) => [key, holds])]).toEqual([2, [[keys.b, true]]]);
  expect(await as('a', access)).toBe('--');
});

test('preempting another key only unregisters it', {
  spec: `${clause}: Preempting a Reservation or Registration`,
}, async ({ as }) => {
  for (const host of ['a', 'b', 'c'] as const) await as(host, register(host));
  await as('a', acquire('a', 'write-exclusive'));
  await as('b', preempt('b', keys.c));
  const status = await as('a', report);
  expect([status.type, status.registrants.map(({ key }) => key)]).toEqual([1, [keys.a, keys.b]]);
  await expect(as('b', preempt('b', 0x9999))).toRejectWithStatus('Reservation Conflict');
  await expect(as('b', preempt('b', 0))).toRejectWithStatus('Invalid Field in Command');
});

test('a holder that preempts itself keeps its registration and changes the type', {
  spec: `${clause}: Preempting a Reservation or Registration`,
}, async ({ as }) => {
  await as('a', register('a'));
  await as('b', (ns, q) => ns.reservationRegister(q, { newKey: keys.a }));
  await as('a', acquire('a', 'write-exclusive'));
  await as('a', preempt('a', keys.a, 'exclusive-access'));
  const status = await as('a', report);
  expect([status.type, status.registrants.map(({ hostId, holds }) => [hostId, holds])]).toEqual([
    2,
    [[BigInt(hosts.a), true]],
  ]);
});

test('key 0 preempts all registrants of a reservation that they hold together', {
  spec: `${clause}: Preempting a Reservation or Registration`,
}, async ({ as }) => {
  for (const host of ['a', 'b', 'c'] as const) await as(host, register(host));
  await as('a', acquire('a', 'write-exclusive-all-registrants'));
  await as('c', preempt('c', 0, 'exclusive-access'));
  const status = await as('c', report);
  expect([status.type, status.registrants.map(({ key }) => key)]).toEqual([2, [keys.c]]);
});

test('power takes what does not persist', {
  spec: 'NVMe Base 2.0, Reservation Persistence (Feature Identifier 83h)',
  tags: ['power'],
}, async ({ ssd, ns }) => {
  for (const persists of [false, true]) {
    let q = await ssd.createQpair();
    await become(ssd, 'a');
    await ns.reservationRegister(q, { newKey: keys.a, persistThroughPowerLoss: persists ? 'on' : 'off' });
    await ns.reservationAcquire(q, { currentKey: keys.a, type: 'write-exclusive' });
    expect((await ssd.getFeatures(persistence, { nsid: 1 })).dw0).toBe(persists ? 1 : 0);
    await ssd.subsystem.powerCycle();
    await ssd.reset();
    q = await ssd.createQpair();
    await become(ssd, 'b');
    const status = await ns.reservationReport(q);
    expect([status.type, status.registered, status.persistsThroughPowerLoss]).toEqual([
      persists ? 1 : 0,
      persists ? 1 : 0,
      persists,
    ]);
    expect(await access(ns, q)).toBe(persists ? 'r-' : 'rw');
  }
});

test('a reset keeps registrations and the reservation', { spec: clause }, async ({ ssd, ns, as }) => {
  await as('a', register('a'));
  await as('a', acquire('a', 'exclusive-access'));
  await ssd.reset();
  await become(ssd, 'b');
  expect(await access(ns, await ssd.createQpair())).toBe('--');
});

test('refuses reserved fields', { spec: 'NVMe Base 2.0, Reservation Register, Acquire and Release commands' }, async ({
  as,
}) => {
  await as('a', register('a'));
  for (const act of [
    (ns: Namespace, q: Qpair) => ns.reservationRegister(q, { action: 3, newKey: keys.a }),
    (ns: Namespace, q: Qpair) => ns.reservationRegister(q, { persistThroughPowerLoss: 1, newKey: keys.a }),
    (ns: Namespace, q: Qpair) => ns.reservationAcquire(q, { action: 3, currentKey: keys.a, type: 1 }),
    (ns: Namespace, q: Qpair) => ns.reservationAcquire(q, { currentKey: keys.a, type: 0 }),
    (ns: Namespace, q: Qpair) => ns.reservationAcquire(q, { currentKey: keys.a, type: 7 }),
    (ns: Namespace, q: Qpair) => ns.reservationRelease(q, { action: 2, currentKey: keys.a }),
  ]) {
    await expect(as('a', act)).toRejectWithStatus('Invalid Field in Command');
  }
});

test('the report has the form of the Host Identifier', {
  spec: 'NVMe Base 2.0, Reservation Report command',
}, async ({ ssd, ns, q, as }) => {
  await as('a', register('a'));
  const [one] = (await as('a', report)).registrants;
  expect(one).toMatchObject({ cntlid: ssd.identifyData.cntlid, hostId: BigInt(hosts.a), key: keys.a });
  await expect(ns.reservationReport(q, { extended: false })).toRejectWithStatus('Host Identifier Inconsistent Format');
  const part = await ns.reservationReport(q, { bytes: 64 });
  expect([part.registered, part.registrants]).toEqual([1, []]);
});
