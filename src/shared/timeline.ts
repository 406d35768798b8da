import type { Field } from '../base/fieldReader';
import type { ServerMark } from './connection';
import type { SessionSnapshot } from './session';

/**
 * The contract of the timeline: the webview calls {@link TimelineApi}, the extension host answers or
 * forwards to the reader worker. Everything is plain JSON (no bigint, Date, Map or undefined) except
 * the Uint8Array of {@link MessageBytes}. LSNs are `X/X`, times ISO 8601 with microseconds.
 */

/** The kinds of change a filter chip stands for, and the letters the list shows for them. */
export type Operation = 'insert' | 'update' | 'delete' | 'truncate' | 'message';

export const OPERATIONS: readonly Operation[] = [
  'insert',
  'update',
  'delete',
  'truncate',
  'message',
];

/** Longest value in a list row, in characters; longer ones are cut and marked. */
export const ROW_VALUE_LIMIT = 200;
/** Most rows of one {@link RowsPage}. */
export const PAGE_LIMIT = 256;
/** Most bytes of one {@link MessageBytes}. */
export const BYTES_LIMIT = 256 * 1024;

export interface ViewSpec {
  /** `transactions`: a line for each transaction, open ones show their changes. `flat`: changes only. */
  readonly grouping: 'transactions' | 'flat';
  /** Empty means all. */
  readonly operations: readonly Operation[];
  /** Qualified names as the facets give them (`schema.table` is not parsed: it is an opaque id). Empty means all. */
  readonly tables: readonly string[];
  /**
   * Plain text that a change must contain, whatever the case, as JavaScript's toLowerCase() has it: in
   * the table's name, a column value, old or new, or a message's prefix or content. Empty: any.
   */
  readonly text: string;
}

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
}

