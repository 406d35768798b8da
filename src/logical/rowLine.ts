import { readU32 } from '../base/bigEndian';
import type { MessagePlace } from './messageEvent';
import { MessageLetter } from './pgoutput/messageLetter';
import type { Relation } from './relation';

/**
 * Writes the lines of inserts, updates and deletes straight from the bytes of their messages: the same
 * lines as `formatEvent` makes of their events, without an event, a string and their encoding for each
 * value. That is what most of the time goes into when millions of rows are exported. Whatever is not the
 * plain case, such as an unchanged or a binary value, is left to the event.
 */
export class RowLineWriter {
  readonly #layouts = new WeakMap<Relation, Layout>();
  #relation: Relation | undefined;
  #layout: Layout | undefined;
  /** Where the line goes, and how far it has come. */
  #out: Uint8Array = NOTHING;
  #at = 0;
  /** Where reading has come in the message. */
  #from = 0;

  /** Bytes that {@link write} may need; undefined where the event should be taken. */
  room(payload: Uint8Array, relation: Relation): number | undefined {
    if (payload.length > LONGEST) return undefined;
    // A byte becomes six at most (\u0001). Old and new row have the names each.
    return 6 * payload.length + 2 * this.#layoutOf(relation).length + FIXED;
  }

  /**
   * Writes the line, with its end, at `at` of `out`, where there must be {@link room}; returns where it
   * ends. -1 where the event should be taken; what stands behind `at` is of no meaning then.
   */
  write(
    payload: Uint8Array,
    place: MessagePlace,
    relation: Relation,
    out: Uint8Array,
    at: number,
  ): number {
    const layout = this.#layoutOf(relation);
    const kind = payload[0];
    this.#out = out;
    this.#at = at;
    this.#from = place.inStream ? 9 : 5;
    if (kind === MessageLetter.insert) this.#put(INSERT);
    else if (kind === MessageLetter.update) this.#put(UPDATE);
    else if (kind === MessageLetter.delete) this.#put(DELETE);
    else return -1;
    this.#place(place);
    this.#put(layout.table);
    let letter = payload[this.#from++];
    if (letter === KEY || letter === OLD) {
      if (kind === MessageLetter.insert) return -1;
      this.#put(letter === KEY ? KEY_ROW : OLD_ROW);
      if (!this.#row(payload, layout, letter === KEY)) return -1;
      if (kind === MessageLetter.update) letter = payload[this.#from++];
    } else if (kind === MessageLetter.delete) return -1;
    if (kind !== MessageLetter.delete) {
      if (letter !== NEW) return -1;
      this.#put(NEW_ROW);
      if (!this.#row(payload, layout, false)) return -1;
    }
    out[this.#at++] = CLOSE;
    out[this.#at++] = 0x0a;
    return this.#at;
  }

  /** A tuple and the brace after it. `isKey`: NULL outside the key is a filler there. */
  #row(payload: Uint8Array, layout: Layout, isKey: boolean): boolean {
    const { names, keys } = layout;
    const width = names.length;
    let from = this.#from;
    if (from + 2 > payload.length || ((payload[from]! << 8) | payload[from + 1]!) !== width) {
      return false;
    }
    from += 2;
    const out = this.#out;
    let isFirst = true;
    for (let i = 0; i < width; i++) {
      const state = payload[from++];
      if (state === NULL && isKey && keys[i] === 0) continue;
      if (state !== NULL && state !== TEXT) return false;
      if (isFirst) isFirst = false;
      else out[this.#at++] = 0x2c;
      this.#put(names[i]!);
      if (state === NULL) {
        this.#put(NULL_VALUE);
        continue;
      }
      if (from + 4 > payload.length) return false;
      const length = readU32(payload, from);
      from += 4;
      if (length > payload.length - from) return false;
      out[this.#at++] = QUOTE;
      const end = putText(payload, from, from + length, out, this.#at);
      if (end < 0) return false;
      out[end] = QUOTE;
      this.#at = end + 1;
      from += length;
    }
    out[this.#at++] = CLOSE;
    this.#from = from;
    return true;
  }

  #place({ lsn, topXid, subxid }: MessagePlace): void {
    this.#hex(Number(lsn >> 32n));
    this.#out[this.#at++] = 0x2f;
    this.#hex(Number(lsn & 0xffff_ffffn));
    this.#out[this.#at++] = QUOTE;
    if (topXid === 0) return;
    this.#put(XID);
    this.#decimal(topXid);
    if (subxid === 0) return;
    this.#put(SUBXID);
    this.#decimal(subxid);
  }

  #put(bytes: Uint8Array): void {
    const out = this.#out;
    let at = this.#at;
    for (let i = 0; i < bytes.length; i++) out[at++] = bytes[i]!;
    this.#at = at;
  }

  /** Upper-case hexadecimal without padding. */
  #hex(value: number): void {
    let shift = 28;
    while (shift > 0 && value >>> shift === 0) shift -= 4;
    for (; shift >= 0; shift -= 4) this.#out[this.#at++] = HEX_DIGITS[(value >>> shift) & 15]!;
  }

  #decimal(value: number): void {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    let rest = value;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      this.#out[at] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#at += digits;
  }

  #layoutOf(relation: Relation): Layout {
    if (this.#relation === relation && this.#layout !== undefined) return this.#layout;
    let layout = this.#layouts.get(relation);
    if (layout === undefined) {
      layout = layoutOf(relation);
      this.#layouts.set(relation, layout);
    }
    this.#relation = relation;
    this.#layout = layout;
    return layout;
  }
}

/** The parts of a table's lines that are always the same, as bytes. */
interface Layout {
  readonly table: Uint8Array;
  /** Name and colon of each column. */
  readonly names: readonly Uint8Array[];
  /** 1 for a column of the key. */
  readonly keys: Uint8Array;
  /** Bytes that one row takes beside its values. */
  readonly length: number;
}

function layoutOf({ schema, name, columns }: Relation): Layout {
  const table = ascii(`,"schema":${JSON.stringify(schema)},"table":${JSON.stringify(name)}`);
  const names = columns.map(column => ascii(`${JSON.stringify(column.name)}:`));
  // A comma, quotes and `null` beside each name.
  const length = names.reduce((sum, bytes) => sum + bytes.length + 8, table.length);
  return { table, names, keys: Uint8Array.from(columns, column => (column.key ? 1 : 0)), length };
}

/**
 * Copies text as the inside of a JSON string, exactly as JSON.stringify writes it. Returns where it
 * ends, or -1 where the bytes are not UTF-8 (Unicode 3.9, table 3-7).
 */
function putText(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  outAt: number,
): number {
  let at = outAt;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < 0x80) {
      if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) {
        out[at++] = byte;
        continue;
      }
      const escape = ESCAPES[byte]!;
      out[at++] = BACKSLASH;
      if (escape !== 0) {
        out[at++] = escape;
        continue;
      }
      out[at++] = 0x75;
      out[at++] = 0x30;
      out[at++] = 0x30;
      out[at++] = 0x30 + (byte >> 4);
      out[at++] = LOWER_DIGITS[byte & 15]!;
      continue;
    }
    const more = continuation(bytes, i, end);
    if (more === 0) return -1;
    for (const last = i + more; i < last; i++) out[at++] = bytes[i]!;
    out[at++] = bytes[i]!;
  }
  return at;
}

/** How many bytes follow the lead byte at `at`; 0 where no valid sequence stands there. */
function continuation(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  if (at + more >= end) return 0;
  const second = bytes[at + 1]!;
  // No overlong forms, no surrogates, nothing above U+10FFFF.
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i <= more; i++) {
    if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  }
  return more;
}

/** Longer messages are left to the event: the room for one must stay small. */
const LONGEST = 16 * 1024;
/** Room for all that is neither name nor value: fixed words, position, two xids. */
const FIXED = 192;

const NOTHING = new Uint8Array();
const NULL = 0x6e; // n
const TEXT = 0x74; // t
const KEY = 0x4b; // K
const OLD = 0x4f; // O
const NEW = 0x4e; // N
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSE = 0x7d;

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const INSERT = ascii('{"kind":"insert","lsn":"');
const UPDATE = ascii('{"kind":"update","lsn":"');
const DELETE = ascii('{"kind":"delete","lsn":"');
const XID = ascii(',"xid":');
const SUBXID = ascii(',"subxid":');
const KEY_ROW = ascii(',"key":{');
const OLD_ROW = ascii(',"old":{');
const NEW_ROW = ascii(',"new":{');
const NULL_VALUE = ascii('null');
const HEX_DIGITS = ascii('0123456789ABCDEF');
const LOWER_DIGITS = ascii('0123456789abcdef');

/** The letter behind the backslash, by byte; 0 where there is none of its own. */
const ESCAPES = new Uint8Array(128);
for (const [byte, letter] of ['\bb', '\tt', '\nn', '\ff', '\rr', '""', '\\\\']) {
  ESCAPES[(byte ?? '').charCodeAt(0)] = (letter ?? '').charCodeAt(0);
}
