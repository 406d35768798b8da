import { CaptureError } from './captureError';
import type { OpenFile } from './fileAccess';
import { LruCache } from './lruCache';

/** Small, because the rows of a window may stand far from each other. */
const PAGE_SIZE = 16 * 1024;
const PAGES = 384;
/** More than this is read past the cache, which it would only empty. */
const DIRECT_SIZE = 16 * PAGE_SIZE;

/** Reads a file through pages, so that rows that stand together cost one read. */
export class PageCache {
  readonly #file: OpenFile;
  readonly #pages: LruCache<Uint8Array>;

  constructor(file: OpenFile) {
    this.#file = file;
    this.#pages = new LruCache(PAGES, async page => {
      const bytes = new Uint8Array(PAGE_SIZE);
      const read = await this.#file.read(bytes, page * PAGE_SIZE);
      return bytes.subarray(0, read);
    });
  }

  /** Bytes of the file, perhaps a view that others share: not to be written to. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (length > DIRECT_SIZE) return this.#readDirect(offset, length);
    const first = Math.floor(offset / PAGE_SIZE);
    const start = offset - first * PAGE_SIZE;
    if (start + length <= PAGE_SIZE) {
      return (await this.#page(first, start + length)).subarray(start, start + length);
    }
    const bytes = new Uint8Array(length);
    const pieces: Promise<void>[] = [];
    for (let at = 0; at < length;) {
      const page = Math.floor((offset + at) / PAGE_SIZE);
      const from = offset + at - page * PAGE_SIZE;
      const size = Math.min(PAGE_SIZE - from, length - at);
      pieces.push(this.#copy(bytes, at, page, from, size));
      at += size;
    }
    await Promise.all(pieces);
    return bytes;
  }

  async #copy(
    into: Uint8Array,
    at: number,
    page: number,
    from: number,
    size: number,
  ): Promise<void> {
    into.set((await this.#page(page, from + size)).subarray(from, from + size), at);
  }

  async #page(page: number, need: number): Promise<Uint8Array> {
    let bytes = await this.#pages.get(page);
    if (bytes.length < need) {
      // The file has grown since the page was read.
      this.#pages.drop(page);
      bytes = await this.#pages.get(page);
    }
    if (bytes.length < need) throw shortRead(page * PAGE_SIZE + need);
    return bytes;
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
