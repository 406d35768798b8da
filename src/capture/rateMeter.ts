/** How many came in the last second; fed with a running sum at any times. */
export class RateMeter {
  readonly #samples: { readonly at: number; readonly sum: number }[] = [];

  /** `at` in milliseconds. */
  note(at: number, sum: number): void {
    const last = this.#samples.at(-1);
    // Finer than 50 ms says no more about a second.
    if (last === undefined || at - last.at >= 50) this.#samples.push({ at, sum });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) >= 1000) {
      this.#samples.shift();
    }
  }

  get perSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return 0;
    const seconds = Math.max(1, (last.at - first.at) / 1000);
    return Math.round((last.sum - first.sum) / seconds);
  }
}
