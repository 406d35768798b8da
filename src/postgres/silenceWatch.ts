export interface SilenceOptions {
  /** Milliseconds of silence after which the server is asked for an answer. */
  readonly askMs: number;
  /** Milliseconds that it has for the answer. */
  readonly answerMs: number;
}

/** A timer that fires so much too late means that the machine slept. */
const SLEPT_MS = 5_000;

/**
 * Notices that nothing comes any more. A server that has nothing to send is silent too, so it is asked
 * before its silence means anything; and after the sleep of a laptop, at once.
 */
export class SilenceWatch {
  readonly #options: SilenceOptions;
  #heardAt: number;
  #askedAt: number | undefined;
  #lookedAt: number;
  #intervalMs = 0;
  /** The last sleep of the machine: when it began, and when it was noticed. */
  #sleep: { readonly from: number; readonly to: number } | undefined;
  #held = false;

  /** `now`: milliseconds of a clock that goes on while the machine sleeps. */
  constructor(options: SilenceOptions, now: number) {
    this.#options = options;
    this.#heardAt = this.#lookedAt = now;
  }

  /** Bytes came. */
  heard(now: number): void {
    this.#heardAt = now;
    this.#askedAt = undefined;
  }

  /** We do not read, so we cannot hear. */
  hold(): void {
    this.#held = true;
  }

  release(now: number): void {
    this.#held = false;
    this.heard(now);
  }

  /**
   * Called regularly, every `intervalMs`: `ask` means that the server is to be asked for an answer now,
   * `silent` that it gave none in time; it is asked again after that.
   */
  look(now: number, intervalMs: number): 'fine' | 'ask' | 'silent' {
    this.#intervalMs = intervalMs;
    const slept = this.#isAsleep(now);
    if (slept) this.#sleep = { from: this.#lookedAt, to: now };
    // Our clock was set back: what was heard is not in the future.
    if (now < this.#heardAt) this.#heardAt = now;
    this.#lookedAt = now;
    if (this.#held) return 'fine';
    const { askMs, answerMs } = this.#options;
    if (this.#askedAt === undefined) {
      if (!slept && now - this.#heardAt < askMs) return 'fine';
      this.#askedAt = now;
      return 'ask';
    }
    if (now - this.#askedAt < answerMs) return 'fine';
    this.#askedAt = now;
    return 'silent';
  }

  /**
   * Since when nothing came, where that is longer than a server is silent by itself; undefined otherwise. What
   * had waited in the socket while the machine slept comes when it wakes, and says nothing of the time between.
   */
  silentSince(now: number): number | undefined {
    if (this.#held) return undefined;
    if (this.#isAsleep(now)) return this.#lookedAt;
    const { askMs, answerMs } = this.#options;
    if (this.#sleep !== undefined && now - this.#sleep.to < askMs + answerMs) {
      return this.#sleep.from;
    }
    return now - this.#heardAt < askMs ? undefined : this.#heardAt;
  }

  #isAsleep(now: number): boolean {
    return now - this.#lookedAt > this.#intervalMs + SLEPT_MS;
  }
}
