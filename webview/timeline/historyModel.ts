import type { HistoryEntry, HistoryPage, HistoryRequest } from '../../src/shared/historyApi';
import type { TimelinePeer } from './timelineModel';

type Direction = HistoryRequest['direction'];

/** Changes that are fetched on each side before somebody asks for more. */
const PAGE = 100;

interface Side {
  readonly entries: readonly HistoryEntry[];
  /** Where to go on. */
  readonly anchor: number;
  readonly reached: number;
  readonly done: boolean;
  /** Entries that are wanted. */
  readonly wanted: number;
}

/** The changes of one row, fetched in pieces on both sides of the change that was asked about. */
export class HistoryModel {
  readonly #changed: () => void;
  #peer: TimelinePeer | undefined;
  #cancel = new AbortController();
  #sides: Readonly<Record<Direction, Side>> = { earlier: NOTHING, later: NOTHING };
  key: HistoryPage['key'] = [];
  byWholeRow = false;
  /** Why there is no history; empty where there is. */
  problem = '';
  failure = '';

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The newest first. */
  get entries(): readonly HistoryEntry[] {
    return [...this.#sides.later.entries.toReversed(), ...this.#sides.earlier.entries];
  }

  get busy(): boolean {
    return this.failure === '' && (isWaiting(this.#sides.earlier) || isWaiting(this.#sides.later));
  }

  /** Everything was looked through, on this side. */
  isDone(direction: Direction): boolean {
    return this.#sides[direction].done;
  }

  /** Messages that were looked at on the way back and forth. */
  get reached(): { readonly earlier: number; readonly later: number } {
    return { earlier: this.#sides.earlier.reached, later: this.#sides.later.reached };
  }

  /** Shows the history of the row of a change; what is shown already stays where it is of the same row. */
  show(peer: TimelinePeer, seq: number): void {
    if (peer === this.#peer && this.entries.some(entry => entry.seq === seq)) return;
    this.#cancel.abort();
    this.#cancel = new AbortController();
    this.#peer = peer;
    this.problem = '';
    this.failure = '';
    this.key = [];
    const start = { entries: [], done: false, wanted: PAGE, anchor: seq };
    // The change itself comes as the first of the later ones.
    this.#sides = {
      later: { ...start, reached: seq - 1 },
      earlier: { ...start, reached: seq },
    };
    void this.#fetch('later', this.#cancel.signal);
    void this.#fetch('earlier', this.#cancel.signal);
  }

  more(direction: Direction): void {
    const side = this.#sides[direction];
    if (isWaiting(side)) return;
    this.#set(direction, { ...side, wanted: side.entries.length + PAGE });
    void this.#fetch(direction, this.#cancel.signal);
  }

  /** What has come since. */
  follow(): void {
    const { later } = this.#sides;
    if (this.#peer === undefined || !later.done || this.problem !== '') return;
    this.#set('later', { ...later, done: false });
    void this.#fetch('later', this.#cancel.signal);
  }

  stop(): void {
    this.#cancel.abort();
    this.#peer = undefined;
    this.#sides = { earlier: NOTHING, later: NOTHING };
  }

  async #fetch(direction: Direction, signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        const side = this.#sides[direction];
        if (!isWaiting(side)) return;
        const { anchor, reached: from } = side;
        const limit = Math.min(PAGE, side.wanted - side.entries.length);
        const page = await this.#peer?.call('history', { anchor, from, direction, limit }, signal);
        if (page === undefined || signal.aborted) return;
        this.#take(direction, page);
        this.#changed();
        if (page.problem !== '') return;
      }
    } catch (error) {
      if (signal.aborted) return;
      this.failure = error instanceof Error ? error.message : String(error);
      this.#changed();
    }
  }

  #take(direction: Direction, page: HistoryPage): void {
    const { entries, wanted } = this.#sides[direction];
    const { anchor, reached, done } = page;
    this.#set(direction, { entries: [...entries, ...page.entries], anchor, reached, done, wanted });
    if (this.key.length === 0) this.key = page.key;
    this.byWholeRow = page.byWholeRow;
    if (page.problem !== '') this.problem = page.problem;
  }

  #set(direction: Direction, side: Side): void {
    this.#sides = { ...this.#sides, [direction]: side };
  }
}

const NOTHING: Side = { entries: [], anchor: -1, reached: -1, done: true, wanted: 0 };

function isWaiting({ entries, done, wanted }: Side): boolean {
  return !done && entries.length < wanted;
}
