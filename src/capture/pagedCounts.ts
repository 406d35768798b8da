import { TX_MASK, TX_ROWS, TX_SHIFT } from './transactionChunk';

/** A counter for each transaction, made in pages as they are needed. */
export class PagedCounts {
  readonly #pages: (Uint32Array | undefined)[] = [];

  get(ordinal: number): number {
    return this.#pages[ordinal >>> TX_SHIFT]?.[ordinal & TX_MASK] ?? 0;
  }

  /** Adds one; returns the new count. */
  increment(ordinal: number): number {
    const number = ordinal >>> TX_SHIFT;
    while (this.#pages.length <= number) this.#pages.push(undefined);
    const page = (this.#pages[number] ??= new Uint32Array(TX_ROWS));
    const count = (page[ordinal & TX_MASK] ?? 0) + 1;
    page[ordinal & TX_MASK] = count;
    return count;
  }

  /** Takes one away; returns the new count. */
  decrement(ordinal: number): number {
    const page = this.#pages[ordinal >>> TX_SHIFT];
    if (page === undefined) return 0;
    const count = Math.max(0, (page[ordinal & TX_MASK] ?? 0) - 1);
    page[ordinal & TX_MASK] = count;
    return count;
  }
}
