import { PAGE_LIMIT } from '../../src/shared/timelineRow';
import type { RowsPage, TimelineRow } from '../../src/shared/timelineRow';
import type { ViewState } from '../../src/shared/viewSpec';

/** What a page is asked for. */
export interface RowsRequest {
  readonly view: number;
  readonly generation: number;
  readonly first: number;
  readonly count: number;
}

interface Page {
  generation: number;
  rows: readonly TimelineRow[];
  /** When it was last asked for, in milliseconds of `performance.now()`. */
  askedAt: number;
}

/** Rows before and after those in sight that are fetched ahead. */
const PADDING = 64;
/** Pages kept; those furthest from what is seen go first. */
const KEPT = 80;
/** A row of an open transaction may change at any time; it is asked for again after this long. */
const REFRESH_MS = 150;

/**
 * Rows by page, for one view. At most one request is on its way; when it is answered, what is missing
 * in the window wanted now decides the next. A page of an older generation is shown until the new one
 * is there, so that opening a transaction does not blank the list.
 */
export class RowCache {
  readonly #load: (request: RowsRequest) => Promise<RowsPage>;
  readonly #changed: () => void;
  readonly #pages = new Map<number, Page>();
  #state: ViewState | undefined;
  #offered: RowsPage | undefined;
  #first = 0;
  #count = 0;
  #pinned = -1;
  #busy = false;
  #timer: number | undefined;
  /** The generation whose pages were refused: asked again only when the view moves on. */
  #refused: ViewState | undefined;

  constructor(load: (request: RowsRequest) => Promise<RowsPage>, changed: () => void) {
    this.#load = load;
    this.#changed = changed;
  }

  /** Rows that came before the state of their view. */
  offer(page: RowsPage): void {
    this.#offered = page;
  }

  /** The newest state of the view; pages of another view are dropped. */
  update(state: ViewState): void {
    if (state.view !== this.#state?.view) this.#pages.clear();
    this.#state = state;
    const offered = this.#offered;
    this.#offered = undefined;
    if (offered?.view === state.view) {
      this.#take(offered);
      this.#changed();
    }
    this.#pump();
  }

  /** Forgets every row: another capture is read now. */
  clear(): void {
    this.#pages.clear();
    this.#state = undefined;
  }

  /** The row, or undefined while it is being loaded. */
  row(index: number): TimelineRow | undefined {
    return this.#pages.get(Math.floor(index / PAGE_LIMIT))?.rows[index % PAGE_LIMIT];
  }

  /** Where a row is among those that are loaded; -1 where it is not. */
  indexOf(seq: number): number {
    for (const [number, { rows }] of this.#pages) {
      const at = rows.findIndex(row => row.seq === seq);
      if (at >= 0) return number * PAGE_LIMIT + at;
    }
    return -1;
  }

  /**
   * How far the list can reach so that its last `span` rows are loaded, at most `rows`. While rows come
   * faster than they are fetched, a list that follows them shows this many, and no placeholders.
   */
  loadedEnd(rows: number, span: number): number {
    for (const number of [...this.#pages.keys()].sort((a, b) => b - a)) {
      const start = number * PAGE_LIMIT;
      const end = Math.min(rows, start + (this.#pages.get(number)?.rows.length ?? 0));
      const joined = end - span >= start || start === 0 || this.row(start - 1) !== undefined;
      if (end > start && joined && this.row(Math.max(0, end - span)) !== undefined) return end;
    }
    return rows;
  }

  /** The rows in sight, and the row (-1 for none) that stays known wherever it is. */
  want(first: number, count: number, pinned: number): void {
    this.#first = first;
    this.#count = count;
    this.#pinned = pinned;
    this.#pump();
  }

  #pump(): void {
    const state = this.#state;
    if (this.#busy || state === undefined || state === this.#refused) return;
    const request = this.#next(state);
    if (request === undefined) return;
    this.#busy = true;
    void this.#fetch(request, state);
  }

  async #fetch(request: RowsRequest, state: ViewState): Promise<void> {
    try {
      const page = await this.#load(request);
      if (page.view === this.#state?.view) this.#take(page);
    } catch {
      // The host tells in the next snapshot what is wrong; the rows stay marked as loading.
      this.#refused = state;
    } finally {
      this.#busy = false;
    }
    this.#changed();
    this.#pump();
  }

  #take(answer: RowsPage): void {
    const number = Math.floor(answer.first / PAGE_LIMIT);
    const skip = answer.first % PAGE_LIMIT;
    const page = this.#pages.get(number);
    const known = page?.generation === answer.generation ? page.rows : [];
    if (known.length < skip) return;
    // An answer may hold fewer rows than were asked for: what is known after them stays.
    const after = known.slice(skip + answer.rows.length);
    this.#pages.set(number, {
      generation: answer.generation,
      rows: [...known.slice(0, skip), ...answer.rows, ...after],
      askedAt: performance.now(),
    });
    this.#evict();
  }

  /** What to ask for now: what is seen and missing, then what is near, then what may have changed. */
  #next(state: ViewState): RowsRequest | undefined {
    const { view, generation } = state;
    const seen = this.#missing(state, this.#first, this.#first + this.#count);
    const range =
      seen ??
      this.#missing(state, this.#first - PADDING, this.#first + this.#count + PADDING) ??
      (this.#pinned < 0 ? undefined : this.#missing(state, this.#pinned, this.#pinned + 1));
    if (range !== undefined) return { view, generation, ...range };
    return this.#stale(state);
  }

  #missing(
    state: ViewState,
    from: number,
    to: number,
  ): { readonly first: number; readonly count: number } | undefined {
    for (const number of pagesOf(from, Math.min(to, state.rows))) {
      const start = number * PAGE_LIMIT;
      const wanted = Math.min(PAGE_LIMIT, state.rows - start);
      const page = this.#pages.get(number);
      const have = page?.generation === state.generation ? page.rows.length : 0;
      if (have < wanted && start + have < to) return { first: start + have, count: wanted - have };
    }
    return undefined;
  }

