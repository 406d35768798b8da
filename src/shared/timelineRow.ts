import type { Operation } from './viewSpec';

/** Longest value in a list row, in characters; longer ones are cut and marked. */
export const ROW_VALUE_LIMIT = 200;

/** Most rows of one {@link RowsPage}. */
export const PAGE_LIMIT = 128;

/** A value as a cell shows it. The four kinds of nothing are four different things. */
export type CellValue =
  | { readonly kind: 'text'; readonly text: string; readonly cut: boolean; readonly bytes: number }
  /** SQL NULL. */
  | { readonly kind: 'null' }
  /** The empty string. */
  | { readonly kind: 'empty' }
  /** Not sent: not part of the key, or no old row. */
  | { readonly kind: 'absent' }
  /** Stored out of line (TOAST) and not changed, so not in the WAL. */
  | { readonly kind: 'unchanged' }
  /** There is a value, which the list of masked columns covers: nobody has it any more here. */
  | { readonly kind: 'masked' }
  /** Sent in binary form; shown as hexadecimal. */
  | {
      readonly kind: 'binary';
      readonly text: string;
      readonly cut: boolean;
      readonly bytes: number;
    };

export interface SummaryPart {
  readonly column: string;
  /** Present on an update whose old value is known. */
  readonly before?: CellValue;
  readonly after?: CellValue;
}

/** `cut`: a peek's limit cut it off; it comes again, from its beginning, where the peek went on. */
export type Fate = 'open' | 'committed' | 'aborted' | 'prepared' | 'cut';

export interface ChangeRow {
  readonly type: 'change';
  /** Number of the message in the capture, from 0, in order of arrival; the handle for detail. */
  readonly seq: number;
  readonly lsn: string;
  readonly xid: number;
  /** Ordinal of the transaction in the capture; -1 outside one (non-transactional message). */
  readonly transaction: number;
  readonly operation: Operation;
  readonly schema: string;
  /** Table name, or the prefix of a message. */
  readonly table: string;
  readonly key: readonly SummaryPart[];
  readonly summary: readonly SummaryPart[];
  /** Commit time; empty while it is not known. */
  readonly commitTime: string;
  readonly fate: Fate;
  /** Length of the message. */
  readonly bytes: number;
  /** True below an expanded transaction. */
  readonly nested: boolean;
  /** Number of the colour rule that it passes. */
  readonly rule?: number;
}

/** What is known of a transaction besides; each absent where it is not. */
export interface TransactionTraits {
  /** Changes of each operation that occurs; absent where the transaction is too large to count them. */
  readonly operations?: Readonly<Partial<Record<Operation, number>>>;
  /** Name of the replication origin that it came from. */
  readonly origin?: string;
  /** How long it took at least, in milliseconds: WAL does not tell when a transaction began. */
  readonly lastedMs?: number;
}

export interface TransactionRow extends TransactionTraits {
  readonly type: 'transaction';
  readonly transaction: number;
  /** The first message of the transaction. */
  readonly seq: number;
  readonly lsn: string;
  readonly xid: number;
  readonly commitTime: string;
  readonly fate: Fate;
  /** Sent in blocks before its commit. */
  readonly streamed: boolean;
  /** Changes in all, and those that pass the filter. */
  readonly changes: number;
  readonly matched: number;
  readonly bytes: number;
  /** The first few tables that it changes, in order of their first change. */
  readonly tables: readonly string[];
  readonly moreTables: boolean;
  /**
   * Who wrote it: application, or else user; empty where it was looked for and not seen. Absent: nobody
   * looked.
   */
  readonly who?: string;
  readonly expanded: boolean;
  /** Number of the colour rule that one of its first changes passes. */
  readonly rule?: number;
  /** A transaction of a single matching change shows it on its line. */
  readonly single?: ChangeRow;
}

/**
 * A line that is neither: a gap, where a peek was continued, the text of an output plugin other than
 * pgoutput, or what could not be understood.
 */
export interface NoteRow {
  readonly type: 'note';
  readonly seq: number;
  readonly lsn: string;
  readonly note: 'gap' | 'seam' | 'text' | 'unknown' | 'error';
  readonly text: string;
}

export type TimelineRow = ChangeRow | TransactionRow | NoteRow;

/** Holds fewer rows than were asked for where they would be more than 64 KiB of JSON; at least one. */
export interface RowsPage {
  readonly view: number;
  readonly generation: number;
  readonly first: number;
  readonly rows: readonly TimelineRow[];
}
