import { Fields } from '../fields.ts';

/** One result of the Device Self-test log page (NVMe Base 2.0), 28 bytes. */
export class SelfTestResult extends Fields {
  /**
   * How it ended: 0 without error, 1 aborted by a Device Self-test command, 2 by a Controller Level Reset, 3 by the removal of a
   * namespace, 4 by a Format NVM command, 5 fatal error, 6 and 7 a segment failed (unknown, known), 8 aborted for an unknown reason,
   * 9 aborted by a sanitize operation.
   */
  get result(): number {
    return this.u(0) & 0xf;
  }
  /** What was asked for: 1 short, 2 extended, Eh vendor specific. */
  get code(): number {
    return this.u(0) >>> 4;
  }
  /** It ended without an error. */
  get passed(): boolean {
    return this.result === 0;
  }
  /** Segment Number of the first failure, where {@link result} is 7. */
  get segment(): number {
    return this.u(1);
  }
  /** Valid Diagnostic Information: bit 0 NSID, 1 failing LBA, 2 Status Code Type, 3 Status Code. */
  get valid(): number {
    return this.u(2) & 0xf;
  }
  /** Power On Hours when it ended. */
  get powerOnHours(): bigint {
    return this.big(11, 4);
  }
  /** Namespace of the failing LBA; undefined when not valid. */
  get nsid(): number | undefined {
    return (this.valid & 1) === 0 ? undefined : this.u(15, 12);
  }
  /** Undefined when not valid. */
  get failingLba(): bigint | undefined {
    return (this.valid & 2) === 0 ? undefined : this.big(23, 16);
  }
  /** Status Code Type; undefined when not valid. */
  get statusCodeType(): number | undefined {
    return (this.valid & 4) === 0 ? undefined : this.u(24) & 7;
  }
  /** Status Code; undefined when not valid. */
  get statusCode(): number | undefined {
    return (this.valid & 8) === 0 ? undefined : this.u(25);
  }
}

/** Device Self-test log page (NVMe Base 2.0), 564 bytes. */
export class SelfTestLog extends Fields {
  /** Operation in progress: 0 none, 1 short, 2 extended, Eh vendor specific. */
  get operation(): number {
    return this.u(0) & 0xf;
  }
  /** Completion of the operation in progress, %. */
  get percent(): number {
    return this.u(1) & 0x7f;
  }
  /** Ended operations, newest first; at most 20. */
  get results(): readonly SelfTestResult[] {
    const all = Array.from(
      { length: 20 },
      (_, index) => new SelfTestResult(this.bytes.slice(4 + index * 28, 32 + index * 28)),
    );
    return all.filter(({ result }) => result !== 0xf);
  }
}

/** State of the most recent sanitize operation. */
export type SanitizeState = 'never' | 'completed' | 'in-progress' | 'failed' | 'completed-deallocated' | 'reserved';

const sanitizeStates: readonly SanitizeState[] = [
  'never',
  'completed',
  'in-progress',
  'failed',
  'completed-deallocated',
];

/** Sanitize Status log page (NVMe Base 2.0), 512 bytes. */
export class SanitizeLog extends Fields {
  /** Sanitize Progress: 65,536ths of the operation; 65,535 when none is in progress. */
  get progress(): number {
    return this.u(1, 0);
  }
  /** The most recent operation. `completed-deallocated`: successfully, deallocated though No-Deallocate After Sanitize was set. */
  get state(): SanitizeState {
    return sanitizeStates[this.u(3, 2) & 7] ?? 'reserved';
  }
  /** Passes of the overwrite that were completed. */
  get overwritePasses(): number {
    return (this.u(3, 2) >>> 3) & 0x1f;
  }
  /** Global Data Erased: nothing was written to any namespace since the last successful sanitize operation (or manufacture). */
  get globalDataErased(): boolean {
    return this.bit(8, 3, 2);
  }
  /** Command Dword 10 of the command that started it. */
  get commandDword10(): number {
    return this.u(7, 4);
  }
  /** Estimated seconds of an overwrite; undefined when not reported. */
  get overwriteS(): number | undefined {
    return this.#estimate(11);
  }
  /** Estimated seconds of a block erase; undefined when not reported. */
  get blockEraseS(): number | undefined {
    return this.#estimate(15);
  }
  /** Estimated seconds of a crypto erase; undefined when not reported. */
  get cryptoEraseS(): number | undefined {
    return this.#estimate(19);
  }

  #estimate(end: number): number | undefined {
    const seconds = this.u(end, end - 3);
    return seconds === 0xffff_ffff ? undefined : seconds;
  }
}
