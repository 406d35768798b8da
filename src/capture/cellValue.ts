import { toHex } from '../base/hex';
import { decodeUtf8, tupleBytes } from '../logical/pgoutput/tuple';
import type { Cell } from '../logical/rowImage';
import type { FindType } from '../logical/types/binary/binaryText';
import { BYTEA_OID, binaryText, isTextForm } from '../logical/types/binary/binaryText';
import type { CellValue } from '../shared/timelineRow';

/** A character takes at most four bytes in UTF-8 (and two units of a string). */
const BYTES_PER_CHARACTER = 4;

/** What a cell shows of a value in binary form depends on its type. */
export interface ColumnType {
  readonly typeOid: number;
  /** Knows the types that are not built in. */
  readonly findType: FindType;
}

/** A value as a cell shows it, cut to `limit` characters. */
export function cellValue(cell: Cell, column: number, type: ColumnType, limit: number): CellValue {
  const { state, tuple } = cell;
  switch (state) {
    case 'null':
    case 'absent':
    case 'unchanged':
    case 'masked':
      return { kind: state };
    case 'binary':
      return binaryCell(tuple === undefined ? NOTHING : tupleBytes(tuple, column), type, limit);
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

/** As Postgres prints it; in hexadecimal where the form of the type is not known. */
function binaryCell(
  bytes: Uint8Array,
  { typeOid, findType }: ColumnType,
  limit: number,
): CellValue {
  if (isTextForm(typeOid, findType)) return textCell(bytes, limit);
  // A long bytea is not written out for its beginning.
  const isBytea = typeOid === BYTEA_OID;
  const text = isBytea
    ? `\\x${toHex(bytes.subarray(0, limit >>> 1))}`
    : binaryText(typeOid, bytes, findType);
  if (text === undefined) return hexCell(bytes, limit);
  if (text === '') return { kind: 'empty' };
  const kept = cutText(text, limit);
  const size = isBytea ? 2 + 2 * bytes.length : Buffer.byteLength(text);
  return { kind: 'text', text: kept, cut: Buffer.byteLength(kept) < size, bytes: size };
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