  #stale(state: ViewState): RowsRequest | undefined {
    const now = performance.now();
    const from = Math.max(0, this.#first);
    const to = Math.min(this.#first + this.#count, state.rows);
    for (const number of pagesOf(from, to)) {
      const page = this.#pages.get(number);
      if (page === undefined) continue;
      // Only what is in sight, so that the answer fits into one message.
      const start = number * PAGE_LIMIT;
      const first = Math.max(0, from - start);
      const seen = page.rows.slice(first, Math.max(first, to - start));
      if (!seen.some(mayChange)) continue;
      const wait = page.askedAt + REFRESH_MS - now;
      if (wait > 0) {
        this.#later(wait);
        return undefined;
      }
      const { view, generation } = state;
      return { view, generation, first: start + first, count: seen.length };
    }
    return undefined;
  }

  #later(milliseconds: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, milliseconds);
  }

  #evict(): void {
    if (this.#pages.size <= KEPT) return;
    const here = this.#first / PAGE_LIMIT;
    const pinned = Math.floor(this.#pinned / PAGE_LIMIT);
    const furthest = [...this.#pages.keys()]
      .filter(page => page !== pinned)
      .sort((a, b) => Math.abs(b - here) - Math.abs(a - here));
    for (const number of furthest.slice(0, this.#pages.size - KEPT)) this.#pages.delete(number);
  }
}

function pagesOf(from: number, to: number): number[] {
  const numbers: number[] = [];
  const last = Math.floor((to - 1) / PAGE_LIMIT);
  for (let page = Math.max(0, Math.floor(from / PAGE_LIMIT)); page <= last; page++) {
    numbers.push(page);
  }
  return numbers;
}

function mayChange(row: TimelineRow): boolean {
  return row.type !== 'note' && row.fate === 'open';
}
