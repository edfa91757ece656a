import { expect, test } from '@doorbell/testkit';

const spec = 'NVMe Base 2.0, Memory-based Controller Initialization';

test('the controller is enabled step by step', { spec }, async ({ nvme0 }) => {
  await nvme0.initialize(async ({ registers }, steps) => {
    await steps.disable();
    expect(registers.csts.rdy).toBe(false);
    const { aqa, asq, acq } = await steps.prepareAdmin({ depth: 32 });
    registers.set('AQA', aqa);
    registers.set('ASQ', asq);
    registers.set('ACQ', acq);
    expect([registers.get('AQA'), registers.get('ASQ'), registers.get('ACQ')]).toEqual([BigInt(aqa), asq, acq]);
    // MPS 4 KiB, round robin, entries of 64 and 16 bytes.
    registers.set('CC', 0x0046_0001);
    await steps.waitCsts(0x1, 0x1);
    await steps.adopt();
  });
  expect(nvme0.registers.csts).toMatchObject({ rdy: true, cfs: false, shst: 0 });
  expect(nvme0.namespaces.length).toBeGreaterThan(0);
});

test('a reset clears what the host had set up', { spec: 'NVMe Base 2.0, Controller Level Reset' }, async ({
  nvme0,
  nvme0n1,
}) => {
  const qpair = await nvme0.createQpair({ depth: 4 });
  const outstanding = nvme0.admin({ opcode: 0x0c });
  await nvme0.reset();
  await expect(outstanding).rejects.toThrow('reset');
  expect(() => nvme0n1.flush(qpair)).toThrow('create a new queue pair');
  const again = await nvme0.createQpair({ depth: 4 });
  expect(again.qid).toBe(qpair.qid);
  await nvme0n1.flush(again);
});

test('queue pairs are granted as asked for, and no more', { spec: 'NVMe Base 2.0, Number of Queues' }, async ({
  nvme0,
}) => {
  await nvme0.initialize({ ioQueues: 2 });
  expect(nvme0.ioQueues).toBe(2);
  await nvme0.createQpair({ depth: 2 });
  await nvme0.createQpair({ depth: 2 });
  await expect(nvme0.createQpair({ depth: 2 })).rejects.toThrow();
});

test('a vector that is masked keeps its interrupt pending', { spec: 'PCIe Transport 1.0, Interrupts' }, async ({
  nvme0,
  nvme0n1,
  skip,
}) => {
  const qpair = await nvme0.createQpair({ depth: 8 });
  const { msix } = qpair;
  if (msix === undefined) return skip('no interrupt vectors');
  const arrived = async (ms: number) => {
    for (let waited = 0; waited < ms && !msix.isSet; waited += 1)
      await new Promise((resolve) => setTimeout(resolve, 1));
    return msix.isSet;
  };
  msix.mask();
  msix.clear();
  await nvme0n1.flush(qpair);
  expect(await arrived(10)).toBe(false);
  msix.unmask();
  expect(await arrived(1000)).toBe(true);
});
