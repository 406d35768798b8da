import type { ViewSpec, ViewState } from '../shared/viewSpec';
import type { CaptureFile } from './captureFile';
import { OPAQUE_KIND } from './frameIndexer';
import { CHUNK_MASK, CHUNK_ROWS, CHUNK_SHIFT, NONE } from './indexChunk';
import type { RelationCatalog } from './relationCatalog';
import { TX_MASK } from './transactionChunk';
import type { ViewColumns } from './viewFilter';
import { ViewFilter } from './viewFilter';
import type { ViewLine } from './viewLines';
import { ViewLines } from './viewLines';

/** How long one slice of work goes on before it gives others a turn, in milliseconds. */
const SLICE_MS = 8;
/** Rows that are taken in before the clock is asked. */
const STEP_ROWS = 8192;

/** A transaction whose changes are looked at again, because it has ended since. */
interface LateWork {
  readonly transaction: number;
  /** The next message to look at. */
  seq: number;
}

/**
 * Capture + filter + grouping, as the lines of a list. {@link ViewFilter} says what passes,
 * {@link ViewLines} has the lines; here is what there is to do, piece by piece.
 */
export class View {
  readonly id: number;
  readonly spec: ViewSpec;
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #filter: ViewFilter;
  readonly #lines: ViewLines;
  readonly #grouped: boolean;
  /** What of the step at hand passes. */
  readonly #passes = new Uint8Array(STEP_ROWS);
  /** Texts of other output plugins that were taken in: they count as changes do. */
  #texts = 0;
  #evaluated = 0;
  #late: LateWork[] = [];
  #recounts = 0;
  /** How many messages the capture had when the ends of transactions were last asked for. */
  #endsAskedAt = 0;
  /** Work on the view is done one piece after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  /** Pieces that wait: a slice ends for them. */
  #waiting = 0;

  /** Throws a {@link CaptureError} where the expression or the range cannot be read. */
  constructor(
    id: number,
    spec: ViewSpec,
    file: CaptureFile,
    catalog: RelationCatalog,
    generation = 0,
  ) {
    this.id = id;
    this.spec = spec;
    this.#file = file;
    this.#catalog = catalog;
    this.#filter = new ViewFilter(spec, file, catalog);
    this.#grouped = spec.grouping === 'transactions';
    this.#lines = new ViewLines(file, this.#grouped, this.#filter.active, generation);
  }

  /** Lines of the list. */
  get rows(): number {
    return this.#lines.count;
  }

  get generation(): number {
    return this.#lines.generation;
  }

  get state(): ViewState {
    return {
      view: this.id,
      generation: this.generation,
      rows: this.rows,
      matched: this.#lines.matchedTotal,
      changes: this.#file.changes + this.#texts,
      complete: this.#evaluated >= this.#file.rows && this.#late.length === 0,
    };
  }

  /** Messages that were taken in: what follows may yet turn out to be shown. */
  get evaluated(): number {
    return this.#evaluated;
  }

  /** Whether everything that there is in the capture is shown. */
  get isWhole(): boolean {
    return !this.#filter.active;
  }

  /** Rises when messages that were taken in before pass now, or do so no longer: who counted them begins anew. */
  get recounts(): number {
    return this.#recounts;
  }

  /** Whether this message is a change or note that passes. */
  isVisible(seq: number): boolean {
    return this.#lines.visible.has(seq);
  }

  /** The first such message from `seq` on; -1 where there is none (yet). */
  nextVisible(seq: number): number {
    return this.#lines.visible.next(seq);
  }

  /** How many such messages stand before `seq`. */
  visibleBefore(seq: number): number {
    return this.#lines.visible.rank(seq);
  }

  /** Lines that were given may look different now. */
  invalidate(): void {
    this.#lines.generation++;
  }

