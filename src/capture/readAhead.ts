import type { CaptureFile } from './captureFile';

/** Bytes that a read may begin behind the end of the one before, and still follow it: the header of a block. */
const GAP = 4096;

interface Span {
  readonly memory: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

interface Ahead extends Span {
  /** Whether it could be read; who needs what could not be reads it again and hears why. */
  readonly done: Promise<boolean>;
}

/**
 * Reads a file piece by piece, in order, with the next piece on its way while the last one is looked at. For
 * one reader, who is done with a piece when it asks for another.
 */
export class ReadAhead {
  readonly #file: Pick<CaptureFile, 'readSpan' | 'end'>;
  readonly #size: number;
  #spare: Uint8Array | undefined;
  #current: Uint8Array | undefined;
  #ahead: Ahead | undefined;
  /** Where the last piece ended. */
  #end = -1;

  /** `size`: the most bytes that a piece has. */
  constructor(file: Pick<CaptureFile, 'readSpan' | 'end'>, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /**
   * The bytes of the file from `offset` on, until the next call. Throws a {@link CaptureError} where the
   * file has fewer.
   */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const follows = offset >= this.#end && offset <= this.#end + GAP;
    this.#end = offset + length;
    const bytes = (await this.#fromAhead(offset, length)) ?? (await this.#readNow(offset, length));
    if (follows) this.#readOn(offset + length);
    return bytes;
  }

  async #fromAhead(offset: number, length: number): Promise<Uint8Array | undefined> {
    const ahead = this.#ahead;
    if (ahead === undefined) return undefined;
    this.#ahead = undefined;
    // Its memory is not used for anything else before the read is over.
    const isRead = await ahead.done;
    const start = offset - ahead.offset;
    if (!isRead || start < 0 || start + length > ahead.length) {
      this.#spare = ahead.memory;
      return undefined;
    }
    this.#spare = this.#current;
    this.#current = ahead.memory;
    return ahead.memory.subarray(start, start + length);
  }

  async #readNow(offset: number, length: number): Promise<Uint8Array> {
    this.#current ??= this.#newMemory();
    const bytes = this.#current.subarray(0, length);
    await this.#file.readSpan(bytes, offset);
    return bytes;
  }

  /** What is known of the file does not change any more. */
  #readOn(offset: number): void {
    const length = Math.min(this.#size + GAP, this.#file.end - offset);
    if (length <= 0) return;
    const memory = this.#spare ?? this.#newMemory();
    this.#spare = undefined;
    const done = this.#file.readSpan(memory.subarray(0, length), offset).then(
      () => true,
      () => false,
    );
    this.#ahead = { memory, offset, length, done };
  }

  #newMemory(): Uint8Array {
    return new Uint8Array(this.#size + GAP);
  }
}
