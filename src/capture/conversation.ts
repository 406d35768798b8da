import { BLOCK, BLOCK_HEADER_SIZE, FILE_HEAD_SIZE, readBlockHeader } from './blockFormat';
import { CaptureError } from './captureError';
import type { CaptureFile } from './captureFile';
import { IS_ASIDE } from './frame';
import { CHUNK_MASK, CHUNK_ROWS, CHUNK_SHIFT, ROW } from './indexChunk';

/** How long {@link Conversation.extend} works before it gives others a turn, in milliseconds. */
const SLICE_MS = 8;
const WINDOW_SIZE = 4096;

/** A message by its number, or the place of a frame that has none. */
export type ConversationPlace = { readonly seq: number } | { readonly offset: number };

/**
 * The frames of a capture in order, those that are no messages too. The index knows where each message
 * stands: where the next one does not follow at once there is the border of a block, or what was said
 * between them, and only there the file is read. Found in slices, from the beginning; what is known stays.
 */
export class Conversation {
  readonly #file: CaptureFile;
  /** Of each frame without a number, in order: the number of the message that follows, and its offset. */
  readonly #before = new Numbers();
  readonly #offset = new Numbers();
  /** Messages that are not XLogData: gaps, seams, unknown frames. */
  readonly #own = new Numbers();
  /** Both in order: n >= 0 is the n-th frame without a number, n < 0 the message `own[-n - 1]`. */
  readonly #special = new Numbers();
  /** Messages gone through, and the offset after the last thing that was. */
  #reached = 0;
  #at = FILE_HEAD_SIZE;
  #window = new Uint8Array(0);
  #windowStart = 0;
  #extending: Promise<void> = Promise.resolve();

  constructor(file: CaptureFile) {
    this.#file = file;
  }

  /** Messages gone through so far. */
  get reached(): number {
    return this.#reached;
  }

  /** Lines known so far; `hideData`: without the XLogData. */
  rows(hideData: boolean): number {
    return hideData ? this.#special.length : this.#reached + this.#offset.length;
  }

  /** What stands in a row, which is one of those that are known. */
  at(row: number, hideData: boolean): ConversationPlace {
    if (hideData) {
      const n = this.#special.at(row);
      return n < 0 ? { seq: this.#own.at(-n - 1) } : { offset: this.#offset.at(n) };
    }
    // The n-th frame without a number stands in row before[n] + n.
    const n = this.#offset.search(i => this.#before.at(i) + i >= row);
    if (n < this.#offset.length && this.#before.at(n) + n === row) {
      return { offset: this.#offset.at(n) };
    }
    return { seq: row - n };
  }

  /** The row of a message, or of the first line after it where it is hidden; -1 while it is not reached. */
  rowOf(seq: number, hideData: boolean): number {
    if (seq >= this.#reached) return -1;
    const asides = this.#before.search(i => this.#before.at(i) > seq);
    if (!hideData) return seq + asides;
    const row = asides + this.#own.search(i => this.#own.at(i) >= seq);
    return Math.min(row, this.#special.length - 1);
  }

  /**
   * Goes on for some milliseconds; all is known when {@link reached} is the number of messages. Throws a
   * {@link CaptureError} at a damaged place: what stands before it is known.
   */
  extend(): Promise<void> {
    const next = this.#extending.then(() => this.#extend());
    this.#extending = next.catch(() => undefined);
    return next;
  }

  async #extend(): Promise<void> {
    const deadline = performance.now() + SLICE_MS;
    // Together: all messages before `end` are among `rows`.
    const { rows, end } = this.#file;
    while (this.#reached < rows) {
      const chunk = await this.#file.passingChunk(this.#reached >>> CHUNK_SHIFT);
      const stop = Math.min(rows, chunk.number * CHUNK_ROWS + CHUNK_ROWS);
      while (this.#reached < stop) {
        const i = this.#reached & CHUNK_MASK;
        const frame = chunk.offset[i]!;
        if (frame - 4 !== this.#at) {
          await this.#between(frame - 4);
          if (performance.now() >= deadline) return;
        }
        if ((chunk.flags[i]! & ROW.ownFrame) !== 0) {
          this.#own.push(this.#reached);
          this.#special.push(-this.#own.length);
        }
        this.#at = frame + chunk.length[i]!;
        this.#reached++;
      }
      if (performance.now() >= deadline) return;
    }
    if (this.#at < end) await this.#between(end);
  }

  /** Goes over what stands before `to`: borders of blocks, other blocks, frames without a number. */
  async #between(to: number): Promise<void> {
    while (this.#at < to) {
      const at = this.#at;
      const head = await this.#bytes(at, Math.min(BLOCK_HEADER_SIZE, to - at));
      const block = readBlockHeader(head, 0);
      if (block !== undefined) {
        this.#at = at + BLOCK_HEADER_SIZE + (block.type === BLOCK.data ? 0 : block.length);
        continue;
      }
      // A length is below that of the longest block, and what a block begins with is above it.
      const length =
        head.length < 5 ? 0 : new DataView(head.buffer, head.byteOffset).getUint32(0, true);
      if (length === 0 || at + 4 + length > to || IS_ASIDE[head[4] ?? 0] !== 1) throw damaged(at);
      this.#special.push(this.#offset.length);
      this.#before.push(this.#reached);
      this.#offset.push(at + 4);
      this.#at = at + 4 + length;
    }
    if (this.#at !== to) throw damaged(this.#at);
  }

  async #bytes(at: number, length: number): Promise<Uint8Array> {
    const start = at - this.#windowStart;
    if (start < 0 || start + length > this.#window.length) {
      this.#window = new Uint8Array(Math.max(length, Math.min(WINDOW_SIZE, this.#file.end - at)));
      this.#windowStart = at;
      await this.#file.readSpan(this.#window, at);
      return this.#window.subarray(0, length);
    }
    return this.#window.subarray(start, start + length);
  }
}

/** A list of numbers that grows, without an object for each. */
class Numbers {
  #values = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const next = new Float64Array(2 * this.length);
      next.set(this.#values);
      this.#values = next;
    }
    this.#values[this.length++] = value;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  /** The first index where `test`, which stays true from there on, is true; the length where it never is. */
  search(test: (index: number) => boolean): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (test(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function damaged(offset: number): CaptureError {
  return new CaptureError(
    'corrupt',
    `The capture is damaged at byte ${String(offset)}; the conversation is known up to there.`,
  );
}
