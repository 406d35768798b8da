import { readU32 } from '../base/bigEndian';
import { latin1Text } from '../base/latin1';
import type { Xid } from '../base/xid';
import type { EventColumn, EventRow, LogicalEvent } from './event';
import type { MessagePlace } from './messageEvent';
import { MessageLetter } from './pgoutput/messageLetter';
import { decodeUtf8 } from './pgoutput/tuple';
import type { Relation } from './relation';

/** The event of a change, filled in one by one. */
type RowEvent = Extract<LogicalEvent, { readonly kind: 'insert' | 'update' | 'delete' }>;
interface Draft {
  kind: RowEvent['kind'];
  lsn: RowEvent['lsn'];
  xid?: Xid;
  subxid?: Xid;
  schema: string;
  table: string;
  key?: EventRow;
  old?: EventRow;
  new?: EventRow;
}

/**
 * Makes the events of inserts, updates and deletes of the plain case, whose values are NULL or text: the
 * same events as `messageEvent` makes, in a fifth of the time. A row is one string, from which its values are
 * cut, as long as they are short and ASCII. Whatever else comes, such as an unchanged or a binary value or
 * a damaged message, is left to `messageEvent`.
 */
export class PlainRowReader {
  /** Where reading has come in the message. */
  #at = 0;
  /** Length of each value of the row at hand, {@link NULL_LENGTH} for NULL. */
  #lengths = new Int32Array(64);

  /** Undefined where the message is not of the plain case. */
  read(payload: Uint8Array, place: MessagePlace, relation: Relation): LogicalEvent | undefined {
    const kind = KINDS.get(payload[0] ?? 0);
    if (kind === undefined) return undefined;
    this.#at = place.inStream ? 9 : 5;
    const event: Draft = { kind, lsn: place.lsn, schema: relation.schema, table: relation.name };
    if (place.topXid !== 0) {
      event.xid = place.topXid as Xid;
      if (place.subxid !== 0) event.subxid = place.subxid as Xid;
    }
    let letter = payload[this.#at++];
    if (letter === KEY || letter === OLD) {
      if (kind === 'insert') return undefined;
      const row = this.#row(payload, relation, letter === KEY);
      if (row === undefined) return undefined;
      if (letter === KEY) event.key = row;
      else event.old = row;
      if (kind === 'update') letter = payload[this.#at++];
    } else if (kind === 'delete') return undefined;
    if (kind !== 'delete') {
      if (letter !== NEW) return undefined;
      const row = this.#row(payload, relation, false);
      if (row === undefined) return undefined;
      event.new = row;
    }
    return event as RowEvent;
  }

  /** `isKey`: NULL outside the key is a filler there. */
  #row(payload: Uint8Array, { columns }: Relation, isKey: boolean): EventRow | undefined {
    const width = columns.length;
    const start = this.#at + 2;
    if (start > payload.length) return undefined;
    if (((payload[start - 2]! << 8) | payload[start - 1]!) !== width) return undefined;
    const end = this.#measure(payload, start, width);
    if (end < 0) return undefined;
    this.#at = end;
    const lengths = this.#lengths;
    const whole = end - start <= SHORT_ROW ? asciiRow(payload, start, end, lengths, width) : '';
    const row: EventColumn[] = [];
    let at = start;
    for (let i = 0; i < width; i++) {
      const length = lengths[i]!;
      const { name, key } = columns[i]!;
      if (length === NULL_LENGTH) {
        at++;
        if (!isKey || key) row.push({ name, value: null });
        continue;
      }
      at += VALUE_HEADER;
      const value =
        whole === ''
          ? decodeUtf8(payload.subarray(at, at + length))
          : whole.substring(at - start, at - start + length);
      if (value === undefined) return undefined;
      row.push({ name, value });
      at += length;
    }
    return row;
  }

  /** Notes the lengths of a row's values; where the row ends, or -1 where it is not of the plain case. */
  #measure(payload: Uint8Array, start: number, width: number): number {
    if (width > this.#lengths.length) this.#lengths = new Int32Array(2 * width);
    const lengths = this.#lengths;
    let at = start;
    for (let i = 0; i < width; i++) {
      const state = payload[at];
      if (state === NULL) {
        lengths[i] = NULL_LENGTH;
        at++;
        continue;
      }
      if (state !== TEXT || at + VALUE_HEADER > payload.length) return -1;
      const length = readU32(payload, at + 1);
      at += VALUE_HEADER;
      if (length > payload.length - at) return -1;
      lengths[i] = length;
      at += length;
    }
    return at > payload.length ? -1 : at;
  }
}

/** The bytes of a row as a string, a character a byte; empty where one of its values is not ASCII. */
function asciiRow(
  payload: Uint8Array,
  start: number,
  end: number,
  lengths: Int32Array,
  width: number,
): string {
  let bits = 0;
  let at = start;
  for (let i = 0; i < width; i++) {
    const length = lengths[i]!;
    if (length === NULL_LENGTH) {
      at++;
      continue;
    }
    at += VALUE_HEADER;
    for (const last = at + length; at < last; at++) bits |= payload[at]!;
  }
  return (bits & 0x80) === 0 ? latin1Text(payload, start, end) : '';
}

const NULL = 0x6e; // n
const TEXT = 0x74; // t
const KEY = 0x4b; // K
const OLD = 0x4f; // O
const NEW = 0x4e; // N

const NULL_LENGTH = -1;
/** A letter and four bytes of length stand before a value. */
const VALUE_HEADER = 5;
/** Values of a longer row are decoded one by one: what is cut from a string keeps all of it in memory. */
const SHORT_ROW = 1024;

const KINDS: ReadonlyMap<number, RowEvent['kind']> = new Map([
  [MessageLetter.insert, 'insert'],
  [MessageLetter.update, 'update'],
  [MessageLetter.delete, 'delete'],
]);
