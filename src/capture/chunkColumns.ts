import type { CaptureFile } from './captureFile';

type Column = Uint8Array | Uint32Array;

interface Needed {
  readonly number: number;
  readonly kinds: Column;
  readonly flags: Column;
  readonly transactions: Column;
}

interface All extends Needed {
  readonly relations: Column;
  readonly lengths: Column;
}

/** Columns of the index chunk that a walk is in: read once, however many steps it takes. */
export class ChunkColumns {
  readonly #file: CaptureFile;
  #needed: Needed | undefined;
  #all: All | undefined;

  constructor(file: CaptureFile) {
    this.#file = file;
  }

  /** At least the first `count` rows; the last chunk grows. */
  async of(number: number, count: number): Promise<Needed> {
    const known = this.#needed;
    if (known?.number === number && known.kinds.length >= count) return known;
    const file = this.#file;
    this.#needed = {
      number,
      kinds: await file.column(number, 'kind'),
      flags: await file.column(number, 'flags'),
      transactions: await file.column(number, 'transaction'),
    };
    return this.#needed;
  }

  async all(number: number, count: number): Promise<All> {
    const known = this.#all;
    if (known?.number === number && known.kinds.length >= count) return known;
    const file = this.#file;
    this.#all = {
      ...(await this.of(number, count)),
      relations: await file.column(number, 'relation'),
      lengths: await file.column(number, 'length'),
    };
    return this.#all;
  }
}
