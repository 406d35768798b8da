import { CHUNK_SHIFT } from './indexChunk';

/** Where the changes of one index chunk were committed. */
interface Noted {
  minTime: number;
  maxTime: number;
  minLsn: number;
  maxLsn: number;
  /** Transactions of which it has changes, and whose end was not seen. */
  readonly open: Set<number>;
}

/**
 * Of each index chunk between which places its changes were committed: a look at a part of the capture
 * reads only the chunks that matter. A few numbers for each 65,536 messages.
 */
export class ChunkPlaces {
  readonly #chunks: Noted[] = [];

  begin(number: number): void {
    this.#chunks[number] = {
      minTime: Infinity,
      maxTime: -Infinity,
      minLsn: Infinity,
      maxLsn: -Infinity,
      open: new Set(),
    };
  }

  add(number: number, time: number, lsn: number): void {
    const noted = this.#chunks[number];
    if (noted === undefined) return;
    // Comparisons with NaN, a place that is not known, are false.
    if (time < noted.minTime) noted.minTime = time;
    if (time > noted.maxTime) noted.maxTime = time;
    if (lsn < noted.minLsn) noted.minLsn = lsn;
    if (lsn > noted.maxLsn) noted.maxLsn = lsn;
  }

  open(number: number, transaction: number): void {
    this.#chunks[number]?.open.add(transaction);
  }

  /** A transaction that was open was committed: all chunks that it goes through may have changes of it. */
  ended(transaction: number, firstSeq: number, lastSeq: number, time: number, lsn: number): void {
    for (let number = firstSeq >>> CHUNK_SHIFT; number <= lastSeq >>> CHUNK_SHIFT; number++) {
      if (this.#chunks[number]?.open.delete(transaction) === true) this.add(number, time, lsn);
    }
  }

  /** True where no change of the chunk can be committed from `from` up to `to`. */
  isOutside(number: number, by: 'time' | 'lsn', from: number, to: number): boolean {
    const noted = this.#chunks[number];
    if (noted === undefined || noted.open.size > 0) return false;
    return by === 'time'
      ? noted.maxTime < from || noted.minTime >= to
      : noted.maxLsn < from || noted.minLsn >= to;
  }
}
