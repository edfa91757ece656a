/** The platform, or the device, has no such thing. */
export class NotSupportedError extends Error {
  override readonly name = 'NotSupportedError';
  /** As the driver's own errors of this kind have it. */
  readonly code = 'NOT_SUPPORTED';
}
