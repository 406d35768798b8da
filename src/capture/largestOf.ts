/** The few of many with the largest amount, the largest first; of equal ones the first that came. */
export class LargestOf<T> {
  readonly #limit: number;
  readonly #items: { readonly amount: number; readonly item: T }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What an amount must exceed to be among them. */
  get least(): number {
    return this.#items.length < this.#limit ? 0 : (this.#items.at(-1)?.amount ?? 0);
  }

  offer(amount: number, item: T): void {
    if (amount <= this.least) return;
    const at = this.#items.findIndex(other => other.amount < amount);
    this.#items.splice(at < 0 ? this.#items.length : at, 0, { amount, item });
    if (this.#items.length > this.#limit) this.#items.pop();
  }

  get items(): T[] {
    return this.#items.map(({ item }) => item);
  }
}
