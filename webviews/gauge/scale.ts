const shrinkAfterMs = 4000;

/** The smallest of 1, 2, 5 times a power of ten that is not below `value`. */
export function snapUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  // 5 * 10^-3 is 0.005, not 0.0050000000000000001: the label shows it.
  return Number((step * power).toPrecision(6));
}

/** The end of an axis: follows values up at once, down only after they stayed below for a while. */
export class AutoScale {
  private current: number;
  private lowSinceMs: number | undefined;

  /** @param least the axis never ends below it */
  constructor(private readonly least: number) {
    this.current = snapUp(least);
  }

  get max(): number {
    return this.current;
  }

  /** @param peak highest value to be shown now */
  update(peak: number, nowMs: number): number {
    const wanted = snapUp(Math.max(peak, this.least));
    if (wanted >= this.current) {
      this.current = wanted;
      this.lowSinceMs = undefined;
    } else {
      this.lowSinceMs ??= nowMs;
      if (nowMs - this.lowSinceMs >= shrinkAfterMs) {
        this.current = wanted;
        this.lowSinceMs = undefined;
      }
    }
    return this.current;
  }
}
