import type { Lsn } from './lsn';
import { lsnOfHalves } from './lsn';
import type { PgTime } from './time';

/** Bytes that are not what a layout says: where, what was wanted, and how much was there. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';

  constructor(
    /** Byte offset from the start of the message. */
    readonly offset: number,
    /** What stands there according to the layout. */
    readonly what: string,
    readonly need: number,
    readonly have: number,
    message = `${what} at byte ${String(offset)} needs ${String(need)} bytes, ${String(have)} are left`,
  ) {
    super(message);
  }
}

/** What the codes of a byte mean: by its letter or, where it is no letter, by its number. */
export type CodeLabels = Readonly<Record<string | number, string>>;

/** How the annotated tree shows bytes. */
export type BytesForm = 'text' | 'hex';

/**
 * Reads big-endian fields from one message, front to back, and checks every bound.
 *
 * Each read names its field. The plain reader ignores the names; {@link import('./fieldReader').FieldReader}
 * records them with their byte ranges. So one walk over a message serves the fast decode and the
 * annotated bytes, and a layout is written once.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  protected position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.position;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  u8(name: string, _meaning?: string): number {
    return this.bytes[this.#advance(name, 1)] ?? 0;
  }

  /** A byte that is a letter or code; `labels` says what each one means. */
  letter(name: string, _meaning?: string, _labels?: CodeLabels): number {
    return this.bytes[this.#advance(name, 1)] ?? 0;
  }

  /** A byte of option bits; `labels` names each bit by its value. */
  flags(name: string, _meaning?: string, _labels?: CodeLabels): number {
    return this.bytes[this.#advance(name, 1)] ?? 0;
  }

  u16(name: string, _meaning?: string): number {
    return this.#view.getUint16(this.#advance(name, 2));
  }

  u32(name: string, _meaning?: string): number {
    return this.#view.getUint32(this.#advance(name, 4));
  }

  i32(name: string, _meaning?: string): number {
    return this.#view.getInt32(this.#advance(name, 4));
  }

  lsn(name: string, _meaning?: string): Lsn {
    const at = this.#advance(name, 8);
    return lsnOfHalves(this.#view.getUint32(at), this.#view.getUint32(at + 4));
  }

  time(name: string, _meaning?: string): PgTime {
    return this.#view.getBigInt64(this.#advance(name, 8)) as PgTime;
  }

  /** A zero-terminated string, in the bytes' own encoding (read as UTF-8). */
  cstring(name: string, _meaning?: string): string {
    const end = this.bytes.indexOf(0, this.position);
    if (end < 0) throw new DecodeError(this.position, `${name} (zero-terminated)`, 1, 0);
    const text = decodeName(this.bytes.subarray(this.position, end));
    this.position = end + 1;
    return text;
  }

  /** A view of `length` bytes, not a copy: it lives as long as the message's buffer does. */
  take(length: number, name: string, _meaning?: string, _form?: BytesForm): Uint8Array {
    const at = this.#advance(name, length);
    return this.bytes.subarray(at, at + length);
  }

  /** Passes over `length` bytes that the caller reads from `bytes` later, or never. */
  skip(length: number, name: string, _meaning?: string, _form?: BytesForm): void {
    this.#advance(name, length);
  }

  /**
   * Opens a group of fields in the annotated tree; the plain reader does nothing. Of a list, `index`
   * is the member's place, from 0: the name need not be built where nobody looks.
   */
  open(_name: string, _meaning?: string, _index?: number): void {
    // Only the annotating reader keeps a tree.
  }

  close(): void {
    // Only the annotating reader keeps a tree.
  }

  #advance(what: string, length: number): number {
    const at = this.position;
    if (length < 0 || length > this.bytes.length - at) {
      throw new DecodeError(at, what, length, this.bytes.length - at);
    }
    this.position = at + length;
    return at;
  }
}

// A leading U+FEFF is part of a name or value, not a mark to be dropped.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/**
 * A name, or another text of the server's. A database of encoding SQL_ASCII may hold bytes that are not
 * UTF-8: those of such a name are read as Latin-1, a character a byte, so that two names stay two.
 */
function decodeName(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Array.from(bytes, byte => String.fromCharCode(byte)).join('');
  }
}
