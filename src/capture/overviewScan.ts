import { OVERVIEW_GAPS_LIMIT } from '../shared/overviewApi';
import type { CaptureFile } from './captureFile';
import type { CellGrid } from './cellGrid';
import { ROLE, ROLES, SERIES, isCounted } from './changeRoles';
import { ChunkColumns } from './chunkColumns';
import type { ChunkPlaces } from './chunkPlaces';
import { CommitPlaces } from './commitPlaces';
import { DATA_CLOCK_AT, frameLsn } from './frame';
import type { IndexChunk, IndexRow } from './indexChunk';
import { CHUNK_ROWS, CHUNK_SHIFT, NONE, ROW } from './indexChunk';
import type { CountedView } from './indexWalk';
import { IndexWalk } from './indexWalk';
import { FATE } from './transactionChunk';

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
  readonly view?: CountedView;
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
  readonly #walk: IndexWalk;
  /** Changes of transactions whose end was not seen, by ordinal. */
  readonly #open = new Map<number, Float64Array>();
  readonly gaps: FoundGap[] = [];
  dropped = 0;
  unplaced = 0;
  /** Time of the last commit in order of arrival. */
  #now = NaN;
  /** Of the transaction at hand. */
  readonly #run = new Float64Array(SERIES);

  constructor(file: CaptureFile, options: OverviewScanOptions) {
    this.#file = file;
    this.#options = options;
    this.#places = new CommitPlaces(file);
    this.#columns = new ChunkColumns(file);
    this.#walk = new IndexWalk(file, options.view, {
      settle: () => this.#settle(),
      count: (number, first, end) => this.#count(number, first, end),
      skips: options.skips,
    });
  }

  /** Messages that were counted, or left out. */
  get evaluated(): number {
    return this.#walk.evaluated;
  }

  /** Changes whose transaction is not committed yet. */
  get open(): number {
    let open = 0;
    for (const counts of this.#open.values()) for (const count of counts) open += count;
    return open;
  }

  /** As {@link IndexWalk.advance}. */
  advance(deadline: number, pause: () => Promise<void>): Promise<boolean> {
    return this.#walk.advance(deadline, pause);
  }

  async #count(number: number, first: number, end: number): Promise<void> {
    const file = this.#file;
    const base = number * CHUNK_ROWS;
    const { kinds, flags, transactions } = await this.#columns.of(number, end);
    const { view, notes } = this.#options;
    if (first === 0) notes?.begin(number);
    const places = this.#places;
    const counts = this.#run.fill(0);
    let chunk: IndexChunk | undefined;
    let run = NONE;
    let inRun = 0;
    for (let i = first; i < end; i++) {
      const role = ROLES[kinds[i]!]!;
      if (role === ROLE.nothing) continue;
      const flag = flags[i]!;
      if (role === ROLE.gap) {
        if ((flag & ROW.ownFrame) !== 0) this.#noteGap(base + i);
        continue;
      }
      if (!isCounted(role, flag)) continue;
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
      if (role === ROLE.commit) {
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
    const clock = BigInt.asIntN(64, frameLsn(await this.#file.readFrame(row, DATA_CLOCK_AT, 8), 0));
    return clock === 0n ? NaN : Number(clock);
  }

  #noteGap(seq: number): void {
    if (this.gaps.length < OVERVIEW_GAPS_LIMIT) this.gaps.push({ seq, time: this.#now });
  }
}

function sumOf(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