export interface TransactionRow {
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
  readonly expanded: boolean;
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

export interface DetailColumn {
  readonly name: string;
  /** As format_type() prints it, such as `numeric(10,2)`; `oid 16421` where the type is not known. */
  readonly type: string;
  readonly key: boolean;
  readonly before: CellValue;
  readonly after: CellValue;
  readonly changed: boolean;
}

export interface TransactionFacts {
  readonly transaction: number;
  readonly xid: number;
  readonly firstSeq: number;
  readonly firstLsn: string;
  /** Position of the commit record, and the end of it; empty while not known. */
  readonly commitLsn: string;
  readonly endLsn: string;
  readonly commitTime: string;
  readonly fate: Fate;
  readonly streamed: boolean;
  readonly changes: number;
  readonly byOperation: Readonly<Record<Operation, number>>;
  readonly tables: readonly string[];
  readonly bytes: number;
}

export interface ChangeDetail {
  readonly seq: number;
  readonly operation: Operation | 'other';
  /** The name of the message, such as `Insert` or `Stream Commit`. */
  readonly messageName: string;
  readonly lsn: string;
  readonly serverTime: string;
  readonly xid: number;
  readonly schema: string;
  readonly table: string;
  readonly relation?: {
    readonly oid: number;
    readonly replicaIdentity: 'default' | 'nothing' | 'full' | 'index' | 'unknown';
  };
  /** The row before and after, in the relation's column order; empty for what has no row. */
  readonly columns: readonly DetailColumn[];
  /** A logical message. */
  readonly message?: {
    readonly prefix: string;
    readonly transactional: boolean;
    readonly content: CellValue;
  };
  readonly truncate?: {
    readonly tables: readonly string[];
    readonly cascade: boolean;
    readonly restartIdentity: boolean;
  };
  readonly transaction?: TransactionFacts;
  /** Length of the message in bytes. */
  readonly length: number;
  /** What could not be decoded, and why; empty when all is well. */
  readonly error: string;
}

export interface MessageBytes {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly total: number;
}

/** One table or operation that occurs, with how often. */
export interface Facets {
  /** At most 500 tables, those with the most changes first. */
  readonly tables: readonly {
    readonly id: string;
    readonly schema: string;
    readonly table: string;
    readonly changes: number;
  }[];
  readonly operations: Readonly<Record<Operation, number>>;
}

/** What is shown where it comes from. */
export interface SourceFacts {
  readonly title: string;
  /** Profile or file. */
  readonly server: string;
  readonly database: string;
  readonly serverVersion: string;
  readonly kind: 'tail' | 'peek' | 'consume' | 'file';
  readonly slot: string;
  readonly publications: readonly string[];
  readonly plugin: string;
}

/** The source as a timeline shows it: with the label and colour that its server has in the settings. */
export interface ShownSource extends SourceFacts, ServerMark {}

/** Pushed at most once a frame; a snapshot, so the newest replaces all older ones. */
export interface TimelineSnapshot {
  readonly view: ViewState;
  readonly source: ShownSource;
  /** Null for a saved capture. */
  readonly session: SessionSnapshot | null;
  readonly capture: {
    readonly messages: number;
    readonly transactions: number;
    readonly bytes: number;
    /** Changes of transactions that were cut off: they came, or come, again. */
    readonly cutChanges: number;
    /** Places where the connection was lost and WAL was not seen, and the bytes of it. */
    readonly gaps?: { readonly count: number; readonly bytes: number };
    /** Changes received in the last second. */
    readonly rate: number;
    /** What is wrong with the file; empty when all is well. */
    readonly error: string;
  };
}

/** Answered by the reader worker. */
export interface ReaderViewApi {
  /** Makes a view; the one before is gone. Resolves at once, evaluation goes on. */
  setView(p: ViewSpec): Promise<ViewState>;
  rows(p: {
    readonly view: number;
    readonly generation: number;
    readonly first: number;
    readonly count: number;
  }): Promise<RowsPage>;
  expand(p: {
    readonly view: number;
    readonly transaction: number;
    readonly expanded: boolean;
  }): Promise<ViewState>;
  /** The row of the list that shows this message (or its collapsed transaction); -1 if filtered out. */
  locate(p: { readonly view: number; readonly seq: number }): Promise<{ readonly row: number }>;
  detail(p: { readonly seq: number }): Promise<ChangeDetail>;
  fields(p: {
    readonly seq: number;
  }): Promise<{ readonly fields: readonly Field[]; readonly error: string }>;
  bytes(p: {
    readonly seq: number;
    readonly offset: number;
    readonly length: number;
  }): Promise<MessageBytes>;
  /** One value of a row, whole or a slice of it, in characters. */
  value(p: {
    readonly seq: number;
    readonly column: number;
    readonly side: 'before' | 'after';
    readonly offset: number;
    readonly length: number;
  }): Promise<{ readonly text: string; readonly total: number }>;
  facets(p: Record<string, never>): Promise<Facets>;
  /**
   * The next or previous change of the view that contains the text (as {@link ViewSpec.text}). It
   * answers after a fraction of a second in any case: with `done` false it is to be called again with
   * `from` = `reached`. Cancellable; never wraps.
   */
  find(p: {
    readonly view: number;
    readonly text: string;
    /** Not itself looked at; -1 stands before the first message, `changes` or more after the last. */
    readonly from: number;
    readonly direction: 'next' | 'previous';
  }): Promise<FindResult>;
  jump(p: { readonly view: number; readonly to: JumpTarget }): Promise<JumpResult>;
}

export interface FindResult {
  /** Line of the list that shows it: the change, or its collapsed transaction; -1 where none was found. */
  readonly row: number;
  readonly seq: number;
  /** Transaction to open to see it; -1 outside one. */
  readonly transaction: number;
  readonly reached: number;
  readonly done: boolean;
}

export interface JumpResult {
  /** -1 where there is no such place: `message` says why. */
  readonly row: number;
  readonly seq: number;
  readonly transaction: number;
  /** What was done where it is not exactly what was asked for; else empty. */
  readonly message: string;
}

/** What the webview may call. */
export interface TimelineApi extends ReaderViewApi {
  /** First call of the webview: the snapshot for the first paint. Pushes begin after it. */
  ready(p: { readonly spec: ViewSpec }): Promise<TimelineSnapshot>;
  /** What a button asks for; the host decides and answers by the next snapshot. */
  act(p: { readonly action: TimelineAction }): Promise<void>;
  /** Puts something on the clipboard. `text` is what is shown, of at most {@link COPY_TEXT_LIMIT}. */
  copy(p: CopyRequest): Promise<{ readonly rows: number; readonly cut: boolean }>;
  /** Asks for format and file and exports, with progress; settles when that is done or called off. */
  export(p: {
    readonly scope: ExportScope;
    /** Where `scope` is `selection`. */
    readonly selection?: RowSelection;
  }): Promise<void>;
  /** Asks for an LSN, a time or a transaction ID; without a target the user thought better of it. */
  askJump(p: Record<string, never>): Promise<{ readonly target?: JumpTarget }>;
  /** The columns as they were last arranged, in any timeline. */
  layout(p: Record<string, never>): Promise<{ readonly layout?: TimelineLayout }>;
  storeLayout(p: { readonly layout: TimelineLayout }): Promise<void>;
}

/** In UTF-16 units. */
export const COPY_TEXT_LIMIT = 64 * 1024;

export type CopyRequest =
  | { readonly what: 'rows'; readonly selection: RowSelection; readonly format: CopyFormat }
  | {
      readonly what: 'value';
      readonly seq: number;
      readonly column: number;
      readonly side: 'before' | 'after';
    }
  | { readonly what: 'text'; readonly text: string };

/** Tab-separated, or events of the native format, one a line. */
export type CopyFormat = 'text' | 'json';

export type ExportScope = 'all' | 'view' | 'selection';
export type ExportFormat = 'jsonl' | 'capture';

export const COLUMN_IDS = [
  'seq',
  'lsn',
  'committed',
  'xid',
  'operation',
  'table',
  'key',
  'changed',
  'size',
] as const;

export type ColumnId = (typeof COLUMN_IDS)[number];

export interface TimelineLayout {
  readonly version: 1;
  /** In order; `width` in CSS pixels, 0 for the one by default. */
  readonly columns: readonly {
    readonly id: ColumnId;
    readonly shown: boolean;
    readonly width: number;
  }[];
}

/**
 * `stop` ends the stream. `continue` peeks on after a limit. `reconnect` does not wait for the next attempt
 * after a cut. `restart` starts the same tail or peek again. `sqlPeek` uses the SQL functions where a copy
 * is refused. `save` asks where to copy the capture to, `log` opens the log.
 */
export type TimelineAction =
  'stop' | 'continue' | 'reconnect' | 'restart' | 'sqlPeek' | 'save' | 'log';

/** Events that the host sends to the webview. */
export interface TimelineEvents {
  snapshot: TimelineSnapshot;
  /** Asks whether somebody is there: that it could be delivered is the answer. */
  poll: Record<string, never>;
  /** A command of VS Code, by key, palette or context menu, for the page to act on. */
  command: TimelineCommand;
}

export interface TimelineCommand {
  readonly name: TimelineCommandName;
  /** The row whose context menu it came from: what is chosen, where it is among that, else this one. */
  readonly row?: { readonly seq: number; readonly transaction: number };
}

export type TimelineCommandName =
  'find' | 'nextMatch' | 'previousMatch' | 'jump' | 'copy' | 'copyJson' | 'exportSelection';

/** Calls from the extension host to a reader worker: one reader for each open capture. */
export interface ReaderApi extends ReaderViewApi {
  /** Opens the file; `header` is the recorder's counters when it is still being written. */
  open(p: {
    readonly path: string;
    readonly header?: SharedArrayBuffer;
  }): Promise<{ readonly source: SourceFacts }>;
  /** Ends the view and closes the file; an export ends first. */
  close(p: Record<string, never>): Promise<void>;
  /** At most {@link COPY_ROWS_LIMIT} rows and {@link COPY_BYTES_LIMIT}: `cut` where more was chosen. */
  copyRows(p: {
    readonly view: number;
    readonly selection: RowSelection;
    readonly format: CopyFormat;
  }): Promise<{ readonly text: string; readonly rows: number; readonly cut: boolean }>;
  /**
   * Writes what there is at this moment to a file. Cancelled by its signal it still answers: with what
   * stands in the file by then. Fails only where nothing was written.
   */
  exportRows(p: {
    readonly path: string;
    /** Write over a file that is there: the user said so. */
    readonly replace: boolean;
    readonly format: ExportFormat;
    readonly scope: ExportScope;
    readonly view: number;
    readonly selection?: RowSelection;
  }): Promise<ExportResult>;
}

export const COPY_ROWS_LIMIT = 50_000;
export const COPY_BYTES_LIMIT = 5 * 1024 * 1024;

export interface ExportResult {
  /** In the file: lines of JSON Lines, changes of a capture. */
  readonly events: number;
  readonly bytes: number;
  /** End of the last transaction in the file; empty where there is none. */
  readonly lastLsn: string;
  /** False where it ended before everything was written: see `reason`. */
  readonly complete: boolean;
  /** Why it is not complete, in a sentence; empty where it was cancelled. */
  readonly reason: string;
}

export interface ReaderEvents {
  /** At most one each 16 ms. */
  head: {
    readonly view: ViewState;
    readonly capture: TimelineSnapshot['capture'];
  };
  /** A few times a second. `fraction`: of the messages that are gone through, 0 to 1. */
  exportProgress: { readonly events: number; readonly bytes: number; readonly fraction: number };
}
