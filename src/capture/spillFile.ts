import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describeSystemError } from '../base/systemError';
import type { SpillStore, Spool } from '../logical/spillStore';

/**
 * Keeps spilled transactions in files of a folder, one each, readable by their owner only. A file's name
 * is removed as soon as it is open where the system allows that, so that nothing stays behind even when
 * the process is killed; otherwise on dispose.
 */
export class SpillFolder implements SpillStore {
  readonly #folder: string;

  /** @param folder Made on first use if it is not there. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws {@link SpillError}, as the spool's `append` does. */
  open(): Spool {
    return inFolder(this.#folder, () => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      return new SpillFile(path.join(this.#folder, `spill-${randomUUID()}.tmp`));
    });
  }
}

/** What waits for its commit could not be put aside. */
export class SpillError extends Error {
  override readonly name = 'SpillError';

  constructor(
    readonly folder: string,
    override readonly cause: unknown,
  ) {
    super(describeSystemError(cause));
  }
}

function inFolder<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new SpillError(folder, cause);
  }
}

class SpillFile implements Spool {
  readonly #path: string;
  /** Lengths of the chunks: they stand in the file without any mark between them. */
  readonly #lengths: number[] = [];
  #descriptor: number | undefined;
  #size = 0;
  #named = true;

  constructor(file: string) {
    this.#path = file;
    this.#descriptor = openSync(file, 'wx+', 0o600);
    this.#unlink();
  }

  append(chunk: Uint8Array): void {
    const descriptor = this.#open();
    inFolder(path.dirname(this.#path), () => {
      let written = 0;
      while (written < chunk.length) {
        const [rest, at] = [chunk.length - written, this.#size + written];
        written += writeSync(descriptor, chunk, written, rest, at);
      }
    });
    this.#lengths.push(chunk.length);
    this.#size += chunk.length;
  }

  async *read(): AsyncIterable<Uint8Array> {
    let at = 0;
    for (const length of this.#lengths) {
      const chunk = new Uint8Array(length);
      let have = 0;
      while (have < length) {
        const count = readSync(this.#open(), chunk, have, length - have, at + have);
        if (count === 0) throw new Error(`the spill file ended at byte ${at + have}`);
        have += count;
      }
      at += length;
      yield chunk;
      // Timers and sockets have their turn between two chunks: a large transaction takes seconds.
      await setImmediate();
    }
  }

  dispose(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    if (this.#named) rmSync(this.#path, { force: true });
    this.#named = false;
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new Error('the spill file is closed');
    return this.#descriptor;
  }

  #unlink(): void {
    try {
      rmSync(this.#path);
      this.#named = false;
    } catch {
      // Some file systems keep the name of an open file: dispose removes it.
      this.#named = true;
    }
  }
}
