import type { CaptureFile } from './captureFile';
import { ExpandedTransaction } from './expandedTransaction';
import { CHUNK_ROWS, CHUNK_SHIFT } from './indexChunk';
import type { SeqBitmap } from './seqBitmap';
import { TX_MASK } from './transactionChunk';

/** The transactions that are shown open, in order of their lines. */
export class ExpandedTransactions {
  readonly #file: CaptureFile;
  readonly #visible: SeqBitmap;
  readonly #byOrdinal = new Map<number, ExpandedTransaction>();
  /** Whose runs must be read again. */
  readonly #stale = new Set<number>();
  #all: ExpandedTransaction[] = [];

  constructor(file: CaptureFile, visible: SeqBitmap) {
    this.#file = file;
    this.#visible = visible;
  }

  get all(): readonly ExpandedTransaction[] {
    return this.#all;
  }

  /** Lines below the transactions. */
  get lines(): number {
    return this.#all.reduce((sum, { count }) => sum + count, 0);
  }

  get(transaction: number): ExpandedTransaction | undefined {
    return this.#all.length === 0 ? undefined : this.#byOrdinal.get(transaction);
  }

  /** Opens a transaction with its messages among the first `evaluated` of the capture. */
  async open(transaction: number, evaluated: number): Promise<void> {
    this.#byOrdinal.set(transaction, await this.#readRuns(transaction, evaluated));
    this.#sort();
  }

  close(transaction: number): void {
    this.#byOrdinal.delete(transaction);
    this.#sort();
  }

  /** Messages of it that were taken before have come or gone. */
  markStale(transaction: number): void {
    if (this.#byOrdinal.has(transaction)) this.#stale.add(transaction);
  }

  /** Reads again what is stale. */
  async refresh(evaluated: number): Promise<void> {
    for (const transaction of [...this.#stale]) await this.open(transaction, evaluated);
    this.#stale.clear();
  }

  #sort(): void {
    this.#all = [...this.#byOrdinal.values()].sort((a, b) => a.leader - b.leader);
  }

  async #readRuns(transaction: number, evaluated: number): Promise<ExpandedTransaction> {
    const chunk = await this.#file.transactionChunk(transaction);
    const i = transaction & TX_MASK;
    const firstSeq = chunk.firstSeq[i] ?? 0;
    const end = Math.min((chunk.lastSeq[i] ?? 0) + 1, evaluated);
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
}
