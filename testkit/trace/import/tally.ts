/** What became of every line and command of a recording: nothing is dropped unseen. */

/** Why a command that was seen is not in the trace. */
export type LeftReason =
  | 'admin command'
  | 'submission not recorded'
  | 'range not recorded'
  | 'DSM ranges not recorded'
  | 'Copy: source ranges not recorded'
  | 'fields of this command not recorded'
  | 'command of another controller'
  | 'request of another device'
  | 'passed-through request'
  | 'not a multiple of the logical block size'
  | 'range beyond what NVMe can address'
  | 'command line not understood';

/** What else there is to say about a recording. */
export type CountName =
  | 'lines'
  | 'lines of other events'
  | 'lines too long'
  | 'clock jumps'
  | 'times put in order'
  | 'completion not recorded'
  | 'DSM with some ranges missing'
  | 'completions of commands given up'
  | 'events lost by the recorder'
  | 'requests put back'
  | 'logical block size changed'
  | 'file operations';

export class Tally {
  readonly left: Partial<Record<LeftReason, number>> = {};
  readonly counts: Partial<Record<CountName, number>> = {};

  leave(reason: LeftReason): void {
    this.left[reason] = (this.left[reason] ?? 0) + 1;
  }

  count(name: CountName, by = 1): void {
    if (by > 0) this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  get leftCount(): number {
    return Object.values(this.left).reduce((sum, count) => sum + count, 0);
  }
}
