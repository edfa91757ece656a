/** An operation of the device that goes on after its command ended with a failure, as its log page says. */
export class OperationFailedError extends Error {
  override readonly name = 'OperationFailedError';
}
