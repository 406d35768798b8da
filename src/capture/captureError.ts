/**
 * What can be wrong with a capture file.
 * `disk-full`, `write-failed`: writing ended, what was written before is readable.
 * `not-a-capture`, `newer-version`: the file cannot be opened. `exists`: it must not be there yet.
 * `corrupt`: a block is damaged; what stands before it is readable.
 * `closed`: used after close. `not-found`: a message number that the capture does not have.
 */
export type CaptureErrorCode =
  | 'disk-full'
  | 'write-failed'
  | 'read-failed'
  | 'exists'
  | 'not-a-capture'
  | 'newer-version'
  | 'corrupt'
  | 'closed'
  | 'not-found';

export class CaptureError extends Error {
  override readonly name = 'CaptureError';

  constructor(
    readonly code: CaptureErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
