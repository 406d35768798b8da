import type { Writable } from 'node:stream';
import type { OpenFile } from '../capture/fileAccess';
import { nodeFiles } from '../capture/fileAccess';

/** Where an export's bytes go. */
export interface OutputTarget {
  /** Resolves when the system has the bytes. One call at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when what was written survives a crash of the machine, where the target can promise it. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The reader of a pipe has closed it: nobody wants more. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

/** Creates a file that only its owner may read: exports hold production rows. Must not exist. */
export async function createFileTarget(path: string): Promise<OutputTarget> {
  return fileTarget(await nodeFiles.create(path), 0);
}

/**
 * Writes into an open file from `start` on, which is its end. Where a write fails, the part of it that was
 * written is taken back: lines that come whole stay whole.
 */
export function fileTarget(file: OpenFile, start: number): OutputTarget {
  let size = start;
  return {
    async write(bytes) {
      try {
        await file.write(bytes, size);
        size += bytes.length;
      } catch (error) {
        // What cannot be cut is left; the failure to write is what counts.
        await file.truncate(size).catch(() => undefined);
        throw error;
      }
    },
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

/** Standard output or another stream that is open already; it is not closed here. */
export function streamTarget(stream: Writable): OutputTarget {
  let broken: Error | undefined;
  // Without a listener a broken pipe would end the process with a stack trace.
  stream.on('error', (error: Error) => {
    broken = error;
  });
  return {
    write: bytes =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) {
          reject(asReaderGone(broken));
          return;
        }
        stream.write(bytes, error => {
          if (error === undefined || error === null) resolve();
          else reject(asReaderGone(error));
        });
      }),
    sync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** A closed pipe is EPIPE on POSIX and EOF on Windows. */
export function asReaderGone(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  return code === 'EPIPE' || code === 'EOF' || code === 'ERR_STREAM_DESTROYED'
    ? new ReaderGone('the reader is gone')
    : error;
}
