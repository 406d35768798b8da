import { readU32 } from '../base/bigEndian';

/** Bytes before a message's body: one of type, four of length (doc: "Message Formats"). */
const HEADER = 5;
/** Longest message the server can send: a CopyData of one value of nearly 1 GB and its neighbours. */
const MAX_LENGTH = 0x7fff_ffff;
/** Partial messages up to this size share one buffer that lives as long as the framer. */
const SHARED_SIZE = 64 * 1024;
/** What a longer one is given at first: its length may be a lie, its bytes are not. */
const FIRST_SIZE = 1024 * 1024;

/** Called with a message's type letter and its body, a view that is good only during the call. */
export type MessageHandler = (type: number, body: Uint8Array) => void;

/**
 * Cuts a byte stream into protocol messages. A message that lies whole in what was read is handed on
 * as a view of it, without a copy; one that is split over reads is collected first. The only state
 * is the message under construction, so that reads may split the stream at any byte.
 */
export class CopyFramer {
  readonly #onMessage: MessageHandler;
  readonly #header = new Uint8Array(HEADER);
  #headerLength = 0;
  #shared: Uint8Array | undefined;
  #body: Uint8Array | undefined;
  #bodyLength = 0;
  #bodyHave = 0;

  constructor(onMessage: MessageHandler) {
    this.#onMessage = onMessage;
  }

  /** Throws RangeError when the bytes cannot be a protocol message; the stream is then unusable. */
  push(chunk: Uint8Array): void {
    let at = 0;
    const end = chunk.length;
    while (at < end) {
      if (this.#headerLength > 0) {
        at = this.#collect(chunk, at);
        continue;
      }
      if (end - at < HEADER) {
        this.#header.set(chunk.subarray(at, end));
        this.#headerLength = end - at;
        return;
      }
      const length = bodyLength(chunk, at);
      const start = at + HEADER;
      if (end - start < length) {
        this.#header.set(chunk.subarray(at, start));
        this.#headerLength = HEADER;
        this.#begin(length);
        at = start;
        continue;
      }
      at = start + length;
      this.#onMessage(chunk[start - HEADER] ?? 0, chunk.subarray(start, at));
    }
  }

  /** Adds to the message under construction; returns how far the chunk is used. */
  #collect(chunk: Uint8Array, from: number): number {
    let at = from;
    if (this.#headerLength < HEADER) {
      const part = chunk.subarray(at, at + HEADER - this.#headerLength);
      this.#header.set(part, this.#headerLength);
      this.#headerLength += part.length;
      at += part.length;
      if (this.#headerLength < HEADER) return at;
      this.#begin(bodyLength(this.#header, 0));
    }
    const part = chunk.subarray(at, at + this.#bodyLength - this.#bodyHave);
    const body = this.#bodyOf(this.#bodyHave + part.length);
    body.set(part, this.#bodyHave);
    this.#bodyHave += part.length;
    if (this.#bodyHave === this.#bodyLength) {
      this.#headerLength = 0;
      this.#body = undefined;
      this.#onMessage(this.#header[0] ?? 0, body.subarray(0, this.#bodyLength));
    }
    return at + part.length;
  }

  #begin(length: number): void {
    this.#bodyLength = length;
    this.#bodyHave = 0;
    if (length > SHARED_SIZE) {
      this.#body = new Uint8Array(Math.min(length, FIRST_SIZE));
    } else {
      this.#shared ??= new Uint8Array(SHARED_SIZE);
      this.#body = this.#shared;
    }
  }

  /** The buffer of the message under construction, grown with what has come of it. */
  #bodyOf(size: number): Uint8Array {
    const body = this.#body ?? new Uint8Array(size);
    if (size <= body.length) return body;
    const grown = new Uint8Array(Math.min(this.#bodyLength, Math.max(size, body.length * 2)));
    grown.set(body.subarray(0, this.#bodyHave));
    this.#body = grown;
    return grown;
  }
}

/** The length field counts itself but not the type. */
function bodyLength(bytes: Uint8Array, at: number): number {
  const length = readU32(bytes, at + 1);
  if (length < 4 || length > MAX_LENGTH) {
    throw new RangeError(`a protocol message cannot be ${String(length)} bytes long`);
  }
  return length - 4;
}
