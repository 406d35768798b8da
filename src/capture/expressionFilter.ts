import { INVALID_LSN } from '../base/lsn';
import type { IndexFacts } from '../filter/decideByIndex';
import { allOf } from '../filter/expressionTree';
import type { FilterEvent } from '../filter/filterEvent';
import type { FilterExpression } from '../filter/filterExpression';
import { parseFilter } from '../filter/filterExpression';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { canMatchTable } from './canMatchTable';
import type { CapturedMessage } from './capturedMessage';
import { capturedEvents } from './capturedEvents';
import { CaptureError } from './captureError';
import type { CaptureFile } from './captureFile';
import { ExpressionRows } from './expressionRows';
import type { IndexChunk } from './indexChunk';
import { CHUNK_ROWS, NONE } from './indexChunk';
import { operationOf } from './operations';
import type { RelationCatalog } from './relationCatalog';
import { TransactionLookup } from './transactionFacts';
import { RowVerdicts } from './rowVerdicts';
import type { Zone } from './zone';
import { mayHaveRelation } from './zone';

/** Fields of which a row of the index tells, beside operation and table. */
const ROW_FIELDS = new Set(['xid', 'time', 'lsn', 'size']);

const NO_ROW: FilterEvent = {
  op: 'insert',
  lsn: INVALID_LSN,
  xid: undefined,
  time: undefined,
  size: undefined,
  tables: [],
  row: undefined,
  prefix: undefined,
  content: undefined,
};

/** Rows of which the index is asked before the clock is. */
const CLOCK_ROWS = 256;

/** Verdicts as they are kept. */
const VERDICTS = [undefined, true, false, 'maybe'] as const;

/** Which changes of a capture pass an expression: by operation and table, by their rows, by their values. */
export class ExpressionFilter {
  /** It matters when a transaction was committed. */
  readonly usesTime: boolean;
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #expression: FilterExpression;
  readonly #usesRow: boolean;
  readonly #transactions: TransactionLookup;
  readonly #rowVerdicts: RowVerdicts;
  readonly #rows: ExpressionRows;
  /** By operation and relation version, which begins at 1: of none is 0. */
  readonly #verdicts = new Map<number, Uint8Array>();
  /** 1 for the rows of the chunk at hand whose values have to be asked. */
  readonly #asked = new Uint8Array(CHUNK_ROWS);

