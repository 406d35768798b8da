import { CaptureError } from './captureError';
import type { OpenFile } from './fileAccess';

/** Small, because the rows of a window may stand far from each other. */
const PAGE_SIZE = 16 * 1024;
const PAGES = 384;
/** Memory is taken for 16 pages at a time: a small file needs little. */
const SLAB_SIZE = 16 * PAGE_SIZE;
/** More than this is read past the cache, which it would only empty. */
const DIRECT_SIZE = 16 * PAGE_SIZE;
/** Pieces that are given out are cut from memory of this size. */
const ROOM_SIZE = 64 * 1024;

/** A page of the file in the memory of the cache. */
interface Page {
  /** Where it stands in that memory. */
  readonly at: number;
  /** How many of its bytes the file had when it was read last. */
  filled: number;
  loading: Promise<void> | undefined;
  /** Who waits for it or copies from it: its memory is not given to another page meanwhile. */
  users: number;
}

/**
 * Reads a file through pages, so that rows that stand together cost one read. The pages have their memory
 * for good, and what is asked for is copied out of it: memory that comes and goes by the page would
 * have the collector at work all the time.
 */
export class PageCache {
  readonly #file: OpenFile;
  /** The one used last stands last. */
  readonly #pages = new Map<number, Page>();
  readonly #slabs: Uint8Array[] = [];
  /** Places in the memory that were given away. */
  #places = 0;
  #room = new Uint8Array(0);

  constructor(file: OpenFile) {
    this.#file = file;
  }

  /** Bytes of the file, in memory that other pieces share: not to be written to. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (length > DIRECT_SIZE) return this.#readDirect(offset, length);
    const bytes = this.#piece(length);
    const first = Math.floor(offset / PAGE_SIZE);
    const last = Math.floor((offset + Math.max(0, length - 1)) / PAGE_SIZE);
    if (first === last) {
      await this.#copy(bytes, offset, first, 0);
      return bytes;
    }
    const copies: Promise<void>[] = [];
    for (let page = first; page <= last; page++) {
      const at = Math.max(0, page * PAGE_SIZE - offset);
      copies.push(this.#copy(bytes, offset, page, at));
    }
    await Promise.all(copies);
    return bytes;
  }

  /** What the file has from `offset` on is read again when it is asked for. */
  forgetFrom(offset: number): void {
    for (const [number, page] of this.#pages) {
      page.filled = Math.min(page.filled, Math.max(0, offset - number * PAGE_SIZE));
    }
  }

  /** Fills `into`, which begins at `offset` of the file, from `at` on with what this page has of it. */
  async #copy(into: Uint8Array, offset: number, number: number, at: number): Promise<void> {
    const from = offset + at - number * PAGE_SIZE;
    const to = Math.min(PAGE_SIZE, from + into.length - at);
    const page = this.#page(number);
    if (page === undefined) {
      // All pages are in use at this moment.
      into.set(await this.#readDirect(offset + at, to - from), at);
      return;
    }
    page.users++;
    try {
      // The file may have grown since the page was read, and since somebody else began to read it.
      for (let tries = 0; page.filled < to && tries < 2; tries++) await this.#fill(number, page);
      if (page.filled < to) throw shortRead(number * PAGE_SIZE + to);
      into.set(this.#bytesOf(page).subarray(from, to), at);
    } finally {
      page.users--;
    }
  }

  /** The page, as the one used last; undefined where there is no room for it. */
  #page(number: number): Page | undefined {
    let page = this.#pages.get(number);
    if (page === undefined) {
      const at = this.#place();
      if (at === undefined) return undefined;
      page = { at, filled: 0, loading: undefined, users: 0 };
    } else this.#pages.delete(number);
    this.#pages.set(number, page);
    return page;
  }

  #place(): number | undefined {
    if (this.#places < PAGES) return PAGE_SIZE * this.#places++;
    for (const [number, { at, users }] of this.#pages) {
      if (users > 0) continue;
      this.#pages.delete(number);
      return at;
    }
    return undefined;
  }

  async #fill(number: number, page: Page): Promise<void> {
    page.loading ??= this.#load(number, page);
    await page.loading;
  }

  async #load(number: number, page: Page): Promise<void> {
    try {
      page.filled = await this.#file.read(this.#bytesOf(page), number * PAGE_SIZE);
    } finally {
      page.loading = undefined;
    }
  }

  #bytesOf({ at }: Page): Uint8Array {
    const from = at % SLAB_SIZE;
    const slab = (this.#slabs[(at - from) / SLAB_SIZE] ??= new Uint8Array(SLAB_SIZE));
    return slab.subarray(from, from + PAGE_SIZE);
  }

  #piece(length: number): Uint8Array {
    if (length > ROOM_SIZE / 4) return new Uint8Array(length);
    if (this.#room.length < length) this.#room = new Uint8Array(ROOM_SIZE);
    const piece = this.#room.subarray(0, length);
    this.#room = this.#room.subarray(length);
    return piece;
  }

  async #readDirect(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    if ((await this.#file.read(bytes, offset)) < length) throw shortRead(offset + length);
    return bytes;
  }
}

function shortRead(end: number): CaptureError {
  return new CaptureError('corrupt', `The capture ends before byte ${String(end)}.`);
}
