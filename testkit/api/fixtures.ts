import type { Controller } from '../objects/controller.ts';
import type { DmaBuffer } from '../objects/dmaBuffer.ts';
import type { Namespace } from '../objects/namespace.ts';
import type { Pcie } from '../objects/pcie/pcie.ts';
import type { Qpair } from '../objects/qpair.ts';
import type { Subsystem } from '../objects/subsystem.ts';
import type { Verification } from '../objects/verification.ts';
import type { Report } from './report.ts';

/** What every test can ask for by naming it. */
export interface Fixtures {
  /** The controller of the run (`--controller`, else the emulated SSD): open, and in its default enabled state. */
  readonly nvme0: Controller;
  /**
   * The second controller of the run, for tests that take two: the second `--controller`; another emulated SSD where the run is on
   * emulated ones. A run on one real controller skips the test.
   */
  readonly nvme1: Controller;
  /** Namespace 1 of `nvme1`. */
  readonly nvme1n1: Namespace;
  /** The PCI function of `nvme0`: configuration space, BAR, resets of the function and the link. */
  readonly pcie: Pcie;
  /** Namespace 1 of `nvme0`. */
  readonly nvme0n1: Namespace;
  /** An I/O queue pair of 64 entries, of this test alone. */
  readonly qpair: Qpair;
  /** A buffer of 4 KiB, of zeros. */
  readonly buf: DmaBuffer;
  /** The NVM subsystem of `nvme0`: power and NVM subsystem reset. */
  readonly subsystem: Subsystem;
  /** Inline data verification of `nvme0n1`, on from here to the end of the test. */
  readonly verify: Verification;
  /** 0 to 2^32 - 1, another one for every test and run; the same where `--seed` is. Shown with a failure. */
  readonly seed: number;
  /** Words for the test's output, as `console.log` formats them, shown at this line in VS Code. */
  readonly log: (...words: unknown[]) => void;
  /** Shows how far a long test is; its time-out starts anew. */
  readonly progress: (label: string, done: number, total: number) => void;
  /** Charts next to the test's result. */
  readonly report: Report;
  /** Ends the test, which then counts as skipped for this reason. */
  readonly skip: (reason: string) => never;
}
