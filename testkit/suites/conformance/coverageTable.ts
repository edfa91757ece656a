/**
 * What the emulated SSD does with every admin opcode, NVM opcode, Feature Identifier and Log Page Identifier: the only place that
 * says so. `sweep.nvme.ts` holds the drive to it, `npm run check` holds it to the tests it names, and
 * `native/emulator/docs/coverage.md` is made from it (`npm run format`).
 *
 * To add a command, feature or log page: change its line to 'implemented' and name the test that uses it.
 */
import type { StatusName } from '@doorbell/testkit';

/** `file of this folder: title of the test` */
export type TestName = `${string}.nvme.ts: ${string}`;

/** Code, name, what the drive does with it, and the test that shows it (without one: the sweep). */
export type CoverageRow = readonly [code: number, name: string, answer: 'implemented' | StatusName, test?: TestName];

export interface CoverageTable {
  readonly title: string;
  /** What the drive answers to codes that no row names. */
  readonly others: StatusName;
  /** The test that sends every code. */
  readonly sweep: TestName;
  readonly rows: readonly CoverageRow[];
}

const invalidOpcode = 'Invalid Command Opcode';
const invalidField = 'Invalid Field in Command';
const invalidLogPage = 'Invalid Log Page';

export const adminCommands: CoverageTable = {
  title: 'Admin commands',
  others: invalidOpcode,
  sweep: 'sweep.nvme.ts: answers every admin opcode as the coverage table says',
  // biome-ignore format: one line a code
  rows: [
    [0x00, 'Delete I/O Submission Queue', 'implemented'],
    [0x01, 'Create I/O Submission Queue', 'implemented', 'statuses.nvme.ts: refuses queues that cannot be'],
    [0x02, 'Get Log Page', 'implemented', 'logs.nvme.ts: returns any part of a page, and zeros after its end'],
    [0x04, 'Delete I/O Completion Queue', 'implemented', 'statuses.nvme.ts: refuses to delete a completion queue in use'],
    [0x05, 'Create I/O Completion Queue', 'implemented', 'statuses.nvme.ts: refuses queues that cannot be'],
    [0x06, 'Identify', 'implemented'],
    [0x08, 'Abort', 'implemented', 'statuses.nvme.ts: refuses one Asynchronous Event Request too many'],
    [0x09, 'Set Features', 'implemented', 'features.nvme.ts: features of the controller take no namespace'],
    [0x0a, 'Get Features', 'implemented', 'features.nvme.ts: features of the controller take no namespace'],
    [0x0c, 'Asynchronous Event Request', 'implemented', 'events.nvme.ts: an event waits for a request, unless its log page is read first'],
    [0x0d, 'Namespace Management', 'implemented'],
    [0x10, 'Firmware Commit', 'implemented'],
    [0x11, 'Firmware Image Download', 'implemented'],
    [0x14, 'Device Self-test', 'implemented'],
    [0x15, 'Namespace Attachment', 'implemented'],
    [0x18, 'Keep Alive', invalidOpcode],
    [0x19, 'Directive Send', 'implemented'],
    [0x1a, 'Directive Receive', 'implemented'],
    [0x1c, 'Virtualization Management', invalidOpcode],
    [0x1d, 'NVMe-MI Send', invalidOpcode],
    [0x1e, 'NVMe-MI Receive', invalidOpcode],
    [0x20, 'Capacity Management', invalidOpcode],
    [0x24, 'Lockdown', invalidOpcode],
    [0x7c, 'Doorbell Buffer Config', invalidOpcode],
    [0x7f, 'Fabrics Commands', invalidOpcode],
    [0x80, 'Format NVM', 'implemented'],
    [0x81, 'Security Send', 'implemented'],
    [0x82, 'Security Receive', 'implemented'],
    [0x84, 'Sanitize', 'implemented'],
    [0x86, 'Get LBA Status', invalidOpcode],
  ],
};

