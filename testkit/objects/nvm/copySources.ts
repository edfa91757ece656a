import { integer, unsigned64 } from '../checks.ts';
import type { CopySource } from './ioOptions.ts';

/** Bytes of an entry, by descriptor format. */
const entryBytes = [32, 40] as const;

/**
 * Source Range Entries of the Copy command (NVM Command Set 1.0, "Copy command"), as format 1 where that is said, else as format 0.
 * @throws TypeError, RangeError naming the field @internal
 */
export function copySources(sources: readonly CopySource[], descriptorFormat: number | undefined): Uint8Array {
  const format = descriptorFormat === 1 ? 1 : 0;
  const size = entryBytes[format];
  const bytes = new Uint8Array(sources.length * size);
  sources.forEach((source, index) => {
    const entry = new DataView(bytes.buffer, index * size, size);
    entry.setBigUint64(8, unsigned64('slba', source.slba), true);
    entry.setUint16(16, integer('blockCount', source.blockCount ?? 1, 1, 65_536) - 1, true);
    if (format === 0) putTags(entry, source);
    else putLongTags(entry, source);
  });
  return bytes;
}

/** EILBRT 27:24, ELBAT 29:28, ELBATM 31:30. */
function putTags(entry: DataView, { refTag = 0, appTag = 0, appTagMask = 0 }: CopySource): void {
  const tag = unsigned64('refTag', refTag);
  if (tag > 0xffff_ffffn) throw new RangeError(`refTag is 0 to 4294967295 in descriptor format 0, not ${tag}`);
  entry.setUint32(24, Number(tag), true);
  entry.setUint16(28, integer('appTag', appTag, 0, 0xffff), true);
  entry.setUint16(30, integer('appTagMask', appTagMask, 0, 0xffff), true);
}

/** Storage and reference tag in 35:26, most significant byte first as in the blocks; ELBAT 37:36, ELBATM 39:38. */
function putLongTags(entry: DataView, { refTag = 0, appTag = 0, appTagMask = 0 }: CopySource): void {
  entry.setBigUint64(28, unsigned64('refTag', refTag), false);
  entry.setUint16(36, integer('appTag', appTag, 0, 0xffff), true);
  entry.setUint16(38, integer('appTagMask', appTagMask, 0, 0xffff), true);
}
