import type { NativeController } from '../nativeSurface.ts';
import type { Cqe } from './cqe.ts';
import type { Qpair } from './qpair.ts';
import type { Timeouts } from './timeouts.ts';

/** What a queue pair needs of its controller. @internal */
export interface QpairController {
  readonly address: string;
  readonly timeouts: Timeouts;
  readonly native: NativeController;
  /** Every completion, for the controller's own record. */
  completed(qid: number, cqe: Cqe): void;
  qpairEnded(qpair: Qpair): void;
}
