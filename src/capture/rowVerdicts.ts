import type { IndexFacts } from '../filter/decideByIndex';
import { allOf } from '../filter/expressionTree';
import type { FilterExpression } from '../filter/filterExpression';
import { DATA_HEADER_SIZE } from './frame';
import type { IndexChunk } from './indexChunk';
import { NONE } from './indexChunk';
import type { EndFacts, TransactionLookup } from './transactionFacts';

/** Messages of fewer bytes share their verdicts with others of the same length. */
const SMALL = 2 ** 16;
/** Verdicts that are kept. */
const MOST_KEPT = 50_000;

type Verdict = boolean | 'maybe';

/**
 * What the rows of an index tell of changes, for an expression that asks for more than operation and
 * table. Verdicts are kept for rows that are alike in all that it asks for.
 */
export class RowVerdicts {
  readonly #expression: FilterExpression;
  readonly #transactions: TransactionLookup;
  readonly #tableFacts: (kind: number, version: number) => IndexFacts;
  readonly #usesTransaction: boolean;
  readonly #usesSize: boolean;
  readonly #usesLsn: boolean;
  readonly #kept = new Map<number, Verdict>();
  /** Whose verdicts are kept. */
  #transaction = NONE;

  constructor(
    expression: FilterExpression,
    transactions: TransactionLookup,
    tableFacts: (kind: number, version: number) => IndexFacts,
  ) {
    this.#expression = expression;
    this.#transactions = transactions;
    this.#tableFacts = tableFacts;
    const fields = new Set<string>();
    for (const part of allOf(expression.tree)) if (part.kind === 'field') fields.add(part.field);
    this.#usesTransaction = fields.has('xid') || fields.has('time');
    this.#usesSize = fields.has('size');
    this.#usesLsn = fields.has('lsn');
  }

  /** A transaction may have ended since. */
  forget(): void {
    this.#transactions.forget();
    if (this.#usesTransaction) this.#kept.clear();
  }

  of(chunk: IndexChunk, row: number): Verdict | Promise<Verdict> {
    const transaction = chunk.transaction[row] ?? NONE;
    if (this.#usesTransaction && transaction !== this.#transaction) {
      this.#transaction = transaction;
      this.#kept.clear();
    }
    const size = this.#usesSize ? (chunk.length[row] ?? 0) : 0;
    // A version is less than 2^32, NONE becomes 0.
    const version = ((chunk.relation[row] ?? NONE) + 1) >>> 0;
    const key = (version * 256 + (chunk.kind[row] ?? 0)) * SMALL + size;
    const mayKeep = !this.#usesLsn && size < SMALL && version < 2 ** 28;
    const known = mayKeep ? this.#kept.get(key) : undefined;
    if (known !== undefined) return known;
    const ends = this.#transactions.of(transaction);
    if (ends instanceof Promise) return ends.then(found => this.#decide(chunk, row, found));
    const verdict = this.#decide(chunk, row, ends);
    if (!mayKeep) return verdict;
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(key, verdict);
    return verdict;
  }

  #decide(chunk: IndexChunk, row: number, ends: EndFacts): Verdict {
    return this.#expression.decide({
      ...this.#tableFacts(chunk.kind[row] ?? 0, chunk.relation[row] ?? NONE),
      xid: ends.xid ?? null,
      time: ends.time ?? null,
      lsn: chunk.lsn[row] ?? 0n,
      size: (chunk.length[row] ?? 0) - DATA_HEADER_SIZE,
    });
  }
}
