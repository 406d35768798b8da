/**
 * A message of pgoutput without the values of masked columns. The message that comes out is a whole one
 * again, with a placeholder of fixed length in text form in the place of each value, so that whoever reads
 * it afterwards, to show, copy or search, cannot show what is gone. NULL and unchanged values stay what
 * they are. Layouts: doc "Logical Replication Message Formats".
 */
import { readU32 } from '../base/bigEndian';
import { MASKED_TEXT } from '../shared/columnMask';
import { MessageLetter } from './pgoutput/messageLetter';

/** The columns of a table whose values are masked, by their place in the table's description. */
export interface MaskedColumns {
  has(column: number): boolean;
}

/** Of a table that nothing is known of: any column may be the masked one. */
export const ALL_COLUMNS: MaskedColumns = { has: () => true };

const KEY = 0x4b; // K
const OLD = 0x4f; // O
const NEW = 0x4e; // N
const NULL = 0x6e; // n
const UNCHANGED = 0x75; // u
const TEXT = 0x74; // t
const BINARY = 0x62; // b

const placeholder = new TextEncoder().encode(MASKED_TEXT);

/** What stands for a text that is masked as a whole. */
export const MASKED_BYTES: Uint8Array = placeholder;

/**
 * An Insert, Update or Delete without these values; the payload itself where it has none of them. A message
 * that breaks its layout ends where it does: what follows may be a masked value.
 */
export function maskedRow(
  payload: Uint8Array,
  inStream: boolean,
  masked: MaskedColumns,
): Uint8Array {
  const pieces = new Pieces(payload);
  let at = (inStream ? 5 : 1) + 4;
  while (at + 3 <= payload.length) {
    const letter = payload[at];
    if (letter !== KEY && letter !== OLD && letter !== NEW) return pieces.upTo(at);
    const columns = ((payload[at + 1] ?? 0) << 8) | (payload[at + 2] ?? 0);
    at += 3;
    for (let i = 0; i < columns; i++) {
      const kindAt = at;
      const kind = payload[at++];
      if (kind === NULL || kind === UNCHANGED) continue;
      if ((kind !== TEXT && kind !== BINARY) || at + 4 > payload.length) return pieces.upTo(kindAt);
      const end = at + 4 + readU32(payload, at);
      if (end > payload.length) return pieces.upTo(kindAt);
      if (masked.has(i)) pieces.replace(kindAt, end, PLACEHOLDER_VALUE);
      at = end;
    }
  }
  return at === payload.length ? pieces.all() : pieces.upTo(at);
}

/** A logical Message without its content. */
export function maskedContent(payload: Uint8Array, inStream: boolean): Uint8Array {
  // Flags and LSN stand before the prefix.
  const prefix = (inStream ? 5 : 1) + 9;
  const zero = payload.indexOf(0, prefix);
  const pieces = new Pieces(payload);
  if (zero < 0 || zero + 5 > payload.length) return pieces.upTo(Math.min(prefix, payload.length));
  pieces.replace(zero + 1, payload.length, withLength(placeholder));
  return pieces.all();
}

export function isRowLetter(kind: number): boolean {
  return (
    kind === MessageLetter.insert || kind === MessageLetter.update || kind === MessageLetter.delete
  );
}

function withLength(bytes: Uint8Array): Uint8Array {
  const value = new Uint8Array(4 + bytes.length);
  new DataView(value.buffer).setUint32(0, bytes.length);
  value.set(bytes, 4);
  return value;
}

const PLACEHOLDER_VALUE = new Uint8Array([TEXT, ...withLength(placeholder)]);

/** A copy of bytes with some parts replaced, put together at the end. */
class Pieces {
  readonly #from: Uint8Array;
  readonly #pieces: Uint8Array[] = [];
  /** Up to here everything is in the pieces. */
  #done = 0;

  constructor(from: Uint8Array) {
    this.#from = from;
  }

  replace(start: number, end: number, by: Uint8Array): void {
    this.#pieces.push(this.#from.subarray(this.#done, start), by);
    this.#done = end;
  }

  /** All of it; the bytes themselves where nothing was replaced. */
  all(): Uint8Array {
    return this.upTo(this.#from.length);
  }

  /** What stands before `end`, and nothing behind it. */
  upTo(end: number): Uint8Array {
    const last = this.#from.subarray(this.#done, Math.max(this.#done, end));
    if (this.#pieces.length === 0) return end >= this.#from.length ? this.#from : last;
    this.#pieces.push(last);
    const whole = new Uint8Array(this.#pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}
