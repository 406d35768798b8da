import type { TimelineRow } from '../shared/timelineRow';

/** Most lines that are watched; a window shows fewer. */
const LIMIT = 1024;

/**
 * Remembers the transactions that the list was given as not seen: who wrote one may be noted after it was
 * committed, and its line changes then.
 */
export class ServedWho {
  readonly #unseen = new Set<number>();

  note(rows: readonly TimelineRow[]): void {
    for (const row of rows) {
      if (row.type !== 'transaction' || row.who !== '') continue;
      this.#unseen.delete(row.xid);
      this.#unseen.add(row.xid);
    }
    for (const oldest of this.#unseen) {
      if (this.#unseen.size <= LIMIT) break;
      this.#unseen.delete(oldest);
    }
  }

  /** True when one of them is among these, which were noted just now; those are forgotten. */
  named(xids: readonly number[]): boolean {
    return xids.filter(xid => this.#unseen.delete(xid)).length > 0;
  }
}
