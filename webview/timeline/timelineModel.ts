import type { RpcPeer } from '../../src/shared/rpc';
import type { ColorRule } from '../../src/shared/listApi';
import type { Facets } from '../../src/shared/readerApi';
import type {
  FirstPaint,
  TimelineAction,
  TimelineApi,
  TimelineEvents,
} from '../../src/shared/timelineApi';
import type { TimelineRow } from '../../src/shared/timelineRow';
import type { TimelineSnapshot } from '../../src/shared/timelineSnapshot';
import type { ViewSpec, ViewState } from '../../src/shared/viewSpec';
import type { ChoiceKind } from '../virtualList';
import { ChosenRows } from './chosenRows';
import type { BookmarkActions } from './bookmarkActions';
import { Bookmarks } from './bookmarks';
import { isNarrowed } from './narrowing';
import { OpenedTransactions } from './openedTransactions';
import { MarksModel } from './marksModel';
import type { MarkedView } from './marksModel';
import { RowCache } from './rowCache';
import type { OverviewState, SavedState } from './savedState';
import { ViewPlaces } from './viewPlaces';

/** Rows that a large screen shows. */
const FIRST_ROWS = 64;

/** So long at most a new view that is followed is counted before it is drawn, in milliseconds. */
const COUNTED_MS = 800;

export type TimelinePeer = RpcPeer<TimelineApi, TimelineEvents>;

/** The row that is active: the message is what counts, its place in the list may move. */
export interface Selection {
  readonly seq: number;
  /** Row of the list, -1 while it is not known or filtered out. */
  readonly index: number;
}

/** A row that the list should scroll to, once. */
export interface Reveal {
  readonly row: number;
  /** It becomes the first in sight; else it is brought in sight where it is not. */
  readonly exact: boolean;
}

/** Where the reader found something. */
export interface FoundPlace {
  readonly row: number;
  readonly seq: number;
}

/** Who draws what a {@link TimelineModel} knows. */
export interface TimelineOwner {
  /** Something changed that anything may show, the rows of the list too. */
  changed(): void;
  /** There is more of what is shown already, which need not be drawn at once. */
  told(): void;
  /** Rows arrived, and nothing else changed: the list alone draws them. */
  rowsArrived(): void;
}

/**
 * What the timeline shows and where the user is in it. It holds no events: rows are pulled for what is
 * in sight. The owner is told after every change, and draws in the next frame.
 */
export class TimelineModel {
  readonly peer: TimelinePeer;
  readonly cache: RowCache;
  /** Rows that commands are about; the active one is usually among them. */
  readonly chosen: ChosenRows;
  readonly opened: OpenedTransactions;
  readonly bookmarks: Bookmarks;
  /** Sets and goes to bookmarks; set by the owner, who tells what was done. */
  marking: BookmarkActions | undefined;
  /** The rules that colour rows; a row names its rule by number. */
  rules: readonly ColorRule[] = [];
  /** What was written between two moments that the user marked. */
  readonly marks: MarksModel;
  readonly #places: ViewPlaces;
  readonly #owner: TimelineOwner;
  readonly #changed: () => void;
  /** The selected row as it was when rows arrived last. */
  #selectedRow: TimelineRow | undefined;
  #hadRows = false;

  snapshot: TimelineSnapshot | undefined;
  spec: ViewSpec;
  follow: boolean;
  /** What the second part of the split shows: an id of panes.ts, or `detail`. */
  pane: string;
  /** The strip above the list: whether it is there, and what it shows. */
  overview: OverviewState;
  selection: Selection | undefined;
  facets: Facets | undefined;
  /** Why the panel itself does not work; empty when all is well. */
  failure = '';
  /** Rows in sight at once, as the list says. */
  span = 1;
  /** Set after a view changed, taken by the list. */
  reveal: Reveal | undefined;

