/**
 * The status of a completion: one table for names, tests, hovers and command logs (NVMe Base 2.0 and NVM Command Set 1.0,
 * "Status Code"; Zoned Namespace Command Set 1.1). Fabrics' own meanings of 1h/80h and up are not in it.
 */

/** Type, code and the specification's name. */
const table = [
  [0, 0x00, 'Successful Completion'],
  [0, 0x01, 'Invalid Command Opcode'],
  [0, 0x02, 'Invalid Field in Command'],
  [0, 0x03, 'Command ID Conflict'],
  [0, 0x04, 'Data Transfer Error'],
  [0, 0x05, 'Commands Aborted due to Power Loss Notification'],
  [0, 0x06, 'Internal Error'],
  [0, 0x07, 'Command Abort Requested'],
  [0, 0x08, 'Command Aborted due to SQ Deletion'],
  [0, 0x09, 'Command Aborted due to Failed Fused Command'],
  [0, 0x0a, 'Command Aborted due to Missing Fused Command'],
  [0, 0x0b, 'Invalid Namespace or Format'],
  [0, 0x0c, 'Command Sequence Error'],
  [0, 0x0d, 'Invalid SGL Segment Descriptor'],
  [0, 0x0e, 'Invalid Number of SGL Descriptors'],
  [0, 0x0f, 'Data SGL Length Invalid'],
  [0, 0x10, 'Metadata SGL Length Invalid'],
  [0, 0x11, 'SGL Descriptor Type Invalid'],
  [0, 0x12, 'Invalid Use of Controller Memory Buffer'],
  [0, 0x13, 'PRP Offset Invalid'],
  [0, 0x14, 'Atomic Write Unit Exceeded'],
  [0, 0x15, 'Operation Denied'],
  [0, 0x16, 'SGL Offset Invalid'],
  [0, 0x18, 'Host Identifier Inconsistent Format'],
  [0, 0x19, 'Keep Alive Timer Expired'],
  [0, 0x1a, 'Keep Alive Timeout Invalid'],
  [0, 0x1b, 'Command Aborted due to Preempt and Abort'],
  [0, 0x1c, 'Sanitize Failed'],
  [0, 0x1d, 'Sanitize In Progress'],
  [0, 0x1e, 'SGL Data Block Granularity Invalid'],
  [0, 0x1f, 'Command Not Supported for Queue in CMB'],
  [0, 0x20, 'Namespace is Write Protected'],
  [0, 0x21, 'Command Interrupted'],
  [0, 0x22, 'Transient Transport Error'],
  [0, 0x23, 'Command Prohibited by Command and Feature Lockdown'],
  [0, 0x24, 'Admin Command Media Not Ready'],
  [0, 0x80, 'LBA Out of Range'],
  [0, 0x81, 'Capacity Exceeded'],
  [0, 0x82, 'Namespace Not Ready'],
  [0, 0x83, 'Reservation Conflict'],
  [0, 0x84, 'Format In Progress'],
  [1, 0x00, 'Completion Queue Invalid'],
  [1, 0x01, 'Invalid Queue Identifier'],
  [1, 0x02, 'Invalid Queue Size'],
  [1, 0x03, 'Abort Command Limit Exceeded'],
  [1, 0x05, 'Asynchronous Event Request Limit Exceeded'],
  [1, 0x06, 'Invalid Firmware Slot'],
  [1, 0x07, 'Invalid Firmware Image'],
  [1, 0x08, 'Invalid Interrupt Vector'],
  [1, 0x09, 'Invalid Log Page'],
  [1, 0x0a, 'Invalid Format'],
  [1, 0x0b, 'Firmware Activation Requires Conventional Reset'],
  [1, 0x0c, 'Invalid Queue Deletion'],
  [1, 0x0d, 'Feature Identifier Not Saveable'],
  [1, 0x0e, 'Feature Not Changeable'],
  [1, 0x0f, 'Feature Not Namespace Specific'],
  [1, 0x10, 'Firmware Activation Requires NVM Subsystem Reset'],
  [1, 0x11, 'Firmware Activation Requires Controller Level Reset'],
  [1, 0x12, 'Firmware Activation Requires Maximum Time Violation'],
  [1, 0x13, 'Firmware Activation Prohibited'],
  [1, 0x14, 'Overlapping Range'],
  [1, 0x15, 'Namespace Insufficient Capacity'],
  [1, 0x16, 'Namespace Identifier Unavailable'],
  [1, 0x18, 'Namespace Already Attached'],
  [1, 0x19, 'Namespace Is Private'],
  [1, 0x1a, 'Namespace Not Attached'],
  [1, 0x1b, 'Thin Provisioning Not Supported'],
  [1, 0x1c, 'Controller List Invalid'],
  [1, 0x1d, 'Device Self-test In Progress'],
  [1, 0x1e, 'Boot Partition Write Prohibited'],
  [1, 0x1f, 'Invalid Controller Identifier'],
  [1, 0x20, 'Invalid Secondary Controller State'],
  [1, 0x21, 'Invalid Number of Controller Resources'],
  [1, 0x22, 'Invalid Resource Identifier'],
  [1, 0x23, 'Sanitize Prohibited While Persistent Memory Region is Enabled'],
  [1, 0x24, 'ANA Group Identifier Invalid'],
  [1, 0x25, 'ANA Attach Failed'],
  [1, 0x26, 'Insufficient Capacity'],
  [1, 0x27, 'Namespace Attachment Limit Exceeded'],
  [1, 0x28, 'Prohibition of Command Execution Not Supported'],
  [1, 0x29, 'I/O Command Set Not Supported'],
  [1, 0x2a, 'I/O Command Set Not Enabled'],
  [1, 0x2b, 'I/O Command Set Combination Rejected'],
  [1, 0x2c, 'Invalid I/O Command Set'],
  [1, 0x2d, 'Identifier Unavailable'],
  [1, 0x7f, 'Stream Resource Allocation Failed'],
  [1, 0x80, 'Conflicting Attributes'],
  [1, 0x81, 'Invalid Protection Information'],
  [1, 0x82, 'Attempted Write to Read Only Range'],
  [1, 0x83, 'Command Size Limit Exceeded'],
  [1, 0xb6, 'Invalid Zone Operation Request'],
  [1, 0xb7, 'ZRWA Resources Unavailable'],
  [1, 0xb8, 'Zone Boundary Error'],
  [1, 0xb9, 'Zone Is Full'],
  [1, 0xba, 'Zone Is Read Only'],
  [1, 0xbb, 'Zone Is Offline'],
  [1, 0xbc, 'Zone Invalid Write'],
  [1, 0xbd, 'Too Many Active Zones'],
  [1, 0xbe, 'Too Many Open Zones'],
  [1, 0xbf, 'Invalid Zone State Transition'],
  [2, 0x80, 'Write Fault'],
  [2, 0x81, 'Unrecovered Read Error'],
  [2, 0x82, 'End-to-end Guard Check Error'],
  [2, 0x83, 'End-to-end Application Tag Check Error'],
  [2, 0x84, 'End-to-end Reference Tag Check Error'],
  [2, 0x85, 'Compare Failure'],
  [2, 0x86, 'Access Denied'],
  [2, 0x87, 'Deallocated or Unwritten Logical Block'],
  [2, 0x88, 'End-to-End Storage Tag Check Error'],
  [3, 0x00, 'Internal Path Error'],
  [3, 0x01, 'Asymmetric Access Persistent Loss'],
  [3, 0x02, 'Asymmetric Access Inaccessible'],
  [3, 0x03, 'Asymmetric Access Transition'],
  [3, 0x60, 'Controller Pathing Error'],
  [3, 0x70, 'Host Pathing Error'],
  [3, 0x71, 'Command Aborted By Host'],
] as const satisfies readonly (readonly [type: number, code: number, name: string])[];

