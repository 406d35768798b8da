import { readU32 } from '../base/bigEndian';
import { INVALID_LSN, lsnOfHalves, parseLsn } from '../base/lsn';
import { BLOCK, BLOCK_HEADER_SIZE, checkFileHead, FILE_HEAD_SIZE } from './blockFormat';
import type { ScannedBlock } from './blockScanner';
import { BlockScanner } from './blockScanner';
import { CaptureError } from './captureError';
import type { IndexEntry, RelationEntry } from './directory';
import { readDirectories } from './directoryReader';
import type { OpenFile } from './fileAccess';
import { hasPosition } from './frame';
import { FrameIndexer } from './frameIndexer';
import { CHUNK_ROWS, readIndexHeader } from './indexChunk';
import { parseMeta, readFirstMeta } from './readMeta';
import { restoreIndexer } from './restoreIndexer';
import type { FullChunk, WriterStart } from './writerStart';

/**
 * What is on its way to the disk when a machine stops: what is synced at a time (captureSink.ts), and as
 * much again that was written meanwhile. Of these bytes some may be missing while later ones are there.
 */
const UNSYNCED_SIZE = 48 * 1024 * 1024;

/** Positions of the frames that were scanned. */
class Positions {
  high = 0;
  low = 0;

  note(bytes: Uint8Array, at: number): void {
    const high = readU32(bytes, at);
    const low = readU32(bytes, at + 4);
    if (high < this.high || (high === this.high && low <= this.low)) return;
    this.high = high;
    this.low = low;
  }
}

/**
 * Finds out how to go on with a capture whose writer is gone, also one that was killed: changes nothing.
 * Throws a {@link CaptureError} where it is no capture, or is damaged before the bytes that a crash may have
 * kept from the disk.
 */
export async function readWriterStart(file: OpenFile): Promise<WriterStart> {
  const head = new Uint8Array(FILE_HEAD_SIZE);
  checkFileHead(head.subarray(0, await file.read(head, 0)));
  const size = await file.size();
  let meta = await readFirstMeta(file, size);
  const fullChunks: FullChunk[] = [];
  const indexer = new FrameIndexer(meta.source.plugin, (chunk, zone) => {
    fullChunks.push({ chunk, zone });
  });
  const found = await readDirectories(file, size);
  const last = found.at(-1);
  await restoreIndexer(file, indexer, found);
  const relationsWritten = indexer.relations.all.length;
  const positions = new Positions();
  let metaEntry: RelationEntry = last?.directory.meta ?? { offset: 0, length: 0 };
  if (last !== undefined) {
    const payload = new Uint8Array(metaEntry.length);
    await file.read(payload, metaEntry.offset);
    meta = parseMeta(payload);
  }
  const index: IndexEntry[] = [];
  const notes: RelationEntry[] = [];
  const scanner = new BlockScanner(file, last?.end ?? FILE_HEAD_SIZE, size);
  for (let block = await scanner.next(); block !== undefined; block = await scanner.next()) {
    const offset = block.offset + BLOCK_HEADER_SIZE;
    const { type, length } = block.header;
    if (type === BLOCK.data) takeFrames(block, indexer, positions);
    if (type === BLOCK.meta) {
      meta = parseMeta(block.payload);
      metaEntry = { offset, length };
    }
    if (type === BLOCK.index) takeIndex(block, fullChunks, index);
    if (type === BLOCK.notes) notes.push({ offset, length });
  }
  if (scanner.ended === 'corrupt' && scanner.offset < size - UNSYNCED_SIZE) {
    throw new CaptureError(
      'corrupt',
      `The capture is damaged at byte ${String(scanner.offset)}: it cannot be continued.`,
    );
  }
  const before = parseLsn(last?.directory.position ?? '') ?? INVALID_LSN;
  const scanned = lsnOfHalves(positions.high, positions.low);
  return {
    meta,
    metaEntry,
    indexer,
    fullChunks,
    index,
    notes,
    relationsWritten,
    directory: last === undefined ? null : last.start,
    end: scanner.offset,
    position: scanned > before ? scanned : before,
  };
}

function takeFrames(block: ScannedBlock, indexer: FrameIndexer, positions: Positions): void {
  const { payload } = block;
  const start = block.offset + BLOCK_HEADER_SIZE;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let at = 0; at + 4 <= payload.length;) {
    const length = view.getUint32(at, true);
    const end = at + 4 + length;
    if (end > block.header.length) {
      throw new CaptureError('corrupt', 'A frame is longer than its block.');
    }
    const shown = Math.min(end, payload.length);
    indexer.add(payload, at + 4, shown, length, start + at + 4);
    if (hasPosition(payload.subarray(at + 4, shown))) positions.note(payload, at + 5);
    at = end;
  }
}

/** A full chunk stands in the file: it is not to be written again, and the next directory lists it. */
function takeIndex(block: ScannedBlock, fullChunks: FullChunk[], index: IndexEntry[]): void {
  const { number, count } = readIndexHeader(block.payload);
  if (count !== CHUNK_ROWS) return;
  const at = fullChunks.findIndex(({ chunk }) => chunk.number === number);
  const [full] = at < 0 ? [] : fullChunks.splice(at, 1);
  if (full === undefined) return;
  const offset = block.offset + BLOCK_HEADER_SIZE;
  const { length } = block.header;
  index.push({ chunk: number, offset, length, rows: CHUNK_ROWS, zone: full.zone });
}
