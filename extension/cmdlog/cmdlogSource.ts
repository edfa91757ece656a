import type { CmdlogContent, EvidenceReader } from '../host/evidenceReader.ts';
import type { HostManager } from '../host/hostManager.ts';
import type { CmdlogAddress } from './cmdlogUri.ts';

/** Where command logs come from: the living host, else what it left. */
export class CmdlogSource {
  constructor(
    private readonly hosts: HostManager,
    private readonly evidence: EvidenceReader,
  ) {}

  /** Undefined: neither the host nor its evidence is there any more. */
  async read({ pid, segment }: CmdlogAddress, max: number): Promise<CmdlogContent | undefined> {
    const session = this.hosts.byPid(pid)?.session;
    if (session && !session.exit) {
      // It may die under the call; then it has left its evidence when `exited` resolves.
      const live = await session.link.telemetry.cmdlog({ segment, max }).catch(() => undefined);
      if (live) return live;
      if (!session.exit && (await stillRuns(session.link.exited))) return undefined;
    }
    return this.evidence.cmdlog(pid, segment, max);
  }

  /** Whether the log can still grow. */
  isLive({ pid }: CmdlogAddress): boolean {
    return this.hosts.byPid(pid)?.alive !== undefined;
  }
}

const deathMs = 2000;

async function stillRuns(exited: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), deathMs);
  });
  return Promise.race([exited.then(() => false), late]).finally(() => clearTimeout(timer));
}
