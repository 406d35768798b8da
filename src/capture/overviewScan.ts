import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { OVERVIEW_GAPS_LIMIT, OVERVIEW_SERIES } from '../shared/overviewApi';
import type { CaptureFile } from './captureFile';
import type { CellGrid } from './cellGrid';
import { ChunkColumns } from './chunkColumns';
import type { ChunkPlaces } from './chunkPlaces';
import { CommitPlaces } from './commitPlaces';
import { FRAME, frameLsn } from './frame';
import { OPAQUE_KIND } from './frameIndexer';
import type { IndexChunk, IndexRow } from './indexChunk';
import { CHUNK_MASK, CHUNK_ROWS, CHUNK_SHIFT, NONE, ROW } from './indexChunk';
import { letterOf } from './operations';
import { FATE } from './transactionChunk';

/** Rows that are counted before others get a turn: well under a millisecond. */
const STEP_ROWS = 8192;

/** What is not what its letter says, and what was shown before already. */
const NO_CHANGE = ROW.ownFrame | ROW.unknown | ROW.repeated;

const SERIES = OVERVIEW_SERIES.length;
const OTHER = SERIES - 1;
/** Where the server's clock stands in an XLogData. */
const CLOCK_AT = 17;
const COMMIT = 16;
const GAP = 17;
const NOTHING = 255;

/** What a letter counts as: its series, or one of the above. */
const ROLES: Uint8Array = (() => {
  const table = new Uint8Array(256).fill(NOTHING);
  OVERVIEW_SERIES.forEach((series, i) => {
    if (series !== 'other') table[letterOf(series)] = i;
  });
  table[OPAQUE_KIND] = OTHER;
  const { commit, streamCommit, commitPrepared } = MessageLetter;
  for (const letter of [commit, streamCommit, commitPrepared]) table[letter] = COMMIT;
  table[FRAME.gap] = GAP;
  return table;
})();

/** A gap as the walk met it: what it says of itself stands in its frame. */
export interface FoundGap {
  readonly seq: number;
  /** Time of the commit before it; NaN where there was none. */
  readonly time: number;
}

export interface OverviewScanOptions {
  readonly time?: CellGrid;
  readonly lsn?: CellGrid;
  /** Counts only what passes a view, and no further than that was evaluated. */
  readonly view?: { readonly evaluated: number; readonly isVisible: (seq: number) => boolean };
  /** Notes here where the rows of each chunk were committed. */
  readonly notes?: ChunkPlaces;
  /** Leaves out the chunks of which it says so. */
  readonly skips?: (chunk: number) => boolean;
}

/**
 * Counts the changes of a capture by the place of their commit, in order of arrival, from where it
 * stopped the last time. What is not committed is kept apart, by transaction, until that is known.
 */
export class OverviewScan {
  readonly #file: CaptureFile;
  readonly #options: OverviewScanOptions;
  readonly #places: CommitPlaces;
  readonly #columns: ChunkColumns;
  /** Changes of transactions whose end was not seen, by ordinal. */
  readonly #open = new Map<number, Float64Array>();
  readonly gaps: FoundGap[] = [];
  dropped = 0;
  unplaced = 0;
  #evaluated = 0;
  /** Rows of the file when the open transactions were last asked for their fate. */
  #settledAt = 0;
  /** Time of the last commit in order of arrival. */
  #now = NaN;
  /** Of the transaction at hand. */
  readonly #run = new Float64Array(SERIES);

  constructor(file: CaptureFile, options: OverviewScanOptions) {
    this.#file = file;
    this.#options = options;
    this.#places = new CommitPlaces(file);
    this.#columns = new ChunkColumns(file);
  }

  /** Messages that were counted, or left out. */
  get evaluated(): number {
    return this.#evaluated;
  }

  get #end(): number {
    return Math.min(this.#file.rows, this.#options.view?.evaluated ?? Infinity);
  }

