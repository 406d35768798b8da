import type { FilterExpression } from '../filter/filterExpression';
import { parseFilter } from '../filter/filterExpression';
import type { CapturedMessage } from './capturedMessage';
import { capturedEvents } from './capturedEvents';
import type { CaptureFile } from './captureFile';
import { IS_CHANGE } from './operations';
import type { RelationCatalog } from './relationCatalog';
import { TransactionLookup } from './transactionFacts';
import type { TransactionRecord } from './transactionRecord';

/** Of a transaction that is one line, so many of its first messages are looked at. */
const FIRST_MESSAGES = 24;
/** A message larger than this is not read for a colour. */
const LARGE_MESSAGE = 256 * 1024;

/** The rules that colour rows of the list: the first that a change passes counts. */
export class RowRules {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #transactions: TransactionLookup;
  #rules: readonly (FilterExpression | undefined)[] = [];

  constructor(file: CaptureFile, catalog: RelationCatalog) {
    this.#file = file;
    this.#catalog = catalog;
    this.#transactions = new TransactionLookup(file);
  }

  /** In place of all; one that cannot be read colours nothing: it is told where it is edited. */
  set(expressions: readonly string[]): void {
    const { findType } = this.#catalog;
    this.#rules = expressions.map(text => parseFilter(text, findType).filter);
  }

  get any(): boolean {
    return this.#rules.some(rule => rule !== undefined);
  }

  /** Number of the rule that a change passes; undefined where it passes none. */
  async of(captured: CapturedMessage): Promise<number | undefined> {
    if (!this.any) return undefined;
    // The end of a transaction may be known by now.
    this.#transactions.forget();
    const ends = await this.#transactions.of(captured.row.transaction);
    const events = capturedEvents(captured, this.#catalog, ends);
    const at = this.#rules.findIndex(rule => events.some(event => rule?.matches(event) === true));
    return at < 0 ? undefined : at;
  }

  /** Number of the first rule that one of the first changes of a transaction passes. */
  async ofTransaction({
    ordinal,
    firstSeq,
    lastSeq,
  }: TransactionRecord): Promise<number | undefined> {
    if (!this.any) return undefined;
    let first: number | undefined;
    const end = Math.min(lastSeq, firstSeq + FIRST_MESSAGES);
    for (let seq = firstSeq; seq <= end && first !== 0; seq++) {
      const row = await this.#file.row(seq);
      if (row.transaction !== ordinal || IS_CHANGE[row.kind] !== 1) continue;
      if (row.length > LARGE_MESSAGE) continue;
      const rule = await this.of(await this.#file.readMessage(seq));
      if (rule !== undefined && (first === undefined || rule < first)) first = rule;
    }
    return first;
  }
}
