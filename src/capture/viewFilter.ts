import type { ViewSpec } from '../shared/viewSpec';
import type { CaptureFile } from './captureFile';
import { CommitRangeFilter, IN_RANGE, isFinal, isInRange } from './commitRangeFilter';
import { decodeCaptured } from './decodedMessage';
import { ExpressionFilter } from './expressionFilter';
import { FRAME } from './frame';
import { OPAQUE_KIND } from './frameIndexer';
import { CHUNK_ROWS, NONE, ROW } from './indexChunk';
import type { RelationCatalog } from './relationCatalog';
import { tableIdOf } from './relationCatalog';
import type { Classes, RowClass } from './rowClasses';
import { RowFilter } from './rowFilter';
import { TextSearch } from './textSearch';
import type { Zone } from './zone';

/**
 * What the index says of a message: hidden, shown, or what must be asked besides; `always`: whatever is
 * looked for.
 */
const STATE = { hidden: 0, shown: 1, askTables: 2, askPlace: 4, askValues: 8, always: 16 } as const;
const ASKS = STATE.askTables | STATE.askPlace | STATE.askValues;
/** Of a class that was not asked for yet. */
const UNASKED = 255;

type Transactions = Uint8Array | Uint32Array;

/** What a view needs of an index chunk; transactions only where the filter asks for their ends. */
export interface ViewColumns {
  readonly number: number;
  /** Rows of which it is known. */
  readonly count: number;
  readonly classes: Classes;
  readonly transactions: Transactions | undefined;
}

/**
 * Which messages of a capture a view shows: operations and tables, the range of commits, an expression, a
 * text. What costs least is asked first: zones, then the columns of the index, and the bytes only of what
 * is left.
 */
export class ViewFilter {
  /** Only some changes pass. */
  readonly active: boolean;
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #rows: RowFilter;
  readonly #search: TextSearch | undefined;
  readonly #expression: ExpressionFilter | undefined;
  readonly #hasRange: boolean;
  /** Undefined where it does not matter when a transaction was committed, or whether. */
  readonly #ends: CommitRangeFilter | undefined;
  /** Transactions that had not ended when their changes were looked at, with the verdict of then. */
  readonly #pending = new Map<number, number>();
  /** By class: what is known of its rows without their transactions. */
  #states = new Uint8Array(256).fill(UNASKED);
  /** Of the chunk at hand. */
  #columns: ViewColumns | undefined;
  #room: ArrayBuffer | undefined;
  #transactions: { readonly number: number; readonly column: Transactions } | undefined;

  /** Throws a {@link CaptureError} where the expression or the range cannot be read. */
  constructor(spec: ViewSpec, file: CaptureFile, catalog: RelationCatalog) {
    const { filter = '', range, text } = spec;
    this.#file = file;
    this.#catalog = catalog;
    this.#rows = new RowFilter(spec, catalog);
    this.#search = text === '' ? undefined : new TextSearch(file, catalog, text);
    this.#expression =
      filter.trim() === '' ? undefined : new ExpressionFilter(filter, file, catalog);
    this.#hasRange = range !== undefined;
    const asksEnds = this.#hasRange || this.#expression?.usesTime === true;
    this.#ends = asksEnds ? new CommitRangeFilter(range, file) : undefined;
    this.active = this.#asksContent || this.#hasRange;
  }

