/** `unknown`: the controller of the supply cannot be asked. */
export type PowerState = 'on' | 'off' | 'unknown';

/** What a power controller is, and what it can do. */
export interface PowerFacts {
  /** `emulated`, `s3`, `slot`, `quarch`, `command`, or the word of a test's own object. */
  readonly kind: string;
  /** For people: "slot 3", "Quarch 192.0.2.7 port 2". */
  readonly name: string;
  /** Power goes while commands are in flight. Where it is false, `why` says what happens first. */
  readonly midIo: boolean;
  /** Why `midIo` is false, or which other limit there is. */
  readonly why?: string;
}

/**
 * What switches the supply of an NVM subsystem (vPower). A test file may give its own: `new Subsystem(nvme0, { power })`. The
 * driver is told by {@link Subsystem}; a power controller only switches.
 */
export interface PowerController {
  /** What it is, and what it can do. */
  describe(): PowerFacts;
  /** Whether there is power now. */
  state(): Promise<PowerState>;
  /** Resolves when the supply is off. */
  off(): Promise<void>;
  /** Resolves when the supply is on; the device may still need time to answer. */
  on(): Promise<void>;
  /** Off, `offMs` milliseconds without power, on: given where the two cannot be had apart, as with suspend to RAM. */
  cycle?(offMs: number): Promise<void>;
}

const methods = ['describe', 'state', 'off', 'on'] as const;

/** @throws TypeError naming what an object of a test's own lacks */
export function checkedPower(power: unknown): PowerController {
  if (typeof power !== 'object' || power === null) {
    throw new TypeError('power must be a PowerController: an object with describe, state, off and on');
  }
  const missing = methods.filter((name) => typeof (power as Record<string, unknown>)[name] !== 'function');
  if (missing.length === 0) return power as PowerController;
  throw new TypeError(`power lacks ${missing.join(', ')}: a PowerController has describe, state, off and on`);
}

/** A power controller did not do what it was asked, or cannot. */
export class PowerError extends Error {
  override readonly name = 'PowerError';

  /** @internal */
  constructor(
    /** `REFUSED`: it must not be done now; `FAILED`: it was tried; `TIMEOUT`: no answer; `NOT_SUPPORTED`: this kind cannot; `PLATFORM_LIMIT`: nothing switches this controller's. */
    readonly code: 'REFUSED' | 'FAILED' | 'TIMEOUT' | 'NOT_SUPPORTED' | 'PLATFORM_LIMIT',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
