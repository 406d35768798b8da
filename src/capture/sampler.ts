/**
 * Takes a sample of things that come one after the other: every one at first, every second when there are
 * too many, then every fourth. What it holds is spread evenly over all that came, and the same each time.
 */
export class Sampler<T> {
  readonly #limit: number;
  #taken: { readonly n: number; readonly value: T }[] = [];
  #stride = 1;
  #seen = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many came. */
  get seen(): number {
    return this.#seen;
  }

  get values(): T[] {
    return this.#taken.map(({ value }) => value);
  }

  /** Says that another one is there; true where its value is wanted, to be given by {@link add}. */
  next(): boolean {
    return this.#seen++ % this.#stride === 0;
  }

  /** The value of the one that {@link next} was told of last. */
  add(value: T): void {
    this.#taken.push({ n: this.#seen - 1, value });
    if (this.#taken.length <= this.#limit) return;
    this.#stride *= 2;
    this.#taken = this.#taken.filter(({ n }) => n % this.#stride === 0);
  }
}
