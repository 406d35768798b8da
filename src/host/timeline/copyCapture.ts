import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { chmod, open, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '../../base/quantity';
import { Cancelled, HostFailure } from '../hostFailure';

const STEP = 1024 * 1024;

export interface CopyOptions {
  readonly signal: AbortSignal;
  /** Bytes copied so far, of all. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Copies what there is of a capture now; a stream may go on writing it. The copy appears in one step when
 * it is complete, for its owner alone, in place of what was there: nothing half is ever left. Throws
 * {@link Cancelled}, or {@link HostFailure} with one sentence.
 */
export async function copyCapture(
  source: string,
  target: string,
  { signal, onProgress }: CopyOptions,
): Promise<{ readonly bytes: number }> {
  if (await isSame(source, target)) {
    throw saveFailure(
      'same-file',
      'This file is the capture itself.',
      'Choose another name.',
      target,
    );
  }
  const unfinished = path.join(
    path.dirname(target),
    // A name of its own: the target's may be as long as the file system takes.
    `.walexplorer-${randomBytes(6).toString('hex')}.part`,
  );
  let to: FileHandle | undefined;
  let from: FileHandle | undefined;
  try {
    from = await open(source, 'r');
    to = await open(unfinished, 'wx', 0o600);
    const total = (await from.stat()).size;
    await copyBytes(from, to, { total, signal, onProgress });
    await to.sync();
    await to.close();
    to = undefined;
    // What the process's umask and the folder's defaults made of the mode does not count.
    await chmod(unfinished, 0o600);
    signal.throwIfAborted();
    await rename(unfinished, target);
    return { bytes: total };
  } catch (error) {
    await to?.close().catch(() => undefined);
    await rm(unfinished, { force: true }).catch(() => undefined);
    if (signal.aborted) throw new Cancelled();
    throw explainCopy(error, source, target);
  } finally {
    await from?.close();
  }
}

async function copyBytes(
  from: FileHandle,
  to: FileHandle,
  { total, signal, onProgress }: CopyOptions & { readonly total: number },
): Promise<void> {
  const buffer = new Uint8Array(Math.min(STEP, Math.max(total, 1)));
  let done = 0;
  while (done < total) {
    signal.throwIfAborted();
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, total - done), done);
    if (bytesRead === 0) break;
    for (let written = 0; written < bytesRead;) {
      const step = await to.write(buffer, written, bytesRead - written, done + written);
      written += step.bytesWritten;
    }
    done += bytesRead;
    onProgress(done, total);
  }
}

async function isSame(source: string, target: string): Promise<boolean> {
  const [a, b] = await Promise.all([source, target].map(file => realpath(file).catch(() => file)));
  return a === b;
}

function explainCopy(error: unknown, source: string, target: string): HostFailure {
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const folder = path.dirname(target);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return saveFailure(
        'disk-full',
        `There is no room for the capture in ${folder}.`,
        'Nothing was saved; free some space or choose another folder.',
        detail,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return saveFailure(
        'no-permission',
        `The capture may not be written to ${folder}.`,
        'Choose another folder.',
        detail,
      );
    case 'EISDIR':
      return saveFailure('is-folder', `${target} is a folder.`, 'Choose another name.', detail);
    case 'ENOENT':
      return detail.includes(source)
        ? saveFailure('capture-gone', 'The capture does not exist any more.', '', detail)
        : saveFailure('no-folder', `There is no folder ${folder}.`, 'Choose another one.', detail);
    default:
      return saveFailure(
        'save-failed',
        `The capture could not be saved to ${folder}: ${detail}`,
        'Nothing was saved; choose another folder.',
        detail,
      );
  }
}

function saveFailure(code: string, message: string, action: string, detail: string): HostFailure {
  return new HostFailure({ code, message, action, detail });
}

/** `182 MB of 1.2 GB`. */
export function describeProgress(done: number, total: number): string {
  return `${formatBytes(done)} of ${formatBytes(total)}`;
}
