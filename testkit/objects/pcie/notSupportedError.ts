/** The platform, or the device, has no such thing. */
export class NotSupportedError extends Error {
  override readonly name = 'NotSupportedError';
  /** As the driver's own errors of this kind have it. */
  readonly code = 'NOT_SUPPORTED';
}

/** The way to the controller cannot do it, the device may well. A test that meets it counts as skipped for this reason. */
export class PlatformLimitError extends Error {
  override readonly name = 'PlatformLimitError';
  /** As the driver's own errors of this kind have it. */
  readonly code = 'PLATFORM_LIMIT';
}
