/** Submission and completion queue entries, decoded field by field for hovers (NVMe Base 2.0, "Queue Entries"). */
import { adminFields, type CommandFields } from './adminFields.ts';
import { blockFields } from './blockFields.ts';
import { type DecodedField, decodeFields, explained, type FieldSpec, field, flag, named } from './fields.ts';
import { managementFields } from './managementFields.ts';
import { nvmFields } from './nvmFields.ts';
import { commandName, dataDirection } from './opcode.ts';
import { decodeStatus, formatStatus, statusTypeName } from './status.ts';

export interface DecodedEntry {
  /** Name of the command, or of a completion's status. */
  readonly name: string;
  /** Title of the section in the specification that describes it. */
  readonly section: string;
  readonly fields: readonly DecodedField[];
}

/** @param dwords 16, as in a command log */
export function decodeSqe(qid: number, dwords: readonly number[]): DecodedEntry {
  const opcode = (dwords[0] ?? 0) & 0xff;
  const tables = qid === 0 ? [adminFields, managementFields] : [nvmFields, blockFields];
  const known = tables.flatMap((table) => table.get(opcode) ?? [])[0];
  const specific = known ?? generic(opcode);
  const usesSgl = ((dwords[0] ?? 0) >>> 14) % 4 !== 0;
  const specs = [
    ...common(qid),
    ...(specific.data || hasDataPointer(dwords) ? dataPointer(usesSgl) : []),
    ...specific.fields,
  ];
  const name = commandName(qid, opcode);
  return { name, section: specific.section, fields: decodeFields(specs, dwords) };
}

/** @param dwords 4, as in a command log */
export function decodeCqe(dwords: readonly number[]): DecodedEntry {
  const status = decodeStatus((dwords[3] ?? 0) >>> 17);
  return {
    name: formatStatus(status),
    section: 'Common Completion Queue Entry',
    fields: decodeFields(completion, dwords),
  };
}

/** The fields a dword holds a part of. */
export function fieldsOfDword(entry: DecodedEntry, dword: number): DecodedField[] {
  return entry.fields.filter((decoded) => decoded.dword <= dword && dword <= decoded.lastDword);
}

function common(qid: number): FieldSpec[] {
  const direction = (value: bigint) => `${commandName(qid, Number(value))}; data: ${dataDirection(Number(value))}`;
  return [
    explained(field(0, 7, 0, 'Opcode (OPC)'), direction),
    explained(
      field(0, 9, 8, 'Fused Operation (FUSE)'),
      named({ 0: 'normal', 1: 'first of a fused pair', 2: 'second of a fused pair' }),
    ),
    explained(
      field(0, 15, 14, 'PRP or SGL for Data Transfer (PSDT)'),
      named({ 0: 'PRPs', 1: 'SGLs, metadata in one buffer', 2: 'SGLs, metadata by an SGL' }),
    ),
    field(0, 31, 16, 'Command Identifier (CID)'),
    explained(field(1, 31, 0, 'Namespace Identifier (NSID)'), (value) =>
      value === 0xffffffffn ? 'all namespaces' : '',
    ),
  ];
}

function dataPointer(usesSgl: boolean): FieldSpec[] {
  const pair = (dword: number, name: string): FieldSpec => ({ dword, bits: [63, 0], name });
  const metadata = pair(4, 'Metadata Pointer (MPTR)');
  if (!usesSgl) return [metadata, pair(6, 'PRP Entry 1 (PRP1)'), pair(8, 'PRP Entry 2 (PRP2)')];
  return [
    metadata,
    pair(6, 'SGL Entry 1: address'),
    field(8, 31, 0, 'SGL Entry 1: length'),
    explained(
      field(9, 31, 28, 'SGL Descriptor Type'),
      named({ 0: 'data block', 1: 'bit bucket', 2: 'segment', 3: 'last segment', 4: 'keyed data block' }),
    ),
    field(9, 27, 24, 'SGL Descriptor Sub Type'),
  ];
}

const hasDataPointer = (dwords: readonly number[]): boolean => [4, 5, 6, 7, 8, 9].some((index) => dwords[index]);

/** For commands without a table of their own. */
function generic(opcode: number): CommandFields {
  return {
    section: 'Common Command Format',
    data: dataDirection(opcode) !== 'none',
    fields: [10, 11, 12, 13, 14, 15].map((dword) => field(dword, 31, 0, `Command Dword ${dword} (CDW${dword})`)),
  };
}

const completion: readonly FieldSpec[] = [
  field(0, 31, 0, 'Command specific (DW0)'),
  field(1, 31, 0, 'Command specific (DW1)'),
  field(2, 15, 0, 'SQ Head Pointer (SQHD)'),
  field(2, 31, 16, 'SQ Identifier (SQID)'),
  field(3, 15, 0, 'Command Identifier (CID)'),
  field(3, 16, 16, 'Phase Tag (P)'),
  explained(field(3, 31, 17, 'Status Field (SF)'), (value) => formatStatus(decodeStatus(Number(value)))),
  field(3, 24, 17, 'Status Code (SC)'),
  explained(field(3, 27, 25, 'Status Code Type (SCT)'), (value) => statusTypeName(Number(value))),
  field(3, 29, 28, 'Command Retry Delay (CRD)'),
  explained(field(3, 30, 30, 'More (M)'), flag('more in the Error Information log page')),
  explained(field(3, 31, 31, 'Do Not Retry (DNR)'), flag('would fail again')),
];
