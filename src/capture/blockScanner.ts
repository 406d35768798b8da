import { crc32c } from '../base/crc32c';
import type { BlockHeader } from './blockFormat';
import { BLOCK_HEADER_SIZE, MAX_BLOCK_PAYLOAD, blockCrc, readBlockHeader } from './blockFormat';
import type { OpenFile } from './fileAccess';

const WINDOW_SIZE = 2 * 1024 * 1024;
/** Of a block larger than this only the beginning is given: it holds a single huge frame. */
const WHOLE_SIZE = 4 * 1024 * 1024;
const HEAD_SIZE = 64 * 1024;
/** The least that a system keeps or loses of a write. */
const PAGE_SIZE = 4096;

export interface ScannedBlock {
  readonly header: BlockHeader;
  /** Offset of the block in the file; its payload follows the header. */
  readonly offset: number;
  /** The payload, or its first 64 KiB where it is huge. */
  readonly payload: Uint8Array;
}

/**
 * Why a scan ended: `torn` where the writer's last blocks are not whole, because it died or still writes;
 * `corrupt` where another one is damaged.
 */
export type ScanEnd = 'complete' | 'torn' | 'corrupt';

/** Goes over the blocks between two offsets, in order, and checks each before it is given out. */
export class BlockScanner {
  readonly #file: OpenFile;
  readonly #to: number;
  #window = new Uint8Array(0);
  #windowStart: number;
  #at: number;
  #ended: ScanEnd | undefined;

  constructor(file: OpenFile, from: number, to: number) {
    this.#file = file;
    this.#to = to;
    this.#at = from;
    this.#windowStart = from;
  }

  /** Offset after the last block that was given out. */
  get offset(): number {
    return this.#at;
  }

  /** Set once {@link next} has returned undefined. */
  get ended(): ScanEnd | undefined {
    return this.#ended;
  }

  async next(): Promise<ScannedBlock | undefined> {
    if (this.#ended !== undefined) return undefined;
    const at = this.#at;
    if (at === this.#to) return this.#end('complete');
    if (!(await this.#fill(BLOCK_HEADER_SIZE))) return this.#end('torn');
    const header = readBlockHeader(this.#window, at - this.#windowStart);
    if (header === undefined) return this.#end((await this.#isHole(at)) ? 'torn' : 'corrupt');
    const size = BLOCK_HEADER_SIZE + header.length;
    if (at + size > this.#to) return this.#end('torn');
    const block = size <= WHOLE_SIZE ? await this.#whole(size) : await this.#large(size);
    if (block?.crc !== header.crc) {
      return this.#end((await this.#isCut(at, size)) ? 'torn' : 'corrupt');
    }
    this.#at = at + size;
    return { header, offset: at, payload: block.bytes.subarray(BLOCK_HEADER_SIZE) };
  }

  /** The last block may have been cut by a crash that left its length but not its bytes; or the one before. */
  async #isCut(at: number, size: number): Promise<boolean> {
    const end = at + size;
    if (end === this.#to) return true;
    // A write is cut between two pages: the rest of the block is zero then.
    const page = Math.max(at, Math.floor((end - 1) / PAGE_SIZE) * PAGE_SIZE);
    return (await this.#firstWritten(page, end)) === end && this.#isLast(end);
  }

  /** Whether nothing was written at a place, or only the block that the other write had under way. */
  async #isHole(at: number): Promise<boolean> {
    const limit = Math.min(this.#to, at + BLOCK_HEADER_SIZE + MAX_BLOCK_PAYLOAD);
    const written = await this.#firstWritten(at, limit);
    if (written === limit) return limit === this.#to;
    return written > at && this.#isLast(written);
  }

  /** Two writes are under way at most: after one that was cut stands one block, whole or not. */
  async #isLast(at: number): Promise<boolean> {
    const head = new Uint8Array(BLOCK_HEADER_SIZE);
    if ((await this.#file.read(head, at)) < head.length || at + head.length > this.#to) return true;
    const header = readBlockHeader(head, 0);
    return header !== undefined && at + BLOCK_HEADER_SIZE + header.length >= this.#to;
  }

  /** Where the first byte stands that is not zero; `to` where there is none. */
  async #firstWritten(from: number, to: number): Promise<number> {
    const piece = new Uint8Array(HEAD_SIZE);
    for (let at = from; at < to; at += piece.length) {
      const length = Math.min(piece.length, to - at);
      const read = await this.#file.read(piece.subarray(0, length), at);
      const found = piece.subarray(0, read).findIndex(byte => byte !== 0);
      if (found >= 0) return at + found;
      if (read < length) break;
    }
    return to;
  }

  #end(reason: ScanEnd): ScannedBlock | undefined {
    this.#ended = reason;
    return undefined;
  }

  async #whole(size: number): Promise<{ bytes: Uint8Array; crc: number } | undefined> {
    if (!(await this.#fill(size))) return undefined;
    const start = this.#at - this.#windowStart;
    const bytes = this.#window.subarray(start, start + size);
    return { bytes, crc: blockCrc(bytes, BLOCK_HEADER_SIZE, size) };
  }

  /** Only the beginning of a large block is kept. */
  async #large(size: number): Promise<{ bytes: Uint8Array; crc: number }> {
    const bytes = new Uint8Array(BLOCK_HEADER_SIZE + HEAD_SIZE);
    await this.#file.read(bytes, this.#at);
    return { bytes, crc: await crcOfLarge(this.#file, this.#at, size, bytes) };
  }

  /** Makes sure that the window holds `size` bytes from the place of the next block on. */
  async #fill(size: number): Promise<boolean> {
    if (this.#at + size > this.#to) return false;
    if (this.#at - this.#windowStart + size <= this.#window.length) return true;
    const next = new Uint8Array(Math.min(Math.max(WINDOW_SIZE, size), this.#to - this.#at));
    const read = await this.#file.read(next, this.#at);
    this.#window = next.subarray(0, read);
    this.#windowStart = this.#at;
    return read >= size;
  }
}

async function crcOfLarge(
  file: OpenFile,
  at: number,
  size: number,
  head: Uint8Array,
): Promise<number> {
  let crc = blockCrc(head, BLOCK_HEADER_SIZE, BLOCK_HEADER_SIZE);
  const piece = new Uint8Array(WINDOW_SIZE);
  for (let done = BLOCK_HEADER_SIZE; done < size;) {
    const length = Math.min(piece.length, size - done);
    const read = await file.read(piece.subarray(0, length), at + done);
    if (read === 0) break;
    crc = crc32c(piece, 0, read, crc);
    done += read;
  }
  return crc;
}