/** On a namespace of the NVM Command Set. */
export const nvmCommands: CoverageTable = {
  title: 'NVM commands',
  others: invalidOpcode,
  sweep: 'sweep.nvme.ts: answers every NVM opcode as the coverage table says',
  // biome-ignore format: one line a code
  rows: [
    [0x00, 'Flush', 'implemented', 'statuses.nvme.ts: refuses namespaces that cannot exist'],
    [0x01, 'Write', 'implemented', 'statuses.nvme.ts: reports data that differ or cannot be read'],
    [0x02, 'Read', 'implemented', 'statuses.nvme.ts: refuses blocks beyond the namespace'],
    [0x04, 'Write Uncorrectable', 'implemented', 'statuses.nvme.ts: reports data that differ or cannot be read'],
    [0x05, 'Compare', 'implemented', 'statuses.nvme.ts: reports data that differ or cannot be read'],
    [0x08, 'Write Zeroes', 'implemented'],
    [0x09, 'Dataset Management', 'implemented'],
    [0x0c, 'Verify', 'implemented'],
    [0x0d, 'Reservation Register', 'implemented'],
    [0x0e, 'Reservation Report', 'implemented'],
    [0x11, 'Reservation Acquire', 'implemented'],
    [0x15, 'Reservation Release', 'implemented'],
    [0x19, 'Copy', 'implemented'],
    [0x79, 'Zone Management Send', invalidOpcode],
    [0x7a, 'Zone Management Receive', invalidOpcode],
    [0x7d, 'Zone Append', invalidOpcode],
  ],
};

export const features: CoverageTable = {
  title: 'Features',
  others: invalidField,
  sweep: 'sweep.nvme.ts: answers every Feature Identifier as the coverage table says',
  // biome-ignore format: one line a code
  rows: [
    [0x01, 'Arbitration', 'implemented', 'arbitration.nvme.ts: serves urgent queues first, then classes by their weights'],
    [0x02, 'Power Management', 'implemented', 'power-states.nvme.ts: takes every power state it describes, and no other'],
    [0x03, 'LBA Range Type', invalidField],
    [0x04, 'Temperature Threshold', 'implemented', 'features.nvme.ts: thresholds of every sensor are kept apart'],
    [0x05, 'Error Recovery', 'implemented', 'features.nvme.ts: features of a namespace need an active one'],
    [0x06, 'Volatile Write Cache', 'implemented'],
    [0x07, 'Number of Queues', 'implemented', 'features.nvme.ts: the drive grants queues only before there are any'],
    [0x08, 'Interrupt Coalescing', 'implemented'],
    [0x09, 'Interrupt Vector Configuration', 'implemented', 'features.nvme.ts: coalescing is switched off by vector, for vectors in use'],
    [0x0a, 'Write Atomicity Normal', 'implemented'],
    [0x0b, 'Asynchronous Event Configuration', 'implemented', 'events.nvme.ts: without its bit in Asynchronous Event Configuration there is none'],
    [0x0c, 'Autonomous Power State Transition', 'implemented', 'power-states.nvme.ts: idle time leads to the state of the table'],
    [0x0d, 'Host Memory Buffer', 'implemented', 'host-memory.nvme.ts: the drive uses the memory it was lent until it is taken back'],
    [0x0e, 'Timestamp', 'implemented', 'features.nvme.ts: the timestamp goes on from what the host set'],
    [0x0f, 'Keep Alive Timer', invalidField],
    [0x10, 'Host Controlled Thermal Management', 'implemented', 'power-states.nvme.ts: thermal limits lie in the range and in order, and a limit below the temperature throttles'],
    [0x11, 'Non-Operational Power State Config', 'implemented'],
    [0x12, 'Read Recovery Level Config', 'implemented', 'features.nvme.ts: read recovery has the levels that Identify lists'],
    [0x13, 'Predictable Latency Mode Config', invalidField],
    [0x14, 'Predictable Latency Mode Window', invalidField],
    [0x15, 'LBA Status Information Report Interval', invalidField],
    [0x16, 'Host Behavior Support', 'implemented', 'features.nvme.ts: host behavior takes 0 and 1, and goes with a reset'],
    [0x17, 'Sanitize Config', 'implemented'],
    [0x18, 'Endurance Group Event Configuration', invalidField],
    [0x19, 'I/O Command Set Profile', 'implemented'],
    [0x1a, 'Spinup Control', invalidField],
    [0x7d, 'Enhanced Controller Metadata', invalidField],
    [0x7e, 'Controller Metadata', invalidField],
    [0x7f, 'Namespace Metadata', invalidField],
    [0x80, 'Software Progress Marker', 'implemented'],
    [0x81, 'Host Identifier', 'implemented', 'features.nvme.ts: the host identifier has 8 or 16 bytes'],
    [0x82, 'Reservation Notification Mask', 'implemented', 'features.nvme.ts: reservation features belong to a namespace'],
    [0x83, 'Reservation Persistence', 'implemented', 'features.nvme.ts: reservation features belong to a namespace'],
    [0x84, 'Namespace Write Protection Config', 'implemented', 'features.nvme.ts: write protection until power cycles cannot be changed'],
  ],
};

