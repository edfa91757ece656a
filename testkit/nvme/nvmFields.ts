/** Command Dwords of the NVM commands (NVM Command Set 1.0, "NVM Command Set Commands"). Keys are opcodes. */
import type { CommandFields } from './adminFields.ts';
import { explained, type FieldSpec, field, flag, zeroBased } from './fields.ts';
import { nvmOpcode } from './opcode.ts';

const slba: FieldSpec = { dword: 10, bits: [63, 0], name: 'Starting LBA (SLBA)', meaning: (value) => `LBA ${value}` };
const nlb = explained(field(12, 15, 0, 'Number of Logical Blocks (NLB)'), zeroBased('block'));
const directive = field(12, 23, 20, 'Directive Type (DTYPE)');
const storageTagCheck = explained(field(12, 24, 24, 'Storage Tag Check (STC)'), flag('checked'));
const prinfo = field(12, 29, 26, 'Protection Information (PRINFO)');
const fua = explained(field(12, 30, 30, 'Force Unit Access (FUA)'), flag('durable before completion'));
const limitedRetry = explained(field(12, 31, 31, 'Limited Retry (LR)'), flag('limited'));
const directiveSpecific = field(13, 31, 16, 'Directive Specific (DSPEC)');
const datasetManagement = field(13, 7, 0, 'Dataset Management (DSM)');
const protection = [
  field(14, 31, 0, 'Initial/Expected Logical Block Reference Tag'),
  field(15, 15, 0, 'Logical Block Application Tag (LBAT/ELBAT)'),
  field(15, 31, 16, 'Logical Block Application Tag Mask (LBATM/ELBATM)'),
];

export const nvmFields: ReadonlyMap<number, CommandFields> = new Map<number, CommandFields>([
  [nvmOpcode.flush, { section: 'Flush command', data: false, fields: [] }],
  [
    nvmOpcode.write,
    {
      section: 'Write command',
      data: true,
      fields: [
        slba,
        nlb,
        directive,
        storageTagCheck,
        prinfo,
        fua,
        limitedRetry,
        datasetManagement,
        directiveSpecific,
        ...protection,
      ],
    },
  ],
  [
    nvmOpcode.read,
    {
      section: 'Read command',
      data: true,
      fields: [slba, nlb, storageTagCheck, prinfo, fua, limitedRetry, datasetManagement, ...protection],
    },
  ],
  [nvmOpcode.writeUncorrectable, { section: 'Write Uncorrectable command', data: false, fields: [slba, nlb] }],
  [
    nvmOpcode.compare,
    {
      section: 'Compare command',
      data: true,
      fields: [slba, nlb, storageTagCheck, prinfo, fua, limitedRetry, ...protection],
    },
  ],
  [
    nvmOpcode.writeZeroes,
    {
      section: 'Write Zeroes command',
      data: false,
      fields: [
        slba,
        nlb,
        storageTagCheck,
        explained(field(12, 25, 25, 'Deallocate (DEAC)'), flag('deallocate the blocks')),
        prinfo,
        fua,
        limitedRetry,
        ...protection,
      ],
    },
  ],
  [
    nvmOpcode.datasetManagement,
    {
      section: 'Dataset Management command',
      data: true,
      fields: [
        explained(field(10, 7, 0, 'Number of Ranges (NR)'), zeroBased('range')),
        explained(field(11, 0, 0, 'Integral Dataset for Read (IDR)'), flag('read as one')),
        explained(field(11, 1, 1, 'Integral Dataset for Write (IDW)'), flag('written as one')),
        explained(field(11, 2, 2, 'Attribute - Deallocate (AD)'), flag('deallocate the ranges')),
      ],
    },
  ],
]);
