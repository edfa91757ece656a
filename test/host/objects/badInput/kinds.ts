/** What an argument may be, by one good value and values that must be refused. */
export interface Kind {
  readonly good: unknown;
  readonly bad: readonly unknown[];
}

const noNumbers: readonly unknown[] = [null, 'five', {}, Number.NaN, true];

export const int = (least: number, most: number, good = least): Kind => ({
  good,
  bad: [...noNumbers, least - 1, most + 1, least + 0.5],
});

/** Fractions too. */
export const num = (least: number, most: number): Kind => ({ good: least, bad: [...noNumbers, least - 1, most + 1] });

/** 64 bits: a safe integer or a bigint. */
export const u64: Kind = { good: 0, bad: [null, 'five', {}, -1, 0.5, 2 ** 53, -1n, 2n ** 64n] };

export const text = (good: string): Kind => ({ good, bad: [null, 5, {}, undefined] });

export const oneOf = (good: string): Kind => ({ good, bad: [null, 'none of them', {}, '__proto__'] });

export const bytes = (good: Uint8Array): Kind => ({ good, bad: [null, 5, {}, [1, 2]] });

export const callback: Kind = { good: () => undefined, bad: [null, 5, {}, 'function'] };

export const object = (good: unknown): Kind => ({ good, bad: [null, 5, 'buffer', {}] });

/** It may be left out. */
export const optional = ({ good, bad }: Kind): Kind => ({ good, bad: bad.filter((value) => value !== undefined) });

/** Required: undefined is refused too. */
export const required = ({ good, bad }: Kind): Kind => ({ good, bad: [...bad, undefined] });

/** An object of options: each field by its kind, and null or a number in the place of the object. */
export function fields(kinds: Readonly<Record<string, Kind>>, given: Readonly<Record<string, unknown>> = {}): Kind {
  const good = { ...given };
  const bad: unknown[] = [null, 5, 'options'];
  for (const [name, kind] of Object.entries(kinds)) {
    for (const value of kind.bad) bad.push({ ...good, [name]: value });
  }
  return { good, bad };
}

/** Good values alone: what is wrong is judged by the device, or nothing can be. */
export const any = (good: unknown): Kind => ({ good, bad: [] });
