const mostAttempts = 20;

/**
 * Looks at an operation while it is under way. Operations take a while, but a busy machine takes its while as well.
 * @param start begins the operation, however the one before ended
 * @param look what was seen; undefined when the operation was over before all of it was seen
 */
export async function during<T>(start: () => unknown, look: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    await start();
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new Error(`the operation was over before it was looked at, ${mostAttempts} times`);
}
