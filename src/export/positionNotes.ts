import type { Lsn } from '../base/lsn';
import { INVALID_LSN } from '../base/lsn';

/** Where nothing but positions comes, one is noted this often, in milliseconds. */
const INTERVAL_MS = 10_000;

/**
 * Decides when a file of events that may be continued needs a line that says how far it reaches. The end of
 * a transaction says so itself; where the server only moves on, because what it writes is none of the slot's
 * concern, the file must know what is confirmed, or a later look would take it for a gap.
 */
export class PositionNotes {
  readonly #write: (lsn: Lsn) => boolean;
  #noted: Lsn;
  #waiting: Lsn = INVALID_LSN;
  #notedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** `write` writes the line; it answers false where none can stand now, because a transaction is open. */
  constructor(after: Lsn, write: (lsn: Lsn) => boolean) {
    this.#noted = after;
    this.#write = write;
  }

  /** The server named this position: everything that was committed before it has come. */
  reached(lsn: Lsn): void {
    if (lsn <= this.#noted) return;
    if (lsn > this.#waiting) this.#waiting = lsn;
    const wait = this.#notedAt + INTERVAL_MS - performance.now();
    if (wait <= 0) this.flush();
    else {
      this.#timer ??= setTimeout(() => {
        this.flush();
      }, wait);
    }
  }

  /** A line that was written says that the file reaches this far. */
  passed(lsn: Lsn): void {
    if (lsn > this.#noted) this.#noted = lsn;
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lsn = this.#waiting;
    if (lsn <= this.#noted || !this.#write(lsn)) return;
    this.#noted = lsn;
    this.#notedAt = performance.now();
  }

  /** Nothing more is written. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = INVALID_LSN;
  }
}
