import { readU32 } from '../base/bigEndian';
import { MessageLetter } from '../logical/pgoutput/messageLetter';

/**
 * Looks at one text of a message, a view of its bytes; true ends the walk. `column` is that of a row, or
 * {@link PREFIX}, or {@link CONTENT}.
 */
type Visit = (start: number, end: number, column: number) => boolean;
/** Looks at one value in binary form; true ends the walk. */
type VisitBinary = (start: number, end: number, column: number) => boolean;

/** In the place of a column: the prefix and the content of a logical message. */
export const PREFIX = -1;
export const CONTENT = -2;

const KEY = 0x4b; // K
const OLD = 0x4f; // O
const NEW = 0x4e; // N
const NULL = 0x6e; // n
const UNCHANGED = 0x75; // u
const TEXT = 0x74; // t
const BINARY = 0x62; // b

/**
 * Goes over the texts that a message of pgoutput at `start` .. `end` holds: the values of a row in text
 * form, old and new; prefix and content of a logical message. Nothing is copied. True where `visit` said
 * so; a message that is damaged is gone over as far as it is whole. Layouts: doc "Logical Replication
 * Message Formats".
 *
 * @param visitBinary Looks at the values of a row in binary form; absent: they are passed over.
 */
export function anyText(
  bytes: Uint8Array,
  start: number,
  end: number,
  inStream: boolean,
  visit: Visit,
  visitBinary?: VisitBinary,
): boolean {
  const at = start + (inStream ? 5 : 1);
  switch (bytes[start]) {
    case MessageLetter.insert:
    case MessageLetter.update:
    case MessageLetter.delete:
      return anyValue(bytes, at + 4, end, visit, visitBinary);
    case MessageLetter.message: {
      const prefix = at + 9;
      let zero = prefix;
      while (zero < end && bytes[zero] !== 0) zero++;
      if (zero >= end) return false;
      return visit(prefix, zero, PREFIX) || (zero + 5 <= end && visit(zero + 5, end, CONTENT));
    }
    default:
      return false;
  }
}

/** The tuples from `from` on, each after its letter. */
function anyValue(
  bytes: Uint8Array,
  from: number,
  end: number,
  visit: Visit,
  visitBinary: VisitBinary | undefined,
): boolean {
  let at = from;
  while (at + 3 <= end) {
    const letter = bytes[at];
    if (letter !== KEY && letter !== OLD && letter !== NEW) return false;
    const columns = (bytes[at + 1]! << 8) | bytes[at + 2]!;
    at += 3;
    for (let i = 0; i < columns; i++) {
      const kind = bytes[at++];
      if (kind === NULL || kind === UNCHANGED) continue;
      if ((kind !== TEXT && kind !== BINARY) || at + 4 > end) return false;
      const length = readU32(bytes, at);
      at += 4;
      if (length > end - at) return false;
      if (kind === TEXT && visit(at, at + length, i)) return true;
      if (kind === BINARY && visitBinary?.(at, at + length, i) === true) return true;
      at += length;
    }
  }
  return false;
}
