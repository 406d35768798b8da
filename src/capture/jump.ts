import { parseIsoTime } from '../base/isoTime';
import type { Lsn } from '../base/lsn';
import { formatLsn, parseLsn } from '../base/lsn';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import type { JumpResult } from '../shared/readerApi';
import type { JumpTarget } from '../shared/viewSpec';
import type { CaptureFile } from './captureFile';
import { CHUNK_ROWS, CHUNK_SHIFT, NONE } from './indexChunk';
import { IS_CHANGE } from './operations';
import { FATE, TX_MASK, TX_ROWS } from './transactionChunk';
import type { View } from './view';

/** Finds the line of a view that a position, a time or a transaction ID means. */
export class Jump {
  readonly #file: CaptureFile;
  readonly #view: View;
  readonly #pause: () => Promise<void>;

  /** `pause` lets others have their turn in a long search; it may throw to end it. */
  constructor(file: CaptureFile, view: View, pause: () => Promise<void>) {
    this.#file = file;
    this.#view = view;
    this.#pause = pause;
  }

  async to(target: JumpTarget): Promise<JumpResult> {
    if (this.#file.rows === 0) return nowhere('This capture has no messages yet.');
    switch (target.kind) {
      case 'seq':
        if (target.seq >= this.#file.rows) return nowhere('This capture has no such message.');
        return this.#show(target.seq, '');
      case 'lsn': {
        const lsn = parseLsn(target.lsn);
        return lsn === undefined ? nowhere('That is no LSN.') : this.#toLsn(lsn);
      }
      case 'time':
        return this.#toTime(target.time);
      case 'xid':
        return this.#toXid(target.xid);
    }
  }

  async #toLsn(lsn: Lsn): Promise<JumpResult> {
    const exact = await this.#seqAt(lsn);
    if (exact >= 0) return this.#show(exact, '');
    const transaction = await this.#firstCommit('endLsn', lsn);
    if (transaction < 0) {
      return this.#last(`Nothing in this capture was committed at or after ${formatLsn(lsn)}.`);
    }
    return this.#show(
      await this.#changeAtOrAfter(transaction, lsn),
      `Nothing stands at ${formatLsn(lsn)}: this is what comes next.`,
    );
  }

