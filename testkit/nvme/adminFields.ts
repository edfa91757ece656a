/** Command Dwords of the admin commands (NVMe Base 2.0, "Admin Command Set"). Keys are opcodes. */
import { explained, type FieldSpec, field, flag, named } from './fields.ts';
import { adminOpcode } from './opcode.ts';

/** What is specific to one command. */
export interface CommandFields {
  /** Title of its section in the specification. */
  readonly section: string;
  /** Whether it has a data pointer. */
  readonly data: boolean;
  readonly fields: readonly FieldSpec[];
}

const prioritiesOfQueues = named({ 0: 'urgent', 1: 'high', 2: 'medium', 3: 'low' });
const queueId = field(10, 15, 0, 'Queue Identifier (QID)');
const queueSize = explained(field(10, 31, 16, 'Queue Size (QSIZE)'), (value) => `${value + 1n} entries`);
const contiguous = explained(field(11, 0, 0, 'Physically Contiguous (PC)'), flag('contiguous', 'a PRP list'));

const identifyStructures = named({
  0: 'Identify Namespace data structure',
  1: 'Identify Controller data structure',
  2: 'Active Namespace ID list',
  3: 'Namespace Identification Descriptor list',
  5: 'I/O Command Set specific Identify Namespace data structure',
  6: 'I/O Command Set specific Identify Controller data structure',
  7: 'I/O Command Set specific Active Namespace ID list',
  8: 'I/O Command Set Independent Identify Namespace data structure',
  16: 'Allocated Namespace ID list',
  17: 'Identify Namespace data structure of an allocated namespace',
  18: 'Controller list of a namespace',
  19: 'Controller list of the NVM subsystem',
  28: 'I/O Command Set data structure',
});

const featureNames = named(
  {
    1: 'Arbitration',
    2: 'Power Management',
    3: 'LBA Range Type',
    4: 'Temperature Threshold',
    5: 'Error Recovery',
    6: 'Volatile Write Cache',
    7: 'Number of Queues',
    8: 'Interrupt Coalescing',
    9: 'Interrupt Vector Configuration',
    10: 'Write Atomicity Normal',
    11: 'Asynchronous Event Configuration',
    12: 'Autonomous Power State Transition',
    13: 'Host Memory Buffer',
    14: 'Timestamp',
    15: 'Keep Alive Timer',
    16: 'Host Controlled Thermal Management',
    17: 'Non-Operational Power State Config',
    22: 'Host Behavior Support',
    23: 'Sanitize Config',
    25: 'I/O Command Set Profile',
    128: 'Software Progress Marker',
    129: 'Host Identifier',
    130: 'Reservation Notification Mask',
    131: 'Reservation Persistence',
    132: 'Namespace Write Protection Config',
  },
  'not named by the specification',
);

const logPages = named(
  {
    0: 'Supported Log Pages',
    1: 'Error Information',
    2: 'SMART / Health Information',
    3: 'Firmware Slot Information',
    4: 'Changed Namespace List',
    5: 'Commands Supported and Effects',
    6: 'Device Self-test',
    7: 'Telemetry Host-Initiated',
    8: 'Telemetry Controller-Initiated',
    13: 'Persistent Event Log',
    18: 'Feature Identifiers Supported and Effects',
    128: 'Reservation Notification',
    129: 'Sanitize Status',
  },
  'not named by the specification',
);

const featureId = explained(field(10, 7, 0, 'Feature Identifier (FID)'), featureNames);
const uuidIndex = field(14, 6, 0, 'UUID Index');

