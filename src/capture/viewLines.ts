import type { CaptureFile } from './captureFile';
import { ExpandedTransactions } from './expandedTransactions';
import { NONE } from './indexChunk';
import { IS_CHANGE } from './operations';
import { PagedCounts } from './pagedCounts';
import { SeqBitmap } from './seqBitmap';
import type { TransactionChunk } from './transactionChunk';
import { TX_MASK, TX_SHIFT } from './transactionChunk';
import { TransactionStarts } from './transactionStarts';

/** A line of the list: a message, or a transaction by its first message. */
export interface ViewLine {
  readonly seq: number;
  /** The line stands for this transaction; undefined for a change or note of its own. */
  readonly transaction?: number;
  /** The line stands below an expanded transaction. */
  readonly nested: boolean;
}

/**
 * The lines of a list, as bitmaps over the messages of a capture.
 *
 * `visible` has a bit for each change that passes and each note (gap, unknown message). Flat, these are
 * the lines. Grouped, `leaders` has the lines: the first message of each transaction that has something
 * to show, and what stands outside transactions; below an expanded transaction its visible messages
 * follow. New messages extend the bitmaps; nothing is built again.
 */
export class ViewLines {
  readonly visible = new SeqBitmap();
  readonly expanded: ExpandedTransactions;
  readonly #file: CaptureFile;
  readonly #grouped: boolean;
  /** Only some messages pass; else every transaction has a line. */
  readonly #filtered: boolean;
  readonly #leaders = new SeqBitmap();
  readonly #starts: TransactionStarts;
  /** Changes that pass, by transaction; kept where only some do, else the index knows. */
  readonly #matched = new PagedCounts();
  /** Transactions whose first change that passes was taken, and which have no line yet. */
  #newlyMatched: number[] = [];
  /** Transactions whose first message was met. */
  #transactionsSeen = 0;
  /** Changes that pass. */
  matchedTotal = 0;
  /** Rises when lines that were given may have changed. */
  generation: number;

  constructor(file: CaptureFile, grouped: boolean, filtered: boolean, generation: number) {
    this.#file = file;
    this.#grouped = grouped;
    this.#filtered = filtered;
    this.generation = generation;
    this.expanded = new ExpandedTransactions(file, this.visible);
    this.#starts = new TransactionStarts(file);
  }

  get count(): number {
    return this.#grouped ? this.#leaders.total + this.expanded.lines : this.visible.total;
  }

  /** Also messages that are not shown matter here: else {@link take} may be spared for them. */
  get takesHidden(): boolean {
    return this.#grouped && (!this.#filtered || this.expanded.all.length > 0);
  }

  matchedOf(transaction: number): number {
    return this.#matched.get(transaction);
  }

