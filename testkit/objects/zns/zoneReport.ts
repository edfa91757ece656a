import { integer, record, unsigned64 } from '../checks.ts';
import type { CommandOptions } from '../command.ts';
import { DmaBuffer } from '../dmaBuffer.ts';
import { Fields } from '../fields.ts';
import type { Qpair } from '../qpair.ts';
import type { ZoneCommands, ZoneFilter } from './zoneCommands.ts';
import { descriptorBytes, ZoneDescriptor } from './zoneDescriptor.ts';

/** Options of {@link Namespace.zones}. */
export interface ZonesOptions extends CommandOptions {
  /** Any LBA of the first zone. Default 0. */
  readonly slba?: number | bigint;
  /** Only zones in this state. Default `all`. */
  readonly state?: ZoneFilter;
  /** At most so many zones. Default: all there are. */
  readonly most?: number;
}

interface ReportOptions extends ZonesOptions {
  /** Bytes of a descriptor extension: an extended report has them; 0 = a plain report. */
  readonly extensionBytes?: number;
}

/** Zones one command reports: 16 KiB of descriptors. */
const zonesPerReport = 255;

/** Descriptors of the zones, by as many commands as it takes. @internal */
export async function readReport(
  namespace: ZoneCommands,
  qpair: Qpair,
  asked: ReportOptions,
): Promise<ZoneDescriptor[]> {
  const { slba = 0, state = 'all', most = Number.MAX_SAFE_INTEGER, extensionBytes = 0, ...options } = record(asked);
  integer('most', most, 1, Number.MAX_SAFE_INTEGER);
  const first = unsigned64('slba', slba);
  const entryBytes = descriptorBytes + extensionBytes;
  const buffer = new DmaBuffer(descriptorBytes + Math.min(most, zonesPerReport) * entryBytes, { name: 'zone report' });
  const found: ZoneDescriptor[] = [];
  const action = extensionBytes > 0 ? 'extended-report' : 'report';
  try {
    for (let from = first, more = true; more && found.length < most; ) {
      await namespace.zoneReceive(qpair, buffer, { ...options, slba: from, filter: state, action });
      const known = found.length;
      more = takeDescriptors(buffer.slice(), entryBytes, found) && found.length > known;
      // Where the next zone begins is nowhere said: the last one is reported again, and dropped.
      from = found.at(-1)?.zslba ?? from;
    }
  } finally {
    buffer.close();
  }
  return found.slice(0, most);
}

/** Adds the zones of a report that are new. True when there are more than it had room for. */
function takeDescriptors(bytes: Uint8Array, entryBytes: number, found: ZoneDescriptor[]): boolean {
  const matching = new Fields(bytes).u(7, 0);
  const fitting = Math.min(matching, Math.floor((bytes.length - descriptorBytes) / entryBytes));
  const last = found.at(-1)?.zslba ?? -1n;
  for (let index = 0; index < fitting; index += 1) {
    const at = descriptorBytes + index * entryBytes;
    const extension = bytes.slice(at + descriptorBytes, at + entryBytes);
    const descriptor = new ZoneDescriptor(bytes.slice(at, at + descriptorBytes), extension);
    if (descriptor.zslba > last) found.push(descriptor);
  }
  return fitting < matching;
}