  /** Throws a {@link CaptureError} where the expression cannot be read. */
  constructor(text: string, file: CaptureFile, catalog: RelationCatalog) {
    const { filter, problem } = parseFilter(text, catalog.findType);
    if (filter === undefined) throw new CaptureError('bad-view', problem.message);
    this.#file = file;
    this.#catalog = catalog;
    this.#expression = filter;
    const parts = [...allOf(filter.tree)];
    this.#usesRow = parts.some(part => part.kind === 'field' && ROW_FIELDS.has(part.field));
    this.usesTime = parts.some(part => part.kind === 'field' && part.field === 'time');
    this.#transactions = new TransactionLookup(file);
    this.#rowVerdicts = new RowVerdicts(filter, this.#transactions, (kind, version) =>
      this.#tableFacts(kind, version),
    );
    this.#rows = new ExpressionRows(file, catalog, filter);
  }

  /** What operation and table tell of a change. */
  decide(kind: number, relation: number): boolean | 'maybe' {
    let page = this.#verdicts.get(kind);
    const at = relation === NONE ? 0 : relation + 1;
    if (page === undefined || at >= page.length) {
      const larger = new Uint8Array(2 * at + 64);
      if (page !== undefined) larger.set(page);
      this.#verdicts.set(kind, (page = larger));
    }
    const known = VERDICTS[page[at] ?? 0];
    if (known !== undefined) return known;
    const verdict = this.#decideTable(kind, relation, {});
    page[at] = VERDICTS.indexOf(verdict);
    return verdict;
  }

  #decideTable(kind: number, version: number, more: IndexFacts): boolean | 'maybe' {
    const facts = { ...this.#tableFacts(kind, version), ...more };
    const verdict = this.#expression.decide(facts);
    const relation = verdict === 'maybe' ? this.#catalog.relation(version) : undefined;
    // The texts of other plugins describe no columns, and a Truncate has several tables.
    if (relation === undefined || this.#catalog.textPlugin !== undefined) return verdict;
    if (kind === MessageLetter.truncate) return verdict;
    return canMatchTable(this.#expression.tree, relation) ? verdict : false;
  }

  #tableFacts(kind: number, version: number): IndexFacts {
    const op = operationOf(kind);
    const facts = op === undefined ? {} : { op };
    if (op === 'truncate') return facts;
    const relation = op === 'message' ? undefined : this.#catalog.relation(version);
    const { schema = null, name = null } = relation ?? {};
    return { ...facts, schema, table: name };
  }

  /** False where no row of a chunk can pass. */
  async mayPass(zone: Zone): Promise<boolean> {
    const facts = this.#usesRow ? await this.#zoneFacts(zone) : undefined;
    const versions = this.#file.relations.all.length;
    for (const letter of Object.keys(zone.kinds)) {
      const kind = letter.charCodeAt(0);
      if (operationOf(kind) === undefined) continue;
      for (let version = -1; version < versions; version++) {
        // A row may belong to a table that was not described.
        if (version >= 0 && !mayHaveRelation(zone, version)) continue;
        const relation = version < 0 ? NONE : version;
        const verdict =
          facts === undefined
            ? this.decide(kind, relation)
            : this.#decideTable(kind, relation, facts);
        if (verdict !== false && (version >= 0 || this.#matchesRowless(kind, verdict))) return true;
      }
    }
    return false;
  }

  /** Whether a change may pass of which no table is known. */
  #matchesRowless(kind: number, verdict: boolean | 'maybe'): boolean {
    const op = operationOf(kind) ?? 'insert';
    if (verdict === true || op === 'message' || op === 'truncate') return true;
    return this.#usesRow || this.#expression.matches({ ...NO_ROW, op });
  }

  async #zoneFacts(zone: Zone): Promise<IndexFacts> {
    const min = BigInt(zone.minLsn);
    const max = BigInt(zone.maxLsn);
    const lsn = max === 0n ? {} : { lsn: { min, max } };
    // A message outside transactions has no xid, which ranges do not speak of.
    if (zone.firstTransaction < 0) return lsn;
    this.#transactions.forget();
    const { firstTransaction, lastTransaction } = zone;
    return { ...lsn, ...(await this.#transactions.ranges(firstTransaction, lastTransaction)) };
  }

  /**
   * Tells for rows of a chunk from `first` on, of those that it `wants`, which pass. Returns the row behind
   * the last one that it looked at: `end`, or less where `shouldStop` said so.
   */
  async step(
    chunk: IndexChunk,
    first: number,
    end: number,
    wants: (row: number) => boolean,
    tell: (row: number, passes: boolean) => void,
    shouldStop: () => boolean,
  ): Promise<number> {
    const asked = this.#asked;
    this.#rowVerdicts.forget();
    let isAny = false;
    let row = first;
    for (; row < end; row++) {
      asked[row] = 0;
      if (!wants(row)) continue;
      if (this.#usesRow) {
        if (row % CLOCK_ROWS === 0 && row > first && shouldStop()) break;
        const verdict = this.#rowVerdicts.of(chunk, row);
        const passes = typeof verdict === 'object' ? await verdict : verdict;
        if (passes !== 'maybe') {
          tell(row, passes);
          continue;
        }
      }
      asked[row] = 1;
      isAny = true;
    }
    if (!isAny) return row;
    return this.#rows.step(chunk, first, row, asked, tell, shouldStop);
  }

  /** The changes of a message that may hold several. */
  async eventsOf(captured: CapturedMessage): Promise<FilterEvent[]> {
    this.#transactions.forget();
    const ends = await this.#transactions.of(captured.row.transaction);
    return capturedEvents(captured, this.#catalog, ends);
  }

  matches(event: FilterEvent): boolean {
    return this.#expression.matches(event);
  }
}
