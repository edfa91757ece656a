/**
 * Every status the specifications define, with the test that has the emulated SSD give it. What it never gives of its own accord says
 * why, and is given by an injected fault. Held to the suites by `npm run check`: a test that is named must exist, and its file must
 * name the status.
 */
import type { StatusName } from '@doorbell/testkit';
import type { TestName } from './coverageTable.ts';

export type StatusRow = readonly [name: StatusName, coverage: { readonly test: TestName; readonly never?: string }];

const fabrics = 'only NVMe over Fabrics has it';
const noKeepAlive = 'no Keep Alive Timer (KAS)';
const noAna = 'no Asymmetric Namespace Access Reporting (CMIC)';
const noVirtualization = 'no Virtualization Management command (OACS)';
const noLockdown = 'no Command and Feature Lockdown (OACS)';
const unused = 'no command of the drive has a reason to';
const injected: TestName = 'statuses.nvme.ts: gives any status that a fault asks for';
const given = (test: TestName) => ({ test });
/** Not of its own accord, and why; a fault makes it. */
const never = (reason: string) => ({ never: reason, test: injected });

export const statusCoverage: readonly StatusRow[] = [
  ['Invalid Command Opcode', given('statuses.nvme.ts: refuses reserved field values and opcodes')],
  ['Invalid Field in Command', given('statuses.nvme.ts: refuses reserved field values and opcodes')],
  ['Command ID Conflict', never('the driver uses no identifier twice at a time; a native test does')],
  ['Data Transfer Error', given('statuses.nvme.ts: refuses data pointers that lead nowhere')],
  [
    'Commands Aborted due to Power Loss Notification',
    never('power goes without a notification: the commands have no completion'),
  ],
  ['Internal Error', never('a namespace for which there is no memory; 33 registrants of a reservation')],
  ['Command Abort Requested', given('statuses.nvme.ts: refuses one Asynchronous Event Request too many')],
  ['Command Aborted due to SQ Deletion', given('queues.nvme.ts: deletion of a submission queue ends its commands')],
  [
    'Command Aborted due to Failed Fused Command',
    given('fused.nvme.ts: nothing is written when it does not, and the write says which command failed'),
  ],
  ['Command Aborted due to Missing Fused Command', given('fused.nvme.ts: half a pair is aborted for the missing half')],
  ['Invalid Namespace or Format', given('statuses.nvme.ts: refuses namespaces that cannot exist')],
  ['Command Sequence Error', given('statuses.nvme.ts: refuses to save, place or time a feature wrongly')],
  [
    'Invalid SGL Segment Descriptor',
    given('sgl.nvme.ts: segments have whole descriptors, and there is memory where they are'),
  ],
  ['Invalid Number of SGL Descriptors', never(unused)],
  ['Data SGL Length Invalid', given('sgl.nvme.ts: an SGL that is too short, too long or of another type is judged')],
  ['Metadata SGL Length Invalid', never(unused)],
  [
    'SGL Descriptor Type Invalid',
    given('sgl.nvme.ts: an SGL that is too short, too long or of another type is judged'),
  ],
  [
    'Invalid Use of Controller Memory Buffer',
    never('its Controller Memory Buffer holds everything, in any mixture (CMBLOC, CMBSZ)'),
  ],
  ['PRP Offset Invalid', given('statuses.nvme.ts: refuses data pointers that lead nowhere')],
  ['Atomic Write Unit Exceeded', never(unused)],
  ['Operation Denied', never(unused)],
  ['SGL Offset Invalid', never(unused)],
  [
    'Host Identifier Inconsistent Format',
    given('reservations.nvme.ts: the report has the form of the Host Identifier'),
  ],
  ['Keep Alive Timer Expired', never(noKeepAlive)],
  ['Keep Alive Timeout Invalid', never(noKeepAlive)],
  [
    'Command Aborted due to Preempt and Abort',
    never('the drive has one controller: no command of a preempted host is under way'),
  ],
  [
    'Sanitize Failed',
    given('sanitize.nvme.ts: a restricted operation that failed is left by a restricted operation that succeeds'),
  ],
  ['Sanitize In Progress', given('sanitize.nvme.ts: keeps I/O out, but for Flush')],
  ['SGL Data Block Granularity Invalid', never(unused)],
  [
    'Command Not Supported for Queue in CMB',
    never('it takes every command from a queue in its Controller Memory Buffer'),
  ],
  [
    'Namespace is Write Protected',
    given('write-protect.nvme.ts: write-protect refuses what modifies blocks, and nothing else'),
  ],
  ['Command Interrupted', never(unused)],
  ['Transient Transport Error', never(fabrics)],
  ['Command Prohibited by Command and Feature Lockdown', never(noLockdown)],
  ['Admin Command Media Not Ready', never('media are ready when the controller is')],
  ['LBA Out of Range', given('statuses.nvme.ts: refuses blocks beyond the namespace')],
  ['Capacity Exceeded', never('no thin provisioning (NSFEAT)')],
  ['Namespace Not Ready', never('namespaces are ready when the controller is')],
  ['Reservation Conflict', given('reservations.nvme.ts: a wrong key conflicts, unless it is to be ignored')],
  ['Format In Progress', given('format.nvme.ts: shows its progress and keeps commands out meanwhile')],
  ['Completion Queue Invalid', given('statuses.nvme.ts: refuses queues that cannot be')],
  ['Invalid Queue Identifier', given('statuses.nvme.ts: refuses queues that cannot be')],
  ['Invalid Queue Size', given('statuses.nvme.ts: refuses queues that cannot be')],
  ['Abort Command Limit Exceeded', given('statuses.nvme.ts: refuses one Abort too many')],
  [
    'Asynchronous Event Request Limit Exceeded',
    given('statuses.nvme.ts: refuses one Asynchronous Event Request too many'),
  ],
  ['Invalid Firmware Slot', given('firmware.nvme.ts: slot 1 is read only, and holds what runs')],
  ['Invalid Firmware Image', given('firmware.nvme.ts: refuses what is no image')],
  ['Invalid Interrupt Vector', given('statuses.nvme.ts: refuses queues that cannot be')],
  ['Invalid Log Page', given('statuses.nvme.ts: refuses log pages it does not have')],
  ['Invalid Format', given('format.nvme.ts: refuses formats that there are not')],
  [
    'Firmware Activation Requires Conventional Reset',
    given('firmware.nvme.ts: an image that needs more says so: conventional-reset'),
  ],
  ['Invalid Queue Deletion', given('statuses.nvme.ts: refuses to delete a completion queue in use')],
  ['Feature Identifier Not Saveable', given('statuses.nvme.ts: refuses to save, place or time a feature wrongly')],
  ['Feature Not Changeable', given('features.nvme.ts: write protection until power cycles cannot be changed')],
  ['Feature Not Namespace Specific', given('statuses.nvme.ts: refuses to save, place or time a feature wrongly')],
  [
    'Firmware Activation Requires NVM Subsystem Reset',
    given('firmware.nvme.ts: an image that needs more says so: subsystem-reset'),
  ],
  [
    'Firmware Activation Requires Controller Level Reset',
    given('firmware.nvme.ts: an image that needs more says so: controller-reset'),
  ],
  [
    'Firmware Activation Requires Maximum Time Violation',
    given('firmware.nvme.ts: an image that needs more says so: too-long'),
  ],
  ['Firmware Activation Prohibited', given('firmware.nvme.ts: an image that needs more says so: prohibited')],
  ['Overlapping Range', given('firmware.nvme.ts: parts come in any order, and not twice')],
  ['Namespace Insufficient Capacity', given('namespaces.nvme.ts: tells the capacity that it would have taken')],
  ['Namespace Identifier Unavailable', given('namespaces.nvme.ts: gives out every NSID and then no more')],
  ['Namespace Already Attached', given('namespaces.nvme.ts: attaches once and detaches once')],
  ['Namespace Is Private', never('the drive has one controller')],
  ['Namespace Not Attached', given('namespaces.nvme.ts: attaches once and detaches once')],
  ['Thin Provisioning Not Supported', given('namespaces.nvme.ts: refuses what it cannot make')],
  ['Controller List Invalid', given('namespaces.nvme.ts: refuses the controller list []')],
  ['Device Self-test In Progress', given('selftest.nvme.ts: there is one at a time')],
  ['Boot Partition Write Prohibited', never('no Boot Partitions (CAP.BPS)')],
  ['Invalid Controller Identifier', never(noVirtualization)],
  ['Invalid Secondary Controller State', never(noVirtualization)],
  ['Invalid Number of Controller Resources', never(noVirtualization)],
  ['Invalid Resource Identifier', never(noVirtualization)],
  ['Sanitize Prohibited While Persistent Memory Region is Enabled', never('no Persistent Memory Region (CAP.PMRS)')],
  ['ANA Group Identifier Invalid', given('namespaces.nvme.ts: refuses what it cannot make')],
  ['ANA Attach Failed', never(noAna)],
  ['Insufficient Capacity', never('no Capacity Management command (CTRATT)')],
  ['Namespace Attachment Limit Exceeded', never('no limit of attached namespaces (MNAN, MAXDNA)')],
  ['Prohibition of Command Execution Not Supported', never(noLockdown)],
  ['I/O Command Set Not Supported', given('namespaces.nvme.ts: refuses what it cannot make')],
  [
    'I/O Command Set Not Enabled',
    given('zns.nvme.ts: a namespace whose command set the profile leaves out cannot be attached'),
  ],
  [
    'I/O Command Set Combination Rejected',
    given('zns.nvme.ts: refuses the structure of another command set, and to give up the one in use'),
  ],
  [
    'Invalid I/O Command Set',
    given('zns.nvme.ts: refuses the structure of another command set, and to give up the one in use'),
  ],
  ['Identifier Unavailable', never('no Capacity Management command (CTRATT)')],
  [
    'Stream Resource Allocation Failed',
    given('directives.nvme.ts: fewer resources are given than asked for, and none when there are none'),
  ],
  ['Conflicting Attributes', never(unused)],
  ['Invalid Protection Information', given('protection.nvme.ts: Compare and Verify do not insert or strip')],
  ['Attempted Write to Read Only Range', never('no read only ranges')],
  [
    'Command Size Limit Exceeded',
    given('copy.nvme.ts: limits of ranges and blocks are those of Identify, and one beyond is refused'),
  ],
  ['Invalid Zone Operation Request', never('no Zone Random Write Area (OZCS)')],
  ['ZRWA Resources Unavailable', never('no Zone Random Write Area (OZCS)')],
  ['Zone Boundary Error', given('zns.nvme.ts: ends writes at the zone capacity')],
  ['Zone Is Full', given('zns.nvme.ts: ends writes at the zone capacity')],
  ['Zone Is Read Only', given('zns.nvme.ts: refuses what worn zones cannot do')],
  ['Zone Is Offline', given('zns.nvme.ts: refuses what worn zones cannot do')],
  ['Zone Invalid Write', given('zns.nvme.ts: writes at the write pointer only')],
  ['Too Many Active Zones', given('zns.nvme.ts: keeps the limits of open and active zones')],
  ['Too Many Open Zones', given('zns.nvme.ts: keeps the limits of open and active zones')],
  ['Invalid Zone State Transition', given('zns.nvme.ts: refuses transitions that the state machine has not')],
  ['Write Fault', never('a media file on a full file system only')],
  ['Unrecovered Read Error', given('statuses.nvme.ts: reports data that differ or cannot be read')],
  ['End-to-end Guard Check Error', given('protection.nvme.ts: %s: found by every command, and nothing is written')],
  [
    'End-to-end Application Tag Check Error',
    given('protection.nvme.ts: %s: found by every command, and nothing is written'),
  ],
  [
    'End-to-end Reference Tag Check Error',
    given('protection.nvme.ts: %s: found by every command, and nothing is written'),
  ],
  ['Compare Failure', given('statuses.nvme.ts: reports data that differ or cannot be read')],
  ['Access Denied', never('no security protocol that locks ranges')],
  [
    'Deallocated or Unwritten Logical Block',
    given('dataset-management.nvme.ts: deallocated blocks are an error where the host wants to know'),
  ],
  ['End-to-End Storage Tag Check Error', never('no storage tags')],
  ['Internal Path Error', never(fabrics)],
  ['Asymmetric Access Persistent Loss', never(noAna)],
  ['Asymmetric Access Inaccessible', never(noAna)],
  ['Asymmetric Access Transition', never(noAna)],
  ['Controller Pathing Error', never(fabrics)],
  ['Host Pathing Error', never(fabrics)],
  ['Command Aborted By Host', never(fabrics)],
];
