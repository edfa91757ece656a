/** An error whose message is for the user and shown as it is. Everything else is logged with its stack. */
export class HumanError extends Error {
  override readonly name = 'HumanError';
}

/** One sentence for the user. */
export function userMessage(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
}
