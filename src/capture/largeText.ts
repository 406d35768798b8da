import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { BYTEA_OID, binaryText, isTextForm } from '../logical/types/binary/binaryText';
import type { CaptureFile } from './captureFile';
import { DATA_HEADER_SIZE } from './frame';
import { OPAQUE_KIND } from './frameIndexer';
import { readU32 } from '../base/bigEndian';
import { toHex } from '../base/hex';
import type { IndexRow } from './indexChunk';
import { ROW } from './indexChunk';
import type { RelationCatalog } from './relationCatalog';
import type { TextNeedle } from './textNeedle';

/** Bytes of a long value that are looked at together. */
const PIECE = 1024 * 1024;
/** Pieces overlap by this much: a needle has at most 1,000 units, each of at most three bytes. */
const OVERLAP = 4096;
const PREFIX_LIMIT = 64 * 1024;
/** Bytes of a value in binary form that is rendered as a whole; a text or a bytea may be of any length. */
const RENDER_LIMIT = 64 * 1024 * 1024;

const NULL = 0x6e; // n
const UNCHANGED = 0x75; // u
const TEXT = 0x74; // t
const BINARY = 0x62; // b

/**
 * Whether a message that is too large to be read as a whole contains a text: the same walk as
 * {@link anyText}, with reads in the place of bytes at hand. A value of a gigabyte is gone over in pieces,
 * and whether it is UTF-8 is not asked: what is no text in it counts as unknown characters. A value in
 * binary form of more than 64 MiB, which is neither text nor bytea, contains nothing.
 */
export async function largeMessageHas(
  file: CaptureFile,
  catalog: RelationCatalog,
  seq: number,
  needle: TextNeedle,
): Promise<boolean> {
  const row = await file.row(seq);
  // As it is given out: without masked values.
  const length = await file.frameLength(row);
  const walk = new LargeWalk(file, catalog, { ...row, length }, needle);
  // A text of that length is not taken apart: names and quotes in it count as values.
  const isText = row.kind === OPAQUE_KIND || catalog.textPlugin !== undefined;
  if (isText) return walk.has(DATA_HEADER_SIZE, length);
  const at = DATA_HEADER_SIZE + ((row.flags & ROW.inStream) !== 0 ? 5 : 1);
  switch (row.kind) {
    case MessageLetter.insert:
    case MessageLetter.update:
    case MessageLetter.delete:
      return walk.anyValue(at + 4);
    case MessageLetter.message:
      return walk.prefixOrContent(at + 9);
    default:
      return false;
  }
}

class LargeWalk {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #row: IndexRow;
  readonly #needle: TextNeedle;

  constructor(file: CaptureFile, catalog: RelationCatalog, row: IndexRow, needle: TextNeedle) {
    this.#file = file;
    this.#catalog = catalog;
    this.#row = row;
    this.#needle = needle;
  }

  async anyValue(from: number): Promise<boolean> {
    const masked = this.#file.maskedColumns(this.#row.relation);
    let at = from;
    while (at + 3 <= this.#row.length) {
      const head = await this.#file.readFrame(this.#row, at, 3);
      const columns = ((head[1] ?? 0) << 8) | (head[2] ?? 0);
      at += 3;
      for (let i = 0; i < columns; i++) {
        const cell = await this.#file.readFrame(this.#row, at, 5);
        at++;
        if (cell[0] === NULL || cell[0] === UNCHANGED) continue;
        const length = readU32(cell, 1);
        at += 4;
        if (cell.length < 5 || length > this.#row.length - at) return false;
        if (masked?.has(i) === true) {
          at += length;
          continue;
        }
        if (cell[0] === TEXT && (await this.has(at, at + length))) return true;
        if (cell[0] === BINARY && (await this.#binaryHas(i, at, at + length))) return true;
        at += length;
      }
    }
    return false;
  }

  async #binaryHas(column: number, start: number, end: number): Promise<boolean> {
    const { findType } = this.#catalog;
    const relation = this.#catalog.relation(this.#row.relation);
    const typeOid = relation?.columns[column]?.typeOid ?? 0;
    if (isTextForm(typeOid, findType)) return this.has(start, end);
    if (typeOid === BYTEA_OID) return this.#hexHas(start, end);
    if (end - start > RENDER_LIMIT) return false;
    const bytes = await this.#file.readFrame(this.#row, start, end - start);
    const text = binaryText(typeOid, bytes, findType);
    return text !== undefined && this.#needle.isIn(text);
  }

  /** Whether the text form of the bytes has the needle. */
  async #hexHas(start: number, end: number): Promise<boolean> {
    for (let at = start; at < end; at += PIECE - OVERLAP) {
      const piece = await this.#file.readFrame(this.#row, at, Math.min(PIECE, end - at));
      if (this.#needle.isIn(`${at === start ? '\\x' : ''}${toHex(piece)}`)) return true;
    }
    return false;
  }

  async prefixOrContent(from: number): Promise<boolean> {
    const head = await this.#file.readFrame(this.#row, from, PREFIX_LIMIT);
    const zero = head.indexOf(0);
    if (zero < 0) return false;
    if (this.#needle.isInBytes(head, 0, zero)) return true;
    if (this.#file.mask.everything) return false;
    return this.has(from + zero + 5, this.#row.length);
  }

  /** Whether the text from `start` to `end` of the frame has the needle. */
  async has(start: number, end: number): Promise<boolean> {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    for (let at = start; at < end; at += PIECE - OVERLAP) {
      const piece = await this.#file.readFrame(this.#row, at, Math.min(PIECE, end - at));
      if (this.#needle.isAscii) {
        if (this.#needle.indexIn(piece, 0, piece.length) >= 0) return true;
        if (this.#needle.disguisedIn(piece) < 0) continue;
      }
      if (this.#needle.isIn(decoder.decode(piece))) return true;
    }
    return false;
  }
}
