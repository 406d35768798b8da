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
  /** The payload, or its first 64 KiB where it is huge. Valid until the next block. */
  readonly payload: Uint8Array;
}

export interface ScanEnd {
  /** Offset after the last whole block. */
  readonly end: number;
  /**
   * `stopped`: `visit` said so. `torn`: the file ends within a block. `corrupt`: a block is damaged.
   */
  readonly reason: 'complete' | 'stopped' | 'torn' | 'corrupt';
}

/**
 * Goes over the blocks between two offsets, in order, and checks each before it is shown. `visit`
 * returns false to stop after the block it was given.
 */
export async function scanBlocks(
  file: OpenFile,
  from: number,
  to: number,
  visit: (block: ScannedBlock) => boolean | Promise<boolean>,
): Promise<ScanEnd> {
  let window = new Uint8Array(0);
  let windowStart = from;
  let at = from;

  /** Makes sure that the window holds `size` bytes from `at` on. */
  const fill = async (size: number): Promise<boolean> => {
    if (at + size > to) return false;
    if (at - windowStart + size <= window.length) return true;
    const length = Math.min(Math.max(WINDOW_SIZE, size), to - at);
    const next = new Uint8Array(length);
    const read = await file.read(next, at);
    window = next.subarray(0, read);
    windowStart = at;
    return read >= size;
  };

  while (at < to) {
    if (!(await fill(BLOCK_HEADER_SIZE))) return { end: at, reason: 'torn' };
    const header = readBlockHeader(window, at - windowStart);
    if (header === undefined) return { end: at, reason: 'corrupt' };
    const size = BLOCK_HEADER_SIZE + header.length;
    if (at + size > to) return { end: at, reason: 'torn' };
    let payload: Uint8Array;
    if (size <= WHOLE_SIZE) {
      if (!(await fill(size))) return { end: at, reason: 'torn' };
      const start = at - windowStart;
      const block = window.subarray(start, start + size);
      payload = block.subarray(BLOCK_HEADER_SIZE);
      if (blockCrc(block, BLOCK_HEADER_SIZE, size) !== header.crc) return damaged(at, size, to);
    } else {
      const head = new Uint8Array(BLOCK_HEADER_SIZE + HEAD_SIZE);
      await file.read(head, at);
      payload = head.subarray(BLOCK_HEADER_SIZE);
      const crc = await crcOfLarge(file, at, size, head);
      if (crc !== header.crc) return damaged(at, size, to);
    }
    const block = { header, offset: at, payload };
    at += size;
    if (!(await visit(block))) return { end: at, reason: 'stopped' };
  }
  return { end: at, reason: 'complete' };
}

/** The last block may have been cut by a crash that left its length but not its bytes. */
function damaged(at: number, size: number, to: number): ScanEnd {
  return { end: at, reason: at + size === to ? 'torn' : 'corrupt' };
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
