import type { BytesForm, CodeLabels } from './byteReader';
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
    this.closeAll();
    return this.#root;
  }

  /** Closes the groups that a walk which failed left open. */
  closeAll(): void {
    while (this.#open.length > 0) this.close();
  }

  override u8(name: string, meaning = ''): number {
    const at = this.offset;
    const value = super.u8(name);
    this.#record(name, meaning, at, String(value));
    return value;
  }

  override letter(name: string, meaning = '', labels: CodeLabels = {}): number {
    const at = this.offset;
    const value = super.letter(name);
    this.#record(name, meaning, at, showCode(value, labels));
    return value;
  }

  override flags(name: string, meaning = '', labels: CodeLabels = {}): number {
    const at = this.offset;
    const value = super.flags(name);
    this.#record(name, meaning, at, showFlags(value, labels));
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

  override take(length: number, name: string, meaning = '', form?: BytesForm): Uint8Array {
    const at = this.offset;
    const value = super.take(length, name);
    this.#record(name, meaning, at, showBytes(value, form));
    return value;
  }

  override skip(length: number, name: string, meaning = '', form?: BytesForm): void {
    this.take(length, name, meaning, form);
  }

  override open(name: string, meaning = '', index?: number): void {
    this.#open.push({
      name: index === undefined ? name : this.memberName(name, index),
      meaning,
      offset: this.offset,
      children: [],
    });
  }

  override close(): void {
    const group = this.#open.pop();
    if (group === undefined) return;
    this.#siblings().push({ ...group, value: '', length: this.offset - group.offset });
  }

  /** What a member of a list is called; a reader that knows more about it says more. */
  protected memberName(name: string, index: number): string {
    return `${name} ${index + 1}`;
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

function showCode(value: number, labels: CodeLabels): string {
  const letter = value > 0x20 && value < 0x7f ? String.fromCharCode(value) : undefined;
  const label = letter === undefined ? labels[value] : (labels[letter] ?? labels[value]);
  const shown = letter === undefined ? String(value) : `'${letter}'`;
  return label === undefined ? shown : `${shown} ${label}`;
}

function showFlags(value: number, labels: CodeLabels): string {
  const names: string[] = [];
  for (let bit = 1; bit < 256; bit <<= 1) {
    if ((value & bit) !== 0) names.push(labels[bit] ?? `bit ${bit}`);
  }
  return names.length === 0 ? String(value) : `${value} ${names.join(', ')}`;
}

/** Text as it is; hexadecimal where asked for, or where the bytes are not UTF-8. */
function showBytes(bytes: Uint8Array, form: BytesForm = 'text'): string {
  const shown = bytes.subarray(0, SHOWN_BYTES);
  const text = (form === 'text' ? textOf(shown, bytes.length) : undefined) ?? hexOf(shown);
  return bytes.length > SHOWN_BYTES ? `${text}… (${bytes.length} bytes)` : text;
}

function textOf(bytes: Uint8Array, whole: number): string | undefined {
  try {
    // A character that the cut divides is left out, not an error.
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes, { stream: bytes.length < whole });
  } catch {
    return undefined;
  }
}

function hexOf(bytes: Uint8Array): string {
  let hex = '\\x';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
