import type { CaptureFile } from './captureFile';
import type { IndexChunk } from './indexChunk';
import { ReadAhead } from './readAhead';

/** Bytes of the file that are read at once: some milliseconds to read and go over. */
const SPAN = 1024 * 1024;

/** Reads the frames of rows that stand one after the other in the file, many at a time. */
export class RowSpan {
  readonly #pieces: ReadAhead;
  /** The bytes of the rows that were read last. */
  bytes: Uint8Array = new Uint8Array();
  /** Where these begin in the file. */
  base = 0;

  constructor(file: CaptureFile) {
    this.#pieces = new ReadAhead(file, SPAN);
  }

  /** Bytes that one read takes at most. */
  get size(): number {
    return SPAN;
  }

  /**
   * Reads rows from `first` on, as many as fit and not beyond `end`. Returns the row behind the last one;
   * `first` where a single row is too large.
   */
  async read(chunk: IndexChunk, first: number, end: number): Promise<number> {
    const base = chunk.offset[first] ?? 0;
    let stop = first;
    while (stop < end && rowEnd(chunk, stop) - base <= SPAN) stop++;
    if (stop === first) return first;
    this.bytes = await this.#pieces.read(base, rowEnd(chunk, stop - 1) - base);
    this.base = base;
    return stop;
  }
}

/** Where the frame of a row ends in the file. */
export function rowEnd(chunk: IndexChunk, row: number): number {
  return (chunk.offset[row] ?? 0) + (chunk.length[row] ?? 0);
}