/** Every status the specifications name, as they write it: `'LBA Out of Range'`. */
export type StatusName = (typeof table)[number][2];

export interface StatusCode {
  /** Status Code Type, 0..7. */
  readonly type: number;
  /** Status Code, 0..255. */
  readonly code: number;
}

export interface NamedStatus extends StatusCode {
  readonly name: StatusName;
}

/** A status field, decoded. */
export interface DecodedStatus extends StatusCode {
  /** The specification's name; `Vendor Specific` or `Reserved` where it names none. */
  readonly name: string;
  /** Do Not Retry. */
  readonly dnr: boolean;
  /** More information in the Error Information log page. */
  readonly more: boolean;
  /** Command Retry Delay, 0..3. */
  readonly crd: number;
}

/** All of them, by type and code. */
export const statuses: readonly NamedStatus[] = table.map(([type, code, name]) => ({ type, code, name }));

const keyOf = (status: StatusCode): number => (status.type << 8) | status.code;
const nameByKey = new Map<number, StatusName>(statuses.map((status) => [keyOf(status), status.name]));
const statusByName = new Map<string, NamedStatus>(statuses.map((status) => [status.name, status]));

/** Names of the Status Code Types. */
export function statusTypeName(type: number): string {
  const names: Record<number, string> = {
    0: 'Generic Command Status',
    1: 'Command Specific Status',
    2: 'Media and Data Integrity Errors',
    3: 'Path Related Status',
    7: 'Vendor Specific',
  };
  return names[type] ?? 'Reserved';
}

/** The specification's name; `Vendor Specific` or `Reserved` where it names none. */
export function statusName(status: StatusCode): string {
  const name = nameByKey.get(keyOf(status));
  if (name !== undefined) return name;
  return status.type === 7 || status.code >= 0xc0 ? 'Vendor Specific' : 'Reserved';
}

/** The status of that name, or undefined (for names that come from outside the type checker). */
export function findStatus(name: string): NamedStatus | undefined {
  return statusByName.get(name);
}

/** Decodes a 15-bit status field: bits 31:17 of completion dword 3, the phase tag not included. */
export function decodeStatus(field: number): DecodedStatus {
  const status = { type: (field >> 8) & 0x7, code: field & 0xff };
  return {
    ...status,
    name: statusName(status),
    crd: (field >> 11) & 0x3,
    more: (field & 0x2000) !== 0,
    dnr: (field & 0x4000) !== 0,
  };
}

/** The 15-bit status field of a type and code. */
export function encodeStatus(status: StatusCode & { readonly dnr?: boolean; readonly more?: boolean }): number {
  return keyOf(status) | (status.more ? 0x2000 : 0) | (status.dnr ? 0x4000 : 0);
}

/** `LBA Out of Range (0h/80h)` */
export function formatStatus(status: StatusCode): string {
  return `${statusName(status)} ${formatStatusCode(status)}`;
}

/** `(0h/80h)`, `(1h/BAh)` */
export function formatStatusCode(status: StatusCode): string {
  return `(${status.type.toString(16)}h/${status.code.toString(16).toUpperCase().padStart(2, '0')}h)`;
}

/** As command logs write it: `LBA OUT OF RANGE`; success is `SUCCESS`; unnamed ones carry their numbers. */
export function cmdlogStatus(status: StatusCode): string {
  if (keyOf(status) === 0) return 'SUCCESS';
  const name = statusName(status).toUpperCase();
  return nameByKey.has(keyOf(status)) ? name : `${name} ${formatStatusCode(status)}`;
}
