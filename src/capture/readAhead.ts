import type { CaptureFile } from './captureFile';

/** Bytes that a read may begin behind the end of the one before, and still follow it: the header of a block. */
const GAP = 4096;
/** Pieces in memory: the one that is looked at, and those that are on their way meanwhile. */
const SLOTS = 3;
/** Reads in a row from which on more than one piece is fetched ahead. */
const LONG_RUN = 4;

interface Piece {
  readonly length: number;
  /** Whether it could be read; who needs what could not be reads it again and hears why. */
  readonly done: Promise<boolean>;
}

/**
 * Reads a file in order, with the next pieces on their way while the last one is looked at. For one reader,
 * who is done with what it was given when it asks for more.
 *
 * The pieces stand in the slots of one memory in turn. Bytes across two of them are one stretch there; across
 * the last slot and the first they are made one in the room before the slots.
 */
export class ReadAhead {
  readonly #file: Pick<CaptureFile, 'readSpan' | 'end'>;
  readonly #size: number;
  #memory: Uint8Array | undefined;
  /** Where the first piece begins in the file; undefined while nothing is read ahead. */
  #base: number | undefined;
  /** Bytes from there on that are read or on their way, and those that are read. */
  #asked = 0;
  #there = 0;
  #coming: Piece[] = [];
  /** Where the last read ended, and how many followed one another before it. */
  #end = -1;
  #run = 0;

  /** `size`: the most bytes that are asked for at once. */
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
    this.#run = follows ? this.#run + 1 : 0;
    this.#end = offset + length;
    const bytes = follows ? await this.#fromPieces(offset, length) : undefined;
    if (bytes !== undefined) return bytes;
    await this.#stop();
    const here = this.#room.subarray(0, length);
    await this.#file.readSpan(here, offset);
    if (follows) {
      this.#base = offset + length;
      this.#readOn(this.#base, 1);
    }
    return here;
  }

  async #fromPieces(offset: number, length: number): Promise<Uint8Array | undefined> {
    if (this.#base === undefined) return undefined;
    const start = offset - this.#base;
    while (this.#there < start + length) {
      const piece = this.#coming.shift();
      if (piece === undefined || !(await piece.done)) return undefined;
      this.#there += piece.length;
    }
    const first = Math.floor(start / this.#size);
    const at = this.#slot(first) + (start % this.#size);
    const room = this.#room;
    const tail = room.length - at;
    const from = tail < length ? this.#size - tail : at;
    if (from !== at) room.copyWithin(from, at);
    this.#readOn(this.#base, first + (this.#run < LONG_RUN ? SLOTS - 1 : SLOTS));
    return room.subarray(from, from + length);
  }

  /** Fetches the pieces before `limit`, until the last one ends where the file does. */
  #readOn(base: number, limit: number): void {
    while (this.#asked % this.#size === 0 && this.#asked / this.#size < limit) {
      const offset = base + this.#asked;
      const length = Math.min(this.#size, this.#file.end - offset);
      if (length <= 0) return;
      const slot = this.#slot(this.#asked / this.#size);
      const done = this.#file.readSpan(this.#room.subarray(slot, slot + length), offset).then(
        () => true,
        () => false,
      );
      this.#coming.push({ length, done });
      this.#asked += length;
    }
  }

  /** The memory is not used for anything else before what is on its way has come. */
  async #stop(): Promise<void> {
    await Promise.all(this.#coming.map(({ done }) => done));
    this.#coming = [];
    this.#base = undefined;
    this.#asked = 0;
    this.#there = 0;
  }

  #slot(piece: number): number {
    return (1 + (piece % SLOTS)) * this.#size;
  }

  get #room(): Uint8Array {
    this.#memory ??= new Uint8Array((1 + SLOTS) * this.#size);
    return this.#memory;
  }
}
