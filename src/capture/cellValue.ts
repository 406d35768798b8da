import { toHex } from '../base/hex';
import { decodeUtf8, tupleBytes } from '../logical/pgoutput/tuple';
import type { Cell } from '../logical/rowImage';
import type { CellValue } from '../shared/timeline';

/** A character takes at most four bytes in UTF-8 (and two units of a string). */
const BYTES_PER_CHARACTER = 4;

/** A value as a cell shows it, cut to `limit` characters. */
export function cellValue(cell: Cell, column: number, limit: number): CellValue {
  const { state, tuple } = cell;
  switch (state) {
    case 'null':
    case 'absent':
    case 'unchanged':
      return { kind: state };
    case 'binary':
      return hexCell(tuple === undefined ? NOTHING : tupleBytes(tuple, column), limit);
    case 'text':
      return textCell(tuple === undefined ? NOTHING : tupleBytes(tuple, column), limit);
  }
}

/** Text where the bytes are UTF-8, else hexadecimal. */
export function textCell(bytes: Uint8Array, limit: number): CellValue {
  if (bytes.length === 0) return { kind: 'empty' };
  const shown = limit * BYTES_PER_CHARACTER;
  // Cut between characters: a byte 10xxxxxx goes on with the one before.
  let end = Math.min(shown, bytes.length);
  while (end < bytes.length && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  const text = decodeUtf8(bytes.subarray(0, end));
  if (text === undefined) return hexCell(bytes, limit);
  const kept = cutText(text, limit);
  const cut = kept.length < text.length || end < bytes.length;
  return { kind: 'text', text: kept, cut, bytes: bytes.length };
}

function hexCell(bytes: Uint8Array, limit: number): CellValue {
  const shown = bytes.subarray(0, limit >>> 1);
  return {
    kind: 'binary',
    text: toHex(shown),
    cut: shown.length < bytes.length,
    bytes: bytes.length,
  };
}

/** The first `limit` characters; a pair of surrogates is not torn apart. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit);
}

const NOTHING = new Uint8Array(0);
