import { findPairModule } from './findPairModule';

export interface ScannedByte {
  /** With the bits of `cases` set. */
  readonly byte: number;
  /** What is the same to the search: 0x20 where the byte is a letter in either case, else 0. */
  readonly cases: number;
}

export interface Pair {
  readonly first: ScannedByte;
  readonly second: ScannedByte;
  /** Places from the first to the second, 0 to {@link MAX_DISTANCE}. */
  readonly distance: number;
}

export const MAX_DISTANCE = 4096;

/** Bytes that are gone over at once. */
const WINDOW = 56 * 1024;
/** One page of 64 KiB holds a window, the distance, and what the last step reads beyond. */
const PAGES = 1;

/** As TypeScript knows it without the types of a browser. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, object>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** The first place from `at` on that may be the pair's, in the memory; -1: none before `end`. */
type Find = (
  at: number,
  end: number,
  first: number,
  firstCases: number,
  second: number,
  secondCases: number,
  distance: number,
) => number;

/**
 * Finds two bytes that stand at a distance from each other, sixteen places at a time: by the 128-bit
 * instructions of WebAssembly, on a copy of some bytes that fits the processor's cache. That goes over some
 * 10 GB a second, where a loop in JavaScript goes over one.
 */
export class PairScan {
  readonly #memory: Uint8Array;
  readonly #find: Find;

  private constructor(memory: Uint8Array, find: Find) {
    this.#memory = memory;
    this.#find = find;
  }

  static #shared: PairScan | undefined;
  static #wasMade = false;

  /**
   * One for all searches of this thread: it is used without a pause. Undefined where the processor lacks the
   * instructions, or a process may not reserve the 10 GB of addresses that WebAssembly's memory takes.
   */
  static shared(): PairScan | undefined {
    if (!this.#wasMade) this.#shared = PairScan.#make();
    this.#wasMade = true;
    return this.#shared;
  }

  static #make(): PairScan | undefined {
    try {
      const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
      const module = new WebAssembly.Module(findPairModule());
      const { exports } = new WebAssembly.Instance(module, { host: { memory } });
      return new PairScan(new Uint8Array(memory.buffer), exports['find'] as Find);
    } catch {
      // The search goes on without it, more slowly.
      return undefined;
    }
  }

  /**
   * Tells `visit` each place of `start` .. `end` where the first byte stands and the second one at its
   * distance, also where that is at `end` or beyond it: in order, and not before the place that `visit`
   * answered last.
   */
  each(
    bytes: Uint8Array,
    start: number,
    end: number,
    { first, second, distance }: Pair,
    visit: (at: number) => number,
  ): void {
    const memory = this.#memory;
    const find = this.#find;
    let from = start;
    while (from < end) {
      const base = from;
      const length = Math.min(WINDOW, end - base);
      memory.set(bytes.subarray(base, base + length + distance));
      while (from < base + length) {
        const at = find(
          from - base,
          length,
          first.byte,
          first.cases,
          second.byte,
          second.cases,
          distance,
        );
        // The last step looks at more than there is.
        from = at < 0 || at >= length ? base + length : Math.max(visit(base + at), base + at + 1);
      }
    }
  }
}
