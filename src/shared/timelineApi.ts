import type { ChangeTextRequest } from './changeTextApi';
import type { CopyFormat, ExportScope, ReaderViewApi } from './readerApi';
import type { ListApi, ListEvents } from './listApi';
import type { MarksEvents, MarksHostApi } from './marks';
import type { TimelineLayout } from './timelineLayout';
import type { RowsPage } from './timelineRow';
import type { TimelineSnapshot } from './timelineSnapshot';
import type { JumpTarget, RowSelection, ViewSpec } from './viewSpec';

/**
 * The contract of the timeline: the webview calls {@link TimelineApi}, the extension host answers or
 * forwards to the reader worker.
 */

/** What a page draws first. */
export interface FirstPaint {
  /** The page that it is for (`data-load` of its body): the next one may mask what this one shows. */
  readonly load: number;
  readonly snapshot: TimelineSnapshot;
  /** What the view shows, and its first rows. */
  readonly spec: ViewSpec;
  readonly page: RowsPage;
}

/** What the webview may call. */
export interface TimelineApi extends ReaderViewApi, ListApi, MarksHostApi {
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
  askJump(p: { readonly day?: string }): Promise<{ readonly target?: JumpTarget }>;
  /** The answer to {@link TimelineEvents.settle}. */
  settled(p: { readonly token: number }): Promise<void>;
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
  | ({ readonly what: 'change' } & ChangeTextRequest)
  | { readonly what: 'text'; readonly text: string };

/**
 * `stop` ends the stream. `continue` peeks on after a limit. `reconnect` does not wait for the next attempt
 * after a cut. `restart` starts the same tail or peek again. `sqlPeek` uses the SQL functions where a copy
 * is refused. `check` looks for what is in the way on the server. `save` asks where to copy the capture to,
 * `log` opens the log.
 */
export type TimelineAction =
  'stop' | 'continue' | 'reconnect' | 'restart' | 'sqlPeek' | 'check' | 'save' | 'log';

/** Events that the host sends to the webview. */
export interface TimelineEvents extends ListEvents, MarksEvents {
  snapshot: TimelineSnapshot;
  /** For a page that is loading, which takes it where it would ask for the same. */
  firstPaint: FirstPaint;
  /** Asks whether somebody is there: that it could be delivered is the answer. */
  poll: Record<string, never>;
  /** To be answered when the page has the focus that is given back to it, or does not get it. */
  settle: { readonly token: number };
  /** A command of VS Code, by key, palette or context menu, for the page to act on. */
  command: TimelineCommand;
}

export interface TimelineCommand {
  readonly name: TimelineCommandName;
  /** The row whose context menu it came from: what is chosen, where it is among that, else this one. */
  readonly row?: { readonly seq: number; readonly transaction: number };
}

export type TimelineCommandName =
  | RowCommandName
  | FilterCommandName
  | 'bookmark'
  | 'nextBookmark'
  | 'previousBookmark'
  | 'find'
  | 'nextMatch'
  | 'previousMatch'
  | 'jump'
  | 'copy'
  | 'copyJson'
  | 'exportSelection';

/** Narrows the list by what a menu was opened on. */
export type FilterCommandName = 'filterTransaction' | 'filterValue' | 'excludeValue';

/** Ways among the changes of the row that is active, and the list of them all. */
export type RowCommandName =
  'firstOfRow' | 'previousOfRow' | 'nextOfRow' | 'lastOfRow' | 'filterByRow';
