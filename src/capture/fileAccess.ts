import { constants, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/**
 * The seam between captures and the file system: everything that src/capture does to a file. Tests
 * put memory and faults behind it.
 */
export interface FileAccess {
  /** Makes a file that only its owner may read, for reading and writing; fails where it exists. */
  create(path: string): Promise<OpenFile>;
  /** Opens for reading only. */
  open(path: string): Promise<OpenFile>;
}

/** What tells that a file was written to. */
export interface FileStamp {
  readonly size: number;
  /** When it was written to last, in milliseconds of a clock of its own. */
  readonly changed: number;
}

/** Positions and sizes are in bytes. Errors are those of Node, with their `code`. */
export interface OpenFile {
  /** Fills `into` from `position`; returns how many bytes there were before the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes all of `bytes`, or fails. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  size(): Promise<number>;
  stamp(): Promise<FileStamp>;
  truncate(size: number): Promise<void>;
  /** Returns when what was written is on stable storage (fdatasync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * So few bytes are read at once: where the system has them in memory, as it has what was written or looked
 * at lately, that takes some microseconds, and a hundred by way of Node's threads.
 */
const SMALL = 64 * 1024;

export const nodeFiles: FileAccess = {
  async create(path) {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
    return new NodeFile(await open(path, flags, 0o600));
  },
  async open(path) {
    return new NodeFile(await open(path, 'r'));
  },
};

/** A file that Node has opened. */
export class NodeFile implements OpenFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const left = into.length - done;
      const bytesRead =
        into.length <= SMALL
          ? readSync(this.#handle.fd, into, done, left, position + done)
          : (await this.#handle.read(into, done, left, position + done)).bytesRead;
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        done,
        bytes.length - done,
        position + done,
      );
      done += bytesWritten;
    }
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async stamp(): Promise<FileStamp> {
    const { size, mtimeMs } = await this.#handle.stat();
    return { size, changed: mtimeMs };
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
