import type { WireLine, WirePage } from '../../src/shared/wireApi';
import type { TimelinePeer } from './timelineModel';

const PAGE = 128;
/** Pages kept; the oldest go first. */
const KEPT = 24;

/**
 * The lines of the conversation that are in sight, and how far it is known. A line keeps its row, so a
 * page that is whole is never asked for again. At most one request is on its way; `changed` is called
 * after each answer.
 */
export class WireModel {
  /** Lines known so far. */
  rows = 0;
  /** Share of the messages that were gone through, 0 to 1. */
  reached = 0;
  /** Why no more comes; empty when all is well. */
  failure = '';
  readonly hideData: boolean;
  readonly #peer: TimelinePeer;
  readonly #changed: () => void;
  readonly #pages = new Map<number, readonly WireLine[]>();
  #first = 0;
  #count = 0;
  #busy = false;
  #closed = false;

  constructor(peer: TimelinePeer, hideData: boolean, changed: () => void) {
    this.#peer = peer;
    this.hideData = hideData;
    this.#changed = changed;
    void this.#ask();
  }

  /** All that the capture holds is known. */
  get complete(): boolean {
    return this.reached >= 1;
  }

  /** The line, or undefined while it is being loaded. */
  line(row: number): WireLine | undefined {
    return this.#pages.get(Math.floor(row / PAGE))?.[row % PAGE];
  }

  /** The rows in sight. */
  want(first: number, count: number): void {
    this.#first = Math.max(0, first);
    this.#count = count;
    if (this.#missing() !== undefined) void this.#ask();
  }

  /** Looks whether more has come. */
  poll(): void {
    void this.#ask();
  }

  close(): void {
    this.#closed = true;
  }

  /** Asks as long as something is missing: lines in sight, or messages that are not gone through. */
  async #ask(): Promise<void> {
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    try {
      for (;;) {
        const first = this.#missing();
        const count = first === undefined ? 0 : PAGE;
        const { hideData } = this;
        const page = await this.#peer.call('wire', { hideData, first: first ?? 0, count });
        if (this.#isClosed()) return;
        this.#take(page, first);
        this.failure = page.problem ?? '';
        this.#changed();
        const isOver = this.complete || page.problem !== undefined;
        if (isOver && this.#missing() === undefined) break;
      }
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      this.#changed();
    } finally {
      this.#busy = false;
    }
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #take(page: WirePage, first: number | undefined): void {
    // Another capture is read now.
    if (page.rows < this.rows) this.#pages.clear();
    this.rows = page.rows;
    this.reached = page.messages === 0 ? 1 : page.reached / page.messages;
    if (first === undefined) return;
    const number = first / PAGE;
    this.#pages.delete(number);
    this.#pages.set(number, page.lines);
    const [oldest] = this.#pages.keys();
    if (oldest !== undefined && this.#pages.size > KEPT) this.#pages.delete(oldest);
  }

  /** Where the first page begins that is in sight and not whole. */
  #missing(): number | undefined {
    const end = Math.min(this.rows, this.#first + this.#count);
    for (let start = this.#first - (this.#first % PAGE); start < end; start += PAGE) {
      const have = this.#pages.get(start / PAGE)?.length ?? 0;
      if (have < Math.min(PAGE, end - start)) return start;
    }
    return undefined;
  }
}
