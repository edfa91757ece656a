/** Controller properties, decoded field by field (NVMe Base 2.0, "Controller Properties"). */
import { type DecodedField, decodeFields, explained, type FieldSpec, field, flag, named } from './fields.ts';

export type RegisterName = 'CAP' | 'VS' | 'CC' | 'CSTS';

const supported = flag('supported', 'not supported');
const pageSize = (value: bigint): string => `${2n ** (12n + value) / 1024n} KiB`;
const entrySize = (value: bigint): string => `${2n ** value} bytes`;

const registers: Readonly<Record<RegisterName, readonly FieldSpec[]>> = {
  CAP: [
    explained(field(0, 15, 0, 'Maximum Queue Entries Supported (MQES)'), (value) => `${value + 1n} entries`),
    explained(field(0, 16, 16, 'Contiguous Queues Required (CQR)'), flag('required')),
    explained(
      field(0, 18, 17, 'Arbitration Mechanism Supported (AMS)'),
      named({ 0: 'Round Robin only', 1: 'Weighted Round Robin', 2: 'vendor specific', 3: 'both' }),
    ),
    explained(field(0, 31, 24, 'Timeout (TO)'), (value) => `${value * 500n} ms`),
    explained(field(0, 35, 32, 'Doorbell Stride (DSTRD)'), (value) => `${4n << value} bytes`),
    explained(field(0, 36, 36, 'NVM Subsystem Reset Supported (NSSRS)'), supported),
    explained(field(0, 44, 37, 'Command Sets Supported (CSS)'), commandSets),
    explained(field(0, 45, 45, 'Boot Partition Support (BPS)'), supported),
    field(0, 47, 46, 'Controller Power Scope (CPS)'),
    explained(field(0, 51, 48, 'Memory Page Size Minimum (MPSMIN)'), pageSize),
    explained(field(0, 55, 52, 'Memory Page Size Maximum (MPSMAX)'), pageSize),
    explained(field(0, 56, 56, 'Persistent Memory Region Supported (PMRS)'), supported),
    explained(field(0, 57, 57, 'Controller Memory Buffer Supported (CMBS)'), supported),
    explained(field(0, 58, 58, 'NVM Subsystem Shutdown Supported (NSSS)'), supported),
    explained(
      field(0, 60, 59, 'Controller Ready Modes Supported (CRMS)'),
      named({ 0: 'none', 1: 'with media', 2: 'independent of media', 3: 'both' }),
    ),
  ],
  VS: [
    field(0, 31, 16, 'Major Version (MJR)'),
    field(0, 15, 8, 'Minor Version (MNR)'),
    field(0, 7, 0, 'Tertiary Version (TER)'),
  ],
  CC: [
    explained(field(0, 0, 0, 'Enable (EN)'), flag('enabled', 'disabled')),
    explained(
      field(0, 6, 4, 'I/O Command Set Selected (CSS)'),
      named({ 0: 'NVM Command Set', 6: 'all supported I/O Command Sets', 7: 'admin only' }),
    ),
    explained(field(0, 10, 7, 'Memory Page Size (MPS)'), pageSize),
    explained(
      field(0, 13, 11, 'Arbitration Mechanism Selected (AMS)'),
      named({ 0: 'Round Robin', 1: 'Weighted Round Robin with Urgent Priority Class', 7: 'vendor specific' }),
    ),
    explained(
      field(0, 15, 14, 'Shutdown Notification (SHN)'),
      named({ 0: 'none', 1: 'normal shutdown', 2: 'abrupt shutdown' }),
    ),
    explained(field(0, 19, 16, 'I/O Submission Queue Entry Size (IOSQES)'), entrySize),
    explained(field(0, 23, 20, 'I/O Completion Queue Entry Size (IOCQES)'), entrySize),
    explained(field(0, 24, 24, 'Controller Ready Independent of Media Enable (CRIME)'), flag('enabled', 'disabled')),
  ],
  CSTS: [
    explained(field(0, 0, 0, 'Ready (RDY)'), flag('ready', 'not ready')),
    explained(field(0, 1, 1, 'Controller Fatal Status (CFS)'), flag('fatal error', 'no error')),
    explained(
      field(0, 3, 2, 'Shutdown Status (SHST)'),
      named({ 0: 'normal operation', 1: 'shutdown in progress', 2: 'shutdown complete' }),
    ),
    explained(field(0, 4, 4, 'NVM Subsystem Reset Occurred (NSSRO)'), flag('occurred')),
    explained(field(0, 5, 5, 'Processing Paused (PP)'), flag('paused')),
    explained(field(0, 6, 6, 'Shutdown Type (ST)'), flag('NVM Subsystem Shutdown', 'controller shutdown')),
  ],
};

export function decodeRegister(name: RegisterName, value: bigint): DecodedField[] {
  return decodeFields(registers[name], [Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn)]);
}

/** `2.0.0` */
export function formatVersion(vs: number): string {
  return `${vs >>> 16}.${(vs >>> 8) & 0xff}.${vs & 0xff}`;
}

/** On one line, without what is 0 and says nothing: `EN 1 (enabled), MPS 0 (4 KiB)`. For messages. */
export function formatRegister(name: RegisterName, value: bigint): string {
  return decodeRegister(name, value)
    .filter((decoded) => decoded.value !== 0n || decoded.meaning !== '')
    .map((decoded) => {
      const short = /\((\w+)\)$/.exec(decoded.name)?.[1] ?? decoded.name;
      return decoded.meaning === '' ? `${short} ${decoded.value}` : `${short} ${decoded.value} (${decoded.meaning})`;
    })
    .join(', ');
}

function commandSets(value: bigint): string {
  const names = [
    [0n, 'NVM'],
    [6n, 'one or more I/O Command Sets'],
    [7n, 'admin only'],
  ] as const;
  return names.flatMap(([bit, name]) => ((value >> bit) & 1n ? [name] : [])).join(', ') || 'none';
}