  /** Adds a message in order; `counts`: as a change. Call {@link settle} after some of them. */
  take(seq: number, transaction: number, isVisible: boolean, counts: boolean): void {
    if (isVisible) {
      this.visible.add(seq);
      if (counts) this.matchedTotal++;
    }
    if (!this.#grouped) return;
    if (transaction === NONE) {
      if (isVisible) this.#leaders.add(seq);
      return;
    }
    // Ordinals are given in order of the first message, so this one is it.
    const firstMessage = transaction >= this.#transactionsSeen;
    if (firstMessage) this.#transactionsSeen = transaction + 1;
    if (!this.#filtered) {
      if (firstMessage) this.#leaders.add(seq);
    } else if (isVisible && this.#matched.increment(transaction) === 1) {
      this.#newlyMatched.push(transaction);
    }
    const expanded = this.expanded.get(transaction);
    if (expanded === undefined) return;
    expanded.take(seq, isVisible);
    if (isVisible && expanded.leader !== this.#leaders.last) this.generation++;
  }

  /** Shows or hides a change that was taken before, because its transaction has ended since. */
  change(seq: number, transaction: number, isVisible: boolean): void {
    if (!(isVisible ? this.visible.add(seq) : this.visible.remove(seq))) return;
    this.matchedTotal += isVisible ? 1 : -1;
    this.generation++;
    if (!this.#grouped) return;
    this.expanded.markStale(transaction);
    if (isVisible) {
      if (this.#matched.increment(transaction) === 1) this.#newlyMatched.push(transaction);
    } else if (this.#matched.decrement(transaction) === 0) this.#newlyMatched.push(transaction);
  }

  /** Transactions that have something to show now, or no longer: their lines stand at their first messages. */
  async settle(): Promise<void> {
    let chunk: TransactionChunk | undefined;
    for (const ordinal of this.#newlyMatched) {
      if (chunk?.number !== ordinal >>> TX_SHIFT)
        chunk = await this.#file.transactionChunk(ordinal);
      const seq = chunk.firstSeq[ordinal & TX_MASK] ?? 0;
      const before = this.#leaders.last;
      if (this.#matched.get(ordinal) === 0) this.#leaders.remove(seq);
      else if (this.#leaders.add(seq) && seq < before) this.generation++;
    }
    this.#newlyMatched = [];
  }

  /** The lines from `first` on. */
  async read(first: number, count: number): Promise<ViewLine[]> {
    return this.#grouped ? await this.#groupedLines(first, count) : this.#flatLines(first, count);
  }

  #flatLines(first: number, count: number): ViewLine[] {
    const lines: ViewLine[] = [];
    let seq = this.visible.select(first);
    while (seq >= 0 && lines.length < count) {
      lines.push({ seq, nested: false });
      seq = this.visible.next(seq + 1);
    }
    return lines;
  }

  async #groupedLines(first: number, count: number): Promise<ViewLine[]> {
    const lines: Promise<ViewLine>[] = [];
    const end = Math.min(first + count, this.count);
    let offset = 0;
    let row = first;
    for (const expanded of this.expanded.all) {
      if (row >= end) break;
      const at = this.#leaders.rank(expanded.leader) + offset;
      if (!this.#leaders.has(expanded.leader)) continue;
      const upTo = Math.min(at + 1, end);
      if (row < upTo) this.#leaderLines(row - offset, upTo - offset, lines);
      row = Math.max(row, upTo);
      for (; row > at && row <= at + expanded.count && row < end; row++) {
        const seq = expanded.select(row - at - 1, this.visible);
        lines.push(Promise.resolve({ seq, nested: true }));
      }
      offset += expanded.count;
    }
    this.#leaderLines(row - offset, end - offset, lines);
    return Promise.all(lines);
  }

  /** Adds the lines of the leaders from the n-th on. */
  #leaderLines(n: number, end: number, to: Promise<ViewLine>[]): void {
    let seq = n < end ? this.#leaders.select(n) : -1;
    for (let i = n; i < end; i++) {
      to.push(this.#leaderLine(seq));
      seq = this.#leaders.next(seq + 1);
    }
  }

  async #leaderLine(seq: number): Promise<ViewLine> {
    const transaction = await this.#starts.at(seq);
    if (transaction === NONE) return { seq, nested: false };
    return { seq, transaction, nested: false };
  }

  /** The line that shows a message, or its collapsed transaction; -1 where there is none. */
  async locate(seq: number): Promise<number> {
    if (!this.#grouped) return this.visible.has(seq) ? this.visible.rank(seq) : -1;
    const { transaction } = await this.#file.row(seq);
    const leader = transaction === NONE ? seq : await this.#file.firstSeq(transaction);
    if (!this.#leaders.has(leader)) return -1;
    let row = this.#leaders.rank(leader);
    for (const expanded of this.expanded.all) {
      if (expanded.leader >= leader) break;
      if (this.#leaders.has(expanded.leader)) row += expanded.count;
    }
    const own = this.expanded.get(transaction);
    if (own === undefined || !this.visible.has(seq)) return row;
    return row + 1 + own.rank(seq, this.visible);
  }

  /** The only visible change of a transaction that has just one; -1 where it is not near. */
  async onlyChange(transaction: number): Promise<number> {
    const chunk = await this.#file.transactionChunk(transaction);
    const i = transaction & TX_MASK;
    const last = chunk.lastSeq[i] ?? 0;
    let seq = this.visible.next(chunk.firstSeq[i] ?? 0);
    // Between the blocks of a streamed transaction others may stand: a few are looked at, not all.
    for (let tries = 0; seq >= 0 && seq <= last && tries < 64; tries++) {
      const row = await this.#file.row(seq);
      if (row.transaction === transaction && IS_CHANGE[row.kind] === 1) return seq;
      seq = this.visible.next(seq + 1);
    }
    return -1;
  }
}
