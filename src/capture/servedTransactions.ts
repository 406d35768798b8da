import type { TimelineRow } from '../shared/timeline';
import type { CaptureFile } from './captureFile';
import { FATE, TX_MASK } from './transactionChunk';
import type { View } from './view';

/** Most open transactions that are watched; a window shows fewer. */
const LIMIT = 1024;

/**
 * Remembers which open transactions the list was given, because their lines change when more of them
 * arrives and when they end.
 */
export class ServedTransactions {
  readonly #file: CaptureFile;
  /** Ordinal to the state it was given with. */
  readonly #open = new Map<number, string>();

  constructor(file: CaptureFile) {
    this.#file = file;
  }

  note(rows: readonly TimelineRow[]): void {
    for (const row of rows) {
      if (row.type === 'transaction') {
        if (row.fate !== 'open' && row.fate !== 'prepared') continue;
        this.#put(row.transaction, `${row.fate} ${String(row.changes)} ${String(row.matched)}`);
      } else if (
        row.type === 'change' &&
        row.transaction >= 0 &&
        !this.#open.has(row.transaction)
      ) {
        // A change shows the fate only.
        if (row.fate === 'open' || row.fate === 'prepared') this.#put(row.transaction, row.fate);
      }
    }
  }

  /** True when one of them is no longer what was given; those are forgotten. */
  async changed(view: View): Promise<boolean> {
    let changed = false;
    for (const [ordinal, given] of [...this.#open]) {
      const chunk = await this.#file.transactionChunk(ordinal);
      const i = ordinal & TX_MASK;
      const value = chunk.fate[i] ?? FATE.open;
      const fate = value === FATE.open ? 'open' : value === FATE.prepared ? 'prepared' : 'ended';
      const changes = chunk.changes[i] ?? 0;
      const matched = view.matchedOf(ordinal) ?? changes;
      const now = given.includes(' ') ? `${fate} ${String(changes)} ${String(matched)}` : fate;
      if (now === given) continue;
      this.#open.delete(ordinal);
      changed = true;
    }
    return changed;
  }

  #put(ordinal: number, state: string): void {
    this.#open.delete(ordinal);
    this.#open.set(ordinal, state);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= LIMIT) break;
      this.#open.delete(oldest);
    }
  }
}
