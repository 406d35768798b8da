/** The kinds of change a filter chip stands for, and the letters the list shows for them. */
export type Operation = 'insert' | 'update' | 'delete' | 'truncate' | 'message';

export const OPERATIONS: readonly Operation[] = [
  'insert',
  'update',
  'delete',
  'truncate',
  'message',
];

export interface ViewSpec {
  /** `transactions`: a line for each transaction, open ones show their changes. `flat`: changes only. */
  readonly grouping: 'transactions' | 'flat';
  /** Empty means all. */
  readonly operations: readonly Operation[];
  /** Qualified names as the facets give them (`schema.table` is not parsed: it is an opaque id). Empty means all. */
  readonly tables: readonly string[];
  /**
   * Plain text that a change must contain, whatever the case, as lowerCase() has it: in
   * the table's name, a column value, old or new, or a message's prefix or content. Empty: any.
   */
  readonly text: string;
  /** An expression that a change must pass (docs/filter-expressions.md); absent or empty: any. */
  readonly filter?: string;
  /** Only transactions that were committed there; absent: any. */
  readonly range?: CommitRange;
}

/**
 * Transactions by where their commit record begins, or by their commit time; messages outside transactions
 * by their own position. `from` is the first that passes, `to` the first that does not; an absent one is
 * open. What is not committed yet passes where `to` is absent.
 */
export type CommitRange =
  | { readonly by: 'lsn'; readonly from?: string; readonly to?: string }
  /** ISO 8601 with microseconds. */
  | { readonly by: 'time'; readonly from?: string; readonly to?: string };

/** Longest filter expression, in UTF-16 units. */
export const FILTER_LIMIT = 4000;

/** Longest text to look for, in UTF-16 units. */
export const TEXT_LIMIT = 1000;

/**
 * Chosen lines of the list: ranges from line to line as they are shown, both ends included, each end
 * named by the seq of its line. A transaction's line stands for all its changes that pass.
 */
export interface RowSelection {
  /** At most {@link SELECTION_LIMIT}. */
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
}

export const SELECTION_LIMIT = 1000;

/** Where to go to. */
export type JumpTarget =
  /** The row of this position, else the first row of what was committed at or after it. */
  | { readonly kind: 'lsn'; readonly lsn: string }
  /** ISO 8601; the first transaction that was committed at or after it. */
  | { readonly kind: 'time'; readonly time: string }
  | { readonly kind: 'xid'; readonly xid: number }
  | { readonly kind: 'seq'; readonly seq: number };

/** A view is capture + filter + grouping. A page of an older generation is dropped. */
export interface ViewState {
  readonly view: number;
  /** Rises when rows that were already given may have changed (expanding, another filter). */
  readonly generation: number;
  /** Rows of the list, transactions and changes together; only grows within a generation. */
  readonly rows: number;
  /** Changes that pass the filter, and all changes; lines where another plugin than pgoutput wrote them. */
  readonly matched: number;
  readonly changes: number;
  /** False while the filter is still being evaluated over what is there. */
  readonly complete: boolean;
}