  #view: ViewState | undefined;
  /** A view that we replaced; snapshots on their way may still tell of it. */
  #replaced = -1;
  #asking = 0;
  /** Rows shown while paused; undefined when not paused. */
  #frozen: number | undefined;
  #anchor = -1;
  /** The message to scroll to as soon as the view is complete; -1 for none. */
  #goal = -1;
  /** Questions on their way about where that stands. */
  #relocating = 0;
  /** A new view that is followed is not drawn before all is counted, or this moment. */
  #countedUntil = -Infinity;
  /** The user wants the last row, which is not known before the view is complete. */
  #wantsEnd = false;

  constructor(peer: TimelinePeer, saved: SavedState, owner: TimelineOwner) {
    const changed = (): void => {
      owner.changed();
    };
    this.peer = peer;
    this.#owner = owner;
    this.spec = saved.spec;
    this.follow = saved.follow;
    this.pane = saved.pane;
    this.overview = saved.overview;
    this.opened = new OpenedTransactions(peer, saved.opened);
    this.bookmarks = new Bookmarks(peer, changed);
    this.marks = new MarksModel(peer, this.#markedView(), changed);
    this.#anchor = saved.anchor;
    this.#changed = changed;
    if (saved.selected >= 0) this.selection = { seq: saved.selected, index: -1 };
    this.cache = new RowCache(
      request => peer.call('rows', request),
      () => {
        this.#rowsArrived();
      },
    );
    this.chosen = new ChosenRows(index => this.cache.row(index)?.seq ?? -1);
    this.#places = new ViewPlaces(peer, this.chosen, saved.chosen);
    peer.on('snapshot', snapshot => {
      this.#receive(snapshot);
    });
    peer.on('colorRules', ({ rules }) => {
      this.rules = rules;
      changed();
    });
  }

  /** Asks for the first snapshot; goes back to where the panel was when it was hidden. */
  async start(): Promise<void> {
    this.failure = '';
    const hadRows = this.#hadRows;
    try {
      this.#goal = this.follow ? -1 : this.#anchor;
      await this.#ask(async () => {
        const snapshot = await this.peer.call('ready', { spec: this.spec });
        this.#receive(snapshot);
        return this.#reopen(snapshot.view);
      });
      void this.#loadMarks();
      // The first rows ask for them when they arrive.
      if (!this.waitsForRows && this.#hadRows === hadRows) await this.refreshFacets();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Drawn before our first question is answered, where it is what we ask for: the rows from the first one on. */
  paintFirst({ snapshot, spec, page }: FirstPaint): void {
    const isWanted =
      !this.follow &&
      this.#goal < 0 &&
      this.opened.latest.length === 0 &&
      JSON.stringify(spec) === JSON.stringify(this.spec);
    if (this.snapshot !== undefined || !isWanted) return;
    this.snapshot = snapshot;
    this.cache.offer(page);
    this.#setView(snapshot.view);
  }

  get paused(): boolean {
    return this.#frozen !== undefined;
  }

  /** Nothing more comes: the stream ended, or there is none and the file does not grow either. */
  get ended(): boolean {
    const session = this.snapshot?.session;
    if (session === null) return this.snapshot?.capture.hasGrown !== true;
    return session?.phase === 'ended';
  }

  /** Rows of the list, as far as the view is not paused before them. */
  get rows(): number {
    const rows = this.#view?.rows ?? 0;
    return Math.min(rows, this.#frozen ?? rows);
  }

  /** Rows to draw: a list that follows the newest waits for them to be loaded. */
  get drawnRows(): number {
    const { rows } = this;
    if (!this.follow || this.paused) return rows;
    // Its end moves while it is counted from its beginning: old rows would flash by.
    if (performance.now() < this.#countedUntil) return 0;
    return this.cache.loadedEnd(rows, this.span);
  }

  /** Rows that came since the view was paused. */
  get held(): number {
    return (this.#view?.rows ?? 0) - this.rows;
  }

  get view(): ViewState | undefined {
    return this.#view;
  }

  get filtered(): boolean {
    return isNarrowed(this.spec);
  }

  /** What a mark holds is read from its beginning; without one the newest is followed again. */
  #markedView(): MarkedView {
    const range = (): ViewSpec['range'] => this.spec.range;
    const setRange = async (next: ViewSpec['range']): Promise<void> => {
      const { grouping, operations, tables, text, filter } = this.spec;
      const spec = {
        grouping,
        operations,
        tables,
        text,
        ...(filter === undefined ? {} : { filter }),
      };
      this.follow = next === undefined && !this.ended;
      await this.setSpec({ ...spec, ...(next === undefined ? {} : { range: next }) });
      if (next === undefined) return;
      this.reveal = { row: 0, exact: true };
      this.#changed();
    };
    return {
      get range() {
        return range();
      },
      setRange: next => void setRange(next),
    };
  }

  setPaused(paused: boolean): void {
    this.#frozen = paused ? (this.#view?.rows ?? 0) : undefined;
    this.#changed();
  }

  setFollow(follow: boolean): void {
    if (this.follow === follow) return;
    this.follow = follow;
    this.#changed();
  }

  /** The user goes somewhere by himself: what was still to be gone to is not wanted any more. */
  leaveGoals(): void {
    this.#goal = -1;
    this.#wantsEnd = false;
  }

  /** The user asked for the last row of what does not grow any more, and may still be counted. */
  wantEnd(): void {
    this.#wantsEnd = this.ended && this.#view?.complete === false;
  }

  setOverview(overview: OverviewState): void {
    this.overview = overview;
    this.#changed();
  }

  setPane(pane: string): void {
    if (this.pane === pane) return;
    this.pane = pane;
    this.#changed();
  }

  /**
   * Remembers which message is the first in sight, to come back to it. On the way to where the list was, what
   * is in sight is not what the user looked at: the panel may be left before it is there.
   */
  setAnchor(seq: number): void {
    if (this.#goal >= 0 || this.#relocating > 0 || this.reveal !== undefined) return;
    this.#anchor = seq;
  }

  get anchor(): number {
    return this.#anchor;
  }

  /** The message that searching goes on from: the active row, or else what is in sight. */
  get here(): number {
    return this.selection?.seq ?? this.#anchor;
  }

  select(index: number, kind: ChoiceKind = 'only'): void {
    const row = this.cache.row(index);
    this.leaveGoals();
    this.follow = false;
    this.selection = { seq: row === undefined ? -1 : messageOf(row), index };
    this.#places.forget();
    this.chosen.choose(index, kind);
    this.#changed();
  }

  chooseAll(): void {
    this.follow = false;
    this.#places.forget();
    this.chosen.chooseAll(this.rows);
    this.#changed();
  }

  /** Goes to what the reader found: its transaction is opened, its row chosen and brought in sight. */
  async show(place: FoundPlace): Promise<void> {
    if (place.row >= this.rows) this.#frozen = undefined;
    const row = await this.#openAt(place);
    if (row < 0) return;
    this.leaveGoals();
    this.follow = false;
    this.selection = { seq: place.seq, index: row };
    this.#places.forget();
    this.chosen.choose(row, 'only');
    this.reveal = { row, exact: false };
    this.#changed();
  }

  /** Selects a message that the list does not show. */
  showOnly(seq: number): void {
    this.leaveGoals();
    this.follow = false;
    this.selection = { seq, index: -1 };
    this.#places.forget();
    this.chosen.clear();
    this.#changed();
  }

  /** The first rows are still to come: what the reader counts for other parts would come before them. */
  get waitsForRows(): boolean {
    const view = this.#view;
    if (this.#hadRows || view === undefined || this.filtered) return false;
    return this.snapshot?.capture.error === '' && (view.rows > 0 || !view.complete);
  }

  /** Most often they concern nothing but the list, which gets them while it is being scrolled. */
  #rowsArrived(): void {
    const { selection } = this;
    if (!this.#hadRows) {
      this.#hadRows = true;
      this.#changed();
      void this.refreshFacets();
    }
    this.#nameSelection();
    const row = this.cache.row(this.selection?.index ?? -1);
    const concernsSelection = this.selection !== selection || row !== this.#selectedRow;
    this.#selectedRow = row;
    if (concernsSelection) this.#changed();
    // A list that follows is as long as what is loaded of it.
    else if (this.follow) this.#owner.told();
    else this.#owner.rowsArrived();
  }

  /** A row that was selected while it was being loaded gets its message when it is there. */
  #nameSelection(): void {
    this.chosen.name();
    const { selection } = this;
    if (selection === undefined || selection.seq >= 0) return;
    const row = this.cache.row(selection.index);
    if (row !== undefined) this.selection = { seq: messageOf(row), index: selection.index };
  }

  closeDetail(): void {
    this.selection = undefined;
    this.#places.forget();
    this.chosen.clear();
    this.#changed();
  }

  /** Of several chosen rows only the active one stays; false where there is one at most. */
  chooseOne(): boolean {
    if (this.chosen.count < 2) return false;
    this.#places.forget();
    this.chosen.clear();
    this.chosen.choose(this.selection?.index ?? -1, 'only');
    this.#changed();
    return true;
  }

  /** Another filter or grouping. What was selected, or else what was in sight, stays in sight. */
  async setSpec(spec: ViewSpec): Promise<void> {
    this.spec = spec;
    this.#changed();
    this.leaveGoals();
    if (!this.follow) this.#goal = this.here;
    await this.#ask(async () => {
      const before = this.#view?.view ?? -1;
      const view = await this.peer.call('setView', spec);
      if (before !== view.view) this.#replaced = before;
      return this.#reopen(view);
    });
    if (this.paused) this.#frozen = this.#view?.complete === true ? this.#view.rows : Infinity;
  }

  /** Opens or closes the transaction in a row. Returns false when the row is none, or is so already. */
  async toggle(index: number, open: boolean | undefined): Promise<boolean> {
    const row = this.cache.row(index);
    if (row?.type !== 'transaction' || row.single !== undefined) return false;
    const expanded = open ?? !row.expanded;
    if (expanded === row.expanded) return false;
    this.follow = false;
    await this.#expand(row.transaction, expanded, row.matched);
    return true;
  }

  act(action: TimelineAction): void {
    this.peer.call('act', { action }).catch((error: unknown) => {
      this.#fail(error);
    });
  }

  /** What marks rows: rules and bookmarks. */
  async #loadMarks(): Promise<void> {
    await this.bookmarks.load();
    try {
      this.rules = (await this.peer.call('colorRules', {})).rules;
      this.#changed();
    } catch {
      // The rows are shown without colours.
    }
  }

  /** The host keeps them, and tells all timelines. */
  async storeRules(rules: readonly ColorRule[]): Promise<void> {
    try {
      await this.peer.call('storeColorRules', { rules });
      this.rules = rules;
      this.#changed();
    } catch (error) {
      this.#fail(error);
    }
  }

  async refreshFacets(): Promise<void> {
    try {
      this.facets = await this.peer.call('facets', {});
      this.#changed();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The row of a message, once its transaction is open. */
  async #openAt({ row, seq }: FoundPlace): Promise<number> {
    const line = await this.#rowAt(row);
    if (line?.type !== 'transaction' || line.single !== undefined) return row;
    // The line itself was meant.
    if (line.seq === seq) return row;
    if (!line.expanded) await this.#expand(line.transaction, true, line.matched);
    const view = this.#view?.view;
    return view === undefined ? -1 : this.#places.locate(view, seq);
  }

  async #rowAt(index: number): Promise<TimelineRow | undefined> {
    const loaded = this.cache.row(index);
    const view = this.#view;
    if (loaded !== undefined || view === undefined) return loaded;
    const { generation } = view;
    const page = await this.peer.call('rows', {
      view: view.view,
      generation,
      first: index,
      count: 1,
    });
    return page.rows[0];
  }

  async #expand(transaction: number, expanded: boolean, matched: number): Promise<void> {
    const view = this.#view?.view;
    if (view === undefined) return;
    await this.#ask(async () => {
      const next = await this.opened.expand(view, transaction, expanded);
      if (this.#frozen !== undefined) this.#frozen += expanded ? matched : -matched;
      return next;
    });
  }

  /** Opens in a new view what was open before. */
  async #reopen(view: ViewState): Promise<ViewState> {
    return this.spec.grouping === 'transactions' ? this.opened.reopen(view) : view;
  }

  #receive(snapshot: TimelineSnapshot): void {
    if (this.snapshot !== undefined && isOtherCapture(this.snapshot, snapshot)) this.#reset();
    this.snapshot = snapshot;
    this.marks.sync(snapshot.capture.marks ?? 0);
    if (this.#asking === 0 && snapshot.view.view !== this.#replaced) {
      this.#replaced = -1;
      this.#setView(snapshot.view);
    }
    this.#owner.told();
  }

  /** Another capture is read now, after a restart: nothing that was known of rows holds any more. */
  #reset(): void {
    this.marks.reset();
    this.cache.clear();
    this.#places.forget();
    this.chosen.clear();
    this.opened.clear();
    this.#view = undefined;
    this.#replaced = -1;
    this.#frozen = undefined;
    this.#anchor = -1;
    this.leaveGoals();
    this.selection = undefined;
    this.overview = { ...this.overview, window: undefined };
    this.follow = true;
  }

  #setView(next: ViewState): void {
    const now = this.#view;
    if (now?.view === next.view && next.generation < now.generation) return;
    const moved = now?.view !== next.view || now.generation !== next.generation;
    if (now?.view !== next.view) {
      this.#countedUntil = performance.now() + COUNTED_MS;
      // Nothing more may be told before all is counted: then what there is by now is drawn.
      if (this.follow && !next.complete) window.setTimeout(this.#changed, COUNTED_MS + 20);
    }
    if (next.complete) this.#countedUntil = -Infinity;
    this.#view = next;
    if (this.#frozen === Infinity && next.complete) this.#frozen = next.rows;
    // Before the list says what it shows.
    if (now === undefined && this.follow) {
      this.cache.want(Math.max(0, next.rows - FIRST_ROWS), FIRST_ROWS, -1);
    }
    this.cache.update(next);
    if (moved) this.#places.leave();
    if (this.#goal >= 0 && next.complete && next.rows > 0) {
      const goal = this.#goal;
      this.#goal = -1;
      void this.#relocate(next, goal);
    } else if (moved || (next.complete && this.#places.waiting)) void this.#relocate(next, -1);
    if (this.#wantsEnd && next.complete) {
      this.select(this.rows - 1);
      this.reveal = { row: this.rows - 1, exact: false };
    }
  }

  /** A call that changes the view: snapshots sent before its answer tell of the old one. */
  async #ask(call: () => Promise<ViewState>): Promise<void> {
    this.#asking++;
    try {
      const view = await call();
      if (this.#asking === 1) this.#setView(view);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#asking--;
    }
    this.#changed();
  }

  /** Finds the chosen rows again, and the row of `anchor`, which is scrolled to when there is one. */
  async #relocate({ view, complete }: ViewState, anchor: number): Promise<void> {
    const seq = this.selection?.seq ?? -1;
    this.#relocating++;
    try {
      const selected = await this.#places.locate(view, seq);
      const row = anchor === seq ? selected : await this.#places.locate(view, anchor);
      if (seq >= 0 && this.selection?.seq === seq) this.selection = { seq, index: selected };
      if (row >= 0) this.reveal = { row, exact: anchor !== seq };
      if (complete) await this.#places.arrive(view, selected);
    } finally {
      this.#relocating--;
    }
    this.#changed();
  }

  #fail(error: unknown): void {
    this.failure = error instanceof Error ? error.message : String(error);
    this.#changed();
  }
}

/** A capture only grows, also where a peek is continued. */
function isOtherCapture(before: TimelineSnapshot, now: TimelineSnapshot): boolean {
  return now.capture.messages < before.capture.messages;
}

/** The message that a row stands for: of a transaction with a single change, that change. */
function messageOf(row: TimelineRow): number {
  return row.type === 'transaction' ? (row.single?.seq ?? row.seq) : row.seq;
}
