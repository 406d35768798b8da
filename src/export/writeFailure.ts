import { describeSystemError } from '../base/systemError';
import { SpillError } from '../capture/spillFile';
import type { SinkEnd } from '../shared/frameSink';

/** Why writing to a file or a pipe failed, for a person. */
export function explainWriteFailure(error: Error, target: string): SinkEnd {
  if (error instanceof SpillError) return explainSpillFailure(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const detail = error.message;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return {
      kind: 'disk-full',
      failure: {
        code: 'disk-full',
        message: `There is no space left to write ${target}`,
        action: 'Make room, or write to another disk.',
        detail,
      },
    };
  }
  if (error instanceof RangeError || code === 'ERR_STRING_TOO_LONG') {
    return {
      kind: 'failed',
      failure: {
        code: 'value-too-long',
        message: 'A change holds a value that is too long to be written as text',
        action: 'Write a capture (--format capture): it keeps every message as it came.',
        detail,
      },
    };
  }
  return {
    kind: 'failed',
    failure: {
      code: 'write-failed',
      message: `Cannot write ${target}: ${describeSystemError(error)}`,
      action: 'Check that the place exists and that you may write there.',
      detail,
    },
  };
}

/** Not the output's disk is full, but that of the folder for temporary files. */
function explainSpillFailure({ folder, message }: SpillError): SinkEnd {
  return {
    kind: 'failed',
    failure: {
      code: 'spill-failed',
      message: `A large transaction that waits for its commit cannot be put into ${folder}: ${message}`,
      action: 'Make room there, set TMPDIR to another folder, or use --transactions raw.',
      detail: message,
    },
  };
}
