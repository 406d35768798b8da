import type { ByteReader } from '../../base/byteReader';
import { DecodeError } from '../../base/byteReader';
import type { Tuple } from './message';

/** TupleData of a row; doc: "Logical Replication Message Formats", TupleData. */

const NULL = 0x6e; // n
const UNCHANGED = 0x75; // u
const TEXT = 0x74; // t
const BINARY = 0x62; // b

const KIND_LABELS = {
  n: 'NULL',
  u: 'unchanged TOAST, not sent',
  t: 'text form',
  b: 'binary form',
} as const;

/** What a tuple holds for a column; `absent` where it holds nothing because it is too short. */
export type TupleState = 'text' | 'binary' | 'null' | 'unchanged' | 'absent';

/** Reads TupleData. Values stay where they are; only their places are noted. */
export function readTuple(reader: ByteReader, name: string, meaning: string): Tuple {
  reader.open(name, meaning);
  const at = reader.offset;
  const count = reader.u16('number of columns');
  // A column takes a byte at least: what a damaged count asks for is not allocated.
  if (count > reader.remaining) {
    throw new DecodeError(at, `a row of ${count} columns`, count, reader.remaining);
  }
  const kinds = new Uint8Array(count);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    reader.open('column', 'A value of the row, in the order of the relation', i);
    const kindAt = reader.offset;
    const kind = reader.letter('kind', 'How the value is sent', KIND_LABELS);
    kinds[i] = kind;
    if (kind === TEXT || kind === BINARY) {
      const length = reader.u32('length', 'Bytes of the value');
      starts[i] = reader.offset;
      reader.skip(
        length,
        'value',
        kind === TEXT ? "The value in the type's text form" : "The value in the type's binary form",
        kind === TEXT ? 'text' : 'hex',
      );
      ends[i] = reader.offset;
    } else if (kind !== NULL && kind !== UNCHANGED) {
      throw new DecodeError(
        kindAt,
        'column kind',
        1,
        1,
        `column kind ${kind} at byte ${kindAt} is not one of n, u, t, b`,
      );
    }
    reader.close();
  }
  reader.close();
  return { bytes: reader.bytes, kinds, starts, ends };
}

export function tupleState(tuple: Tuple, column: number): TupleState {
  switch (tuple.kinds[column]) {
    case TEXT:
      return 'text';
    case BINARY:
      return 'binary';
    case NULL:
      return 'null';
    case UNCHANGED:
      return 'unchanged';
    default:
      return 'absent';
  }
}

/** The bytes of a value as sent: a view of the message. Empty where there is no value. */
export function tupleBytes(tuple: Tuple, column: number): Uint8Array {
  return tuple.bytes.subarray(tuple.starts[column] ?? 0, tuple.ends[column] ?? 0);
}

/** Whether both tuples hold the same for a column, byte by byte. */
export function sameValue(a: Tuple, b: Tuple, column: number): boolean {
  if (a.kinds[column] !== b.kinds[column]) return false;
  const start = a.starts[column] ?? 0;
  const length = (a.ends[column] ?? 0) - start;
  const other = b.starts[column] ?? 0;
  if ((b.ends[column] ?? 0) - other !== length) return false;
  for (let i = 0; i < length; i++) {
    if (a.bytes[start + i]! !== b.bytes[other + i]!) return false;
  }
  return true;
}

/** Up to this many bytes a loop beats the decoder's fixed cost. */
const SHORT = 24;

/**
 * The text of a value sent in text form. Undefined where there is none, or where the bytes are not
 * UTF-8, as a database of encoding SQL_ASCII may hold.
 */
export function tupleText(tuple: Tuple, column: number): string | undefined {
  if (tuple.kinds[column] !== TEXT) return undefined;
  const start = tuple.starts[column]!;
  const end = tuple.ends[column]!;
  const bytes = tuple.bytes;
  if (end - start <= SHORT) {
    let text = '';
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (at === end) return text;
  }
  return decodeUtf8(bytes.subarray(start, end));
}

/** What a JavaScript engine of 64 bits takes in one string (V8: `String::kMaxLength`). */
const LONGEST_TEXT = 2 ** 29 - 24;

/**
 * The text that the bytes are in UTF-8, or undefined where they are not. Throws RangeError where they
 * are more than a string can hold: no other form of them would fit either.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.length > LONGEST_TEXT) {
    throw new RangeError(`a value of ${String(bytes.length)} bytes is longer than a text can be`);
  }
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

// A leading U+FEFF belongs to the value.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
