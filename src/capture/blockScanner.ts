import { crc32c } from '../base/crc32c';
import type { BlockHeader } from './blockFormat';
import { BLOCK_HEADER_SIZE, blockCrc, readBlockHeader } from './blockFormat';
import type { OpenFile } from './fileAccess';

const WINDOW_SIZE = 2 * 1024 * 1024;
/** Of a block larger than this only the beginning is given: it holds a single huge frame. */
const WHOLE_SIZE = 4 * 1024 * 1024;
const HEAD_SIZE = 64 * 1024;

export interface ScannedBlock {
  readonly header: BlockHeader;
  /** Offset of the block in the file; its payload follows the header. */
  readonly offset: number;
  /** The payload, or its first 64 KiB where it is huge. */
  readonly payload: Uint8Array;
}

/** Why a scan ended: `torn` where the file ends within a block, `corrupt` where one is damaged. */
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
    if (header === undefined) return this.#end('corrupt');
    const size = BLOCK_HEADER_SIZE + header.length;
    if (at + size > this.#to) return this.#end('torn');
    const block = size <= WHOLE_SIZE ? await this.#whole(size) : await this.#large(size);
    if (block?.crc !== header.crc) {
      // The last block may have been cut by a crash that left its length but not its bytes.
      return this.#end(at + size === this.#to ? 'torn' : 'corrupt');
    }
    this.#at = at + size;
    return { header, offset: at, payload: block.bytes.subarray(BLOCK_HEADER_SIZE) };
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
