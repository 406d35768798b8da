import { toLsn } from '../base/lsn';
import { allOf } from '../filter/expressionTree';
import type { FilterEvent } from '../filter/filterEvent';
import { ImageRow } from '../filter/filterEvent';
import type { FilterExpression } from '../filter/filterExpression';
import type { RowImage } from '../logical/rowImage';
import { capturedEvents } from './capturedEvents';
import { capturedMessage } from './capturedMessage';
import type { CaptureFile } from './captureFile';
import { DATA_HEADER_SIZE } from './frame';
import type { IndexChunk } from './indexChunk';
import { CHUNK_ROWS, NONE, ROW } from './indexChunk';
import { operationOf } from './operations';
import type { RelationCatalog } from './relationCatalog';
import { RowReader } from './rowReader';
import { RowSpan, rowEnd } from './rowSpan';
import { TransactionLookup } from './transactionFacts';

/** What nobody asks for is read as well where it is less than this. */
const SMALL_HOLE = 32 * 1024;

/** What is used again for each row of a description of a table. */
interface Table {
  readonly reader: RowReader;
  readonly tables: FilterEvent['tables'];
  row: ImageRow | undefined;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Asks an expression of the values of changes: reads the file in pieces, in order, and makes nothing for a row. */
export class ExpressionRows {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #expression: FilterExpression;
  /** Else no position is made of a row: each would be an object. */
  readonly #usesLsn: boolean;
  readonly #span: RowSpan;
  readonly #transactions: TransactionLookup;
  readonly #tables: (Table | undefined)[] = [];
  /** Filled in for each row. */
  readonly #event: Writable<FilterEvent> = {
    op: 'insert',
    lsn: toLsn(0n),
    xid: undefined,
    time: undefined,
    size: undefined,
    tables: [],
    row: undefined,
    prefix: undefined,
    content: undefined,
  };

  constructor(file: CaptureFile, catalog: RelationCatalog, expression: FilterExpression) {
    this.#file = file;
    this.#catalog = catalog;
    this.#expression = expression;
    this.#usesLsn = [...allOf(expression.tree)].some(
      part => part.kind === 'field' && part.field === 'lsn',
    );
    this.#span = new RowSpan(file);
    this.#transactions = new TransactionLookup(file);
  }

  /** Tells which of the rows pass that are `asked` for. Returns the row behind the last one it looked at. */
  async step(
    chunk: IndexChunk,
    first: number,
    end: number,
    asked: Uint8Array,
    tell: (row: number, passes: boolean) => void,
    shouldStop: () => boolean,
  ): Promise<number> {
    this.#transactions.forget();
    for (let row = first; ;) {
      while (row < end && asked[row] === 0) row++;
      if (row >= end) return end;
      const stop = await this.#span.read(chunk, row, this.#wantedEnd(chunk, row, end, asked));
      if (stop === row) {
        tell(row, await this.#messagePasses(chunk, row, undefined));
        row++;
      }
      for (; row < stop; row++) {
        if (asked[row] === 0) continue;
        const passes = this.#rowPasses(chunk, row);
        tell(row, typeof passes === 'boolean' ? passes : await passes);
      }
      if (shouldStop()) return row;
    }
  }

  /** Behind the last row before a larger hole. */
  #wantedEnd(chunk: IndexChunk, first: number, end: number, asked: Uint8Array): number {
    let last = first;
    const limit = (chunk.offset[first] ?? 0) + this.#span.size;
    for (let row = first + 1; row < end; row++) {
      const offset = chunk.offset[row] ?? 0;
      if (offset > limit || offset - rowEnd(chunk, last) > SMALL_HOLE) break;
      if (asked[row] === 1) last = row;
    }
    return last + 1;
  }

  #rowPasses(chunk: IndexChunk, row: number): boolean | Promise<boolean> {
    const relation = chunk.relation[row] ?? NONE;
    const { bytes, base } = this.#span;
    const start = (chunk.offset[row] ?? 0) - base + DATA_HEADER_SIZE;
    const end = rowEnd(chunk, row) - base;
    const table = this.#isMasked(relation) ? undefined : this.#tableOf(relation);
    const inStream = ((chunk.flags[row] ?? 0) & ROW.inStream) !== 0;
    const image = table?.reader.read(bytes, start, end, inStream);
    const ends = this.#transactions.of(chunk.transaction[row] ?? NONE);
    if (ends instanceof Promise) return ends.then(() => this.#rowPasses(chunk, row));
    if (table === undefined || image === undefined) {
      return this.#messagePasses(chunk, row, bytes.subarray(start - DATA_HEADER_SIZE, end));
    }
    const event = this.#event;
    event.op = operationOf(chunk.kind[row] ?? 0) ?? 'insert';
    if (this.#usesLsn) event.lsn = toLsn(chunk.lsn[row] ?? 0n);
    event.xid = ends.xid;
    event.time = ends.time;
    event.size = end - start;
    event.tables = table.tables;
    event.row = this.#rowOf(table, image);
    return this.#expression.matches(event);
  }

  /** As the decoder has it: what is large, masked, no row, or not as it should be. */
  async #messagePasses(
    chunk: IndexChunk,
    row: number,
    frame: Uint8Array | undefined,
  ): Promise<boolean> {
    const seq = chunk.number * CHUNK_ROWS + row;
    const captured =
      frame === undefined || !this.#file.mask.isEmpty
        ? await this.#file.readMessage(seq)
        : capturedMessage(seq, chunk.row(row), frame);
    const ends = await this.#transactions.of(captured.row.transaction);
    const events = capturedEvents(captured, this.#catalog, ends);
    return events.some(event => this.#expression.matches(event));
  }

  /** The bytes of the file hold values then that nobody is to find. */
  #isMasked(relation: number): boolean {
    return !this.#file.mask.isEmpty && this.#file.maskedColumns(relation) !== undefined;
  }

  #tableOf(version: number): Table | undefined {
    const known = this.#tables[version];
    if (known !== undefined) return known;
    if (this.#catalog.textPlugin !== undefined) return undefined;
    const relation = this.#catalog.relation(version);
    if (relation === undefined) return undefined;
    const tables = [{ schema: relation.schema, table: relation.name }];
    return (this.#tables[version] = { reader: new RowReader(relation), tables, row: undefined });
  }

  #rowOf(table: Table, image: RowImage): ImageRow {
    table.row ??= new ImageRow(image, this.#catalog.findType);
    table.row.image = image;
    return table.row;
  }
}
