/** Command Dwords of the admin commands that change a drive (NVMe Base 2.0, "Admin Command Set"). Keys are opcodes. */
import type { CommandFields } from './adminFields.ts';
import { explained, field, flag, named, zeroBased } from './fields.ts';
import { adminOpcode } from './opcode.ts';

const direction = (section: string) => ({ section, data: true });
const directiveFields = [
  explained(field(10, 31, 0, 'Number of Dwords (NUMD)'), zeroBased('dword')),
  field(11, 7, 0, 'Directive Operation (DOPER)'),
  explained(field(11, 15, 8, 'Directive Type (DTYPE)'), named({ 0: 'Identify', 1: 'Streams' })),
  field(11, 31, 16, 'Directive Specific (DSPEC)'),
];
const securityFields = [
  field(10, 7, 0, 'NVMe Security Specific Field (NSSF)'),
  field(10, 15, 8, 'SP Specific 0 (SPSP0)'),
  field(10, 23, 16, 'SP Specific 1 (SPSP1)'),
  field(10, 31, 24, 'Security Protocol (SECP)'),
];
const managementRequest = [
  explained(field(10, 6, 0, 'Message Type (MT)'), named({ 4: 'NVMe-MI' })),
  explained(field(10, 7, 7, 'Integrity Check (IC)'), flag('protected by a CRC')),
  explained(
    field(10, 14, 11, 'NVMe-MI Message Type (NMIMT)'),
    named({ 0: 'Control Primitive', 1: 'NVMe-MI Command', 2: 'NVMe Admin Command', 4: 'PCIe Command' }),
  ),
  explained(field(10, 15, 15, 'Request or Response (ROR)'), flag('response', 'request')),
  explained(
    field(11, 7, 0, 'Opcode (OPC)'),
    named(
      {
        0: 'Read NVMe-MI Data Structure',
        1: 'NVM Subsystem Health Status Poll',
        2: 'Controller Health Status Poll',
        3: 'Configuration Set',
        4: 'Configuration Get',
        5: 'VPD Read',
        6: 'VPD Write',
        7: 'Reset',
        8: 'SES Receive',
        9: 'SES Send',
        10: 'Management Endpoint Buffer Read',
        11: 'Management Endpoint Buffer Write',
        12: 'Shutdown',
      },
      'reserved or vendor specific',
    ),
  ),
  field(12, 31, 0, 'NVMe Management Dword 0 (NMD0)'),
  field(13, 31, 0, 'NVMe Management Dword 1 (NMD1)'),
];
const bytes = (value: bigint) => `${value} bytes`;

const formatFields = [
  field(10, 3, 0, 'LBA Format Lower (LBAFL)'),
  explained(field(10, 4, 4, 'Metadata Settings (MSET)'), flag('part of an extended LBA', 'a separate buffer')),
  explained(
    field(10, 7, 5, 'Protection Information (PI)'),
    named({ 0: 'disabled', 1: 'type 1', 2: 'type 2', 3: 'type 3' }),
  ),
  explained(field(10, 8, 8, 'Protection Information Location (PIL)'), flag('first bytes', 'last bytes')),
  explained(
    field(10, 11, 9, 'Secure Erase Settings (SES)'),
    named({ 0: 'no secure erase', 1: 'user data erase', 2: 'cryptographic erase' }),
  ),
  field(10, 13, 12, 'LBA Format Upper (LBAFU)'),
];

const sanitizeFields = [
  explained(
    field(10, 2, 0, 'Sanitize Action (SANACT)'),
    named({ 1: 'Exit Failure Mode', 2: 'Block Erase', 3: 'Overwrite', 4: 'Crypto Erase' }),
  ),
  explained(field(10, 3, 3, 'Allow Unrestricted Sanitize Exit (AUSE)'), flag('unrestricted', 'restricted')),
  field(10, 7, 4, 'Overwrite Pass Count (OWPASS)'),
  explained(field(10, 8, 8, 'Overwrite Invert Pattern Between Passes (OIPBP)'), flag('inverted')),
  explained(field(10, 9, 9, 'No-Deallocate After Sanitize (NDAS)'), flag('not deallocated')),
  field(11, 31, 0, 'Overwrite Pattern (OVRPAT)'),
];

const commitActions = named({
  0: 'replace the image of the slot',
  1: 'replace it, and activate it at the next reset',
  2: 'activate the slot at the next reset',
  3: 'activate the slot at once',
  6: 'replace a boot partition',
  7: 'activate a boot partition',
});

export const managementFields: ReadonlyMap<number, CommandFields> = new Map<number, CommandFields>([
  [
    adminOpcode.namespaceManagement,
    {
      ...direction('Namespace Management command'),
      fields: [
        explained(field(10, 3, 0, 'Select (SEL)'), named({ 0: 'create', 1: 'delete' })),
        field(11, 31, 24, 'Command Set Identifier (CSI)'),
      ],
    },
  ],
  [
    adminOpcode.namespaceAttachment,
    {
      ...direction('Namespace Attachment command'),
      fields: [explained(field(10, 3, 0, 'Select (SEL)'), named({ 0: 'attach', 1: 'detach' }))],
    },
  ],
  [
    adminOpcode.firmwareCommit,
    {
      section: 'Firmware Commit command',
      data: false,
      fields: [
        field(10, 2, 0, 'Firmware Slot (FS)'),
        explained(field(10, 5, 3, 'Commit Action (CA)'), commitActions),
        field(10, 31, 31, 'Boot Partition ID (BPID)'),
      ],
    },
  ],
  [
    adminOpcode.firmwareImageDownload,
    {
      ...direction('Firmware Image Download command'),
      fields: [
        explained(field(10, 31, 0, 'Number of Dwords (NUMD)'), zeroBased('dword')),
        explained(field(11, 31, 0, 'Offset (OFST)'), (value) => `${value} dwords`),
      ],
    },
  ],
  [
    adminOpcode.deviceSelfTest,
    {
      section: 'Device Self-test command',
      data: false,
      fields: [
        explained(
          field(10, 3, 0, 'Self-test Code (STC)'),
          named({ 1: 'short', 2: 'extended', 14: 'vendor specific', 15: 'abort' }),
        ),
      ],
    },
  ],
  [adminOpcode.keepAlive, { section: 'Keep Alive command', data: false, fields: [] }],
  [adminOpcode.directiveSend, { ...direction('Directive Send command'), fields: directiveFields }],
  [adminOpcode.directiveReceive, { ...direction('Directive Receive command'), fields: directiveFields }],
  [adminOpcode.nvmeMiSend, { ...direction('NVMe-MI Send command'), fields: managementRequest }],
  [adminOpcode.nvmeMiReceive, { ...direction('NVMe-MI Receive command'), fields: managementRequest }],
  [adminOpcode.doorbellBufferConfig, { ...direction('Doorbell Buffer Config command'), fields: [] }],
  [adminOpcode.formatNvm, { section: 'Format NVM command', data: false, fields: formatFields }],
  [
    adminOpcode.securitySend,
    {
      ...direction('Security Send command'),
      fields: [...securityFields, explained(field(11, 31, 0, 'Transfer Length (TL)'), bytes)],
    },
  ],
  [
    adminOpcode.securityReceive,
    {
      ...direction('Security Receive command'),
      fields: [...securityFields, explained(field(11, 31, 0, 'Allocation Length (AL)'), bytes)],
    },
  ],
  [adminOpcode.sanitize, { section: 'Sanitize command', data: false, fields: sanitizeFields }],
]);
