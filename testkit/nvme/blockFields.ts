/** Command Dwords of reservations, Copy and zones (NVMe Base 2.0, NVM Command Set 1.0, ZNS 1.1). Keys are opcodes. */
import type { CommandFields } from './adminFields.ts';
import { explained, type FieldSpec, field, flag, named, zeroBased } from './fields.ts';
import { nvmOpcode } from './opcode.ts';

const ignoreKey = explained(field(10, 3, 3, 'Ignore Existing Key (IEKEY)'), flag('not compared', 'compared'));
const reservationType = explained(
  field(10, 15, 8, 'Reservation Type (RTYPE)'),
  named({
    1: 'Write Exclusive',
    2: 'Exclusive Access',
    3: 'Write Exclusive - Registrants Only',
    4: 'Exclusive Access - Registrants Only',
    5: 'Write Exclusive - All Registrants',
    6: 'Exclusive Access - All Registrants',
  }),
);
const dwords = explained(field(10, 31, 0, 'Number of Dwords (NUMD)'), zeroBased('dword'));
const slba: FieldSpec = { dword: 10, bits: [63, 0], name: 'Starting LBA (SLBA)', meaning: (value) => `LBA ${value}` };
const blocks = explained(field(12, 15, 0, 'Number of Logical Blocks (NLB)'), zeroBased('block'));

const reservationFields: readonly (readonly [number, CommandFields])[] = [
  [
    nvmOpcode.reservationRegister,
    {
      section: 'Reservation Register command',
      data: true,
      fields: [
        explained(
          field(10, 2, 0, 'Reservation Register Action (RREGA)'),
          named({ 0: 'register', 1: 'unregister', 2: 'replace the key' }),
        ),
        ignoreKey,
        explained(
          field(10, 31, 30, 'Change Persist Through Power Loss State (CPTPL)'),
          named({ 0: 'no change', 2: 'released at power on', 3: 'persist' }),
        ),
      ],
    },
  ],
  [
    nvmOpcode.reservationReport,
    {
      section: 'Reservation Report command',
      data: true,
      fields: [dwords, explained(field(11, 0, 0, 'Extended Data Structure (EDS)'), flag('extended'))],
    },
  ],
  [
    nvmOpcode.reservationAcquire,
    {
      section: 'Reservation Acquire command',
      data: true,
      fields: [
        explained(
          field(10, 2, 0, 'Reservation Acquire Action (RACQA)'),
          named({ 0: 'acquire', 1: 'preempt', 2: 'preempt and abort' }),
        ),
        ignoreKey,
        reservationType,
      ],
    },
  ],
  [
    nvmOpcode.reservationRelease,
    {
      section: 'Reservation Release command',
      data: true,
      fields: [
        explained(field(10, 2, 0, 'Reservation Release Action (RRELA)'), named({ 0: 'release', 1: 'clear' })),
        ignoreKey,
        reservationType,
      ],
    },
  ],
];

const zoneSendActions = named({
  1: 'Close Zone',
  2: 'Finish Zone',
  3: 'Open Zone',
  4: 'Reset Zone',
  5: 'Offline Zone',
  16: 'Set Zone Descriptor Extension',
});

const zoneFields: readonly (readonly [number, CommandFields])[] = [
  [
    nvmOpcode.zoneManagementSend,
    {
      section: 'Zone Management Send command',
      data: true,
      fields: [
        slba,
        explained(field(13, 7, 0, 'Zone Send Action (ZSA)'), zoneSendActions),
        explained(field(13, 8, 8, 'Select All'), flag('all zones', 'one zone')),
      ],
    },
  ],
  [
    nvmOpcode.zoneManagementReceive,
    {
      section: 'Zone Management Receive command',
      data: true,
      fields: [
        slba,
        explained(field(12, 31, 0, 'Number of Dwords (NUMD)'), zeroBased('dword')),
        explained(
          field(13, 7, 0, 'Zone Receive Action (ZRA)'),
          named({ 0: 'Report Zones', 1: 'Extended Report Zones' }),
        ),
        field(13, 15, 8, 'Zone Receive Action Specific'),
        explained(field(13, 16, 16, 'Partial Report'), flag('zones that fit are counted', 'all zones are counted')),
      ],
    },
  ],
  [
    nvmOpcode.zoneAppend,
    {
      section: 'Zone Append command',
      data: true,
      fields: [
        { ...slba, name: 'Zone Start LBA (ZSLBA)' },
        blocks,
        explained(field(12, 25, 25, 'Protection Information Remap (PIREMAP)'), flag('remapped')),
        field(12, 29, 26, 'Protection Information (PRINFO)'),
        explained(field(12, 30, 30, 'Force Unit Access (FUA)'), flag('durable before completion')),
        field(14, 31, 0, 'Initial Logical Block Reference Tag'),
      ],
    },
  ],
];

export const blockFields: ReadonlyMap<number, CommandFields> = new Map<number, CommandFields>([
  ...reservationFields,
  ...zoneFields,
  [
    nvmOpcode.verify,
    {
      section: 'Verify command',
      data: false,
      fields: [slba, blocks, field(12, 29, 26, 'Protection Information (PRINFO)')],
    },
  ],
  [
    nvmOpcode.copy,
    {
      section: 'Copy command',
      data: true,
      fields: [
        { ...slba, name: 'Starting Destination LBA (SDLBA)' },
        explained(field(12, 7, 0, 'Number of Ranges (NR)'), zeroBased('range')),
        field(12, 11, 8, 'Descriptor Format (DESFMT)'),
        field(12, 15, 12, 'Protection Information Read (PRINFOR)'),
        field(12, 29, 26, 'Protection Information Write (PRINFOW)'),
        explained(field(12, 30, 30, 'Force Unit Access (FUA)'), flag('durable before completion')),
      ],
    },
  ],
]);
