/**
 * What can be wrong with a capture file.
 * `disk-full`, `write-failed`: writing ended, what was written before is readable.
 * `not-a-capture`, `newer-version`: the file cannot be opened. `exists`: it must not be there yet.
 * `corrupt`: a block is damaged; what stands before it is readable.
 * `closed`: used after close. `not-found`: a message number that the capture does not have.
 * `bad-view`: a filter or a range that cannot be read.
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
  | 'not-found'
  | 'bad-view';

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

/** A file whose checksums are right and whose parts do not fit together was not written by us. */
export function asDamage(error: unknown): unknown {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error;
  const message = 'This capture is damaged: its directory does not fit the rest of it.';
  return new CaptureError('corrupt', message, { cause: error });
}

/** What a reader is told who meets damage at this offset of the file. */
export function damagedAt(offset: number): string {
  return `The capture is damaged at byte ${String(offset)}; what stands before can be read.`;
}
