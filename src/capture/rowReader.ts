import { readU32 } from '../base/bigEndian';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import type { Relation } from '../logical/relation';
import type { RowMessage } from '../logical/rowImage';
import { RowImage } from '../logical/rowImage';

const KEY = 0x4b; // K
const OLD = 0x4f; // O
const NEW = 0x4e; // N
const NULL = 0x6e; // n
const UNCHANGED = 0x75; // u
const TEXT = 0x74; // t
const BINARY = 0x62; // b

/** A tuple that is filled in anew for each row. */
interface ReusedTuple {
  bytes: Uint8Array;
  readonly kinds: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * Reads the rows of one description of a table, a million a second and more: nothing is made for a row. An
 * image is right until the next one is read. What is damaged or does not fit the description is left to
 * the decoder, which says what is wrong with it.
 */
export class RowReader {
  readonly #columns: number;
  readonly #new: ReusedTuple;
  readonly #old: ReusedTuple;
  readonly #insert: RowImage;
  readonly #update: RowImage;
  readonly #keyUpdate: RowImage;
  readonly #rowUpdate: RowImage;
  readonly #keyDelete: RowImage;
  readonly #rowDelete: RowImage;
  /** Where the last tuple ended; -1 where it is damaged or does not fit. */
  #end = 0;

  constructor(relation: Relation) {
    this.#columns = relation.columns.length;
    const next = (this.#new = tupleOf(this.#columns));
    const old = (this.#old = tupleOf(this.#columns));
    const relationOid = relation.oid;
    const image = (message: RowMessage): RowImage => new RowImage(relation, message);
    this.#insert = image({ kind: 'insert', relationOid, new: next });
    this.#update = image({ kind: 'update', relationOid, new: next });
    this.#keyUpdate = image({ kind: 'update', relationOid, oldKind: 'key', old, new: next });
    this.#rowUpdate = image({ kind: 'update', relationOid, oldKind: 'full', old, new: next });
    this.#keyDelete = image({ kind: 'delete', relationOid, oldKind: 'key', old });
    this.#rowDelete = image({ kind: 'delete', relationOid, oldKind: 'full', old });
  }

  /** The row of an Insert, Update or Delete at `start` .. `end`; undefined where the decoder must say. */
  read(bytes: Uint8Array, start: number, end: number, inStream: boolean): RowImage | undefined {
    const at = start + (inStream ? 9 : 5);
    if (at >= end) return undefined;
    const letter = bytes[at];
    switch (bytes[start]) {
      case MessageLetter.insert:
        if (letter !== NEW || !this.#tuple(this.#new, bytes, at + 1, end)) return undefined;
        return this.#insert;
      case MessageLetter.update: {
        if (letter === NEW) {
          return this.#tuple(this.#new, bytes, at + 1, end) ? this.#update : undefined;
        }
        if ((letter !== KEY && letter !== OLD) || !this.#tuple(this.#old, bytes, at + 1, end)) {
          return undefined;
        }
        const next = this.#end;
        if (next >= end || bytes[next] !== NEW) return undefined;
        if (!this.#tuple(this.#new, bytes, next + 1, end)) return undefined;
        return letter === KEY ? this.#keyUpdate : this.#rowUpdate;
      }
      case MessageLetter.delete:
        if ((letter !== KEY && letter !== OLD) || !this.#tuple(this.#old, bytes, at + 1, end)) {
          return undefined;
        }
        return letter === KEY ? this.#keyDelete : this.#rowDelete;
      default:
        return undefined;
    }
  }

  #tuple(tuple: ReusedTuple, bytes: Uint8Array, from: number, end: number): boolean {
    const columns = this.#columns;
    if (from + 2 > end || ((bytes[from]! << 8) | bytes[from + 1]!) !== columns) return false;
    const { kinds, starts, ends } = tuple;
    tuple.bytes = bytes;
    let at = from + 2;
    for (let i = 0; i < columns; i++) {
      if (at >= end) return false;
      const kind = bytes[at++]!;
      kinds[i] = kind;
      if (kind === NULL || kind === UNCHANGED) {
        starts[i] = 0;
        ends[i] = 0;
        continue;
      }
      if ((kind !== TEXT && kind !== BINARY) || at + 4 > end) return false;
      const length = readU32(bytes, at);
      at += 4;
      if (length > end - at) return false;
      starts[i] = at;
      at += length;
      ends[i] = at;
    }
    this.#end = at;
    return true;
  }
}

function tupleOf(columns: number): ReusedTuple {
  return {
    bytes: new Uint8Array(),
    kinds: new Uint8Array(columns),
    starts: new Uint32Array(columns),
    ends: new Uint32Array(columns),
  };
}
