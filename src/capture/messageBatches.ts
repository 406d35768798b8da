import { BLOCK, BLOCK_HEADER_SIZE } from './blockFormat';
import type { ScannedBlock } from './blockScanner';
import { BlockScanner } from './blockScanner';
import { CaptureError, damagedAt } from './captureError';
import type { CapturedFrames } from './capturedFrames';
import type { CapturedMessage } from './capturedMessage';
import { capturedMessage } from './capturedMessage';
import type { OpenFile } from './fileAccess';
import type { IndexChunk } from './indexChunk';
import { CHUNK_MASK, CHUNK_SHIFT } from './indexChunk';

/** A capture, as far as a walk over its messages needs it. */
export interface BatchSource {
  readonly file: OpenFile;
  /** Where a block begins that is not after the first message. */
  readonly start: number;
  /** Up to where the file is known. */
  readonly end: number;
  readonly chunk: (number: number) => Promise<IndexChunk>;
  readonly frames: CapturedFrames;
}

/**
 * The messages of a capture from one to before another, in order of arrival, in batches of about 1 MiB at most
 * unless one is larger. Checks every block it reads: at a damaged one it throws a {@link CaptureError}, after
 * the messages that stand before.
 */
export async function* messageBatches(
  source: BatchSource,
  fromSeq: number,
  toSeq: number,
): AsyncGenerator<readonly CapturedMessage[]> {
  const scanner = new BlockScanner(source.file, source.start, source.end);
  for (let seq = fromSeq; seq < toSeq;) {
    const block = await scanner.next();
    if (block === undefined) throw new CaptureError('corrupt', damagedAt(scanner.offset));
    if (block.header.type !== BLOCK.data) continue;
    const batch = await batchOf(source, block, seq, toSeq);
    seq += batch.length;
    if (batch.length > 0) yield batch;
  }
}

/** The messages of a data block from `seq` on. */
async function batchOf(
  { chunk: chunkAt, frames }: BatchSource,
  block: ScannedBlock,
  seq: number,
  end: number,
): Promise<CapturedMessage[]> {
  const start = block.offset + BLOCK_HEADER_SIZE;
  const { length } = block.header;
  const batch: CapturedMessage[] = [];
  let chunk = await chunkAt(seq >>> CHUNK_SHIFT);
  for (let next = seq; next < end; next++) {
    const number = next >>> CHUNK_SHIFT;
    if (number !== chunk.number) chunk = await chunkAt(number);
    const row = chunk.row(next & CHUNK_MASK);
    const at = row.offset - start;
    if (at >= length) break;
    if (at < 0) throw new CaptureError('corrupt', damagedAt(row.offset));
    const frame =
      at + row.length <= block.payload.length
        ? block.payload.subarray(at, at + row.length)
        : await frames.raw(row);
    batch.push(capturedMessage(next, row, frames.of(row, frame)));
  }
  return batch;
}
