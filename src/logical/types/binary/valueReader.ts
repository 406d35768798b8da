import { DecodeError } from '../../../base/byteReader';

/**
 * Reads the fields of one value in binary form, front to back, and checks every bound. Network byte
 * order, as pq_sendint and its kin write (src/backend/libpq/pqformat.c).
 */
export class ValueReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.#position;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  i16(): number {
    return this.#view.getInt16(this.#advance(2));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#advance(8));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8));
  }

  f32(): number {
    return this.#view.getFloat32(this.#advance(4));
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8));
  }

  /** A view, not a copy. */
  take(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /** The bytes before the next zero, which is passed over. */
  cstring(): Uint8Array {
    const end = this.bytes.indexOf(0, this.#position);
    if (end < 0) throw new DecodeError(this.#position, 'a zero-terminated text', 1, 0);
    const text = this.bytes.subarray(this.#position, end);
    this.#position = end + 1;
    return text;
  }

  /** What a count of members says is checked against the bytes there are, before anything is built. */
  count(leastBytes: number): number {
    const at = this.#position;
    const count = this.i32();
    if (count < 0 || count * leastBytes > this.remaining) {
      throw new DecodeError(at, `${String(count)} members`, count * leastBytes, this.remaining);
    }
    return count;
  }

  /** A value was longer than its type says. */
  end(): void {
    if (this.remaining > 0) throw new DecodeError(this.#position, 'the end', 0, this.remaining);
  }

  #advance(length: number): number {
    const at = this.#position;
    if (length < 0 || length > this.bytes.length - at) {
      throw new DecodeError(at, 'a field of the value', length, this.bytes.length - at);
    }
    this.#position = at + length;
    return at;
  }
}
