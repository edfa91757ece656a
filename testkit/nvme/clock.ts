/** Ticks of command records to time, exactly (bigint: ns since 1970 are beyond 2^53). */

/** One reading of the clocks at the same moment. */
export interface ClockPoint {
  readonly ticks: bigint;
  /** CLOCK_MONOTONIC_RAW, ns. */
  readonly monotonicNs: bigint;
  /** CLOCK_REALTIME, ns since 1970. */
  readonly realtimeNs: bigint;
}

export interface EvidenceClock {
  /** Ticks to ns since 1970, UTC. */
  unixNs(ticks: bigint): bigint;
  /** Ticks to ns of CLOCK_MONOTONIC_RAW. */
  monotonicNs(ticks: bigint): bigint;
  /** Length of an interval, ns. */
  durationNs(ticks: bigint): bigint;
}

const nsPerSecond = 1_000_000_000n;

/**
 * Linear through both points, and by the same slope outside them. With only one usable point the nominal rate is the slope.
 * Where the wall clock was set in between (it no longer agrees with the monotonic one), the newer point anchors every time, so
 * that intervals stay true.
 */
export function clockOf(first: ClockPoint, latest: ClockPoint | undefined, ticksPerSecond: bigint): EvidenceClock {
  const rate = ticksPerSecond > 0n ? ticksPerSecond : nsPerSecond;
  const second = latest !== undefined && latest.ticks > first.ticks ? latest : undefined;
  const ticks = second ? second.ticks - first.ticks : rate;
  const elapsed = second ? second.monotonicNs - first.monotonicNs : nsPerSecond;
  const wallElapsed = second ? second.realtimeNs - first.realtimeNs : nsPerSecond;
  const wasSet = wallClockWasSet(elapsed, wallElapsed);
  const anchor = second && wasSet ? second : first;
  const wallSlope = wasSet ? elapsed : wallElapsed;
  return {
    unixNs: (at) => anchor.realtimeNs + scale(at - anchor.ticks, wallSlope, ticks),
    monotonicNs: (at) => first.monotonicNs + scale(at - first.ticks, elapsed, ticks),
    durationNs: (interval) => scale(interval, elapsed, ticks),
  };
}

/** More than 0.1 % + 1 ms apart is no slewing. */
function wallClockWasSet(elapsedNs: bigint, wallElapsedNs: bigint): boolean {
  const difference = elapsedNs > wallElapsedNs ? elapsedNs - wallElapsedNs : wallElapsedNs - elapsedNs;
  return difference > elapsedNs / 1000n + 1_000_000n;
}

/** `value * numerator / denominator`, rounded to nearest. */
function scale(value: bigint, numerator: bigint, denominator: bigint): bigint {
  const doubled = 2n * value * numerator;
  const rounding = doubled < 0n ? -denominator : denominator;
  return (doubled + rounding) / (2n * denominator);
}
