import type { Field } from '../base/fieldReader';
import type { ChangeDetail, MessageBytes } from './changeDetail';
import type { ChangeText, ChangeTextApi, ChangeTextRequest } from './changeTextApi';
import type { HistoryApi } from './historyApi';
import type { MarksReaderApi } from './marks';
import type { FilterApi } from './filterApi';
import type { OverviewApi } from './overviewApi';
import type { SourceFacts } from './sourceFacts';
import type { StatisticsApi } from './statisticsApi';
import type { RowsPage } from './timelineRow';
import type { TimelineSnapshot } from './timelineSnapshot';
import type { WireApi } from './wireApi';
import type { JumpTarget, Operation, RowSelection, ViewSpec, ViewState } from './viewSpec';

/**
 * What a reader of a capture answers, from its worker. All contracts of the timeline are plain JSON (no
 * bigint, Date, Map or undefined) except the Uint8Array of {@link MessageBytes}. LSNs are `X/X`, times
 * ISO 8601 with microseconds.
 */

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

/** Answered by the reader worker. */
export interface ReaderViewApi
  extends
    FilterApi,
    OverviewApi,
    StatisticsApi,
    MarksReaderApi,
    HistoryApi,
    ChangeTextApi,
    WireApi {
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
  fields(p: { readonly seq: number }): Promise<{
    readonly fields: readonly Field[];
    readonly error: string;
    /** Values are masked in it: these are not the bytes that the server sent. */
    readonly masked?: true;
  }>;
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

/** Tab-separated, or events of the native format, one a line. */
export type CopyFormat = 'text' | 'json';

export type ExportScope = 'all' | 'view' | 'selection';

export type ExportFormat = 'jsonl' | 'capture';

/** Calls from the extension host to a reader worker: one reader for each open capture. */
export interface ReaderApi extends ReaderViewApi {
  /** Opens the file; `header` is the recorder's counters when it is still being written. */
  open(p: {
    readonly path: string;
    readonly header?: SharedArrayBuffer;
    /** Columns whose values nobody gets to see, as patterns: see {@link ColumnMask}. */
    readonly mask?: readonly string[];
  }): Promise<{ readonly source: SourceFacts }>;
  /** Other columns are masked from now on; the view is made anew where it may be another one. */
  setMask(p: { readonly mask: readonly string[] }): Promise<ViewState>;
  /**
   * Writes a copy of the capture without the values that `mask` names, beside those that are masked anyway; as
   * {@link exportRows} otherwise.
   */
  redactedCopy(p: {
    readonly path: string;
    readonly replace: boolean;
    readonly mask: readonly string[];
    /** Leave out the names of server, database and slot. */
    readonly hidesSource: boolean;
  }): Promise<ExportResult>;
  /** Expressions of the rules that colour rows; what was given out before is out of date then. */
  setRules(p: { readonly expressions: readonly string[] }): Promise<void>;
  /** Ends the view and closes the file; an export ends first. */
  close(p: Record<string, never>): Promise<void>;
  /** What a mark holds, as text for a bug report; `cut`: it holds more than that. */
  markSummary(p: {
    readonly id: number;
  }): Promise<{ readonly text: string; readonly cut: boolean }>;
  /** As {@link ChangeTextApi.changeText}, of at most {@link COPY_BYTES_LIMIT}, for the clipboard. */
  wholeChangeText(p: ChangeTextRequest): Promise<ChangeText>;
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
