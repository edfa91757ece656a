/** Command Dwords 10 of the maintenance commands. Numbers in the place of names reach the device as they are. */
import { integer, wrongType } from '../checks.ts';
import type { FirmwareCommitOptions, FormatOptions, SanitizeOptions } from './maintenanceOptions.ts';

const erases = { none: 0, 'user-data': 1, crypto: 2 } as const;
const actions = { 'exit-failure-mode': 1, 'block-erase': 2, overwrite: 3, 'crypto-erase': 4 } as const;
const selfTests = { short: 1, extended: 2, abort: 0xf } as const;

/** A field given by name or by number. @throws TypeError, RangeError naming it @internal */
export function named(
  name: string,
  value: unknown,
  { names, most }: { readonly names: Readonly<Record<string, number>>; readonly most: number },
): number {
  if (typeof value === 'string' && Object.hasOwn(names, value)) return names[value] ?? 0;
  if (typeof value === 'number') return integer(name, value, 0, most);
  const known = Object.keys(names)
    .map((known) => `'${known}'`)
    .join(', ');
  throw wrongType(name, `${known} or a number`, value);
}

/** LBAFL 3:0, MSET 4, PI 7:5, PIL 8, SES 11:9, LBAFU 13:12. @internal */
export function formatDword(options: FormatOptions): number {
  const { lbaf = 0, metadata = 'separate', pi = 0, piFirst = false, secureErase = 'none' } = options;
  const index = integer('lbaf', lbaf, 0, 63);
  return (
    (index & 0xf) |
    (named('metadata', metadata, { names: { separate: 0, extended: 1 }, most: 1 }) << 4) |
    (integer('pi', pi, 0, 7) << 5) |
    (piFirst ? 0x100 : 0) |
    (named('secureErase', secureErase, { names: erases, most: 7 }) << 9) |
    ((index >>> 4) << 12)
  );
}

/** SANACT 2:0, AUSE 3, OWPASS 7:4 (0 = 16 passes), OIPBP 8, No-Deallocate 9. @internal */
export function sanitizeDword(options: SanitizeOptions): number {
  const { passes = 1 } = options;
  return (
    named('action', options.action, { names: actions, most: 7 }) |
    (options.allowUnrestrictedExit ? 0x8 : 0) |
    ((integer('passes', passes, 1, 16) & 0xf) << 4) |
    (options.invertPattern ? 0x100 : 0) |
    (options.noDeallocate ? 0x200 : 0)
  );
}

/** STC 3:0. @internal */
export function selfTestCode(code: unknown): number {
  return named('code', code, { names: selfTests, most: 15 });
}

/** FS 2:0, CA 5:3, BPID 31. @internal */
export function firmwareCommitDword({ action, slot = 0, bootPartition = 0 }: FirmwareCommitOptions): number {
  const fields = integer('slot', slot, 0, 7) | (integer('action', action, 0, 7) << 3);
  return (fields | (integer('bootPartition', bootPartition, 0, 1) << 31)) >>> 0;
}
