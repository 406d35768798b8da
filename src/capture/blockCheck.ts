import { crc32c } from '../base/crc32c';
import { BLOCK, BLOCK_HEADER_SIZE, blockCrc, readBlockHeader } from './blockFormat';
import type { OpenFile } from './fileAccess';
import type { PageCache } from './pageCache';

/** Blocks are read in pieces of this size. */
const PIECE = 256 * 1024;
/** The place of every so many blocks is kept: a slow stream has a block for each message. */
const KEPT_EVERY = 64;

/**
 * Looks whether the block that a message stands in is as it was written. A capture with a directory opens
 * without a look at all its blocks, so that what is shown of one is checked when it is looked at closely.
 */
export class BlockCheck {
  readonly #file: OpenFile;
  readonly #pages: PageCache;
  /** By the offset of the block: whether it is whole. */
  readonly #known = new Map<number, boolean>();
  /** By where a walk begins: places of blocks behind it, in order. */
  readonly #places = new Map<number, number[]>();

  constructor(file: OpenFile, pages: PageCache) {
    this.#file = file;
    this.#pages = pages;
  }

  /**
   * Where the damaged block begins that holds the byte at `offset`; undefined where it is whole. `from` is where
   * some block before it begins, `end` up to where the file is known.
   */
  async damaged(offset: number, from: number, end: number): Promise<number | undefined> {
    const places = this.#places.get(from) ?? [];
    this.#places.set(from, places);
    let at = places.findLast(place => place <= offset) ?? from;
    for (let blocks = 1; at + BLOCK_HEADER_SIZE <= end; blocks++) {
      const header = readBlockHeader(await this.#pages.read(at, BLOCK_HEADER_SIZE), 0);
      if (header === undefined) return at;
      const next = at + BLOCK_HEADER_SIZE + header.length;
      if (offset < next) {
        // What is no data holds no message: the lengths before it are not what they were.
        const isWhole = header.type === BLOCK.data && (await this.#isWhole(at, next, header.crc));
        return isWhole ? undefined : at;
      }
      at = next;
      if (blocks % KEPT_EVERY === 0 && at > (places.at(-1) ?? from)) places.push(at);
    }
    return offset;
  }

  async #isWhole(at: number, end: number, expected: number): Promise<boolean> {
    const known = this.#known.get(at);
    if (known !== undefined) return known;
    const head = await this.#pages.read(at, BLOCK_HEADER_SIZE);
    let crc = blockCrc(head, BLOCK_HEADER_SIZE, BLOCK_HEADER_SIZE);
    const piece = new Uint8Array(Math.min(PIECE, end - at));
    for (let from = at + BLOCK_HEADER_SIZE; from < end;) {
      const bytes = piece.subarray(0, Math.min(PIECE, end - from));
      const read = await this.#file.read(bytes, from);
      if (read === 0) break;
      crc = crc32c(bytes, 0, read, crc);
      from += read;
    }
    const isWhole = crc === expected;
    this.#known.set(at, isWhole);
    return isWhole;
  }
}