export const adminFields: ReadonlyMap<number, CommandFields> = new Map<number, CommandFields>([
  [
    adminOpcode.deleteIoSubmissionQueue,
    { section: 'Delete I/O Submission Queue command', data: false, fields: [queueId] },
  ],
  [
    adminOpcode.createIoSubmissionQueue,
    {
      section: 'Create I/O Submission Queue command',
      data: true,
      fields: [
        queueId,
        queueSize,
        contiguous,
        explained(field(11, 2, 1, 'Queue Priority (QPRIO)'), prioritiesOfQueues),
        field(11, 31, 16, 'Completion Queue Identifier (CQID)'),
        field(12, 15, 0, 'NVM Set Identifier (NVMSETID)'),
      ],
    },
  ],
  [
    adminOpcode.getLogPage,
    {
      section: 'Get Log Page command',
      data: true,
      fields: [
        explained(field(10, 7, 0, 'Log Page Identifier (LID)'), logPages),
        field(10, 14, 8, 'Log Specific Field (LSP)'),
        explained(field(10, 15, 15, 'Retain Asynchronous Event (RAE)'), flag('the event stays masked')),
        explained(field(10, 31, 16, 'Number of Dwords Lower (NUMDL)'), () => "0's based, with NUMDU"),
        field(11, 15, 0, 'Number of Dwords Upper (NUMDU)'),
        field(11, 31, 16, 'Log Specific Identifier'),
        explained(field(12, 63, 0, 'Log Page Offset (LPOL, LPOU)'), (value) => `byte ${value}`),
        uuidIndex,
        explained(field(14, 23, 23, 'Offset Type (OT)'), flag('index', 'bytes')),
        field(14, 31, 24, 'Command Set Identifier (CSI)'),
      ],
    },
  ],
  [
    adminOpcode.deleteIoCompletionQueue,
    { section: 'Delete I/O Completion Queue command', data: false, fields: [queueId] },
  ],
  [
    adminOpcode.createIoCompletionQueue,
    {
      section: 'Create I/O Completion Queue command',
      data: true,
      fields: [
        queueId,
        queueSize,
        contiguous,
        explained(field(11, 1, 1, 'Interrupts Enabled (IEN)'), flag('enabled', 'disabled')),
        field(11, 31, 16, 'Interrupt Vector (IV)'),
      ],
    },
  ],
  [
    adminOpcode.identify,
    {
      section: 'Identify command',
      data: true,
      fields: [
        explained(field(10, 7, 0, 'Controller or Namespace Structure (CNS)'), identifyStructures),
        field(10, 31, 16, 'Controller Identifier (CNTID)'),
        field(11, 15, 0, 'CNS Specific Identifier'),
        explained(
          field(11, 31, 24, 'Command Set Identifier (CSI)'),
          named({ 0: 'NVM', 1: 'Key Value', 2: 'Zoned Namespace' }),
        ),
        uuidIndex,
      ],
    },
  ],
  [
    adminOpcode.abort,
    {
      section: 'Abort command',
      data: false,
      fields: [
        field(10, 15, 0, 'Submission Queue Identifier (SQID)'),
        field(10, 31, 16, 'Command Identifier (CID) to abort'),
      ],
    },
  ],
  [
    adminOpcode.setFeatures,
    {
      section: 'Set Features command',
      data: true,
      fields: [
        featureId,
        explained(field(10, 31, 31, 'Save (SV)'), flag('across power cycles and resets', 'not saved')),
        field(11, 31, 0, 'Feature specific (CDW11)'),
        field(12, 31, 0, 'Feature specific (CDW12)'),
        field(13, 31, 0, 'Feature specific (CDW13)'),
        uuidIndex,
        field(15, 31, 0, 'Feature specific (CDW15)'),
      ],
    },
  ],
  [
    adminOpcode.getFeatures,
    {
      section: 'Get Features command',
      data: true,
      fields: [
        featureId,
        explained(
          field(10, 10, 8, 'Select (SEL)'),
          named({ 0: 'current', 1: 'default', 2: 'saved', 3: 'supported capabilities' }),
        ),
        field(11, 31, 0, 'Feature specific (CDW11)'),
        uuidIndex,
      ],
    },
  ],
  [adminOpcode.asynchronousEventRequest, { section: 'Asynchronous Event Request command', data: false, fields: [] }],
]);
