import type { RpcPeer } from '../../src/shared/rpc';
import type {
  Facets,
  TimelineAction,
  TimelineApi,
  TimelineEvents,
  TimelineRow,
  TimelineSnapshot,
  ViewSpec,
  ViewState,
} from '../../src/shared/timeline';
import { RowCache } from './rowCache';
import type { SavedState } from './savedState';

export type TimelinePeer = RpcPeer<TimelineApi, TimelineEvents>;

/** The row that is selected: the message is what counts, its place in the list may move. */
export interface Selection {
  readonly seq: number;
  /** Row of the list, -1 while it is not known or filtered out. */
  readonly index: number;
}

/**
 * What the timeline shows and where the user is in it. It holds no events: rows are pulled for what is
 * in sight. `changed` is called after every change; the owner draws in the next frame.
 */
export class TimelineModel {
  readonly peer: TimelinePeer;
  readonly cache: RowCache;
  readonly #changed: () => void;

  snapshot: TimelineSnapshot | undefined;
  spec: ViewSpec;
  follow: boolean;
  selection: Selection | undefined;
  facets: Facets | undefined;
  /** Why the panel itself does not work; empty when all is well. */
  failure = '';
  /** Rows in sight at once, as the list says. */
  span = 1;
  /** Where the list should scroll to, once: set after a view changed, taken by the list. */
  revealRow = -1;

  #view: ViewState | undefined;
  /** A view that we replaced; snapshots on their way may still tell of it. */
  #replaced = -1;
  #asking = 0;
  /** Rows shown while paused; undefined when not paused. */
  #frozen: number | undefined;
  #anchor = -1;
  /** The message to scroll to as soon as the view is complete; -1 for none. */
  #goal = -1;

  constructor(peer: TimelinePeer, saved: SavedState, changed: () => void) {
    this.peer = peer;
    this.spec = saved.spec;
    this.follow = saved.follow;
    this.#anchor = saved.anchor;
    this.#changed = changed;
    if (saved.selected >= 0) this.selection = { seq: saved.selected, index: -1 };
    this.cache = new RowCache(
      request => peer.call('rows', request),
      () => {
        this.#nameSelection();
        changed();
      },
    );
    peer.on('snapshot', snapshot => {
      this.#receive(snapshot);
    });
  }

  /** Asks for the first snapshot; goes back to where the panel was when it was hidden. */
  async start(): Promise<void> {
    this.failure = '';
    try {
      this.#goal = this.follow ? -1 : this.#anchor;
      this.#receive(await this.peer.call('ready', { spec: this.spec }));
      await this.refreshFacets();
    } catch (error) {
      this.#fail(error);
    }
  }

  get paused(): boolean {
    return this.#frozen !== undefined;
  }

  /** Rows of the list, as far as the view is not paused before them. */
  get rows(): number {
    const rows = this.#view?.rows ?? 0;
    return Math.min(rows, this.#frozen ?? rows);
  }

  /** Rows to draw: a list that follows the newest waits for them to be loaded. */
  get drawnRows(): number {
    const { rows } = this;
    return this.follow && !this.paused ? this.cache.loadedEnd(rows, this.span) : rows;
  }

  /** Rows that came since the view was paused. */
  get held(): number {
    return (this.#view?.rows ?? 0) - this.rows;
  }

  get view(): ViewState | undefined {
    return this.#view;
  }

  get filtered(): boolean {
    return this.spec.operations.length > 0 || this.spec.tables.length > 0;
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

  /** Remembers which message is the first in sight, to come back to it. */
  setAnchor(seq: number): void {
    this.#anchor = seq;
  }

  get anchor(): number {
    return this.#anchor;
  }

  select(index: number): void {
    const row = this.cache.row(index);
    this.follow = false;
    this.selection = { seq: row === undefined ? -1 : messageOf(row), index };
    this.#changed();
  }

  /** A row that was selected while it was being loaded gets its message when it is there. */
  #nameSelection(): void {
    const { selection } = this;
    if (selection === undefined || selection.seq >= 0) return;
    const row = this.cache.row(selection.index);
    if (row !== undefined) this.selection = { seq: messageOf(row), index: selection.index };
  }

  closeDetail(): void {
    this.selection = undefined;
    this.#changed();
  }

  /** Another filter or grouping. What was selected, or else what was in sight, stays in sight. */
  async setSpec(spec: ViewSpec): Promise<void> {
    this.spec = spec;
    this.#changed();
    this.#goal = this.follow ? -1 : (this.selection?.seq ?? this.#anchor);
    await this.#ask(async () => {
      const before = this.#view?.view ?? -1;
      const view = await this.peer.call('setView', spec);
      if (before !== view.view) this.#replaced = before;
      return view;
    });
    if (this.paused) this.#frozen = this.#view?.complete === true ? this.#view.rows : Infinity;
  }

