import type { CaptureFile } from './captureFile';
import { NONE } from './indexChunk';
import { TX_SHIFT } from './transactionChunk';

/**
 * Which transaction begins with a message, without a look at the index: transactions are numbered in the
 * order of their first messages.
 */
export class TransactionStarts {
  readonly #file: Pick<CaptureFile, 'transactions' | 'transactionChunk'>;
  /** The first message of the first transaction of each chunk, as far as it was asked for: it stays. */
  readonly #firsts: number[] = [];

  constructor(file: Pick<CaptureFile, 'transactions' | 'transactionChunk'>) {
    this.#file = file;
  }

  /** The ordinal of the transaction whose first message this is; {@link NONE} where there is none. */
  async at(seq: number): Promise<number> {
    const { transactions } = this.#file;
    if (transactions === 0) return NONE;
    const number = await this.#chunkOf(seq, ((transactions - 1) >>> TX_SHIFT) + 1);
    const { firstSeq, count } = await this.#file.transactionChunk(number << TX_SHIFT);
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((firstSeq[middle] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low < count && firstSeq[low] === seq ? (number << TX_SHIFT) + low : NONE;
  }

  /** The last of so many chunks that begins at `seq` or before it; the first one where none does. */
  async #chunkOf(seq: number, chunks: number): Promise<number> {
    let low = 0;
    let high = chunks - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((await this.#firstOf(middle)) <= seq) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  async #firstOf(number: number): Promise<number> {
    const known = this.#firsts[number];
    if (known !== undefined) return known;
    const { firstSeq } = await this.#file.transactionChunk(number << TX_SHIFT);
    return (this.#firsts[number] = firstSeq[0] ?? 0);
  }
}
