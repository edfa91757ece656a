/** Bit fields of NVMe structures, as data: what hovers show of a dword or a register. */

/** A field of a structure of dwords. */
export interface FieldSpec {
  /** Index of the dword it starts in. */
  readonly dword: number;
  /** Highest and lowest bit, counted from bit 0 of that dword; up to 63. */
  readonly bits: readonly [high: number, low: number];
  /** The specification's name. */
  readonly name: string;
  /** What the value says; nothing when the number says it. */
  readonly meaning?: (value: bigint) => string;
}

export interface DecodedField {
  readonly dword: number;
  /** Of the last dword it reaches into. */
  readonly lastDword: number;
  /** `15:00`, `07` */
  readonly bits: string;
  readonly name: string;
  readonly value: bigint;
  /** `0x1f` */
  readonly hex: string;
  readonly meaning: string;
}

export function decodeFields(specs: readonly FieldSpec[], dwords: readonly number[]): DecodedField[] {
  return specs.map(({ dword, bits: [high, low], name, meaning }) => {
    const pair = (BigInt(dwords[dword + 1] ?? 0) << 32n) | BigInt(dwords[dword] ?? 0);
    const value = BigInt.asUintN(high - low + 1, pair >> BigInt(low));
    return {
      dword,
      lastDword: high > 31 ? dword + 1 : dword,
      bits: high === low ? two(high) : `${two(high)}:${two(low)}`,
      name,
      value,
      hex: `0x${value.toString(16)}`,
      meaning: meaning?.(value) ?? '',
    };
  });
}

const two = (bit: number): string => String(bit).padStart(2, '0');

/** A field of one dword. */
export function field(dword: number, high: number, low: number, name: string): FieldSpec {
  return { dword, bits: [high, low], name };
}

/** The same field with an explanation of its value. */
export function explained(spec: FieldSpec, meaning: (value: bigint) => string): FieldSpec {
  return { ...spec, meaning };
}

/** Explains a value by a list of names. */
export function named(names: Readonly<Record<number, string>>, otherwise = 'reserved'): (value: bigint) => string {
  return (value) => names[Number(value)] ?? otherwise;
}

/** Explains a 0's based value. */
export function zeroBased(unit: string): (value: bigint) => string {
  return (value) => `${value + 1n} ${unit}${value === 0n ? '' : 's'}`;
}

/** Explains a flag: what it says when set. */
export function flag(set: string, clear = ''): (value: bigint) => string {
  return (value) => (value === 0n ? clear : set);
}
