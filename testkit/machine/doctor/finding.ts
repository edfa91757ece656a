/** A command for a shell, and the one that takes it back. */
export interface Remedy {
  /** As it is shown, and as it is run: one line. */
  readonly command: string;
  /** Undefined where there is nothing to take back. */
  readonly undo?: string;
  /** What else has to happen: a restart, a new log-in. */
  readonly afterwards?: string;
}

/** One fact about this machine. */
export interface Finding {
  /** The same at every check: `vfio`, `controller 0000:3d:00.0`. */
  readonly id: string;
  /** `fault`: no test can run. `note`: something is not possible, or deserves a look. */
  readonly state: 'ok' | 'note' | 'fault';
  readonly text: string;
  /** What to do about it, in words. */
  readonly advice?: string;
  /** What to do about it, as a command. Nothing runs it unasked. */
  readonly fix?: Remedy;
  /** What a fix of ours did here before can be taken back by this. */
  readonly undo?: string;
}
