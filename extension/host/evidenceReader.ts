import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ReadBytes } from '../../testkit/nvme/bytes.ts';
import { renderCmdlog } from '../../testkit/nvme/cmdlogText.ts';
import { readCommands } from '../../testkit/nvme/commandRecords.ts';
import { findQueue, readEvidence } from '../../testkit/nvme/evidence.ts';
import type { TopologySnapshot } from '../../testkit/protocol.ts';
import { withPlannedReads } from './plannedReads.ts';

export interface CmdlogContent {
  readonly text: string;
  /** Commands ever logged on the queue. */
  readonly total: bigint;
  readonly sequences: readonly bigint[];
}

/** Reads what dead driver hosts left in the log folder, also those of an earlier window. */
export class EvidenceReader {
  constructor(private readonly folder: string) {}

  async topology(pid: number): Promise<TopologySnapshot | undefined> {
    const file = await this.#fileOf(pid);
    return file === undefined
      ? undefined
      : withPlannedReads(file, (read) => ({ atNs: 0n, controllers: readEvidence(read).controllers }));
  }

  async cmdlog(pid: number, segment: number, max: number): Promise<CmdlogContent | undefined> {
    const file = await this.#fileOf(pid);
    return file === undefined ? undefined : withPlannedReads(file, (read) => decodeCmdlog(read, segment, max));
  }

  /** The newest copy left by a host of that pid. */
  async #fileOf(pid: number): Promise<string | undefined> {
    const names = await readdir(this.folder).catch(() => []);
    const own = names.filter((name) => name.startsWith('evidence-') && name.endsWith(`-${pid}.bin`)).sort();
    const newest = own.at(-1);
    return newest === undefined ? undefined : path.join(this.folder, newest);
  }
}

function decodeCmdlog(read: ReadBytes, segment: number, max: number): CmdlogContent | undefined {
  const evidence = readEvidence(read);
  const queue = findQueue(evidence, segment);
  if (!queue) return undefined;
  const { commands } = readCommands(read, queue, max);
  return { ...renderCmdlog(commands, { qid: queue.qid, clock: evidence.clock }), total: queue.logged };
}
