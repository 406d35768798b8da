import { describeSystemError } from '../base/systemError';
import { CaptureError } from './captureError';

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

/** Why writing ended. */
export function writeError(cause: unknown): CaptureError {
  if (cause instanceof CaptureError) return cause;
  const code = codeOf(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new CaptureError('disk-full', 'The disk is full: the capture ends here.', { cause });
  }
  const message = `The capture cannot be written: ${describeSystemError(cause)}.`;
  return new CaptureError('write-failed', message, { cause });
}

/** Why a new file was not made. */
export function createError(cause: unknown, path: string): CaptureError {
  if (codeOf(cause) === 'EEXIST') {
    return new CaptureError('exists', `The file ${path} exists already.`, { cause });
  }
  const error = writeError(cause);
  if (error.code !== 'write-failed') return error;
  const message = `The capture ${path} cannot be made: ${describeSystemError(cause)}.`;
  return new CaptureError('write-failed', message, { cause });
}
