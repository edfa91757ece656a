import { integer, unsigned64, wrongType } from '../checks.ts';

const types = {
  'data-block': 0,
  'bit-bucket': 1,
  segment: 2,
  'last-segment': 3,
  'keyed-data-block': 4,
  'transport-data-block': 5,
  'vendor-specific': 15,
} as const;

/** An SGL descriptor (NVMe Base 2.0, "SGL Descriptor"), 16 bytes. Values are not judged: an illegal one is the device's to refuse. */
export interface SglDescriptor {
  /** SGL Descriptor Type; other values by number, 0..15. */
  readonly type: keyof typeof types | number;
  /** Bus address. Default 0. */
  readonly address?: number | bigint;
  /** Bytes, 0 to 2^32-1. */
  readonly length: number;
  /** SGL Descriptor Sub Type, 0..15. Default 0. */
  readonly subType?: number;
}

export const sglDescriptorBytes = 16;

/** @throws TypeError, RangeError naming the field @internal */
export function sglDwords({ type, address = 0, length, subType = 0 }: SglDescriptor): Uint32Array {
  const code = typeof type === 'string' && Object.hasOwn(types, type) ? types[type] : type;
  if (typeof code !== 'number') throw wrongType('type', `${Object.keys(types).join(', ')} or a number`, type);
  const at = unsigned64('address', address);
  const identifier = integer('type', code, 0, 15) * 16 + integer('subType', subType, 0, 15);
  return Uint32Array.of(
    Number(at & 0xffff_ffffn),
    Number(at >> 32n),
    integer('length', length, 0, 0xffff_ffff),
    identifier * 2 ** 24,
  );
}
