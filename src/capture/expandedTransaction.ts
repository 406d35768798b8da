import type { SeqBitmap } from './seqBitmap';

/**
 * The visible rows of a transaction that is shown open. Its messages are runs of message numbers: one
 * run for a transaction that came in one piece, one a block for one that was streamed.
 */
export class ExpandedTransaction {
  readonly #from: number[] = [];
  /** Exclusive. */
  readonly #to: number[] = [];
  /** Visible rows before each run. */
  readonly #before: number[] = [];
  #count = 0;

  constructor(
    readonly ordinal: number,
    /** Its first message, which stands for it in the list. */
    readonly leader: number,
  ) {}

  /** Visible rows. */
  get count(): number {
    return this.#count;
  }

  /** Takes its next message, in order. */
  take(seq: number, visible: boolean): void {
    const last = this.#to.length - 1;
    if (this.#to[last] === seq) {
      this.#to[last] = seq + 1;
    } else if (visible) {
      this.#from.push(seq);
      this.#to.push(seq + 1);
      this.#before.push(this.#count);
    }
    if (visible) this.#count++;
  }

  /** The message of its n-th visible row. */
  select(n: number, visible: SeqBitmap): number {
    let low = 0;
    let high = this.#before.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#before[middle] ?? 0) <= n) low = middle;
      else high = middle - 1;
    }
    const from = this.#from[low];
    if (from === undefined || n >= this.#count) return -1;
    return visible.select(visible.rank(from) + n - (this.#before[low] ?? 0));
  }

  /** Which of its visible rows a message is, if it is one. */
  rank(seq: number, visible: SeqBitmap): number {
    for (let i = this.#from.length - 1; i >= 0; i--) {
      const from = this.#from[i] ?? 0;
      if (from > seq) continue;
      return (this.#before[i] ?? 0) + visible.rank(seq) - visible.rank(from);
    }
    return 0;
  }
}
