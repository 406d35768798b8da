import type { Writable } from 'node:stream';

/** Writes a short text; a reader that is gone is no error. */
export function print(stream: Writable, text: string): Promise<void> {
  return new Promise(resolve => {
    stream.once('error', () => {
      resolve();
    });
    stream.write(text, () => {
      resolve();
    });
  });
}
