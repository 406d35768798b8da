import type { Lsn } from '../base/lsn';
import { MessageLetter } from './pgoutput/messageLetter';

/**
 * A plain transaction that is delivered while it comes, and how much of it was. After a cut the server
 * sends it again from its beginning: the same changes in the same order, since it decodes the same WAL with
 * the catalog of then; perhaps in another form, as a streamed one. What was delivered before is recognised
 * by (commit LSN, number of the change) and left out, so that the delivery goes on as if nothing had been.
 */
export class ResumedTransaction {
  /** Changes that came since the transaction was begun the last time. */
  #seen = 0;
  /** Changes that were delivered, of all beginnings. */
  #delivered = 0;
  #cut = false;

  /** `commitLsn`: where its commit record starts, which its Begin says. */
  constructor(readonly commitLsn: Lsn) {}

  /** The stream was cut in the middle of it. */
  cut(): void {
    this.#cut = true;
  }

  /** Whether it is this one that begins now, again. */
  resumes(commitLsn: Lsn): boolean {
    if (!this.#cut || commitLsn !== this.commitLsn) return false;
    this.#cut = false;
    this.#seen = 0;
    return true;
  }

  /** Whether this message, the next one of the transaction, is a change that was delivered before. */
  repeats(payload: Uint8Array): boolean {
    if (!CHANGES.has(payload[0] ?? 0)) return false;
    this.#seen++;
    if (this.#seen <= this.#delivered) return true;
    this.#delivered = this.#seen;
    return false;
  }
}

const CHANGES: ReadonlySet<number> = new Set([
  MessageLetter.insert,
  MessageLetter.update,
  MessageLetter.delete,
  MessageLetter.truncate,
  MessageLetter.message,
]);
