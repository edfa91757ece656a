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
    [0x00, 'Delete I/O Submission Queue', 'implemented', 'queues.nvme.ts: deletion of a submission queue ends its commands'],
    [0x01, 'Create I/O Submission Queue', 'implemented', 'statuses.nvme.ts: refuses queues that cannot be'],
    [0x02, 'Get Log Page', 'implemented', 'logs.nvme.ts: returns any part of a page, and zeros after its end'],
    [0x04, 'Delete I/O Completion Queue', 'implemented', 'statuses.nvme.ts: refuses to delete a completion queue in use'],
    [0x05, 'Create I/O Completion Queue', 'implemented', 'statuses.nvme.ts: refuses queues that cannot be'],
    [0x06, 'Identify', 'implemented', 'namespaces.nvme.ts: Identify of an inactive namespace is zeros, of an allocated one it is not'],
    [0x08, 'Abort', 'implemented', 'statuses.nvme.ts: refuses one Abort too many'],
    [0x09, 'Set Features', 'implemented', 'features.nvme.ts: features of the controller take no namespace'],
    [0x0a, 'Get Features', 'implemented', 'features.nvme.ts: features of the controller take no namespace'],
    [0x0c, 'Asynchronous Event Request', 'implemented', 'aer.nvme.ts: a type that was reported is masked, other types are not'],
    [0x0d, 'Namespace Management', 'implemented', 'namespaces.nvme.ts: a namespace is created, attached, used, detached and deleted'],
    [0x10, 'Firmware Commit', 'implemented', 'firmware.nvme.ts: an image is put in its slot, and runs after the reset that was asked for'],
    [0x11, 'Firmware Image Download', 'implemented', 'firmware.nvme.ts: parts come in any order, and not twice'],
    [0x14, 'Device Self-test', 'implemented', 'selftest.nvme.ts: a short test ends well and is in the log'],
    [0x15, 'Namespace Attachment', 'implemented', 'namespaces.nvme.ts: attaches once and detaches once'],
    [0x18, 'Keep Alive', invalidOpcode],
    [0x19, 'Directive Send', 'implemented', 'directives.nvme.ts: resources are allocated for a namespace alone, and released'],
    [0x1a, 'Directive Receive', 'implemented', 'directives.nvme.ts: says which Directives there are and which are enabled'],
    [0x1c, 'Virtualization Management', invalidOpcode],
    [0x1d, 'NVMe-MI Send', 'implemented', 'management-interface.nvme.ts: Vital Product Data is written in parts'],
    [0x1e, 'NVMe-MI Receive', 'implemented', 'management-interface.nvme.ts: data structures say what the NVM subsystem is'],
    [0x20, 'Capacity Management', invalidOpcode],
    [0x24, 'Lockdown', invalidOpcode],
    [0x7c, 'Doorbell Buffer Config', invalidOpcode],
    [0x7f, 'Fabrics Commands', invalidOpcode],
    [0x80, 'Format NVM', 'implemented', 'format.nvme.ts: makes blocks of every LBA format that Identify lists'],
    [0x81, 'Security Send', 'implemented', 'security.nvme.ts: refuses protocols and SP specific values it has not'],
    [0x82, 'Security Receive', 'implemented', 'security.nvme.ts: lists the security protocols it has'],
    [0x84, 'Sanitize', 'implemented', 'sanitize.nvme.ts: block-erase leaves nothing of the data'],
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
    [0x00, 'Flush', 'implemented', 'io.nvme.ts: Flush takes the NSID of a namespace, or of all'],
    [0x01, 'Write', 'implemented', 'io.nvme.ts: reads the 8 blocks that were written, and no others'],
    [0x02, 'Read', 'implemented', 'io.nvme.ts: reads the 8 blocks that were written, and no others'],
    [0x04, 'Write Uncorrectable', 'implemented', 'io.nvme.ts: uncorrectable blocks cannot be read, compared or verified until they are written'],
    [0x05, 'Compare', 'implemented', 'io.nvme.ts: Compare tells the first block that differs'],
    [0x08, 'Write Zeroes', 'implemented', 'io.nvme.ts: Write Zeroes zeros its blocks and no others'],
    [0x09, 'Dataset Management', 'implemented', 'dataset-management.nvme.ts: deallocates every range and nothing else; the blocks read as Identify says'],
    [0x0c, 'Verify', 'implemented', 'protection.nvme.ts: %s: found by every command, and nothing is written'],
    [0x0d, 'Reservation Register', 'implemented', 'reservations.nvme.ts: registering, replacing and unregistering are counted'],
    [0x0e, 'Reservation Report', 'implemented', 'reservations.nvme.ts: the report has the form of the Host Identifier'],
    [0x11, 'Reservation Acquire', 'implemented', 'reservations.nvme.ts: acquiring again changes nothing; another type conflicts'],
    [0x15, 'Reservation Release', 'implemented', 'reservations.nvme.ts: the holder releases with the type it holds; of others a release is without effect'],
    [0x19, 'Copy', 'implemented', 'copy.nvme.ts: ranges are gathered in their order'],
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
    [0x06, 'Volatile Write Cache', 'implemented', 'features.nvme.ts: Volatile Write Cache keeps its value until a reset, and beyond it where it was saved'],
    [0x07, 'Number of Queues', 'implemented', 'features.nvme.ts: the drive grants queues only before there are any'],
    [0x08, 'Interrupt Coalescing', 'implemented', 'features.nvme.ts: Interrupt Coalescing keeps its value until a reset, and beyond it where it was saved'],
    [0x09, 'Interrupt Vector Configuration', 'implemented', 'features.nvme.ts: coalescing is switched off by vector, for vectors in use'],
    [0x0a, 'Write Atomicity Normal', 'implemented', 'features.nvme.ts: Write Atomicity Normal keeps its value until a reset, and beyond it where it was saved'],
    [0x0b, 'Asynchronous Event Configuration', 'implemented', 'events.nvme.ts: without its bit in Asynchronous Event Configuration there is none'],
    [0x0c, 'Autonomous Power State Transition', 'implemented', 'power-states.nvme.ts: idle time leads to the state of the table'],
    [0x0d, 'Host Memory Buffer', 'implemented', 'host-memory.nvme.ts: the drive uses the memory it was lent until it is taken back'],
    [0x0e, 'Timestamp', 'implemented', 'features.nvme.ts: the timestamp goes on from what the host set'],
    [0x0f, 'Keep Alive Timer', invalidField],
    [0x10, 'Host Controlled Thermal Management', 'implemented', 'power-states.nvme.ts: thermal limits lie in the range and in order, and a limit below the temperature throttles'],
    [0x11, 'Non-Operational Power State Config', 'implemented', 'features.nvme.ts: Non-Operational Power State Config keeps its value until a reset, and beyond it where it was saved'],
    [0x12, 'Read Recovery Level Config', 'implemented', 'features.nvme.ts: read recovery has the levels that Identify lists'],
    [0x13, 'Predictable Latency Mode Config', invalidField],
    [0x14, 'Predictable Latency Mode Window', invalidField],
    [0x15, 'LBA Status Information Report Interval', invalidField],
    [0x16, 'Host Behavior Support', 'implemented', 'features.nvme.ts: host behavior takes 0 and 1, and goes with a reset'],
    [0x17, 'Sanitize Config', 'implemented', 'sanitize.nvme.ts: deallocates although it was asked not to, where Sanitize Config says that it may'],
    [0x18, 'Endurance Group Event Configuration', invalidField],
    [0x19, 'I/O Command Set Profile', 'implemented', 'zns.nvme.ts: a namespace whose command set the profile leaves out cannot be attached'],
    [0x1a, 'Spinup Control', invalidField],
    [0x7d, 'Enhanced Controller Metadata', invalidField],
    [0x7e, 'Controller Metadata', invalidField],
    [0x7f, 'Namespace Metadata', invalidField],
    [0x80, 'Software Progress Marker', 'implemented', 'features.nvme.ts: Software Progress Marker keeps its value until a reset, and beyond it where it was saved'],
    [0x81, 'Host Identifier', 'implemented', 'features.nvme.ts: the host identifier has 8 or 16 bytes'],
    [0x82, 'Reservation Notification Mask', 'implemented', 'features.nvme.ts: reservation features belong to a namespace'],
    [0x83, 'Reservation Persistence', 'implemented', 'reservations.nvme.ts: power takes what does not persist'],
    [0x84, 'Namespace Write Protection Config', 'implemented', 'write-protect.nvme.ts: write-protect refuses what modifies blocks, and nothing else'],
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
    [0x03, 'Firmware Slot Information', 'implemented', 'firmware.nvme.ts: slot 1 is read only, and holds what runs'],
    [0x04, 'Changed Namespace List', 'implemented', 'namespaces.nvme.ts: attaching and detaching is announced, deleting is only listed'],
    [0x05, 'Commands Supported and Effects', 'implemented', 'sweep.nvme.ts: reports what it implements in its own log pages'],
    [0x06, 'Device Self-test', 'implemented', 'selftest.nvme.ts: the log keeps 20 results, newest first'],
    [0x07, 'Telemetry Host-Initiated', 'implemented', 'telemetry.nvme.ts: the host has it captured; what was captured stays until it asks again'],
    [0x08, 'Telemetry Controller-Initiated', 'implemented', 'telemetry.nvme.ts: the controller captures its state when it fails, and tells until it was read'],
    [0x09, 'Endurance Group Information', invalidLogPage],
    [0x0a, 'Predictable Latency Per NVM Set', invalidLogPage],
    [0x0b, 'Predictable Latency Event Aggregate', invalidLogPage],
    [0x0c, 'Asymmetric Namespace Access', invalidLogPage],
    [0x0d, 'Persistent Event Log', 'implemented', 'persistent-event-log.nvme.ts: what is read is the log as it was when the context was established'],
    [0x0e, 'LBA Status Information', invalidLogPage],
    [0x0f, 'Endurance Group Event Aggregate', invalidLogPage],
    [0x10, 'Media Unit Status', invalidLogPage],
    [0x11, 'Supported Capacity Configuration List', invalidLogPage],
    [0x12, 'Feature Identifiers Supported and Effects', 'implemented', 'sweep.nvme.ts: reports what it implements in its own log pages'],
    [0x13, 'NVMe-MI Commands Supported and Effects', 'implemented', 'management-interface.nvme.ts: the log page lists the commands there are'],
    [0x14, 'Command and Feature Lockdown', invalidLogPage],
    [0x15, 'Boot Partition', invalidLogPage],
    [0x16, 'Rotational Media Information', invalidLogPage],
    [0x70, 'Discovery', invalidLogPage],
    [0x80, 'Reservation Notification', 'implemented', 'logs.nvme.ts: a drive of one controller has no reservation notification'],
    [0x81, 'Sanitize Status', 'implemented', 'sanitize.nvme.ts: the status log is up to date when the command completes, and counts on'],
    [0xbf, 'Changed Zone List', 'implemented', 'zns.nvme.ts: lists the zones that the controller changed on its own'],
  ],
};

/** What the drive does with a code, named or not. */
export function answerOf(table: CoverageTable, code: number): 'implemented' | StatusName {
  return table.rows.find(([named]) => named === code)?.[2] ?? table.others;
}
