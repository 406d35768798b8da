import type { Fate, TimelineRow } from '../shared/timelineRow';
import type { CaptureFile } from './captureFile';
import { FATE, TX_MASK } from './transactionChunk';
import type { View } from './view';

/** Most open transactions that are watched; a window shows fewer. */
const LIMIT = 1024;

/** What the list was given of an open transaction. */
interface Given {
  readonly fate: number;
  /** Subtransactions that were rolled back: their changes are shown as aborted. */
  readonly subAborts: number;
  /** Changes, and those that pass the filter; absent where only changes of it were given. */
  readonly counts?: readonly [changes: number, matched: number];
}

/** A state that no transaction has: what was given is out of date already. */
const OUTDATED = -1;

/**
 * Remembers which open transactions the list was given, because their lines change when more of them
 * arrives, when a part of them is rolled back, and when they end.
 */
export class ServedTransactions {
  readonly #file: CaptureFile;
  readonly #open = new Map<number, Given>();

  constructor(file: CaptureFile) {
    this.#file = file;
  }

  note(rows: readonly TimelineRow[]): void {
    for (const row of rows) {
      if (row.type === 'note' || !isOpen(row.fate)) continue;
      const fate = FATE[row.fate];
      if (row.type === 'transaction') {
        this.#put(row.transaction, {
          fate,
          subAborts: this.#subAborts(row.transaction, row.single?.xid),
          counts: [row.changes, row.matched],
        });
      } else if (row.transaction >= 0) {
        const before = this.#open.get(row.transaction);
        const subAborts = this.#subAborts(row.transaction, row.xid);
        if (before === undefined) this.#put(row.transaction, { fate, subAborts });
        else if (subAborts === OUTDATED) this.#put(row.transaction, { ...before, subAborts });
      }
    }
  }

  /** True when one of them is no longer what was given; those are forgotten. */
  async changed(view: View): Promise<boolean> {
    let changed = false;
    for (const [ordinal, given] of [...this.#open]) {
      const chunk = await this.#file.transactionChunk(ordinal);
      const i = ordinal & TX_MASK;
      const changes = chunk.changes[i] ?? 0;
      const matched = view.matchedOf(ordinal) ?? changes;
      const same =
        given.fate === chunk.fate[i] &&
        given.subAborts === this.#file.subAborts(ordinal) &&
        (given.counts === undefined ||
          (given.counts[0] === changes && given.counts[1] === matched));
      if (same) continue;
      this.#open.delete(ordinal);
      changed = true;
    }
    return changed;
  }

  /** `xid` wrote a change that was given as open: it may have been rolled back since. */
  #subAborts(ordinal: number, xid: number | undefined): number {
    const outdated = xid !== undefined && this.#file.isSubAborted(ordinal, xid);
    return outdated ? OUTDATED : this.#file.subAborts(ordinal);
  }

  #put(ordinal: number, given: Given): void {
    this.#open.delete(ordinal);
    this.#open.set(ordinal, given);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= LIMIT) break;
      this.#open.delete(oldest);
    }
  }
}

function isOpen(fate: Fate): fate is 'open' | 'prepared' {
  return fate === 'open' || fate === 'prepared';
}
