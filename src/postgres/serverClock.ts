/** So many of the last answers count. */
const WINDOW = 8;
/** An answer that took longer says too little about the clock. */
const GOOD_MS = 100;
const AGAIN_MS = 5_000;
const REFRESH_MS = 60_000;

interface Answer {
  /** Milliseconds that the server's clock is ahead of ours. */
  readonly offset: number;
  /** Milliseconds from question to answer; half of it bounds the error of `offset`. */
  readonly roundTrip: number;
}

/**
 * How far the server's clock is ahead of ours, from status updates that ask for a reply: the reply carries
 * the server's time, and stands halfway between question and answer. Of the last answers the fastest one
 * counts, because one that waited behind other data says less (as in NTP's clock filter).
 */
export class ServerClock {
  readonly #answers: Answer[] = [];
  #askedAt: number | undefined;
  #lastAskedAt = -Infinity;

  /** Whether it is time to ask; `now` in milliseconds of this machine's clock. */
  wants(now: number): boolean {
    const best = this.#best;
    const rest = best === undefined || best.roundTrip > GOOD_MS ? AGAIN_MS : REFRESH_MS;
    return Math.abs(now - this.#lastAskedAt) >= rest;
  }

  /** The server is asked now. */
  asked(now: number): void {
    this.#askedAt = this.#lastAskedAt = now;
  }

  /** A keepalive came, with the server's time; both in milliseconds since 1970. */
  heard(now: number, serverTime: number): void {
    const askedAt = this.#askedAt;
    if (askedAt === undefined) return;
    this.#askedAt = undefined;
    // Our own clock was set meanwhile.
    if (now < askedAt) return;
    const offset = serverTime - (askedAt + now) / 2;
    this.#answers.push({ offset, roundTrip: now - askedAt });
    if (this.#answers.length > WINDOW) this.#answers.shift();
  }

  /** Milliseconds that the server's clock is ahead of ours, negative where it is behind; undefined while not known. */
  get skewMs(): number | undefined {
    const offset = this.#best?.offset;
    return offset === undefined ? undefined : Math.round(offset);
  }

  get #best(): Answer | undefined {
    let best: Answer | undefined;
    for (const answer of this.#answers) {
      // Of equals the later one: clocks drift, and are set.
      if (best === undefined || answer.roundTrip <= best.roundTrip) best = answer;
    }
    return best;
  }
}
