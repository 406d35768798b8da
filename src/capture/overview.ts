import type { Overview, OverviewAxis, OverviewGap, OverviewRequest } from '../shared/overviewApi';
import { OVERVIEW_BUCKETS_LIMIT, OVERVIEW_SERIES } from '../shared/overviewApi';
import type { Buckets } from './buckets';
import { bucketsOver } from './buckets';
import type { CaptureFile } from './captureFile';
import { CellGrid, GRID_CELLS } from './cellGrid';
import { ChunkPlaces } from './chunkPlaces';
import { CommitPlaces } from './commitPlaces';
import { CHUNK_ROWS, NONE } from './indexChunk';
import type { FoundGap } from './overviewScan';
import { OverviewScan } from './overviewScan';
import { FATE } from './transactionChunk';
import type { View } from './view';

/** How long one answer works before it says what there is. */
const ANSWER_MS = 120;

const SERIES = OVERVIEW_SERIES.length;

/** A look at a part of the capture that is finer than what is known of all of it. */
interface Close {
  readonly by: OverviewAxis;
  readonly grid: CellGrid;
  readonly scan: OverviewScan;
}

/** What passes one view. */
interface Passing {
  readonly view: View;
  /** Of the view, when this was begun. */
  readonly recounts: number;
  readonly scan: OverviewScan;
  readonly time: CellGrid;
  readonly lsn: CellGrid;
  close: Close | undefined;
}

/**
 * Counts the changes of a capture by time or position of commit, for the strip above the list. All of it
 * is counted once, in 16,384 cells whatever its length, and followed while it grows; a part that is looked
 * at more closely is counted again from the chunks of the index that have something there.
 */
