import { type Controller, expect, type IoWorker, type Namespace, type Verification } from '@doorbell/testkit';

/** Blocks the load works on: written once before, so that everything read afterwards is verified. */
export const regionBlocks = 16_384;
const volatileWriteCache = 0x06;
const blocksPerIo = 128;

/** Reads and writes of all sizes at random, Flushes and trims between them, everything verified. */
export class VerifiedLoad {
  /** Durable writes there were: a test that saw none has verified nothing. */
  durableWrites = 0;
  readonly #namespace: Namespace;
  readonly #verify: Verification;
  readonly #writeCache: boolean;

  constructor(namespace: Namespace, verify: Verification, options: { readonly writeCache: boolean }) {
    this.#namespace = namespace;
    this.#verify = verify;
    this.#writeCache = options.writeCache;
  }

  /** Switches the write cache as asked, and writes every block of the region. */
  async prepare(nvme0: Controller): Promise<void> {
    this.#verify.on({ regionEnd: regionBlocks, writeCache: this.#writeCache });
    await this.settle(nvme0);
    const fill = await this.#sequential(0).run();
    expect([fill.end, fill.writes]).toEqual(['completed', regionBlocks / blocksPerIo]);
  }

  /** After a power cycle or reset: features are the drive's defaults again. */
  async settle(nvme0: Controller): Promise<void> {
    if (nvme0.identifyData.vwc.present) await nvme0.setFeatures(volatileWriteCache, this.#writeCache ? 1 : 0);
  }

  /** Starts workers that go on until something ends them. */
  start(workers = 2): IoWorker[] {
    return Array.from({ length: workers }, () =>
      this.#namespace.ioworker({
        ioSize: { 1: 30, 8: 60, 100: 10 },
        regionEnd: regionBlocks,
        opPercentage: { read: 40, write: 52, flush: 5, datasetManagement: 3 },
        fuaPercentage: 20,
        qdepth: 64,
        timeS: 60,
      }),
    );
  }

  /** Waits until each has written; then whatever comes next comes in the middle of I/O. */
  async underWay(workers: readonly IoWorker[]): Promise<void> {
    const until = Date.now() + 20_000;
    const isWriting = (worker: IoWorker) => (worker.counters()?.writes ?? 0n) > 100n;
    while (!workers.every(isWriting)) {
      expect(Date.now()).toBeLessThan(until);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** How the workers ended; none may have seen wrong data. */
  async ends(workers: readonly IoWorker[]): Promise<string[]> {
    const results = await Promise.all(workers.map((worker) => worker.run()));
    for (const { mismatch, writes } of results) {
      expect(mismatch).toBeUndefined();
      this.durableWrites += writes;
    }
    return results.map(({ end }) => end);
  }

  /** Reads every block of the region; each must be what the durability contract allows. */
  async check(): Promise<void> {
    const { end, mismatch, reads } = await this.#sequential(100).run();
    expect(mismatch).toBeUndefined();
    expect([end, reads]).toEqual(['completed', regionBlocks / blocksPerIo]);
  }

  #sequential(readPercentage: number): IoWorker {
    const ioCount = regionBlocks / blocksPerIo;
    return this.#namespace.ioworker({
      ioSize: blocksPerIo,
      lbaRandom: false,
      readPercentage,
      regionEnd: regionBlocks,
      ioCount,
      qdepth: 8,
    });
  }
}
