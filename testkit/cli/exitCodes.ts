/** What the command's exit code means; scripts rely on it. */
export const ExitCode = {
  Passed: 0,
  Failures: 1,
  /** Wrong options, no such files. */
  Usage: 2,
  /** No addon, or the driver host died: the tests say nothing about the drive. */
  Environment: 3,
  Cancelled: 130,
} as const;
export type ExitCodeValue = (typeof ExitCode)[keyof typeof ExitCode];

/** Wrong input; the message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
