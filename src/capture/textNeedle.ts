import { lowerCase } from '../base/lowerCase';
import { decodeUtf8 } from '../logical/pgoutput/tuple';
import { MAX_DISTANCE, PairScan, type Pair, type ScannedByte } from './pairScan';

/**
 * A text to look for, whatever the case: `lowerCase(value).includes(lowerCase(needle))`, and the same answer
 * from the bytes of a value without making a string of it where the needle is ASCII.
 *
 * Of all characters only two that are not ASCII have ASCII in their lower case, U+0130 (`i` and a dot)
 * and U+212A (`k`): where a value has one of them and the needle its letter, the string is asked. Bytes
 * that are not UTF-8 are no text and contain nothing.
 */
export class TextNeedle {
  readonly #text: string;
  /** Lower-case bytes of a needle that is ASCII. */
  readonly #bytes: Uint8Array | undefined;
  /** How far the search may move on when the needle's last place is over this byte (Horspool). */
  readonly #skip = new Uint16Array(256);
  /** The two of its bytes that are probably the rarest, and where the first of them stands in it. */
  readonly #pair: (Pair & { readonly at: number }) | undefined;
  /** Sequences that stand for a letter of the needle without being ASCII. */
  readonly #disguised: readonly Uint8Array[];

  /** Gives what goes over many bytes, where there is such a thing. */
  readonly #scan: () => PairScan | undefined;

  constructor(text: string, scan = (): PairScan | undefined => PairScan.shared()) {
    this.#scan = scan;
    this.#text = lowerCase(text);
    this.#bytes = isAscii(this.#text) ? new TextEncoder().encode(this.#text) : undefined;
    this.#disguised =
      this.#bytes === undefined
        ? []
        : DISGUISED.filter(({ letter }) => this.#text.includes(letter)).map(({ bytes }) => bytes);
    const bytes = this.#bytes ?? new Uint8Array();
    this.#pair = bytes.length === 0 ? undefined : rarestPair(bytes);
    this.#skip.fill(Math.max(1, bytes.length));
    for (let i = 0; i < bytes.length - 1; i++) {
      const byte = bytes[i]!;
      this.#skip[byte] = bytes.length - 1 - i;
      if (byte >= 0x61 && byte <= 0x7a) this.#skip[byte - 0x20] = bytes.length - 1 - i;
    }
  }

  /** Whether {@link candidate} can tell where a value may contain the needle. */
  get isAscii(): boolean {
    return this.#bytes !== undefined;
  }

  isIn(text: string): boolean {
    return lowerCase(text).includes(this.#text);
  }

  /** Whether the value that these bytes are contains the needle. */
  isInBytes(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#bytes === undefined) {
      // What is ASCII has no lower case that is not.
      return !isAsciiBytes(bytes, start, end) && this.#isInText(bytes.subarray(start, end));
    }
    if (this.indexIn(bytes, start, end) >= 0) {
      return (
        isAsciiBytes(bytes, start, end) || decodeUtf8(bytes.subarray(start, end)) !== undefined
      );
    }
    if (this.#disguised.length === 0 || isAsciiBytes(bytes, start, end)) return false;
    const value = bytes.subarray(start, end);
    return this.disguisedIn(value) >= 0 && this.#isInText(value);
  }

  /**
   * Whether a line that another plugin wrote contains the needle. It may hold a few bytes that are no
   * text, such as the content of a message, which are shown as unknown characters: the rest counts.
   */
  isInLine(bytes: Uint8Array, start: number, end: number): boolean {
    const line = bytes.subarray(start, end);
    if (this.#bytes !== undefined) {
      if (this.indexIn(bytes, start, end) >= 0) return true;
      if (this.disguisedIn(line) < 0) return false;
    }
    return this.isIn(lossyUtf8.decode(line));
  }

  /** Where the bytes of an ASCII needle stand, in either case; -1 where they do not. */
  indexIn(bytes: Uint8Array, start: number, end: number): number {
    const needle = this.#bytes;
    if (needle === undefined) return -1;
    const last = needle.length - 1;
    const skip = this.#skip;
    for (let at = start + last; at < end; at += skip[bytes[at]!]!) {
      let i = last;
      let from = at;
      while (i >= 0 && FOLDED[bytes[from]!] === needle[i]) {
        i--;
        from--;
      }
      if (i < 0) return from + 1;
    }
    return -1;
  }

  /**
   * Tells `visit` where the bytes of an ASCII needle stand, in either case: in order, and not before the
   * place that `visit` answered last. For many bytes, as a whole piece of a file.
   */
  eachIn(bytes: Uint8Array, start: number, end: number, visit: (at: number) => number): void {
    const [needle, pair] = [this.#bytes, this.#pair];
    if (needle === undefined || pair === undefined) return;
    const scan = this.#scan();
    if (scan === undefined) {
      for (let at = this.indexIn(bytes, start, end); at >= 0;) {
        at = this.indexIn(bytes, Math.max(visit(at), at + 1), end);
      }
      return;
    }
    scan.each(bytes, start + pair.at, end, pair, place => {
      const from = place - pair.at;
      return this.#standsAt(bytes, from, end) ? visit(from) + pair.at : place + 1;
    });
  }

  #standsAt(bytes: Uint8Array, from: number, end: number): boolean {
    const needle = this.#bytes;
    if (needle === undefined || from + needle.length > end) return false;
    for (let i = 0; i < needle.length; i++) {
      if (FOLDED[bytes[from + i]!] !== needle[i]) return false;
    }
    return true;
  }

  /** Where the first character stands whose lower case has a letter of the needle; -1: nowhere. */
  disguisedIn(bytes: Uint8Array, from = 0): number {
    let first = -1;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const sequence of this.#disguised) {
      const at = buffer.indexOf(sequence, from);
      if (at >= 0 && (first < 0 || at < first)) first = at;
    }
    return first;
  }

  #isInText(value: Uint8Array): boolean {
    const text = decodeUtf8(value);
    return text !== undefined && this.isIn(text);
  }
}

const lossyUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const DISGUISED = ['\u0130', '\u212a'].map(character => ({
  letter: character.toLowerCase().charAt(0),
  bytes: new TextEncoder().encode(character),
}));

/** Each byte with the letters A to Z as a to z. */
const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** Bytes that are common in what a server sends, the most common first. */
const COMMON = new TextEncoder().encode('\0 e0tan1iors2d-5346789luchmp_fgybwvkx":,.{}jzq');

function rarestPair(needle: Uint8Array): Pair & { readonly at: number } {
  const places = Array.from(needle.subarray(0, MAX_DISTANCE), (byte, at) => {
    const rank = COMMON.indexOf(byte);
    return { at, rank: rank < 0 ? COMMON.length : rank };
  });
  places.sort((a, b) => b.rank - a.rank);
  const two = places.slice(0, 2).map(({ at }) => at);
  const [first, second] = [Math.min(...two), Math.max(...two)];
  return {
    at: first,
    first: scanned(needle[first]!),
    second: scanned(needle[second]!),
    distance: second - first,
  };
}

function scanned(byte: number): ScannedByte {
  return { byte, cases: byte >= 0x61 && byte <= 0x7a ? 0x20 : 0 };
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

function isAsciiBytes(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}
