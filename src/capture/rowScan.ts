import { MessageLetter } from '../logical/pgoutput/messageLetter';
import type { CaptureFile } from './captureFile';
import type { CapturedMessage } from './capturedMessage';
import { capturedMessage } from './capturedMessage';
import type { IndexChunk } from './indexChunk';
import { CHUNK_MASK, CHUNK_ROWS, CHUNK_SHIFT, ROW } from './indexChunk';
import { mayHaveRelation } from './zone';

/** Bytes of the file that one step reads and goes over: about a millisecond. */
const SPAN = 256 * 1024;
/** The same where every message is decoded. */
const SLOW_SPAN = 32 * 1024;

/** What is looked for. */
export interface ScanTarget {
  /** Descriptions of the table. */
  readonly versions: readonly number[];
  /** Bytes that stand in every message about the row; undefined where none are known. */
  readonly needle: Uint8Array | undefined;
}

export interface ScanStep {
  /** The message that was found; -1 for none so far. */
  readonly seq: number;
  /** Where to go on: not itself looked at again. */
  readonly reached: number;
  readonly done: boolean;
}

/**
 * Goes through a capture for the changes of one row. Chunks and spans without a row of the table are not
 * read; of the rest only those messages are decoded in which the bytes of the key stand.
 */
export class RowScan {
  readonly #file: CaptureFile;
  readonly #span = new Uint8Array(SPAN);

  constructor(file: CaptureFile) {
    this.#file = file;
  }

  /** A message as it stands in the file, past all that hides values. */
  async raw(seq: number): Promise<CapturedMessage> {
    const row = await this.#file.row(seq);
    const frame = new Uint8Array(row.length);
    await this.#file.readSpan(frame, row.offset);
    return capturedMessage(seq, row, frame);
  }

  /** One step from `from` on, in the direction: some milliseconds at most. */
  async next(
    from: number,
    direction: 'earlier' | 'later',
    target: ScanTarget,
    isAbout: (message: CapturedMessage) => boolean,
  ): Promise<ScanStep> {
    const later = direction === 'later';
    const rows = this.#file.rows;
    const at = later ? from + 1 : Math.min(from, rows) - 1;
    if (at < 0 || at >= rows) return { seq: -1, reached: from, done: true };
    const number = at >>> CHUNK_SHIFT;
    const base = number * CHUNK_ROWS;
    const end = Math.min(rows - base, CHUNK_ROWS);
    // As if all of the chunk had been looked at.
    const passed = later ? base + end - 1 : base;
    const zone = this.#file.zone(number);
    const canSkip =
      zone !== undefined &&
      zone.kinds[TRUNCATE] === undefined &&
      !target.versions.some(version => mayHaveRelation(zone, version));
    if (canSkip) return { seq: -1, reached: passed, done: isEnd(passed, later, rows) };
    const chunk = await this.#file.chunk(number);
    const wanted = new Set(target.versions);
    const wants = (row: number): boolean => {
      if (((chunk.flags[row] ?? 0) & (ROW.ownFrame | ROW.unknown)) !== 0) return false;
      const kind = chunk.kind[row] ?? 0;
      if (kind === MessageLetter.truncate) return true;
      const isRow =
        kind === MessageLetter.insert ||
        kind === MessageLetter.update ||
        kind === MessageLetter.delete;
      return isRow && wanted.has(chunk.relation[row] ?? 0);
    };
    const by = later ? 1 : -1;
    let first = at & CHUNK_MASK;
    while (first >= 0 && first < end && !wants(first)) first += by;
    if (first < 0 || first >= end) {
      return { seq: -1, reached: passed, done: isEnd(passed, later, rows) };
    }
    const { needle } = target;
    const limit = needle === undefined ? SLOW_SPAN : SPAN;
    const span = spanFrom(chunk, first, end, by, limit);
    const candidates = await this.#candidates(chunk, span, needle, wants);
    if (!later) candidates.reverse();
    for (const { row, frame } of candidates) {
      const message = capturedMessage(base + row, chunk.row(row), frame);
      if (isAbout(message)) {
        const seq = base + row;
        return { seq, reached: seq, done: isEnd(seq, later, rows) };
      }
    }
    const reached = base + (later ? span.last : span.first);
    return { seq: -1, reached, done: isEnd(reached, later, rows) };
  }

  /** The messages of a span that may be about the row, in order. */
  async #candidates(
    chunk: IndexChunk,
    { first, last }: Span,
    needle: Uint8Array | undefined,
    wants: (row: number) => boolean,
  ): Promise<{ readonly row: number; readonly frame: Uint8Array }[]> {
    const base = chunk.offset[first] ?? 0;
    const length = rowEnd(chunk, last) - base;
    // A single message may be larger than a span.
    const bytes = length <= SPAN ? this.#span.subarray(0, length) : new Uint8Array(length);
    await this.#file.readSpan(bytes, base);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found: { row: number; frame: Uint8Array }[] = [];
    for (let row = first, at = -1; row <= last; row++) {
      if (!wants(row)) continue;
      const start = (chunk.offset[row] ?? 0) - base;
      const end = rowEnd(chunk, row) - base;
      if (needle !== undefined && chunk.kind[row] !== MessageLetter.truncate) {
        if (at < start) at = buffer.indexOf(needle, start);
        // Nowhere in the rest: only truncates are still looked for.
        if (at < 0) at = bytes.length;
        if (at >= end) continue;
      }
      found.push({ row, frame: bytes.subarray(start, end) });
    }
    return found;
  }
}

interface Span {
  /** Rows of the chunk, both included. */
  readonly first: number;
  readonly last: number;
}

/** As many rows from one on, forwards or back, as the limit takes; one at least. */
function spanFrom(chunk: IndexChunk, from: number, end: number, by: number, limit: number): Span {
  let to = from;
  for (;;) {
    const next = to + by;
    if (next < 0 || next >= end) break;
    const [first, last] = by > 0 ? [from, next] : [next, from];
    if (rowEnd(chunk, last) - (chunk.offset[first] ?? 0) > limit) break;
    to = next;
  }
  return by > 0 ? { first: from, last: to } : { first: to, last: from };
}

function isEnd(seq: number, later: boolean, rows: number): boolean {
  return later ? seq >= rows - 1 : seq <= 0;
}

function rowEnd(chunk: IndexChunk, row: number): number {
  return (chunk.offset[row] ?? 0) + (chunk.length[row] ?? 0);
}

const TRUNCATE = String.fromCharCode(MessageLetter.truncate);