  /** Opens or closes the transaction in a row. Returns false when the row is none, or is so already. */
  async toggle(index: number, open: boolean | undefined): Promise<boolean> {
    const row = this.cache.row(index);
    const view = this.#view;
    if (row?.type !== 'transaction' || row.single !== undefined || view === undefined) return false;
    const expanded = open ?? !row.expanded;
    if (expanded === row.expanded) return false;
    this.follow = false;
    await this.#ask(async () => {
      const params = { view: view.view, transaction: row.transaction, expanded };
      const next = await this.peer.call('expand', params);
      if (this.#frozen !== undefined) this.#frozen += expanded ? row.matched : -row.matched;
      return next;
    });
    return true;
  }

  act(action: TimelineAction): void {
    this.peer.call('act', { action }).catch((error: unknown) => {
      this.#fail(error);
    });
  }

  async refreshFacets(): Promise<void> {
    try {
      this.facets = await this.peer.call('facets', {});
      this.#changed();
    } catch (error) {
      this.#fail(error);
    }
  }

  #receive(snapshot: TimelineSnapshot): void {
    if (this.snapshot !== undefined && isOtherCapture(this.snapshot, snapshot)) this.#reset();
    this.snapshot = snapshot;
    if (this.#asking === 0 && snapshot.view.view !== this.#replaced) {
      this.#replaced = -1;
      this.#setView(snapshot.view);
    }
    this.#changed();
  }

  /** Another capture is read now, after a restart: nothing that was known of rows holds any more. */
  #reset(): void {
    this.cache.clear();
    this.#view = undefined;
    this.#replaced = -1;
    this.#frozen = undefined;
    this.#anchor = -1;
    this.#goal = -1;
    this.selection = undefined;
    this.follow = true;
  }

  #setView(next: ViewState): void {
    const now = this.#view;
    if (now?.view === next.view && next.generation < now.generation) return;
    const moved = now?.view !== next.view || now.generation !== next.generation;
    this.#view = next;
    if (this.#frozen === Infinity && next.complete) this.#frozen = next.rows;
    this.cache.update(next);
    if (this.#goal >= 0 && next.complete && next.rows > 0) {
      const goal = this.#goal;
      this.#goal = -1;
      void this.#relocate(goal);
    } else if (moved) void this.#relocate(-1);
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

  /** Finds the selected row again, and the row of `anchor`, which is scrolled to when there is one. */
  async #relocate(anchor: number): Promise<void> {
    const view = this.#view?.view;
    if (view === undefined) return;
    const locate = async (seq: number): Promise<number> => {
      if (seq < 0) return -1;
      try {
        return (await this.peer.call('locate', { view, seq })).row;
      } catch {
        // A view that was replaced meanwhile has no rows to find.
        return -1;
      }
    };
    const seq = this.selection?.seq ?? -1;
    const selected = await locate(seq);
    const row = anchor === seq ? selected : await locate(anchor);
    if (seq >= 0 && this.selection?.seq === seq) this.selection = { seq, index: selected };
    if (row >= 0) this.revealRow = row;
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
