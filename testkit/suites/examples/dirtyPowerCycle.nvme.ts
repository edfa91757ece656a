import { DmaBuffer, expect, type Namespace, type Qpair, test } from '@doorbell/testkit';

// Power is cut while the drive writes. Afterwards every durable write must be there: one with FUA, or one that a later Flush followed;
// without the volatile write cache every one that completed. Any other block may be old or new, and nothing else.

const cycles = 10;
const blocks = 64;
const volatileWriteCache = 0x06;

/** One block each; its content names the block and the generation. */
function content(block: number, generation: number): Uint8Array {
  return new Uint8Array(new Uint32Array(128).fill(block * 1000 + generation).buffer);
}

class Ledger {
  /** What a block may hold after a loss of power. */
  readonly #allowed = new Map<number, Set<number>>();
  durable = 0;

  wrote(block: number, generation: number, isDurable: boolean): void {
    if (isDurable) {
      this.#allowed.set(block, new Set([generation]));
      this.durable += 1;
    } else {
      this.#allowed.get(block)?.add(generation);
    }
  }

  async check(namespace: Namespace, qpair: Qpair): Promise<void> {
    const buf = new DmaBuffer(512);
    for (const [block, generations] of this.#allowed) {
      await namespace.read(qpair, buf, { slba: block });
      const found = [...generations].find(
        (generation) => Buffer.compare(buf.slice(), content(block, generation)) === 0,
      );
      if (found === undefined) {
        expect(`block ${block}:\n${buf.dump({ end: 32 })}`).toBe(`one of generations ${[...generations].join(', ')}`);
      }
      // Whatever it is now, it is on the media.
      this.#allowed.set(block, new Set([found ?? 0]));
    }
  }
}

/** Every block once: a third with FUA, a third before a Flush, a third left in the cache. */
async function writeAll(
  namespace: Namespace,
  qpair: Qpair,
  { ledger, generation, writeCache }: { ledger: Ledger; generation: number; writeCache: boolean },
) {
  const buf = new DmaBuffer(512);
  const write = async (block: number, fua: boolean) => {
    buf.write(content(block, generation));
    await namespace.write(qpair, buf, { slba: block, fua });
  };
  const each = Array.from({ length: blocks }, (_, block) => block);
  for (const block of each.filter((block) => block % 3 === 0)) await write(block, true);
  for (const block of each.filter((block) => block % 3 === 1)) await write(block, false);
  await namespace.flush(qpair);
  for (const block of each.filter((block) => block % 3 === 2)) await write(block, generation === 0);
  for (const block of each) ledger.wrote(block, generation, !writeCache || generation === 0 || block % 3 !== 2);
}

test.each([
  { cache: 'on', writeCache: true },
  { cache: 'off', writeCache: false },
])(
  'dirty power cycle, write cache $cache',
  { tags: ['power'], timeoutMs: 120_000 },
  async ({ nvme0, nvme0n1, subsystem, progress, log, skip }, { writeCache }) => {
    const { midIo, name, why } = subsystem.power.describe();
    if (!midIo) skip(`power cannot go in the middle of I/O, ${name}: ${why}`);
    if (nvme0n1.lbaBytes !== 512 || nvme0n1.metadataBytes !== 0) skip('its blocks have 512 bytes');
    const ledger = new Ledger();
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await nvme0.setFeatures(volatileWriteCache, writeCache ? 1 : 0);
      const before = await nvme0.smart();
      await using qpair = await nvme0.createQpair();
      // 128 KiB sequential writes over the second half of the namespace, as many as a queue holds.
      await using worker = nvme0n1.ioworker({
        ioSize: 256,
        lbaRandom: false,
        readPercentage: 0,
        qdepth: 1023,
        timeS: 30,
        regionStart: nvme0n1.nsze / 2n,
      });
      await writeAll(nvme0n1, qpair, { ledger, generation: cycle, writeCache });
      while ((worker.counters()?.ios ?? 0n) === 0n) await new Promise((resolve) => setTimeout(resolve, 1));

      await subsystem.powerOff();
      const { end, writes, qid } = await worker.run();
      expect(end).toBe('power-lost');
      if (cycle === 0) log(`Q${qid} had written ${writes} times 128 KiB. Its last commands:\n${worker.cmdlog(2)}`);
      await subsystem.powerOn();
      await nvme0.reset();

      const after = await nvme0.smart();
      expect(after.unsafeShutdowns).toBe(before.unsafeShutdowns + 1n);
      expect(after.powerCycles).toBe(before.powerCycles + 1n);
      await using again = await nvme0.createQpair();
      await ledger.check(nvme0n1, again);
      progress('power cycles', cycle + 1, cycles);
    }
    expect(ledger.durable).toBeGreaterThan(0);
  },
);
