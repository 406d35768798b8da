import { crc32c } from '../base/crc32c';
import { CaptureError } from './captureError';

/**
 * The blocks of a capture file: docs/capture-format.md. All numbers of ours are little-endian, so that
 * the columns of an index chunk are typed arrays as they stand; the frames inside are as Postgres sent
 * them, which is big-endian.
 */
export const FILE_MAGIC = 'PGWALCAP';
export const FORMAT_VERSION = 1;
/** Magic, version u32, reserved u32. */
export const FILE_HEAD_SIZE = 16;

/** 'WBLK' as the bytes stand in the file. */
const BLOCK_MAGIC = 0x4b4c4257;
/** magic u32, type u8, three reserved bytes, length u32, crc32c u32, receipt time i64. */
export const BLOCK_HEADER_SIZE = 24;
/** A message of Postgres is at most 1 GB (MaxAllocSize, src/include/utils/memutils.h). */
export const MAX_BLOCK_PAYLOAD = 0x4100_0000;

export const BLOCK = {
  meta: 0x4d, // 'M'
  data: 0x44, // 'D'
  relations: 0x52, // 'R'
  index: 0x49, // 'I'
  transactions: 0x54, // 'T'
  directory: 0x5a, // 'Z'
  notes: 0x4e, // 'N'
} as const;

export interface BlockHeader {
  /** One of {@link BLOCK}, or a letter of a later version. */
  readonly type: number;
  /** Bytes after the header. */
  readonly length: number;
  readonly crc: number;
  /** When the block was begun, microseconds since 2000-01-01 UTC (as `PgTime`, but a number). */
  readonly time: number;
}

const EPOCH_2000_MS = 946_684_800_000;

/** This machine's clock in the unit of a block header. */
export function blockTimeNow(): number {
  return (Date.now() - EPOCH_2000_MS) * 1000;
}

export function fileHead(): Uint8Array {
  const head = new Uint8Array(FILE_HEAD_SIZE);
  head.set(new TextEncoder().encode(FILE_MAGIC));
  new DataView(head.buffer).setUint32(8, FORMAT_VERSION, true);
  return head;
}

/** Throws a {@link CaptureError} where these are not the first bytes of a capture we can read. */
export function checkFileHead(head: Uint8Array): void {
  const magic = new TextDecoder('latin1').decode(head.subarray(0, FILE_MAGIC.length));
  if (head.length === 0) {
    throw new CaptureError('not-a-capture', 'This file is not a capture: it is empty.');
  }
  if (head.length < FILE_HEAD_SIZE || magic !== FILE_MAGIC) {
    throw new CaptureError(
      'not-a-capture',
      'This file is not a capture. Open one that WAL Explorer or pgwal wrote.',
    );
  }
  const version = new DataView(head.buffer, head.byteOffset).getUint32(8, true);
  if (version !== FORMAT_VERSION) {
    throw new CaptureError(
      'newer-version',
      `This capture has format ${String(version)}; this version reads format ${String(FORMAT_VERSION)}. Update WAL Explorer to read it.`,
    );
  }
}

/** Fills in the header of a block whose payload already stands behind it, to the end of `block`. */
export function sealBlock(block: Uint8Array, type: number, time: number): void {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  view.setUint32(0, BLOCK_MAGIC, true);
  view.setUint32(4, type, true);
  view.setUint32(8, block.length - BLOCK_HEADER_SIZE, true);
  view.setBigInt64(16, BigInt(Math.trunc(time)), true);
  view.setUint32(12, blockCrc(block, BLOCK_HEADER_SIZE, block.length), true);
}

/** The checksum over the header without magic and checksum, and a piece of payload. */
export function blockCrc(block: Uint8Array, start: number, end: number): number {
  return crc32c(block, start, end, crc32c(block, 16, 24, crc32c(block, 4, 12)));
}

/** Reads a header; undefined where no block begins. */
export function readBlockHeader(bytes: Uint8Array, at: number): BlockHeader | undefined {
  if (at + BLOCK_HEADER_SIZE > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, BLOCK_HEADER_SIZE);
  if (view.getUint32(0, true) !== BLOCK_MAGIC) return undefined;
  const length = view.getUint32(8, true);
  if (length > MAX_BLOCK_PAYLOAD) return undefined;
  return {
    type: view.getUint8(4),
    length,
    crc: view.getUint32(12, true),
    time: Number(view.getBigInt64(16, true)),
  };
}
