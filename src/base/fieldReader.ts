import { ByteReader } from './byteReader';
import type { Lsn } from './lsn';
import { formatLsn } from './lsn';
import type { PgTime } from './time';
import { formatPgTime } from './time';

/** One field of a message with the bytes it stands in; a group has children. */
export interface Field {
  readonly name: string;
  /** Display form of the value; empty for a group. */
  readonly value: string;
  /** What the field is for, in the words of the Postgres documentation. */
  readonly meaning: string;
  /** Byte offset from the start of the message. */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
  readonly children: readonly Field[];
}

interface OpenGroup {
  readonly name: string;
  readonly meaning: string;
  readonly offset: number;
  readonly children: Field[];
}

/** A {@link ByteReader} that also records every field it reads, as a tree. */
export class FieldReader extends ByteReader {
  readonly #root: Field[] = [];
  readonly #open: OpenGroup[] = [];

  /** What was read so far. A walk that failed leaves the fields before the bad byte. */
  fields(): readonly Field[] {
    while (this.#open.length > 0) this.close();
    return this.#root;
  }

  override u8(name: string, meaning = ''): number {
    const at = this.offset;
    const value = super.u8(name);
    this.#record(name, meaning, at, showByte(value));
    return value;
  }

  override u16(name: string, meaning = ''): number {
    const at = this.offset;
    const value = super.u16(name);
    this.#record(name, meaning, at, String(value));
    return value;
  }

  override u32(name: string, meaning = ''): number {
    const at = this.offset;
    const value = super.u32(name);
    this.#record(name, meaning, at, String(value));
    return value;
  }

  override i32(name: string, meaning = ''): number {
    const at = this.offset;
    const value = super.i32(name);
    this.#record(name, meaning, at, String(value));
    return value;
  }

  override lsn(name: string, meaning = ''): Lsn {
    const at = this.offset;
    const value = super.lsn(name);
    this.#record(name, meaning, at, formatLsn(value));
    return value;
  }

  override time(name: string, meaning = ''): PgTime {
    const at = this.offset;
    const value = super.time(name);
    this.#record(name, meaning, at, formatPgTime(value));
    return value;
  }

  override cstring(name: string, meaning = ''): string {
    const at = this.offset;
    const value = super.cstring(name);
    this.#record(name, meaning, at, value);
    return value;
  }

  override take(length: number, name: string, meaning = ''): Uint8Array {
    const at = this.offset;
    const value = super.take(length, name);
    this.#record(name, meaning, at, showBytes(value));
    return value;
  }

  override open(name: string, meaning = ''): void {
    this.#open.push({ name, meaning, offset: this.offset, children: [] });
  }

  override close(): void {
    const group = this.#open.pop();
    if (group === undefined) return;
    this.#siblings().push({ ...group, value: '', length: this.offset - group.offset });
  }

  #record(name: string, meaning: string, offset: number, value: string): void {
    const length = this.offset - offset;
    this.#siblings().push({ name, value, meaning, offset, length, children: [] });
  }

  #siblings(): Field[] {
    return this.#open.at(-1)?.children ?? this.#root;
  }
}

/** Longest value shown in the tree, in bytes; the bytes themselves stand beside it. */
const SHOWN_BYTES = 200;

function showByte(value: number): string {
  return value > 0x20 && value < 0x7f ? `'${String.fromCharCode(value)}'` : String(value);
}

function showBytes(bytes: Uint8Array): string {
  const text = lossyUtf8.decode(bytes.subarray(0, SHOWN_BYTES));
  return bytes.length > SHOWN_BYTES ? `${text}… (${String(bytes.length)} bytes)` : text;
}

const lossyUtf8 = new TextDecoder('utf-8');