  async #toTime(time: string): Promise<JumpResult> {
    const wanted = parseIsoTime(time);
    if (wanted === undefined) return nowhere('That is no time.');
    const transaction = await this.#firstCommit('commitTime', wanted);
    if (transaction < 0) return this.#last('Nothing in this capture was committed so late.');
    return this.#show(await this.#file.firstSeq(transaction), '');
  }

  /** A top transaction by its record, or a subtransaction by the changes that it wrote. */
  async #toXid(xid: number): Promise<JumpResult> {
    let cut = -1;
    for (let first = 0; first < this.#file.transactions; first += TX_ROWS) {
      const chunk = await this.#file.transactionChunk(first);
      for (let i = chunk.xid.indexOf(xid); i >= 0 && i < chunk.count;) {
        if (chunk.fate[i] !== FATE.cut) return this.#show(chunk.firstSeq[i] ?? 0, '');
        cut = chunk.firstSeq[i] ?? 0;
        i = chunk.xid.indexOf(xid, i + 1);
      }
      await this.#pause();
    }
    if (cut >= 0) return this.#show(cut, '');
    for (let number = 0; number * CHUNK_ROWS < this.#file.rows; number++) {
      const row = (await this.#file.column(number, 'xid')).indexOf(xid);
      if (row >= 0) {
        return this.#show(number * CHUNK_ROWS + row, `${String(xid)} is a subtransaction.`);
      }
      await this.#pause();
    }
    return nowhere(`No transaction ${String(xid)} in this capture.`);
  }

  /** A message that stands at exactly this position, a shown one where there is one; -1: none. */
  async #seqAt(lsn: Lsn): Promise<number> {
    const low = Number(lsn & 0xffff_ffffn);
    const high = Number(lsn >> 32n);
    let hidden = -1;
    for (let number = 0; number * CHUNK_ROWS < this.#file.rows; number++) {
      const zone = this.#file.zone(number);
      if (zone !== undefined && (BigInt(zone.minLsn) > lsn || BigInt(zone.maxLsn) < lsn)) continue;
      const { lsnHalves, count } = await this.#file.chunk(number);
      for (let i = 0; i < count; i++) {
        if (lsnHalves[2 * i] !== low || lsnHalves[2 * i + 1] !== high) continue;
        const seq = number * CHUNK_ROWS + i;
        if (this.#view.isVisible(seq)) return seq;
        if (hidden < 0) hidden = seq;
      }
      await this.#pause();
    }
    return hidden;
  }

  /**
   * The first transaction, in order of commit, whose value is not lower; -1 where there is none. The
   * commits in a capture follow each other in the order of the WAL, wherever their transactions begin:
   * chunks of the index are searched by halves, then the rows of one. Times may be out of order by the
   * moments between taking the time and writing the record, which the rows of the chunk make good.
   */
  async #firstCommit(column: 'endLsn' | 'commitTime', value: bigint): Promise<number> {
    let low = 0;
    let high = Math.ceil(this.#file.rows / CHUNK_ROWS);
    while (low < high) {
      const middle = (low + high) >>> 1;
      let last: bigint | undefined;
      let at = middle;
      // A chunk may be in the middle of one transaction: the next commit decides.
      for (; at < high && last === undefined; at++) last = await this.#lastCommit(at, column);
      await this.#pause();
      if (last === undefined || last >= value) high = middle;
      else low = at;
    }
    for (let number = low; number * CHUNK_ROWS < this.#file.rows; number++) {
      const commits = await this.#commits(number);
      for (const transaction of commits) {
        if ((await this.#valueOf(transaction, column)) >= value) return transaction;
      }
      await this.#pause();
    }
    return -1;
  }

  async #lastCommit(number: number, column: 'endLsn' | 'commitTime'): Promise<bigint | undefined> {
    const last = (await this.#commits(number)).at(-1);
    return last === undefined ? undefined : this.#valueOf(last, column);
  }

  /** The transactions whose commit stands in a chunk, in order. */
  async #commits(number: number): Promise<number[]> {
    const kinds = await this.#file.column(number, 'kind');
    const transactions = await this.#file.column(number, 'transaction');
    const found: number[] = [];
    for (let i = 0; i < kinds.length; i++) {
      const transaction = transactions[i] ?? NONE;
      if (IS_COMMIT[kinds[i] ?? 0] === 1 && transaction !== NONE) found.push(transaction);
    }
    return found;
  }

  async #valueOf(transaction: number, column: 'endLsn' | 'commitTime'): Promise<bigint> {
    const chunk = await this.#file.transactionChunk(transaction);
    return chunk[column][transaction & TX_MASK] ?? 0n;
  }

  /** The first shown change of a transaction from a position on, else its last, else its first message. */
  async #changeAtOrAfter(transaction: number, lsn: Lsn): Promise<number> {
    const chunk = await this.#file.transactionChunk(transaction);
    const i = transaction & TX_MASK;
    const end = chunk.lastSeq[i] ?? 0;
    let last = chunk.firstSeq[i] ?? 0;
    let looked = 0;
    for (
      let seq = this.#view.nextVisible(last);
      seq >= 0 && seq <= end;
      seq = this.#view.nextVisible(seq + 1)
    ) {
      const rows = await this.#file.chunk(seq >>> CHUNK_SHIFT);
      const row = seq & (CHUNK_ROWS - 1);
      if (++looked % 8192 === 0) await this.#pause();
      if (rows.transaction[row] !== transaction) continue;
      if ((rows.lsn[row] ?? 0n) >= lsn) return seq;
      last = seq;
    }
    return last;
  }

  #last(message: string): Promise<JumpResult> {
    return this.#show(this.#file.rows - 1, message);
  }

  /** The line of a message, or what stands nearest to it where it is filtered out. */
  async #show(seq: number, message: string): Promise<JumpResult> {
    while (this.#view.evaluated <= seq) {
      await this.#view.extend();
      await this.#pause();
    }
    const { transaction, kind } = await this.#file.row(seq);
    const result = { seq, transaction: transaction === NONE ? -1 : transaction };
    const row = await this.#view.locate(seq);
    if (row >= 0) return { row, ...result, message };
    const inside = await this.#shownOf(transaction, seq);
    if (inside >= 0) {
      const said = message === '' && IS_CHANGE[kind] === 1 ? FILTERED : message;
      return { row: await this.#view.locate(inside), seq: inside, transaction, message: said };
    }
    const after = this.#view.nextVisible(seq);
    const count = this.#view.rows;
    if (count === 0) return nowhere('The filter lets nothing through.');
    const near = after >= 0 ? after : await this.#lastShown();
    const other = (await this.#file.row(near)).transaction;
    return {
      row: await this.#view.locate(near),
      seq: near,
      transaction: other === NONE ? -1 : other,
      message: message === '' ? FILTERED : message,
    };
  }

  /** In a flat list a Begin or Commit has no line: the first change of its transaction stands for it. */
  async #shownOf(transaction: number, seq: number): Promise<number> {
    if (transaction === NONE) return -1;
    const found = await this.#changeAtOrAfter(transaction, (await this.#file.row(seq)).lsn as Lsn);
    return this.#view.isVisible(found) ? found : -1;
  }

  async #lastShown(): Promise<number> {
    const [line] = await this.#view.lines(this.#view.rows - 1, 1);
    return line?.seq ?? 0;
  }
}

function nowhere(message: string): JumpResult {
  return { row: -1, seq: -1, transaction: -1, message };
}

const FILTERED = 'That is filtered out: this is what comes next.';

const IS_COMMIT = new Uint8Array(256);
for (const letter of [
  MessageLetter.commit,
  MessageLetter.streamCommit,
  MessageLetter.commitPrepared,
]) {
  IS_COMMIT[letter] = 1;
}