export const logPages: CoverageTable = {
  title: 'Log pages',
  others: invalidLogPage,
  sweep: 'sweep.nvme.ts: answers every Log Page Identifier as the coverage table says',
  // biome-ignore format: one line a code
  rows: [
    [0x00, 'Supported Log Pages', 'implemented', 'sweep.nvme.ts: reports what it implements in its own log pages'],
    [0x01, 'Error Information', 'implemented', 'logs.nvme.ts: an error entry names the command, the field and the status'],
    [0x02, 'SMART / Health Information', 'implemented', 'logs.nvme.ts: SMART has temperatures of the sensors'],
    [0x03, 'Firmware Slot Information', 'implemented'],
    [0x04, 'Changed Namespace List', 'implemented'],
    [0x05, 'Commands Supported and Effects', 'implemented', 'sweep.nvme.ts: reports what it implements in its own log pages'],
    [0x06, 'Device Self-test', 'implemented'],
    [0x07, 'Telemetry Host-Initiated', 'implemented', 'logs.nvme.ts: telemetry is captured when the host asks, and counted'],
    [0x08, 'Telemetry Controller-Initiated', 'implemented'],
    [0x09, 'Endurance Group Information', invalidLogPage],
    [0x0a, 'Predictable Latency Per NVM Set', invalidLogPage],
    [0x0b, 'Predictable Latency Event Aggregate', invalidLogPage],
    [0x0c, 'Asymmetric Namespace Access', invalidLogPage],
    [0x0d, 'Persistent Event Log', 'implemented', 'logs.nvme.ts: the persistent event log is read in a context'],
    [0x0e, 'LBA Status Information', invalidLogPage],
    [0x0f, 'Endurance Group Event Aggregate', invalidLogPage],
    [0x10, 'Media Unit Status', invalidLogPage],
    [0x11, 'Supported Capacity Configuration List', invalidLogPage],
    [0x12, 'Feature Identifiers Supported and Effects', 'implemented', 'sweep.nvme.ts: reports what it implements in its own log pages'],
    [0x13, 'NVMe-MI Commands Supported and Effects', 'implemented'],
    [0x14, 'Command and Feature Lockdown', invalidLogPage],
    [0x15, 'Boot Partition', invalidLogPage],
    [0x16, 'Rotational Media Information', invalidLogPage],
    [0x70, 'Discovery', invalidLogPage],
    [0x80, 'Reservation Notification', 'implemented', 'logs.nvme.ts: a drive of one controller has no reservation notification'],
    [0x81, 'Sanitize Status', 'implemented'],
    [0xbf, 'Changed Zone List', 'implemented', 'zns.nvme.ts: lists the zones that the controller changed on its own'],
  ],
};

/** What the drive does with a code, named or not. */
export function answerOf(table: CoverageTable, code: number): 'implemented' | StatusName {
  return table.rows.find(([named]) => named === code)?.[2] ?? table.others;
}
