import type { Fate, SummaryPart } from './timelineRow';
import type { Operation } from './viewSpec';

/** Most changes of one {@link HistoryPage}. */
export const HISTORY_LIMIT = 100;

/**
 * The changes of one row, as far as the capture holds them. A row is known by its table and the values of
 * its key; where an update changes the key, the row is followed under its other name. Where the table has
 * no key (replica identity full), the whole row is what it is known by, from each change to the next.
 */
export interface HistoryApi {
  /**
   * Changes of the row before or after a message, the nearest first. It answers after a fraction of a
   * second in any case: while `done` is false it is to be called again with `anchor` and `from` of the
   * answer. Cancellable.
   */
  history(p: HistoryRequest): Promise<HistoryPage>;
}

export interface HistoryRequest {
  /** The change of the row that is known last on the way; at first the one that is asked about. */
  readonly anchor: number;
  /** Not itself looked at; at first the same as `anchor`. */
  readonly from: number;
  readonly direction: 'earlier' | 'later';
  /** At most {@link HISTORY_LIMIT}. */
  readonly limit: number;
}

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  readonly anchor: number;
  /** Where to go on. */
  readonly reached: number;
  readonly done: boolean;
  /** What the row is known by at `anchor`; empty where it cannot be followed: `problem` says why. */
  readonly key: readonly SummaryPart[];
  /** The whole row is the key. */
  readonly byWholeRow: boolean;
  readonly problem: string;
}

export interface HistoryEntry {
  readonly seq: number;
  readonly lsn: string;
  readonly xid: number;
  /** -1 outside one. */
  readonly transaction: number;
  readonly operation: Operation;
  /** Commit time; empty while it is not known. */
  readonly time: string;
  readonly fate: Fate;
  /** The key, where this change changed it: before and after. */
  readonly key: readonly SummaryPart[];
  /** What changed, as in the list. */
  readonly summary: readonly SummaryPart[];
  /** Who wrote it, where somebody was seen. */
  readonly who?: string;
}
