/** Commands by opcode: names and direction of their data (NVMe Base 2.0, "Opcodes for Admin Commands"; NVM Command Set 1.0; ZNS 1.1). */

/** Bits 1:0 of every opcode. */
export type DataDirection = 'none' | 'host-to-controller' | 'controller-to-host' | 'bidirectional';

/** Opcodes of admin commands (NVMe Base 2.0, "Opcodes for Admin Commands"), by the names of the specification. */
export const adminOpcode = {
  deleteIoSubmissionQueue: 0x00,
  createIoSubmissionQueue: 0x01,
  getLogPage: 0x02,
  deleteIoCompletionQueue: 0x04,
  createIoCompletionQueue: 0x05,
  identify: 0x06,
  abort: 0x08,
  setFeatures: 0x09,
  getFeatures: 0x0a,
  asynchronousEventRequest: 0x0c,
  namespaceManagement: 0x0d,
  firmwareCommit: 0x10,
  firmwareImageDownload: 0x11,
  deviceSelfTest: 0x14,
  namespaceAttachment: 0x15,
  keepAlive: 0x18,
  directiveSend: 0x19,
  directiveReceive: 0x1a,
  nvmeMiSend: 0x1d,
  nvmeMiReceive: 0x1e,
  doorbellBufferConfig: 0x7c,
  formatNvm: 0x80,
  securitySend: 0x81,
  securityReceive: 0x82,
  sanitize: 0x84,
} as const;

/** Opcodes of commands on I/O queues (NVM Command Set 1.0, ZNS 1.1), by the names of the specifications. */
export const nvmOpcode = {
  flush: 0x00,
  write: 0x01,
  read: 0x02,
  writeUncorrectable: 0x04,
  compare: 0x05,
  writeZeroes: 0x08,
  datasetManagement: 0x09,
  verify: 0x0c,
  reservationRegister: 0x0d,
  reservationReport: 0x0e,
  reservationAcquire: 0x11,
  reservationRelease: 0x15,
  copy: 0x19,
  zoneManagementSend: 0x79,
  zoneManagementReceive: 0x7a,
  zoneAppend: 0x7d,
} as const;

const adminNames: ReadonlyMap<number, string> = new Map([
  [0x00, 'Delete I/O Submission Queue'],
  [0x01, 'Create I/O Submission Queue'],
  [0x02, 'Get Log Page'],
  [0x04, 'Delete I/O Completion Queue'],
  [0x05, 'Create I/O Completion Queue'],
  [0x06, 'Identify'],
  [0x08, 'Abort'],
  [0x09, 'Set Features'],
  [0x0a, 'Get Features'],
  [0x0c, 'Asynchronous Event Request'],
  [0x0d, 'Namespace Management'],
  [0x10, 'Firmware Commit'],
  [0x11, 'Firmware Image Download'],
  [0x14, 'Device Self-test'],
  [0x15, 'Namespace Attachment'],
  [0x18, 'Keep Alive'],
  [0x19, 'Directive Send'],
  [0x1a, 'Directive Receive'],
  [0x1c, 'Virtualization Management'],
  [0x1d, 'NVMe-MI Send'],
  [0x1e, 'NVMe-MI Receive'],
  [0x20, 'Capacity Management'],
  [0x24, 'Lockdown'],
  [0x7c, 'Doorbell Buffer Config'],
  [0x7f, 'Fabrics Commands'],
  [0x80, 'Format NVM'],
  [0x81, 'Security Send'],
  [0x82, 'Security Receive'],
  [0x84, 'Sanitize'],
  [0x86, 'Get LBA Status'],
]);

const ioNames: ReadonlyMap<number, string> = new Map([
  [0x00, 'Flush'],
  [0x01, 'Write'],
  [0x02, 'Read'],
  [0x04, 'Write Uncorrectable'],
  [0x05, 'Compare'],
  [0x08, 'Write Zeroes'],
  [0x09, 'Dataset Management'],
  [0x0c, 'Verify'],
  [0x0d, 'Reservation Register'],
  [0x0e, 'Reservation Report'],
  [0x11, 'Reservation Acquire'],
  [0x15, 'Reservation Release'],
  [0x19, 'Copy'],
  [0x79, 'Zone Management Send'],
  [0x7a, 'Zone Management Receive'],
  [0x7d, 'Zone Append'],
]);

const directions: readonly DataDirection[] = ['none', 'host-to-controller', 'controller-to-host', 'bidirectional'];

/** `Identify`; `Vendor Specific (C1h)` or `Reserved (7Eh)` where no specification names it. */
export function adminCommandName(opcode: number): string {
  return adminNames.get(opcode) ?? unnamed(opcode, 0xc0);
}

/** `Read`; `Vendor Specific (81h)` or `Reserved (7Eh)` where no specification names it. */
export function ioCommandName(opcode: number): string {
  return ioNames.get(opcode) ?? unnamed(opcode, 0x80);
}

/** The command's name on that queue: Q00 is the admin queue. */
export function commandName(qid: number, opcode: number): string {
  return qid === 0 ? adminCommandName(opcode) : ioCommandName(opcode);
}

/** What the opcode says about the data of the command. */
export function dataDirection(opcode: number): DataDirection {
  return directions[opcode & 0x3] ?? 'none';
}

function unnamed(opcode: number, firstVendorSpecific: number): string {
  const number = opcode.toString(16).toUpperCase().padStart(2, '0');
  return `${opcode >= firstVendorSpecific ? 'Vendor Specific' : 'Reserved'} (${number}h)`;
}
