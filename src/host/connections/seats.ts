/** Asks whoever holds a seat without using it to give it back; does nothing when all are in use. */
export type MakeRoom = () => void;

/**
 * A bounded number of places, handed out in the order of asking. Who finds none free has room made,
 * where that is possible, and waits.
 */
export class Seats {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Whether somebody waits, so that what is idle should be given back now. */
  get isWanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves with the way to give the seat back, which counts once; rejects when `signal` aborts first. */
  async take(makeRoom: MakeRoom, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          this.#waiting.splice(this.#waiting.indexOf(mine), 1);
          reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        };
        const mine = (): void => {
          signal.removeEventListener('abort', stop);
          resolve();
        };
        signal.addEventListener('abort', stop, { once: true });
        this.#waiting.push(mine);
        makeRoom();
      });
    }
    let isOurs = true;
    return () => {
      if (!isOurs) return;
      isOurs = false;
      this.#leave();
    };
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
