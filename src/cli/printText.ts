import type { Writable } from 'node:stream';
import { asReaderGone, ReaderGone } from '../export/outputTarget';
import { explainWriteFailure } from '../export/writeFailure';
import { CliError } from './cliError';

/** Writes a short text; a reader that is gone is no error, everything else is. */
export function print(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The error comes to the callback; without a listener it would end the process as well.
    stream.once('error', () => undefined);
    stream.write(text, error => {
      const cause = error instanceof Error ? asReaderGone(error) : undefined;
      if (cause === undefined || cause instanceof ReaderGone) {
        resolve();
        return;
      }
      const end = explainWriteFailure(cause, 'standard output');
      reject(end.kind === 'enough' ? cause : CliError.of(end.failure));
    });
  });
}