  /** Something that a message says is asked for: what we do not understand does not pass. */
  get #asksContent(): boolean {
    return this.#asksChange || this.#search !== undefined;
  }

  /** Something is asked for that only a change has. */
  get #asksChange(): boolean {
    return this.#rows.byColumns || this.#expression !== undefined;
  }

  /** A text may hold several changes, of which its row in the index says nothing. */
  get #holdsSeveral(): boolean {
    return this.#catalog.textPlugin === 'wal2json';
  }

  /** What is needed of the first `count` rows of a chunk; kept until another chunk is asked for. */
  async columns(number: number, count: number): Promise<ViewColumns> {
    const known = this.#columns;
    if (known?.number === number && known.count >= count) return known;
    const classes = await this.#file.classes.of(number, count);
    const transactions =
      this.#ends === undefined ? undefined : await this.transactions(number, count);
    const columns = { number, count, classes, transactions };
    this.#columns = columns;
    return columns;
  }

  /** The transactions of the first `count` rows of a chunk at least; kept as {@link columns} are. */
  async transactions(number: number, count: number): Promise<Transactions> {
    const known = this.#transactions;
    if (known?.number === number && known.column.length >= count) return known.column;
    // Both stand in the room that is filled now.
    this.#columns = undefined;
    this.#transactions = undefined;
    this.#room ??= new ArrayBuffer(4 * CHUNK_ROWS);
    const column = await this.#file.column(number, 'transaction', this.#room);
    this.#transactions = { number, column };
    return column;
  }

  /** Whether no message of a chunk can pass. */
  async canSkip(zone: Zone): Promise<boolean> {
    if (!this.active || 'G' in zone.kinds || 'J' in zone.kinds) return false;
    if (!((await this.#ends?.mayHold(zone)) ?? true)) return true;
    const hasTexts = String.fromCharCode(OPAQUE_KIND) in zone.kinds;
    if (hasTexts && (!this.#asksChange || this.#holdsSeveral)) return false;
    if (!this.#asksContent) return false;
    const versions = this.#file.relations.all.length;
    if (!this.#rows.mayPass(zone, versions)) return true;
    return (await this.#expression?.mayPass(zone)) === false;
  }

  /**
   * Sets the lowest bit of `passes` for each row of a chunk from `first` on that is shown, beginning with
   * its first element; of one transaction alone where `only` is given. Returns the row behind the last
   * one that it looked at: `end`, or less where `shouldStop` said so.
   */
  async step(
    columns: ViewColumns,
    first: number,
    end: number,
    passes: Uint8Array,
    shouldStop: () => boolean,
    only?: number,
  ): Promise<number> {
    const { number, transactions } = columns;
    if (transactions !== undefined) await this.#ends?.prepareRows(transactions, first, end);
    const asked = this.#askIndex(columns, first, end, passes, only);
    let stop = end;
    if (this.#search !== undefined) {
      const hasAlways = (asked & STATE.always) !== 0;
      stop = await this.#searchText(columns, first, stop, passes, hasAlways, shouldStop);
    }
    if ((asked & (STATE.askTables | STATE.askPlace)) !== 0) {
      await this.#askMessages(columns, first, stop, passes);
    }
    if (this.#expression !== undefined && (asked & STATE.askValues) !== 0) {
      stop = await this.#expression.step(
        await this.#file.chunk(number),
        first,
        stop,
        row => ((passes[row - first] ?? 0) & STATE.askValues) !== 0,
        (row, passed) => {
          passes[row - first] = passed ? STATE.shown : STATE.hidden;
        },
        shouldStop,
      );
    }
    return stop;
  }

  /** What the index says of rows; returns what is to be asked of any of them. */
  #askIndex(
    { classes, transactions }: ViewColumns,
    first: number,
    end: number,
    passes: Uint8Array,
    only: number | undefined,
  ): number {
    const known = this.#file.classes.all;
    if (known.length > this.#states.length) {
      const larger = new Uint8Array(2 * known.length).fill(UNASKED);
      larger.set(this.#states);
      this.#states = larger;
    }
    const states = this.#states;
    const ends = this.#ends;
    let asked = 0;
    for (let i = first; i < end; i++) {
      const number = classes[i] ?? 0;
      let state = states[number] ?? STATE.hidden;
      if (state === UNASKED) {
        const row = known[number];
        state = row === undefined ? STATE.hidden : this.#stateOf(row);
        states[number] = state;
      }
      if (state !== STATE.hidden && ends !== undefined) {
        const transaction = transactions?.[i] ?? NONE;
        const isWanted = only === undefined || transaction === only;
        state = isWanted ? this.#stateAtEnd(state, transaction, ends) : STATE.hidden;
      }
      passes[i - first] = state;
      asked |= state;
    }
    return asked;
  }

  /** What letter, flags and table say. */
  #stateOf({ kind, flags, relation, isChange }: RowClass): number {
    let state: number = STATE.shown;
    if (isChange) {
      const byColumns = this.#rows.passes(kind, relation);
      if (byColumns === false) return STATE.hidden;
      if (byColumns === 'maybe') state |= STATE.askTables;
      const byExpression = this.#expression?.decide(kind, relation) ?? true;
      if (byExpression === false) return STATE.hidden;
      if (byExpression === 'maybe') state |= STATE.askValues;
    } else if ((flags & ROW.ownFrame) !== 0 && (kind === FRAME.gap || kind === FRAME.seam)) {
      state |= STATE.always;
    } else if (kind === OPAQUE_KIND && this.#asksChange) {
      if (!this.#holdsSeveral) return STATE.hidden;
      state |= STATE.askTables;
    } else if ((flags & ROW.unknown) === 0) {
      return STATE.hidden;
    } else if (kind !== OPAQUE_KIND && this.#asksContent) {
      return STATE.hidden;
    }
    return (state & ASKS) === 0 ? state : state & ~STATE.shown;
  }

  /** As {@link #stateOf}, where it matters when the transaction of a row was committed. */
  #stateAtEnd(state: number, transaction: number, ends: CommitRangeFilter): number {
    if (transaction === NONE) {
      return this.#hasRange ? (state | STATE.askPlace) & ~STATE.shown : state;
    }
    const verdict = ends.of(transaction);
    if (!isFinal(verdict) && !this.#pending.has(transaction)) {
      this.#pending.set(transaction, verdict);
    }
    return isInRange(verdict) ? state : STATE.hidden;
  }

  /** Hides what does not have the text. */
  async #searchText(
    { number }: ViewColumns,
    first: number,
    end: number,
    passes: Uint8Array,
    hasAlways: boolean,
    shouldStop: () => boolean,
  ): Promise<number> {
    const search = this.#search;
    if (search === undefined) return end;
    let row = first;
    do {
      const marks = passes.subarray(row - first, end - first);
      const always = hasAlways ? marks.slice() : [];
      const stop = await search.step(number, row, end, marks);
      for (const [i, state] of always.entries()) {
        if ((state & STATE.always) !== 0) marks[i] = state;
      }
      row = stop;
    } while (row < end && !shouldStop());
    return row;
  }

  /** Looks at the few messages of which the index does not tell tables or place. */
  async #askMessages(
    { number }: ViewColumns,
    first: number,
    end: number,
    passes: Uint8Array,
  ): Promise<void> {
    for (let i = first; i < end; i++) {
      const state = (passes[i - first] ?? 0) & ~STATE.always;
      if ((state & (STATE.askTables | STATE.askPlace)) === 0) continue;
      const passed = await this.#messagePasses(number * CHUNK_ROWS + i, state);
      const left = state & STATE.askValues;
      passes[i - first] = passed ? left || STATE.shown : STATE.hidden;
    }
  }

  async #messagePasses(seq: number, state: number): Promise<boolean> {
    const captured = await this.#file.readMessage(seq);
    if ((state & STATE.askPlace) !== 0 && this.#ends?.holdsMessage(captured) === false)
      return false;
    if ((state & STATE.askTables) === 0) return true;
    const { message, truncated, changes } = decodeCaptured(captured, this.#catalog);
    if (changes !== undefined) {
      const events = await this.#expression?.eventsOf(captured);
      return changes.some((change, i) => {
        const event = events?.[i];
        if (!this.#rows.eventPasses(change)) return false;
        return (
          events === undefined || (event !== undefined && this.#expression?.matches(event) === true)
        );
      });
    }
    if (truncated !== undefined) return truncated.some(id => this.#rows.tablePasses(id));
    if (message?.kind !== 'truncate') return false;
    return message.relationOids.some(oid => {
      const relation = this.#catalog.relationAt(oid, seq);
      return relation !== undefined && this.#rows.tablePasses(tableIdOf(relation));
    });
  }

  /**
   * Transactions that have ended since their changes were looked at and whose changes must be looked at
   * again for that.
   */
  async ended(): Promise<number[]> {
    const ends = this.#ends;
    const again: number[] = [];
    if (ends === undefined) return again;
    for (const [transaction, before] of [...this.#pending]) {
      await ends.prepare(transaction);
      const now = ends.of(transaction);
      if (now === before) continue;
      if (isFinal(now)) this.#pending.delete(transaction);
      else this.#pending.set(transaction, now);
      const isMuch = this.#expression?.usesTime === true && now !== IN_RANGE.no;
      if (isInRange(now) !== isInRange(before) || isMuch) again.push(transaction);
    }
    return again;
  }
}
