/**
 * Marks answer "what did my click write?": the server's position is noted before it and after it, and what
 * committed between the two is what it wrote. Nothing is written to the server for them.
 */

/** Where the server was at a moment. */
export interface MarkPlace {
  /** Where the next record goes, `X/X`; on a standby what was replayed. */
  readonly lsn: string;
  /** By the server's clock, ISO 8601 with microseconds. */
  readonly time: string;
}

export interface Mark {
  /** Numbered from 1 within a capture. */
  readonly id: number;
  readonly name: string;
  readonly from: MarkPlace;
  /** Absent: not stopped yet, or the stream ended before it was. */
  readonly to?: MarkPlace;
}

/** A mark and what is between its ends. */
export interface MarkFacts extends Mark {
  readonly transactions: number;
  readonly changes: number;
}

/** Longest name of a mark, in UTF-16 units. */
export const MARK_NAME_LIMIT = 100;

/** One value of a change in a comparison, as text that is ready to be shown. */
export interface ComparedColumn {
  readonly column: string;
  /** As `'new' → 'paid'`; empty where that side has no such column. */
  readonly a: string;
  readonly b: string;
}

/**
 * A step of one mark or of both. `same`: everything is equal, or differs as identifiers and times do each
 * time. `different`: the same operation on the same table with other values. `onlyA`, `onlyB`: the other one
 * has no such step.
 */
export interface ComparedStep {
  readonly kind: 'same' | 'different' | 'onlyA' | 'onlyB';
  /** As `UPDATE public.orders`. */
  readonly what: string;
  /** The step in one line, of the first where both have it. */
  readonly text: string;
  /** Message to go to; -1 where that side has no such step. */
  readonly seqA: number;
  readonly seqB: number;
  /** Values that are different. */
  readonly columns: readonly ComparedColumn[];
  /** Values that differ as they do each time: identifiers and times. */
  readonly varying: readonly ComparedColumn[];
}

export interface MarkComparison {
  readonly a: MarkFacts;
  readonly b: MarkFacts;
  readonly steps: readonly ComparedStep[];
  /** In one sentence. */
  readonly summary: string;
  /** Changes that were not compared because there are too many; 0 when all were. */
  readonly left: number;
}

/** What the reader of a capture knows of marks. */
export interface MarksReaderApi {
  /** All marks of the capture, the oldest first. */
  marks(p: Record<string, never>): Promise<{ readonly marks: readonly MarkFacts[] }>;
  compareMarks(p: { readonly a: number; readonly b: number }): Promise<MarkComparison>;
}

/** What the webview may ask of the host about marks. */
export interface MarksHostApi {
  /** Notes the server's position; the stream must run. */
  startMark(p: Record<string, never>): Promise<Mark>;
  /** Ends the mark that was started, when what was written until then has come. */
  stopMark(p: Record<string, never>): Promise<StoppedMark>;
  renameMark(p: { readonly id: number; readonly name: string }): Promise<void>;
  /** Forgets a mark; what it shows stays in the capture. */
  removeMark(p: { readonly id: number }): Promise<void>;
  /** Puts what a mark shows on the clipboard, as Markdown. */
  copyMark(p: { readonly id: number }): Promise<{ readonly cut: boolean }>;
}

/** What the host tells the webview. */
export interface MarksEvents {
  /** Show what this mark holds: it was stopped just now. */
  showMark: { readonly mark: MarkFacts };
}

export interface StoppedMark {
  readonly mark: Mark;
  /** False: the stream had not come so far after some seconds; what is missing comes later. */
  readonly complete: boolean;
}
