import type { ViewSpec, ViewState } from '../shared/viewSpec';
import { SeqBitmap } from './seqBitmap';
import type { CaptureFile } from './captureFile';
import { decodeCaptured } from './decodedMessage';
import { ExpandedTransaction } from './expandedTransaction';
import { FRAME } from './frame';
import { OPAQUE_KIND } from './frameIndexer';
import { CHUNK_MASK, CHUNK_ROWS, CHUNK_SHIFT, NONE, ROW } from './indexChunk';
import { IS_CHANGE } from './operations';
import { PagedCounts } from './pagedCounts';
import type { RelationCatalog } from './relationCatalog';
import { tableIdOf } from './relationCatalog';
import { RowFilter } from './rowFilter';
import { TextSearch } from './textSearch';
import type { TransactionChunk } from './transactionChunk';
import { TX_MASK, TX_SHIFT } from './transactionChunk';

/** How long one step works before it gives others a turn, in milliseconds. */
const SLICE_MS = 8;
/** Rows that are taken in before the clock is asked. */
const STEP_ROWS = 8192;

/** What is not what its letter says, and what was shown before already. */
const NO_CHANGE = ROW.ownFrame | ROW.unknown | ROW.repeated;

/** A line of the list: a message, or a transaction by its first message. */
export interface ViewLine {
  readonly seq: number;
  /** The line stands for this transaction; undefined for a change or note of its own. */
  readonly transaction?: number;
  /** The line stands below an expanded transaction. */
  readonly nested: boolean;
}

/** The columns of an index chunk that a view needs; the last two where grouping and filter do. */
interface Columns {
  readonly number: number;
  readonly kinds: Uint8Array | Uint32Array;
  readonly flags: Uint8Array | Uint32Array;
  readonly transactions: Uint8Array | Uint32Array | undefined;
  readonly relations: Uint8Array | Uint32Array | undefined;
}

/**
 * Capture + filter + grouping, as the lines of a list.
 *
 * `visible` has a bit for each change that passes the filter and each note (gap, unknown message).
 * Flat, these are the lines. Grouped, `leaders` has the lines: the first message of each transaction
 * that has something to show, and what stands outside transactions; below an expanded transaction its
 * visible messages follow. New messages extend the bitmaps; nothing is built again.
 */
