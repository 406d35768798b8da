/** The first bound of a wait, in milliseconds; each further attempt doubles it. */
const FIRST_MS = 500;
const MOST_MS = 30_000;

/**
 * How long to wait before each attempt to come back: exponential with full jitter, so that a hundred
 * clients of a server that restarts do not come at the same moment, and never longer than half a minute.
 */
export class Backoff {
  readonly #random: () => number;
  #attempts = 0;

  /** `random` gives numbers from 0 to below 1. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Number of the attempt that the last wait was for; 0 before the first. */
  get attempt(): number {
    return this.#attempts;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const bound = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(this.#attempts, 10));
    this.#attempts++;
    return this.#random() * bound;
  }

  /** The stream got somewhere: what comes now is a new trouble. */
  reset(): void {
    this.#attempts = 0;
  }
}