  /** Changes whose transaction is not committed yet. */
  get open(): number {
    let open = 0;
    for (const counts of this.#open.values()) for (const count of counts) open += count;
    return open;
  }

  /** Goes on until everything is counted, or until `deadline` (performance.now()); true when it is. */
  async advance(deadline: number, pause: () => Promise<void>): Promise<boolean> {
    if (this.#settledAt !== this.#file.rows) {
      this.#settledAt = this.#file.rows;
      await this.#settle();
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
    const { skips, notes } = this.#options;
    if (first === 0 && there === CHUNK_ROWS && skips?.(number) === true) {
      this.#evaluated = base + there;
      return;
    }
    if (first === 0) notes?.begin(number);
    const end = Math.min(there, first + STEP_ROWS);
    await this.#count(number, first, end);
    this.#evaluated = base + end;
  }

  async #count(number: number, first: number, end: number): Promise<void> {
    const file = this.#file;
    const base = number * CHUNK_ROWS;
    const { kinds, flags, transactions } = await this.#columns.of(number, end);
    const { view } = this.#options;
    const places = this.#places;
    const counts = this.#run.fill(0);
    let chunk: IndexChunk | undefined;
    let run = NONE;
    let inRun = 0;
    for (let i = first; i < end; i++) {
      const role = ROLES[kinds[i]!]!;
      if (role === NOTHING) continue;
      const flag = flags[i]!;
      if (role === GAP) {
        if ((flag & ROW.ownFrame) !== 0) this.#noteGap(base + i);
        continue;
      }
      if ((flag & (role === OTHER ? ROW.ownFrame : NO_CHANGE)) !== 0) continue;
      const transaction = transactions[i]!;
      if (transaction !== run) {
        if (inRun > 0) {
          // Nothing is awaited that is at hand: there may be millions of transactions.
          if (!places.turnTo(run)) await places.load(run);
          this.#flush(number, run);
          inRun = 0;
        }
        run = transaction;
      }
      if (role === COMMIT) {
        if (!places.turnTo(transaction)) await places.load(transaction);
        this.#now = places.time;
      } else if (view?.isVisible(base + i) !== false) {
        counts[role]!++;
        inRun++;
        if (transaction !== NONE) continue;
        chunk ??= await file.chunk(number);
        const lsn = chunk.lsnHalves[2 * i + 1]! * 0x1_0000_0000 + chunk.lsnHalves[2 * i]!;
        this.#place(number, counts, await this.#clockOf(chunk.row(i)), lsn);
        counts.fill(0);
        inRun = 0;
      }
    }
    if (inRun === 0) return;
    if (!places.turnTo(run)) await places.load(run);
    this.#flush(number, run);
  }

  /** Counts the changes of the transaction at hand where it was committed. */
  #flush(number: number, transaction: number): void {
    const { fate, time, lsn } = this.#places;
    if (fate === FATE.committed) {
      this.#place(number, this.#run, time, lsn);
    } else if (fate === FATE.aborted || fate === FATE.cut) {
      this.dropped += sumOf(this.#run);
    } else {
      const open = this.#open.get(transaction) ?? new Float64Array(SERIES);
      for (let s = 0; s < SERIES; s++) open[s]! += this.#run[s]!;
      this.#open.set(transaction, open);
      this.#options.notes?.open(number, transaction);
    }
    this.#run.fill(0);
  }

  #place(number: number, counts: Float64Array, time: number, lsn: number): void {
    const { notes, ...grids } = this.#options;
    if (!Number.isNaN(time)) grids.time?.add(time, counts);
    if (!Number.isNaN(lsn)) grids.lsn?.add(lsn, counts);
    if (Number.isNaN(time)) this.unplaced += sumOf(counts);
    notes?.add(number, time, lsn);
  }

  /** What was open may have ended since. */
  async #settle(): Promise<void> {
    for (const [transaction, counts] of this.#open) {
      const places = this.#places;
      if (!places.turnTo(transaction)) await places.load(transaction);
      const { fate, time, lsn, firstSeq, lastSeq } = places;
      if (fate === FATE.open || fate === FATE.prepared) continue;
      this.#open.delete(transaction);
      if (fate !== FATE.committed) {
        this.dropped += sumOf(counts);
        continue;
      }
      this.#place(firstSeq >>> CHUNK_SHIFT, counts, time, lsn);
      this.#options.notes?.ended(transaction, firstSeq, lastSeq, time, lsn);
    }
  }

  /** When the server sent a message, by its clock; NaN where that is not known. */
  async #clockOf(row: IndexRow): Promise<number> {
    const clock = BigInt.asIntN(64, frameLsn(await this.#file.readFrame(row, CLOCK_AT, 8), 0));
    return clock === 0n ? NaN : Number(clock);
  }

  #noteGap(seq: number): void {
    if (this.gaps.length < OVERVIEW_GAPS_LIMIT) this.gaps.push({ seq, time: this.#now });
  }
}

function sumOf(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