export class View {
  readonly id: number;
  readonly spec: ViewSpec;
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #filter: RowFilter;
  readonly #search: TextSearch | undefined;
  /** 1 for the rows of the step at hand that contain the text. */
  readonly #hits = new Uint8Array(STEP_ROWS);
  readonly #grouped: boolean;
  readonly #visible = new SeqBitmap();
  readonly #leaders = new SeqBitmap();
  /** Changes that pass, by transaction; kept while a filter is active, else the index knows. */
  readonly #matched = new PagedCounts();
  #matchedTotal = 0;
  /** Lines of other output plugins that were taken in: they count as changes do. */
  #lines = 0;
  #evaluated = 0;
  /** Of the chunk that is being evaluated. */
  #columns: Columns | undefined;
  /** Transactions whose first message was met. */
  #transactionsSeen = 0;
  #generation = 0;
  /** In order of their lines. */
  #expanded: ExpandedTransaction[] = [];
  readonly #expandedByOrdinal = new Map<number, ExpandedTransaction>();
  /** Expanded transactions whose runs must be read again. */
  readonly #stale = new Set<number>();
  /** Work on the view is done one piece after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    id: number,
    spec: ViewSpec,
    file: CaptureFile,
    catalog: RelationCatalog,
    generation = 0,
  ) {
    this.id = id;
    this.#generation = generation;
    this.spec = spec;
    this.#file = file;
    this.#catalog = catalog;
    this.#filter = new RowFilter(spec, catalog);
    this.#search = spec.text === '' ? undefined : new TextSearch(file, catalog, spec.text);
    this.#grouped = spec.grouping === 'transactions';
  }

  /** Lines of the list. */
  get rows(): number {
    if (!this.#grouped) return this.#visible.total;
    return this.#expanded.reduce((sum, { count }) => sum + count, this.#leaders.total);
  }

  get generation(): number {
    return this.#generation;
  }

  get state(): ViewState {
    return {
      view: this.id,
      generation: this.#generation,
      rows: this.rows,
      matched: this.#matchedTotal,
      changes: this.#file.changes + this.#lines,
      complete: this.#evaluated >= this.#file.rows,
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

  /** Whether this message is a change or note that passes. */
  isVisible(seq: number): boolean {
    return this.#visible.has(seq);
  }

  /** The first such message from `seq` on; -1 where there is none (yet). */
  nextVisible(seq: number): number {
    return this.#visible.next(seq);
  }

  /** How many such messages stand before `seq`. */
  visibleBefore(seq: number): number {
    return this.#visible.rank(seq);
  }

  /** Lines that were given may look different now. */
  invalidate(): void {
    this.#generation++;
  }

  /** The same view from its beginning, with nothing taken in: what passes the filter may be different now. */
  async again(): Promise<View> {
    const { id, spec } = this;
    const view = new View(id, spec, this.#file, this.#catalog, this.#generation + 1);
    for (const { ordinal } of this.#expanded) await view.expand(ordinal, true);
    return view;
  }

  isExpanded(transaction: number): boolean {
    return this.#expandedByOrdinal.has(transaction);
  }

  /** Changes of a transaction that pass the filter; undefined where all do. */
  matchedOf(transaction: number): number | undefined {
    return this.#filter.active ? this.#matched.get(transaction) : undefined;
  }

  /** Takes in messages for some milliseconds; true where more are waiting. */
  extend(): Promise<boolean> {
    return this.#inTurn(() => this.#extend());
  }

  async #extend(): Promise<boolean> {
    const deadline = performance.now() + SLICE_MS;
    while (this.#evaluated < this.#file.rows) {
      await this.#evaluateStep();
      if (performance.now() >= deadline) break;
    }
    return this.#evaluated < this.#file.rows;
  }

  /** Takes in a part of one chunk: well under a millisecond, and as much again where it must be read. */
  async #evaluateStep(): Promise<void> {
    const file = this.#file;
    const number = this.#evaluated >>> CHUNK_SHIFT;
    const base = number * CHUNK_ROWS;
    const there = Math.min(file.rows - base, CHUNK_ROWS);
    const zone = file.zone(number);
    if (zone !== undefined && this.#canSkip(zone)) {
      this.#transactionsSeen = Math.max(this.#transactionsSeen, zone.lastTransaction + 1);
      this.#lines += zone.kinds[String.fromCharCode(OPAQUE_KIND)] ?? 0;
      this.#evaluated = base + there;
      return;
    }
    const { kinds, flags, transactions, relations } = await this.#columnsOf(number, there);
    const first = this.#evaluated & CHUNK_MASK;
    const isChange = (i: number): boolean =>
      IS_CHANGE[kinds[i] ?? 0] === 1 && ((flags[i] ?? 0) & NO_CHANGE) === 0;
    let end = Math.min(there, first + STEP_ROWS);
    if (this.#search !== undefined) {
      this.#hits.fill(0);
      end = await this.#search.step(
        number,
        first,
        end,
        i =>
          isChange(i)
            ? this.#filter.passes(kinds[i] ?? 0, relations?.[i] ?? NONE) !== false
            : kinds[i] === OPAQUE_KIND && (!this.#filter.byColumns || this.#holdsSeveral),
        i => {
          this.#hits[i - first] = 1;
        },
      );
    }
    const maybe: number[] = [];
    const newlyMatched: number[] = [];
    for (let i = first; i < end; i++) {
      const kind = kinds[i] ?? 0;
      const flag = flags[i] ?? 0;
      const transaction = transactions?.[i] ?? NONE;
      const change = isChange(i);
      const hit = this.#search === undefined || this.#hits[i - first] === 1;
      let visible: boolean;
      if (change) {
        const verdict = hit && this.#filter.passes(kind, relations?.[i] ?? NONE);
        visible = verdict === true;
        if (verdict === 'maybe') maybe.push(i);
      } else {
        visible = this.#isNote(kind, flag, hit);
        if (hit && kind === OPAQUE_KIND && this.#filter.byColumns && this.#holdsSeveral) {
          maybe.push(i);
        }
      }
      if (kind === OPAQUE_KIND) this.#lines++;
      const counts = change || kind === OPAQUE_KIND;
      this.#take(base + i, transaction, visible, counts, newlyMatched);
    }
    for (const i of maybe) {
      if (!(await this.#contentPasses(base + i))) continue;
      this.#addLate(base + i, transactions?.[i] ?? NONE, newlyMatched);
    }
    await this.#addLeaders(newlyMatched);
    this.#evaluated = base + end;
    await this.#refreshStale();
  }

  /** What is needed of the first `count` rows of a chunk; kept until another chunk is asked for. */
  async #columnsOf(number: number, count: number): Promise<Columns> {
    const known = this.#columns;
    if (known?.number === number && known.kinds.length >= count) return known;
    const file = this.#file;
    const columns = {
      number,
      kinds: await file.column(number, 'kind'),
      flags: await file.column(number, 'flags'),
      transactions: this.#grouped ? await file.column(number, 'transaction') : undefined,
      relations: this.#filter.byTable ? await file.column(number, 'relation') : undefined,
    };
    this.#columns = columns;
    return columns;
  }

  /** Transactions that have something to show now: their lines stand at their first messages. */
  async #addLeaders(ordinals: readonly number[]): Promise<void> {
    let chunk: TransactionChunk | undefined;
    for (const ordinal of ordinals) {
      if (chunk?.number !== ordinal >>> TX_SHIFT)
        chunk = await this.#file.transactionChunk(ordinal);
      const seq = chunk.firstSeq[ordinal & TX_MASK] ?? 0;
      const before = this.#leaders.last;
      if (this.#leaders.add(seq) && seq < before) this.#generation++;
    }
  }

  /** Adds a message in order. */
  #take(
    seq: number,
    transaction: number,
    visible: boolean,
    counts: boolean,
    newlyMatched: number[],
  ): void {
    if (visible) {
      this.#visible.add(seq);
      if (counts) this.#matchedTotal++;
    }
    if (!this.#grouped) return;
    if (transaction === NONE) {
      if (visible) this.#leaders.add(seq);
      return;
    }
    // Ordinals are given in order of the first message, so this one is it.
    const firstMessage = transaction >= this.#transactionsSeen;
    if (firstMessage) this.#transactionsSeen = transaction + 1;
    if (!this.#filter.active) {
      if (firstMessage) this.#leaders.add(seq);
    } else if (visible && this.#matched.increment(transaction) === 1) {
      newlyMatched.push(transaction);
    }
    if (this.#expanded.length === 0) return;
    const expanded = this.#expandedByOrdinal.get(transaction);
    if (expanded === undefined) return;
    expanded.take(seq, visible);
    if (visible && expanded.leader !== this.#leaders.last) this.#generation++;
  }

  /** A Truncate, or a text of several changes, that turned out to pass, after messages that follow it were taken. */
  #addLate(seq: number, transaction: number, newlyMatched: number[]): void {
    this.#visible.add(seq);
    this.#matchedTotal++;
    if (!this.#grouped) return;
    if (transaction === NONE) this.#leaders.add(seq);
    else if (this.#matched.increment(transaction) === 1) newlyMatched.push(transaction);
    if (!this.#expandedByOrdinal.has(transaction)) return;
    this.#stale.add(transaction);
    this.#generation++;
  }

  /**
   * Gaps and seams are always shown; what we do not understand is, where nothing is filtered. What other
   * plugins say is text, and is shown where it contains what is looked for.
   */
  #isNote(kind: number, flags: number, hit: boolean): boolean {
    if ((flags & ROW.ownFrame) !== 0 && (kind === FRAME.gap || kind === FRAME.seam)) return true;
    if ((flags & ROW.unknown) === 0) return false;
    return kind === OPAQUE_KIND ? hit && !this.#filter.byColumns : !this.#filter.active;
  }

  #canSkip(zone: NonNullable<ReturnType<CaptureFile['zone']>>): boolean {
    if (!this.#filter.active || 'G' in zone.kinds || 'J' in zone.kinds) return false;
    if (this.#expanded.length > 0) return false;
    const hasTexts = String.fromCharCode(OPAQUE_KIND) in zone.kinds;
    if (hasTexts && (this.#search !== undefined || this.#holdsSeveral)) return false;
    return !this.#filter.mayPass(zone, this.#file.relations.all.length);
  }

  /** A text may hold several changes, of which its row in the index says nothing. */
  get #holdsSeveral(): boolean {
    return this.#catalog.textPlugin === 'wal2json';
  }

  /** Whether one of the tables of a Truncate passes, or one of the changes of a text. */
  async #contentPasses(seq: number): Promise<boolean> {
    const captured = await this.#file.readMessage(seq);
    const { message, truncated, changes } = decodeCaptured(captured, this.#catalog);
    if (changes !== undefined) return changes.some(change => this.#filter.eventPasses(change));
    if (truncated !== undefined) return truncated.some(id => this.#filter.tablePasses(id));
    if (message?.kind !== 'truncate') return false;
    return message.relationOids.some(oid => {
      const relation = this.#catalog.relationAt(oid, seq);
      return relation !== undefined && this.#filter.tablePasses(tableIdOf(relation));
    });
  }

  /** Opens or closes a transaction of a grouped view. */
  expand(transaction: number, expanded: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#grouped || transaction < 0 || transaction >= this.#file.transactions) return;
      if (this.#expandedByOrdinal.has(transaction) === expanded) return;
      if (expanded) {
        const found = await this.#readRuns(transaction);
        this.#expandedByOrdinal.set(transaction, found);
        this.#expanded.push(found);
        this.#expanded.sort((a, b) => a.leader - b.leader);
      } else {
        this.#expandedByOrdinal.delete(transaction);
        this.#expanded = this.#expanded.filter(e => e.ordinal !== transaction);
      }
      this.#generation++;
    });
  }

  /** Finds the messages of a transaction among those that were evaluated. */
  async #readRuns(transaction: number): Promise<ExpandedTransaction> {
    const chunk = await this.#file.transactionChunk(transaction);
    const i = transaction & TX_MASK;
    const firstSeq = chunk.firstSeq[i] ?? 0;
    const end = Math.min((chunk.lastSeq[i] ?? 0) + 1, this.#evaluated);
    const found = new ExpandedTransaction(transaction, firstSeq);
    for (let seq = firstSeq; seq < end;) {
      const number = seq >>> CHUNK_SHIFT;
      const base = number * CHUNK_ROWS;
      const column = await this.#file.column(number, 'transaction');
      const last = Math.min(end - base, CHUNK_ROWS);
      for (let k = seq - base; k < last; k++) {
        if (column[k] === transaction) found.take(base + k, this.#visible.has(base + k));
      }
      seq = base + last;
    }
    return found;
  }

  /** The lines from `first` on. */
  lines(first: number, count: number): Promise<ViewLine[]> {
    return this.#inTurn(async () => {
      return this.#grouped ? await this.#groupedLines(first, count) : this.#flatLines(first, count);
    });
  }

  async #refreshStale(): Promise<void> {
    for (const ordinal of this.#stale) {
      const found = await this.#readRuns(ordinal);
      this.#expandedByOrdinal.set(ordinal, found);
      this.#expanded = this.#expanded.map(e => (e.ordinal === ordinal ? found : e));
    }
    this.#stale.clear();
  }

  #flatLines(first: number, count: number): ViewLine[] {
    const lines: ViewLine[] = [];
    let seq = this.#visible.select(first);
    while (seq >= 0 && lines.length < count) {
      lines.push({ seq, nested: false });
      seq = this.#visible.next(seq + 1);
    }
    return lines;
  }

  async #groupedLines(first: number, count: number): Promise<ViewLine[]> {
    const lines: ViewLine[] = [];
    const end = Math.min(first + count, this.rows);
    let offset = 0;
    let row = first;
    for (const expanded of this.#expanded) {
      if (row >= end) break;
      const at = this.#leaders.rank(expanded.leader) + offset;
      if (!this.#leaders.has(expanded.leader)) continue;
      for (; row <= at && row < end; row++) lines.push(await this.#leaderLine(row - offset));
      for (; row > at && row <= at + expanded.count && row < end; row++) {
        const seq = expanded.select(row - at - 1, this.#visible);
        lines.push({ seq, nested: true });
      }
      offset += expanded.count;
    }
    for (; row < end; row++) lines.push(await this.#leaderLine(row - offset));
    return lines;
  }

  async #leaderLine(n: number): Promise<ViewLine> {
    const seq = this.#leaders.select(n);
    const { transaction } = await this.#file.row(seq);
    if (transaction === NONE) return { seq, nested: false };
    return { seq, transaction, nested: false };
  }

  /** The line that shows a message, or its collapsed transaction; -1 where there is none. */
  locate(seq: number): Promise<number> {
    return this.#inTurn(async () => {
      if (!this.#grouped) return this.#visible.has(seq) ? this.#visible.rank(seq) : -1;
      const { transaction } = await this.#file.row(seq);
      const leader = transaction === NONE ? seq : await this.#file.firstSeq(transaction);
      if (!this.#leaders.has(leader)) return -1;
      let row = this.#leaders.rank(leader);
      for (const expanded of this.#expanded) {
        if (expanded.leader >= leader) break;
        if (this.#leaders.has(expanded.leader)) row += expanded.count;
      }
      const own = this.#expandedByOrdinal.get(transaction);
      if (own === undefined || !this.#visible.has(seq)) return row;
      return row + 1 + own.rank(seq, this.#visible);
    });
  }

  /** The only visible change of a transaction that has just one; -1 where it is not near. */
  async onlyChange(transaction: number): Promise<number> {
    const chunk = await this.#file.transactionChunk(transaction);
    const i = transaction & TX_MASK;
    const last = chunk.lastSeq[i] ?? 0;
    let seq = this.#visible.next(chunk.firstSeq[i] ?? 0);
    // Between the blocks of a streamed transaction others may stand: a few are looked at, not all.
    for (let tries = 0; seq >= 0 && seq <= last && tries < 64; tries++) {
      const row = await this.#file.row(seq);
      if (row.transaction === transaction && IS_CHANGE[row.kind] === 1) return seq;
      seq = this.#visible.next(seq + 1);
    }
    return -1;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
