import type { ScanEnd } from './blockScanner';
import type { FileStamp } from './fileAccess';

/** Who writes may pause in the middle of a block: its end is called torn after so long without a write, in ms. */
const REST_MS = 2000;
/** After so long without a write nobody is at the file any more, in milliseconds. */
const GONE_MS = 30_000;

/** What becomes of a file whose writer is not known, from one look to the next. */
export class FileGrowth {
  #stamp: FileStamp | undefined;
  #changedAt = -Infinity;
  #read = 0;
  #ended: ScanEnd | undefined;
  #isWatched = false;
  #moves = false;
  #hasGrown = false;

  /**
   * It was opened. Who only opens it, to read it once, is told what is not whole in it: until now a change says
   * nothing about that.
   */
  watch(): void {
    this.#isWatched = true;
  }

  /** Notes how the file is at this moment; false where it was read like that, and rests. */
  look(stamp: FileStamp): boolean {
    const before = this.#stamp;
    const now = performance.now();
    this.#stamp = stamp;
    if (stamp.size === before?.size && stamp.changed === before.changed) {
      if (now - this.#changedAt >= GONE_MS) this.#hasGrown = false;
      if (this.#ended === undefined) return true;
      if (!this.#moves) return false;
      // What is written under the same size may show itself late: once more when it rests.
      this.#moves = now - this.#changedAt < REST_MS;
      return true;
    }
    this.#ended = undefined;
    if (before === undefined || !this.#isWatched) return true;
    this.#moves = true;
    this.#changedAt = now;
    this.#hasGrown ||= stamp.size > before.size;
    return true;
  }

  /** It was read up to `offset`, and no further because of `ended`; undefined: for lack of time. */
  read(offset: number, ended: ScanEnd | undefined): void {
    this.#read = offset;
    this.#ended = ended;
  }

  /** Somebody is at it: what is not whole at its end may become so. */
  get moves(): boolean {
    return this.#moves;
  }

  /** It became longer since it was looked at first, and somebody was at it not long ago. */
  get hasGrown(): boolean {
    return this.#hasGrown;
  }

  /** Bytes behind the last whole block, while nobody is at it. */
  get left(): number {
    return this.#ended === 'torn' && !this.#moves ? (this.#stamp?.size ?? 0) - this.#read : 0;
  }
}
