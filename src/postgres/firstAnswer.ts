import { ConnectionError } from './serverError';

/** Kind and length of a message. */
const HEAD = 5;
const AUTHENTICATION = 0x52; // 'R'
const NEGOTIATE_PROTOCOL_VERSION = 0x76; // 'v'
const ERROR_RESPONSE = 0x45; // 'E'
/** No list of authentication methods or protocol options is longer, in bytes; libpq takes 2,000. */
const MOST_BYTES = 30_000;

/**
 * Looks at the first bytes that come after our startup packet. What is no Postgres server may answer
 * anything, and a client that takes it for the length of a message would wait for ever.
 */
export class FirstAnswer {
  readonly #head = new Uint8Array(HEAD);
  #length = 0;

  /** Throws a {@link ConnectionError} where no Postgres server speaks. */
  take(chunk: Uint8Array): void {
    if (this.#length === HEAD) return;
    const part = chunk.subarray(0, HEAD - this.#length);
    this.#head.set(part, this.#length);
    this.#length += part.length;
    if (this.#length === 0 || this.#isPlausible()) return;
    throw new ConnectionError('not-postgres', 'the answer to the startup packet is none');
  }

  #isPlausible(): boolean {
    switch (this.#head[0]) {
      // A server without memory for a new process answers as ages ago: with a text and no length.
      case ERROR_RESPONSE:
        return true;
      case AUTHENTICATION:
      case NEGOTIATE_PROTOCOL_VERSION: {
        if (this.#length < HEAD) return true;
        const length = new DataView(this.#head.buffer).getUint32(1);
        return length >= 8 && length <= MOST_BYTES;
      }
      default:
        return false;
    }
  }
}