export class CaptureOverview {
  readonly #file: CaptureFile;
  readonly #time = new CellGrid(SERIES);
  readonly #lsn = new CellGrid(SERIES);
  readonly #notes = new ChunkPlaces();
  readonly #all: OverviewScan;
  #close: Close | undefined;
  #passing: Passing | undefined;
  /** What the gaps say of themselves, by their message. */
  readonly #gaps = new Map<number, { readonly from: number; readonly to: number }>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(file: CaptureFile) {
    this.#file = file;
    this.#all = new OverviewScan(file, { time: this.#time, lsn: this.#lsn, notes: this.#notes });
  }

  /** One answer after the other: they share what they count in. */
  answer(request: OverviewRequest, view: View, pause: () => Promise<void>): Promise<Overview> {
    const answer = this.#turn.then(() => this.#answer(request, view, pause));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #answer(
    { by, window, buckets }: OverviewRequest,
    view: View,
    pause: () => Promise<void>,
  ): Promise<Overview> {
    const deadline = performance.now() + ANSWER_MS;
    const scans: OverviewScan[] = [this.#all];
    const isCounted = await this.#all.advance(deadline, pause);
    const { min, max } = this.#grid(by);
    const extent = max >= min ? { first: min, last: max } : undefined;
    const most = Math.max(1, Math.min(buckets, OVERVIEW_BUCKETS_LIMIT));
    const wanted = window ?? { from: extent?.first ?? 0, to: (extent?.last ?? 0) + 1 };
    let wide = bucketsOver(wanted, most, 1);
    let grid = this.#grid(by);
    let close: Close | undefined;
    if (wide.width < grid.quantum) {
      close = this.#closeTo(by, wanted, wide.width);
      scans.push(close.scan);
      const isDone = isCounted && (await close.scan.advance(deadline, pause));
      // Until then, what is known of all of it is better than half of it.
      if (isDone) ({ grid } = close);
      else wide = bucketsOver(wanted, most, grid.quantum);
    }
    const passing = hasFilter(view) ? this.#passes(view, by, close) : undefined;
    this.#passing = passing;
    let passed: Uint32Array | undefined;
    if (passing !== undefined) {
      const isClose = close !== undefined && grid === close.grid;
      const scan = isClose && passing.close !== undefined ? passing.close.scan : passing.scan;
      scans.push(scan);
      await scan.advance(deadline, pause);
      const from = scan === passing.close?.scan ? passing.close.grid : passing[by];
      // What passes may lie closer together than all, so its cells are never wider.
      passed = countsOf(from, wide);
    }
    return {
      by,
      ...wide,
      counts: countsOf(grid, wide),
      ...(passed === undefined ? {} : { passing: passed }),
      ...(extent === undefined ? {} : { extent }),
      gaps: await this.#gapsBy(by),
      open: this.#all.open,
      dropped: this.#all.dropped,
      unplaced: by === 'time' ? this.#all.unplaced : 0,
      complete: this.#share(scans),
    };
  }

  #grid(by: OverviewAxis): CellGrid {
    return by === 'time' ? this.#time : this.#lsn;
  }

  /** How much of what was to be counted is. */
  #share(scans: readonly OverviewScan[]): number {
    const { rows } = this.#file;
    if (rows === 0) return 1;
    const done = scans.reduce((sum, { evaluated }) => sum + Math.min(evaluated, rows), 0);
    return done / (rows * scans.length);
  }

  /** The closer look at a window, with room around it to move and to go closer still. */
  #closeTo(
    by: OverviewAxis,
    wanted: { readonly from: number; readonly to: number },
    width: number,
  ): Close {
    const known = this.#close;
    const covers = known?.grid.window;
    const fits =
      known?.by === by &&
      known.grid.quantum <= width &&
      covers !== undefined &&
      covers.from <= wanted.from &&
      covers.to >= wanted.to;
    if (fits) return known;
    const quantum = Math.max(1, width / 4);
    const middle = (wanted.from + wanted.to) / 2;
    const grid = new CellGrid(SERIES, { from: middle - (GRID_CELLS / 2) * quantum, quantum });
    this.#close = { by, grid, scan: this.#closeScan(by, grid) };
    return this.#close;
  }

  #closeScan(by: OverviewAxis, grid: CellGrid, view?: View): OverviewScan {
    const { from, to } = grid.window;
    return new OverviewScan(this.#file, {
      [by]: grid,
      ...(view === undefined ? {} : { view }),
      skips: number =>
        (number + 1) * CHUNK_ROWS <= this.#all.evaluated &&
        this.#notes.isOutside(number, by, from, to),
    });
  }

  #passes(view: View, by: OverviewAxis, close: Close | undefined): Passing {
    let passing = this.#passing;
    const { recounts } = view;
    if (passing?.view !== view || passing.recounts !== recounts) {
      const [time, lsn] = [new CellGrid(SERIES), new CellGrid(SERIES)];
      const scan = new OverviewScan(this.#file, { time, lsn, view });
      passing = { view, recounts, scan, time, lsn, close: undefined };
    }
    if (close !== undefined && !isSameWindow(passing.close, close)) {
      const { from } = close.grid.window;
      const grid = new CellGrid(SERIES, { from, quantum: close.grid.quantum });
      passing.close = { by, grid, scan: this.#closeScan(by, grid, view) };
    }
    return passing;
  }

  async #gapsBy(by: OverviewAxis): Promise<OverviewGap[]> {
    const gaps: OverviewGap[] = [];
    for (const found of this.#all.gaps) {
      if (by === 'lsn') gaps.push({ ...(await this.#gapAt(found)), seq: found.seq });
      else if (!Number.isNaN(found.time)) {
        gaps.push({ from: found.time, to: found.time, seq: found.seq });
      }
    }
    return gaps;
  }

  async #gapAt({ seq }: FoundGap): Promise<{ readonly from: number; readonly to: number }> {
    let known = this.#gaps.get(seq);
    if (known === undefined) {
      const { gap, lsn } = await this.#file.readMessage(seq);
      const from = Number(gap?.from ?? lsn);
      known = { from, to: Math.max(from, Number(gap?.to ?? lsn)) };
      this.#gaps.set(seq, known);
    }
    return known;
  }

  /** Where messages stand: see {@link OverviewApi.overviewPlaces}. */
  async places(by: OverviewAxis, seqs: readonly number[]): Promise<(number | null)[]> {
    const places = new CommitPlaces(this.#file);
    const found: (number | null)[] = [];
    for (const seq of seqs) {
      if (seq >= this.#file.rows) {
        found.push(null);
        continue;
      }
      const { transaction, lsn } = await this.#file.row(seq);
      if (transaction === NONE) {
        const { serverTime } = await this.#file.readMessage(seq);
        found.push(by === 'lsn' ? Number(lsn) : serverTime === 0n ? null : Number(serverTime));
        continue;
      }
      await places.load(transaction);
      const place = places.fate === FATE.committed ? places[by] : NaN;
      found.push(Number.isNaN(place) ? null : place);
    }
    return found;
  }
}

function countsOf(grid: CellGrid, { from, width, buckets }: Buckets): Uint32Array {
  return Uint32Array.from(grid.sums(from, width, buckets));
}

/** A range is shown as what is chosen, not as what passes. */
function hasFilter({ spec }: View): boolean {
  const { operations, tables, text, filter } = spec;
  return operations.length > 0 || tables.length > 0 || text !== '' || (filter ?? '') !== '';
}

function isSameWindow(a: Close | undefined, b: Close): boolean {
  return (
    a?.by === b.by && a.grid.quantum === b.grid.quantum && a.grid.window.from === b.grid.window.from
  );
}
