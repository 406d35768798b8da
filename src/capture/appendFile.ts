import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, open } from 'node:fs/promises';
import path from 'node:path';
import { describeSystemError } from '../base/systemError';
import type { OpenFile } from './fileAccess';
import { NodeFile } from './fileAccess';
import type { FileLock } from './fileLock';
import { lockFile } from './fileLock';

/** A file cannot be continued; nothing in it was changed. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';
  readonly code = 'append-refused';

  constructor(
    message: string,
    /** What to do about it. */
    readonly action: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * Opens a file to go on in it, or makes an empty one that only its owner may read. No other process does so
 * until it is closed, or this process ends. Throws {@link AppendRefused}.
 */
export async function openToAppend(file: string): Promise<OpenFile> {
  let handle: FileHandle | undefined;
  let lock: FileLock | undefined;
  try {
    handle = (await openExisting(file)) ?? (await create(file));
    const { dev, ino } = await handle.stat({ bigint: true });
    lock = await lockFile(dev, ino);
  } catch (cause) {
    await handle?.close();
    if (cause instanceof AppendRefused) throw cause;
    throw new AppendRefused(
      `Cannot go on in ${file}: ${describeSystemError(cause)}`,
      'Check the place that --out names.',
      { cause },
    );
  }
  if (lock === undefined) {
    await handle.close();
    throw new AppendRefused(
      `Another process is writing ${file}`,
      'End that one first, or choose another place with --out.',
    );
  }
  return new LockedFile(handle, lock);
}

/** Undefined where there is none. Other things than files are not even opened: a pipe would wait. */
async function openExisting(file: string): Promise<FileHandle | undefined> {
  try {
    const found = await lstat(file);
    if (found.isSymbolicLink()) {
      throw new AppendRefused(`${file} is a symbolic link`, 'Name the file that it leads to.');
    }
    if (!found.isFile()) {
      const what = found.isDirectory() ? 'a folder' : 'no regular file';
      throw new AppendRefused(`${file} is ${what}`, 'Name a file with --out.');
    }
    return await open(file, constants.O_RDWR | ((constants.O_NOFOLLOW as number | undefined) ?? 0));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function create(file: string): Promise<FileHandle> {
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  await syncFolder(file);
  return handle;
}

/** Returns when the name of a new file is on stable storage, where the system can promise that. */
export async function syncFolder(file: string): Promise<void> {
  let folder: FileHandle;
  try {
    folder = await open(path.dirname(file), 'r');
  } catch {
    // Windows opens no folders, and keeps names by itself.
    return;
  }
  try {
    await folder.sync();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // Some file systems do not know how to.
    if (!['EINVAL', 'EPERM', 'EBADF', 'ENOTSUP'].includes(code)) throw error;
  } finally {
    await folder.close();
  }
}

class LockedFile extends NodeFile {
  readonly #lock: FileLock;

  constructor(handle: FileHandle, lock: FileLock) {
    super(handle);
    this.#lock = lock;
  }

  override async close(): Promise<void> {
    try {
      await super.close();
    } finally {
      await this.#lock.release();
    }
  }
}
