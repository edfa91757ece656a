import { type Cqe, DmaBuffer, expect, type Namespace, type Qpair, test } from '@doorbell/testkit';

// The JEDEC enterprise endurance workload (JESD219), its writes: sizes by weight, and addresses of which 5 % get half of the accesses.
// Sent from the script, a new command by the callback of each; long runs are an ioworker's.

/** Blocks of 512 bytes, and how often of 100. */
const sizes: readonly (readonly [blocks: number, weight: number])[] = [
  [1, 4],
  [2, 1],
  [3, 1],
  [4, 1],
  [5, 1],
  [6, 1],
  [7, 1],
  [8, 67],
  [16, 10],
  [32, 7],
  [64, 3],
  [128, 3],
];
/** Hundredths of the namespace in order, and how many of 10,000 accesses each gets. */
const distribution = [...Array<number>(5).fill(1000), ...Array<number>(15).fill(200), ...Array<number>(80).fill(25)];

const commands = 4000;

class Workload {
  readonly byRegion = Array<number>(100).fill(0);
  readonly bySize = new Map<number, number>();
  sent = 0;
  completed = 0;
  readonly #buffer = new DmaBuffer(128 * 512, { pattern: { random: 0 } });
  #state: number;

  constructor(
    readonly namespace: Namespace,
    readonly qpair: Qpair,
    seed: number,
  ) {
    this.#state = seed | 1;
  }

  send(): void {
    if (this.sent === commands) return;
    this.sent += 1;
    const blockCount = this.#choose(sizes.map(([blocks, weight]) => [blocks, weight]));
    const region = this.#choose(distribution.map((share, index) => [index, share]));
    const { namespace, qpair } = this;
    const slba = this.#addressIn(region, Number(namespace.nsze), blockCount);
    this.byRegion[region] = (this.byRegion[region] ?? 0) + 1;
    this.bySize.set(blockCount, (this.bySize.get(blockCount) ?? 0) + 1);
    namespace.write(qpair, this.#buffer, { slba, blockCount }, (cqe) => this.#done(cqe));
  }

  #done(cqe: Cqe): void {
    expect(cqe.ok).toBe(true);
    this.completed += 1;
    this.send();
  }

  /** Writes of 4 KiB and more are aligned to 4 KiB. */
  #addressIn(region: number, nsze: number, blockCount: number): number {
    const size = Math.floor(nsze / 100);
    const slba = region * size + Math.floor(this.#random() * (size - blockCount));
    return blockCount >= 8 ? slba - (slba % 8) : slba;
  }

  #choose(weighted: readonly (readonly [value: number, weight: number])[]): number {
    let left = this.#random() * weighted.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of weighted) {
      left -= weight;
      if (left < 0) return value;
    }
    return weighted[0]?.[0] ?? 0;
  }

  /** xorshift: the same for the same seed. */
  #random(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) / 2 ** 32;
  }
}

test('JEDEC enterprise workload, write only', async ({ nvme0, nvme0n1, seed, log, skip }) => {
  if (nvme0n1.lbaBytes !== 512 || nvme0n1.metadataBytes !== 0) skip('its sizes are in blocks of 512 bytes');
  const qpair = await nvme0.createQpair({ depth: 128 });
  const { dataUnitsWritten: before } = await nvme0.smart();
  const work = new Workload(nvme0n1, qpair, seed);
  for (let depth = 0; depth < 127; depth += 1) work.send();
  await qpair.waitdone(commands);
  expect(work.completed).toBe(commands);

  const hot = work.byRegion.slice(0, 5).reduce((sum, count) => sum + count, 0) / commands;
  const typical = (work.bySize.get(8) ?? 0) / commands;
  log(
    `${Math.round(hot * 100)} % of the writes in the first 5 % of the namespace, ${Math.round(typical * 100)} % of 4 KiB`,
  );
  expect(Math.abs(hot - 0.5)).toBeLessThan(0.05);
  expect(Math.abs(typical - 0.67)).toBeLessThan(0.05);
  expect((await nvme0.smart()).dataUnitsWritten).toBeGreaterThan(before);
});
