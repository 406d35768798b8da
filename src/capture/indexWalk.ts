import type { CaptureFile } from './captureFile';
import { CHUNK_MASK, CHUNK_ROWS, CHUNK_SHIFT } from './indexChunk';

/** Rows that are gone through before others get a turn: well under a millisecond. */
const STEP_ROWS = 8192;

/** Counts only what passes it, and no further than that was evaluated. */
export interface CountedView {
  readonly evaluated: number;
  readonly isVisible: (seq: number) => boolean;
}

/** What is done on the way. */
interface WalkWork {
  /** More has come: what was open may have ended since. */
  readonly settle: () => Promise<void>;
  /** Rows `first` to `end` of a chunk, within which a step stays. */
  readonly count: (chunk: number, first: number, end: number) => Promise<void>;
  /** Leaves out the full chunks of which it says so. */
  readonly skips?: ((chunk: number) => boolean) | undefined;
}

/** Goes through the index of a capture that may grow, in order, from where it stopped the last time. */
export class IndexWalk {
  readonly #file: CaptureFile;
  readonly #view: CountedView | undefined;
  readonly #work: WalkWork;
  #evaluated = 0;
  /** Rows of the file when what was open was last settled. */
  #settledAt = 0;

  /** `view`: goes no further than it was evaluated. */
  constructor(file: CaptureFile, view: CountedView | undefined, work: WalkWork) {
    this.#file = file;
    this.#view = view;
    this.#work = work;
  }

  /** Messages that were counted, or left out. */
  get evaluated(): number {
    return this.#evaluated;
  }

  get #end(): number {
    return Math.min(this.#file.rows, this.#view?.evaluated ?? Infinity);
  }

  /** Goes on until everything is counted, or until `deadline` (performance.now()); true when it is. */
  async advance(deadline: number, pause: () => Promise<void>): Promise<boolean> {
    if (this.#settledAt !== this.#file.rows) {
      this.#settledAt = this.#file.rows;
      await this.#work.settle();
    }
    while (this.#evaluated < this.#end) {
      if (performance.now() >= deadline) return false;
      await this.#step();
      await pause();
    }
    return true;
  }

  async #step(): Promise<void> {
    const number = this.#evaluated >>> CHUNK_SHIFT;
    const base = number * CHUNK_ROWS;
    const there = Math.min(this.#end - base, CHUNK_ROWS);
    const first = this.#evaluated & CHUNK_MASK;
    if (first === 0 && there === CHUNK_ROWS && this.#work.skips?.(number) === true) {
      this.#evaluated = base + there;
      return;
    }
    const end = Math.min(there, first + STEP_ROWS);
    await this.#work.count(number, first, end);
    this.#evaluated = base + end;
  }
}
