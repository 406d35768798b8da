import type { Lsn } from '../base/lsn';
import { INVALID_LSN, parseLsn } from '../base/lsn';
import type { OpenFile } from '../capture/fileAccess';
import type { Delivery } from '../logical/event';

const BLOCK_SIZE = 1024 * 1024;
/** What is looked at of a line: positions stand before anything that may be longer. */
const HEAD_SIZE = 4096;
/** When a machine stops, pieces of what was written last may not be on the disk although later ones are. */
const UNSYNCED_SIZE = 48 * 1024 * 1024;
const NEWLINE = 0x0a;
const SPACE = 0x20;

/** How a file of events goes on. */
export interface JsonlTail {
  /** What stands behind this offset is to be cut off. */
  readonly end: number;
  /** Up to here the file holds everything that was committed; 0/0 where it does not say. */
  readonly position: Lsn;
}

/** A line in the file that is no event of ours. */
export class ForeignLine extends Error {
  override readonly name = 'ForeignLine';
}

/**
 * Looks from behind for the last complete transaction of a file of events, in memory that does not depend
 * on its size. `start` is where the events begin. In `assembled` delivery a transaction without its commit
 * is to be cut off; in `raw` delivery it stays, and what follows says that it is cut. Throws
 * {@link ForeignLine}.
 */
export async function readJsonlTail(
  file: OpenFile,
  start: number,
  delivery: Delivery,
): Promise<JsonlTail> {
  const whole = await endOfSound(file, start, await file.size());
  let end: number | undefined;
  let position = INVALID_LSN;
  for await (const { at, next, head } of linesFromBehind(file, start, whole)) {
    end ??= next;
    const kind = /^\{"kind":"(\w+)"/.exec(head)?.[1];
    if (kind === undefined) throw new ForeignLine(`byte ${String(at)}`);
    if (kind === 'begin' && delivery === 'assembled') {
      end = at;
      position = INVALID_LSN;
    }
    const named = positionOf(kind, head);
    if (named !== undefined && named > position) position = named;
    if (named !== undefined && kind !== 'message') return { end, position };
  }
  return { end: end ?? start, position };
}

/** The position up to which everything had come when this line was written; undefined where it says none. */
function positionOf(kind: string, head: string): Lsn | undefined {
  switch (kind) {
    case 'commit':
    case 'streamCommit':
    case 'commitPrepared':
    case 'rollbackPrepared':
    case 'prepare':
    case 'streamPrepare':
      return lsnAt(/,"endLsn":"([^"]*)"/, head);
    case 'position':
      return lsnAt(/"lsn":"([^"]*)"/, head);
    case 'continued':
      return lsnAt(/"after":"([^"]*)"/, head);
    case 'gap':
      return lsnAt(/"to":"([^"]*)"/, head);
    case 'message':
      // Outside transactions it is sent at its place: what was committed before it had come.
      return /^[^,]*,"lsn":"[^"]*"(?:,"xid":\d+)?,"transactional":false/.test(head)
        ? lsnAt(/"lsn":"([^"]*)"/, head)
        : undefined;
    default:
      return undefined;
  }
}

function lsnAt(pattern: RegExp, head: string): Lsn | undefined {
  const text = pattern.exec(head)?.[1];
  return text === undefined ? undefined : parseLsn(text);
}

/** Where the bytes end that can be of lines: JSON has no control characters, holes of a file do. */
async function endOfSound(file: OpenFile, start: number, size: number): Promise<number> {
  const block = new Uint8Array(BLOCK_SIZE);
  for (let at = Math.max(start, size - UNSYNCED_SIZE); at < size;) {
    const read = await file.read(block.subarray(0, Math.min(BLOCK_SIZE, size - at)), at);
    if (read === 0) return at;
    for (let i = 0; i < read; i++) {
      const byte = block[i] ?? 0;
      if (byte < SPACE && byte !== NEWLINE) return at + i;
    }
    at += read;
  }
  return size;
}

interface Line {
  /** Where it begins, and where the next one would. */
  readonly at: number;
  readonly next: number;
  /** Its first bytes, as Latin-1. */
  readonly head: string;
}

/** The lines that have their end between two offsets, the last one first. */
async function* linesFromBehind(file: OpenFile, start: number, end: number): AsyncGenerator<Line> {
  const buffer = Buffer.alloc(BLOCK_SIZE + HEAD_SIZE);
  /** Of the line whose beginning is looked for. */
  let next: number | undefined;
  for (let to = end; to > start;) {
    const from = Math.max(start, to - BLOCK_SIZE);
    // A line that begins near the end of the block is seen some way beyond it.
    const read = await file.read(buffer.subarray(0, Math.min(end, to + HEAD_SIZE) - from), from);
    const block = buffer.subarray(0, read);
    let at = to - from - 1;
    for (;;) {
      const newline = at < 0 ? -1 : block.lastIndexOf(NEWLINE, at);
      if (newline < 0) break;
      if (next !== undefined) yield lineAt(block, from, newline + 1, next);
      next = from + newline + 1;
      at = newline - 1;
    }
    to = from;
    if (to === start && next !== undefined) yield lineAt(block, from, 0, next);
  }
}

function lineAt(block: Buffer, from: number, at: number, next: number): Line {
  const end = Math.min(next - from, at + HEAD_SIZE, block.length);
  return { at: from + at, next, head: block.toString('latin1', at, end) };
}