  /** The same view from its beginning, with nothing taken in: what passes the filter may be different now. */
  async again(): Promise<View> {
    const { id, spec } = this;
    const view = new View(id, spec, this.#file, this.#catalog, this.generation + 1);
    for (const { ordinal } of this.#lines.expanded.all) await view.expand(ordinal, true);
    return view;
  }

  isExpanded(transaction: number): boolean {
    return this.#lines.expanded.get(transaction) !== undefined;
  }

  /** Changes of a transaction that pass the filter; undefined where all do. */
  matchedOf(transaction: number): number | undefined {
    return this.#filter.active ? this.#lines.matchedOf(transaction) : undefined;
  }

  /** Takes in messages for some milliseconds; true where more are waiting. */
  extend(): Promise<boolean> {
    return this.#inTurn(() => this.#extend());
  }

  async #extend(): Promise<boolean> {
    const deadline = performance.now() + SLICE_MS;
    // Who waits for lines waits for a step, not for the slice.
    const shouldStop = (): boolean => this.#waiting > 0 || performance.now() >= deadline;
    await this.#askEnds();
    for (;;) {
      if (this.#late.length > 0) await this.#lateStep(shouldStop);
      else if (this.#evaluated < this.#file.rows) await this.#evaluateStep(shouldStop);
      else return false;
      if (shouldStop()) return !this.state.complete;
    }
  }

  /** Takes in a part of one chunk: well under a millisecond, and as much again where it must be read. */
  async #evaluateStep(shouldStop: () => boolean): Promise<void> {
    const file = this.#file;
    const number = this.#evaluated >>> CHUNK_SHIFT;
    const base = number * CHUNK_ROWS;
    const there = Math.min(file.rows - base, CHUNK_ROWS);
    const zone = file.zone(number);
    const first = this.#evaluated & CHUNK_MASK;
    const mustMeet = first > 0 || this.#lines.expanded.all.length > 0;
    if (zone !== undefined && !mustMeet && (await this.#filter.canSkip(zone))) {
      this.#texts += zone.kinds[String.fromCharCode(OPAQUE_KIND)] ?? 0;
      this.#evaluated = base + there;
      return;
    }
    const columns = await this.#filter.columns(number, there);
    const passes = this.#passes;
    const end = await this.#filter.step(
      columns,
      first,
      Math.min(there, first + STEP_ROWS),
      passes,
      shouldStop,
    );
    await this.#take(columns, first, end);
    this.#evaluated = base + end;
    await this.#lines.settle();
  }

  /** Hands rows of a chunk on to the lines. */
  async #take({ number, classes }: ViewColumns, first: number, end: number): Promise<void> {
    const base = number * CHUNK_ROWS;
    const passes = this.#passes;
    const lines = this.#lines;
    const { all } = this.#file.classes;
    if (all.some(({ kind }) => kind === OPAQUE_KIND)) {
      for (let i = first; i < end; i++) {
        if (all[classes[i] ?? 0]?.kind === OPAQUE_KIND) this.#texts++;
      }
    }
    const takesAll = lines.takesHidden;
    let transactions: ViewColumns['transactions'];
    for (let i = first; i < end; i++) {
      const isVisible = ((passes[i - first] ?? 0) & 1) === 1;
      if (!isVisible && !takesAll) continue;
      if (this.#grouped) transactions ??= await this.#filter.transactions(number, end);
      const row = all[classes[i] ?? 0];
      const counts = row !== undefined && (row.isChange || row.kind === OPAQUE_KIND);
      lines.take(base + i, transactions?.[i] ?? NONE, isVisible, counts);
    }
  }

  /** Asks which transactions have ended since their changes were taken in. */
  async #askEnds(): Promise<void> {
    if (this.#endsAskedAt === this.#file.rows) return;
    this.#endsAskedAt = this.#file.rows;
    for (const transaction of await this.#filter.ended()) {
      // What is being looked at again was looked at with another verdict.
      this.#late = this.#late.filter(work => work.transaction !== transaction);
      this.#late.push({ transaction, seq: await this.#file.firstSeq(transaction) });
    }
  }

  /** Looks again at some changes of a transaction that has ended. */
  async #lateStep(shouldStop: () => boolean): Promise<void> {
    const [work] = this.#late;
    if (work === undefined) return;
    const { transaction } = work;
    const chunk = await this.#file.transactionChunk(transaction);
    const last = Math.min(chunk.lastSeq[transaction & TX_MASK] ?? 0, this.#evaluated - 1);
    if (work.seq <= last) {
      const number = work.seq >>> CHUNK_SHIFT;
      const base = number * CHUNK_ROWS;
      const first = work.seq & CHUNK_MASK;
      const columns = await this.#filter.columns(number, Math.min(last + 1 - base, CHUNK_ROWS));
      const there = Math.min(last + 1 - base, CHUNK_ROWS, first + STEP_ROWS);
      const passes = this.#passes;
      const end = await this.#filter.step(columns, first, there, passes, shouldStop, transaction);
      for (let i = first; i < end; i++) {
        if (columns.transactions?.[i] !== transaction) continue;
        const isVisible = ((passes[i - first] ?? 0) & 1) === 1;
        if (isVisible !== this.isVisible(base + i)) this.#recounts++;
        this.#lines.change(base + i, transaction, isVisible);
      }
      work.seq = base + end;
      await this.#lines.settle();
      await this.#lines.expanded.refresh(this.#evaluated);
    }
    if (work.seq > last) this.#late = this.#late.filter(other => other !== work);
  }

  /** Opens or closes a transaction of a grouped view. */
  expand(transaction: number, expanded: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#grouped || transaction < 0 || transaction >= this.#file.transactions) return;
      if (this.isExpanded(transaction) === expanded) return;
      if (expanded) await this.#lines.expanded.open(transaction, this.#evaluated);
      else this.#lines.expanded.close(transaction);
      this.#lines.generation++;
    });
  }

  /** The lines from `first` on. */
  lines(first: number, count: number): Promise<ViewLine[]> {
    return this.#inTurn(() => this.#lines.read(first, count));
  }

  /** The line that shows a message, or its collapsed transaction; -1 where there is none. */
  locate(seq: number): Promise<number> {
    return this.#inTurn(() => this.#lines.locate(seq));
  }

  /** The only visible change of a transaction that has just one; -1 where it is not near. */
  onlyChange(transaction: number): Promise<number> {
    return this.#lines.onlyChange(transaction);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const result = this.#queue.then(() => {
      this.#waiting--;
      return work();
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
