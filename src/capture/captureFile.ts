import type { Lsn } from '../base/lsn';
import { toLsn } from '../base/lsn';
import { BLOCK, BLOCK_HEADER_SIZE, FILE_HEAD_SIZE, checkFileHead } from './blockFormat';
import type { ScannedBlock } from './blockScanner';
import { scanBlocks } from './blockScanner';
import { CaptureError } from './captureError';
import type { CaptureMeta } from './captureMeta';
import type { IndexEntry, TransactionEntry } from './directory';
import { readDirectories } from './directoryReader';
import type { FileAccess, OpenFile } from './fileAccess';
import type { Gap } from './frame';
import { DATA_HEADER_SIZE, FRAME, frameLsn, readGap } from './frame';
import { FrameIndexer } from './frameIndexer';
import type { ColumnName, IndexRow } from './indexChunk';
import {
  CHUNK_MASK,
  CHUNK_ROWS,
  CHUNK_SHIFT,
  INDEX_HEADER_SIZE,
  IndexChunk,
  ROW,
  checkedColumn,
  columnRange,
  readIndexHeader,
} from './indexChunk';
import { LruCache } from './lruCache';
import { PageCache } from './pageCache';
import type { RelationVersions } from './relationVersions';
import { readHeader } from './sharedHeader';
import { TX_MASK, TX_ROWS, TX_SHIFT, TransactionChunk } from './transactionChunk';
import type { Zone } from './zone';

/** Chunks of either kind kept in memory: 16 x 2.2 MB and 16 x 0.5 MB. */
const RESIDENT_CHUNKS = 16;
/** How long {@link CaptureFile.follow} works before it gives others a turn, in milliseconds. */
const SLICE_MS = 8;
/** Most bytes that {@link CaptureFile.messages} reads at once, unless one message is larger. */
const BATCH_SIZE = 1024 * 1024;

/** A message of a capture. `payload` may be a view of a shared buffer: not to be written to. */
export interface CapturedMessage {
  readonly seq: number;
  readonly lsn: Lsn;
  /** Without the header of XLogData; the whole frame where it is one of our own. */
  readonly payload: Uint8Array;
  /** The server's clock when it sent the message, microseconds since 2000; 0 where not known. */
  readonly serverTime: bigint;
  readonly row: IndexRow;
  /** Present on a gap. */
  readonly gap?: Gap;
}

/** What is wrong with a file; what stands before `offset` can be read. */
export interface CaptureProblem {
  readonly offset: number;
  readonly message: string;
}

/** Reads a capture: one that is complete, one whose writer died, or one that is being written. */
export class CaptureFile {
  readonly #file: OpenFile;
  readonly #header: SharedArrayBuffer | undefined;
  readonly #pages: PageCache;
  #meta: CaptureMeta;
  readonly #indexer: FrameIndexer;
  readonly #index = new Map<number, IndexEntry>();
  readonly #zones = new Map<number, Zone>();
  readonly #transactionEntries = new Map<number, TransactionEntry>();
  /** Full chunks that do not stand in the file yet. */
  readonly #pinned = new Map<number, IndexChunk>();
  readonly #chunks: LruCache<IndexChunk>;
  readonly #transactionChunks: LruCache<TransactionChunk>;
  readonly #chunkHeaders = new Map<number, Uint8Array>();
  #scanned = FILE_HEAD_SIZE;
  #live: boolean;
  #problem: CaptureProblem | undefined;
  #following: Promise<boolean> | undefined;

  private constructor(file: OpenFile, meta: CaptureMeta, header: SharedArrayBuffer | undefined) {
    this.#file = file;
    this.#meta = meta;
    this.#header = header;
    this.#live = header !== undefined;
    this.#pages = new PageCache(file);
    this.#indexer = new FrameIndexer(meta.source.plugin, (chunk, zone) => {
      this.#pinned.set(chunk.number, chunk);
      this.#zones.set(chunk.number, zone);
    });
    this.#chunks = new LruCache(RESIDENT_CHUNKS, number => this.#loadChunk(number));
    this.#transactionChunks = new LruCache(RESIDENT_CHUNKS, number =>
      this.#loadTransactionChunk(number),
    );
  }

  /**
   * Opens a capture. With the counters of a writer in this process the file is followed
   * ({@link follow}); without them it is read to its end, and a torn tail is left out.
   */
  static async open(
    files: FileAccess,
    path: string,
    header?: SharedArrayBuffer,
  ): Promise<CaptureFile> {
    let file: OpenFile;
    try {
      file = await files.open(path);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CaptureError('read-failed', `The capture cannot be opened: ${reason}`, { cause });
    }
    try {
      const head = new Uint8Array(FILE_HEAD_SIZE);
      checkFileHead(head.subarray(0, await file.read(head, 0)));
      const size = header === undefined ? await file.size() : readHeader(header).written;
      const capture = new CaptureFile(file, await readFirstMeta(file, size), header);
      await capture.#restore(size);
      while (await capture.follow());
      return capture;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get meta(): CaptureMeta {
    return this.#meta;
  }

  /** Messages known so far. */
  get rows(): number {
    return this.#indexer.rows;
  }

  get changes(): number {
    return this.#indexer.changes;
  }

  get transactions(): number {
    return this.#indexer.transactions.count;
  }

  /** Bytes of all messages. */
  get bytes(): number {
    return this.#indexer.bytes;
  }

  get relations(): RelationVersions {
    return this.#indexer.relations;
  }

  get counts(): FrameIndexer['counts'] {
    return this.#indexer.counts;
  }

  /** More may come: the writer has not closed the file. */
  get live(): boolean {
    return this.#live;
  }

  /** A damaged place, or undefined while all is well. A torn tail is not damage: it is left out. */
  get problem(): CaptureProblem | undefined {
    return this.#problem;
  }

  /** True where this subtransaction was rolled back while its transaction went on. */
  isSubAborted(transaction: number, xid: number): boolean {
    return this.#indexer.subAborts.get(transaction)?.has(xid) === true;
  }

  /**
   * Takes in what was written since, for some milliseconds; true where more is waiting. Calls while one
   * is under way share it.
   */
  follow(): Promise<boolean> {
    this.#following ??= this.#follow().finally(() => {
      this.#following = undefined;
    });
    return this.#following;
  }

  async #follow(): Promise<boolean> {
    if (this.#problem !== undefined) return false;
    const snapshot = this.#header === undefined ? undefined : readHeader(this.#header);
    const to = snapshot?.written ?? (await this.#file.size());
    if (to <= this.#scanned) {
      if (snapshot !== undefined) this.#live = snapshot.state === 'writing';
      return false;
    }
    const deadline = performance.now() + SLICE_MS;
    const { end, reason } = await scanBlocks(this.#file, this.#scanned, to, block => {
      this.#take(block);
      return performance.now() < deadline;
    });
    this.#scanned = end;
    // A reader writes nothing, so it keeps no list of what to write.
    this.#indexer.transactions.takeDirty();
    if (reason === 'corrupt' || (reason === 'torn' && snapshot !== undefined)) {
      const message = `The capture is damaged at byte ${String(end)}; what stands before is shown.`;
      this.#problem = { offset: end, message };
      this.#live = false;
    }
    return reason === 'stopped';
  }

  #take({ header, offset, payload }: ScannedBlock): void {
    const start = offset + BLOCK_HEADER_SIZE;
    switch (header.type) {
      case BLOCK.data:
        this.#takeFrames(payload, header.length, start);
        break;
      case BLOCK.meta:
        this.#meta = parseMeta(payload);
        break;
      case BLOCK.index: {
        const { number, count } = readIndexHeader(payload);
        if (count === CHUNK_ROWS) this.#indexed(number, start, header.length);
        break;
      }
      case BLOCK.transactions:
        this.#transactionsWritten(payload, start, header.length);
        break;
      default:
        // Relations come with the data; blocks of later versions are passed over.
        break;
    }
  }

  #takeFrames(payload: Uint8Array, length: number, start: number): void {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    let at = 0;
    while (at + 4 <= payload.length) {
      const size = view.getUint32(at, true);
      const end = at + 4 + size;
      if (end > length) throw new CaptureError('corrupt', 'A frame is longer than its block.');
      const shown = Math.min(end, payload.length);
      this.#indexer.add(payload, at + 4, shown, size, start + at + 4);
      at = end;
    }
  }

  /** A full index chunk stands in the file now, so it need not stay in memory. */
  #indexed(number: number, offset: number, length: number): void {
    const chunk = this.#pinned.get(number);
    const zone = this.#zones.get(number);
    if (chunk === undefined || zone === undefined) return;
    this.#index.set(number, { chunk: number, offset, length, rows: CHUNK_ROWS, zone });
    this.#pinned.delete(number);
    this.#chunks.put(number, chunk);
  }

  #transactionsWritten(payload: Uint8Array, offset: number, length: number): void {
    const view = new DataView(payload.buffer, payload.byteOffset);
    const number = view.getUint32(0, true);
    const table = this.#indexer.transactions;
    table.takeDirty();
    if (!table.isFinal(number)) return;
    const chunk = table.resident(number);
    this.#transactionEntries.set(number, { chunk: number, offset, length, transactions: TX_ROWS });
    table.release(number);
    if (chunk !== undefined) this.#transactionChunks.put(number, chunk);
  }

  /** Takes over what the directories say, so that only what stands after the last is scanned. */
  async #restore(size: number): Promise<void> {
    const found = await readDirectories(this.#file, size);
    const last = found.at(-1);
    if (last === undefined) return;
    for (const { directory } of found) {
      for (const entry of directory.index) {
        this.#index.set(entry.chunk, entry);
        this.#zones.set(entry.chunk, entry.zone);
      }
      for (const entry of directory.transactions) this.#transactionEntries.set(entry.chunk, entry);
      for (const { offset, length } of directory.relations) {
        this.#indexer.relations.restore(await this.#pages.read(offset, length));
      }
    }
    const { state, openChunks, meta } = last.directory;
    this.#meta = parseMeta(await this.#pages.read(meta.offset, meta.length));
    const tailNumber = state.rows >>> CHUNK_SHIFT;
    const tail =
      (state.rows & CHUNK_MASK) === 0
        ? new IndexChunk(tailNumber)
        : await this.#loadChunk(tailNumber);
    this.#index.delete(tailNumber);
    const chunks = await Promise.all(openChunks.map(n => this.#loadTransactionChunk(n)));
    const open = [
      ...(state.begun === null ? [] : [state.begun]),
      ...state.streamed,
      ...state.prepared,
    ];
    for (const chunk of chunks) {
      chunk.open = open.filter(([, ordinal]) => ordinal >>> TX_SHIFT === chunk.number).length;
      this.#transactionEntries.delete(chunk.number);
    }
    this.#indexer.transactions.restore(state.transactions, chunks);
    this.#indexer.restore(state, tail);
    this.#scanned = last.end;
  }

  /** Number of index chunks, the one that is being filled included. */
  get chunkCount(): number {
    return Math.ceil(this.rows / CHUNK_ROWS);
  }

  /** What is known of a chunk without reading it; undefined for the one that is being filled. */
  zone(number: number): Zone | undefined {
    return this.#zones.get(number);
  }

  /** The rows of a chunk; the last one grows. */
  async chunk(number: number): Promise<IndexChunk> {
    return this.residentChunk(number) ?? (await this.#chunks.get(number));
  }

  /** The chunk if it is in memory. */
  residentChunk(number: number): IndexChunk | undefined {
    const { tail } = this.#indexer;
    if (number === tail.number) return tail;
    return this.#pinned.get(number) ?? this.#chunks.peek(number);
  }

  /** One column of a chunk, for scans: a chunk that is not in memory is not brought there. */
  async column(
    number: number,
    name: 'kind' | 'flags' | 'transaction' | 'relation' | 'xid',
  ): Promise<Uint8Array | Uint32Array> {
    const resident = this.residentChunk(number);
    if (resident !== undefined) return resident[name].subarray(0, resident.count);
    const entry = this.#indexEntry(number);
    let header = this.#chunkHeaders.get(number);
    if (header === undefined) {
      header = new Uint8Array(INDEX_HEADER_SIZE);
      await this.#file.read(header, entry.offset);
      readIndexHeader(header);
      this.#chunkHeaders.set(number, header);
    }
    const bytes = await this.#readColumn(entry, header, name);
    return name === 'kind' || name === 'flags' ? bytes : new Uint32Array(bytes.buffer);
  }

  async #readColumn(entry: IndexEntry, header: Uint8Array, name: ColumnName): Promise<Uint8Array> {
    const { start, end } = columnRange(entry.rows, name);
    const bytes = new Uint8Array(end - start);
    await this.#file.read(bytes, entry.offset + start);
    return checkedColumn(header, bytes, name);
  }

  async row(seq: number): Promise<IndexRow> {
    if (!Number.isInteger(seq) || seq < 0 || seq >= this.rows) {
      throw new CaptureError('not-found', `The capture has no message ${String(seq)}.`);
    }
    return (await this.chunk(seq >>> CHUNK_SHIFT)).row(seq & CHUNK_MASK);
  }

  /** The chunk that holds a transaction; its row is `ordinal & TX_MASK`. */
  async transactionChunk(ordinal: number): Promise<TransactionChunk> {
    const number = ordinal >>> TX_SHIFT;
    const resident = this.#indexer.transactions.resident(number);
    return resident ?? (await this.#transactionChunks.get(number));
  }

  /** The first message of each transaction needs no more than this. */
  async firstSeq(ordinal: number): Promise<number> {
    return (await this.transactionChunk(ordinal)).firstSeq[ordinal & TX_MASK] ?? 0;
  }

  async readMessage(seq: number): Promise<CapturedMessage> {
    const row = await this.row(seq);
    return capturedMessage(seq, row, await this.#pages.read(row.offset, row.length));
  }

  /** The first bytes of a message's frame, for one that is too large to be read for a list. */
  async readFrame(row: IndexRow, start: number, length: number): Promise<Uint8Array> {
    const end = Math.min(row.length, start + length);
    return this.#pages.read(row.offset + start, Math.max(0, end - start));
  }

  /**
   * The messages in order of arrival, in batches of about 1 MiB; ends with those that are known when it
   * gets there. A batch is valid until the next one.
   */
  async *messages(
    options: { readonly fromSeq?: number } = {},
  ): AsyncGenerator<readonly CapturedMessage[]> {
    let seq = options.fromSeq ?? 0;
    while (seq < this.rows) {
      const chunk = await this.chunk(seq >>> CHUNK_SHIFT);
      while (seq >>> CHUNK_SHIFT === chunk.number && (seq & CHUNK_MASK) < chunk.count) {
        const batch = await this.#readBatch(chunk, seq);
        seq += batch.length;
        yield batch;
      }
    }
  }

  async #readBatch(chunk: IndexChunk, seq: number): Promise<readonly CapturedMessage[]> {
    const first = seq & CHUNK_MASK;
    const start = chunk.offset[first] ?? 0;
    let end = start + (chunk.length[first] ?? 0);
    let i = first + 1;
    for (; i < chunk.count; i++) {
      const next = (chunk.offset[i] ?? 0) + (chunk.length[i] ?? 0);
      if (next - start > BATCH_SIZE) break;
      end = next;
    }
    const bytes = new Uint8Array(end - start);
    if ((await this.#file.read(bytes, start)) < bytes.length) {
      throw new CaptureError('corrupt', `The capture ends before byte ${String(end)}.`);
    }
    const batch: CapturedMessage[] = [];
    for (let k = first; k < i; k++) {
      const row = chunk.row(k);
      const at = row.offset - start;
      batch.push(capturedMessage(seq + k - first, row, bytes.subarray(at, at + row.length)));
    }
    return batch;
  }

  async #loadChunk(number: number): Promise<IndexChunk> {
    const { offset, length } = this.#indexEntry(number);
    const payload = new Uint8Array(length);
    await this.#file.read(payload, offset);
    return IndexChunk.decode(payload);
  }

  #indexEntry(number: number): IndexEntry {
    const entry = this.#index.get(number);
    if (entry === undefined) {
      throw new CaptureError('not-found', `The capture has no index chunk ${String(number)}.`);
    }
    return entry;
  }

  async #loadTransactionChunk(number: number): Promise<TransactionChunk> {
    const entry = this.#transactionEntries.get(number);
    if (entry === undefined) {
      throw new CaptureError('not-found', `There is no transaction chunk ${String(number)}.`);
    }
    const payload = new Uint8Array(entry.length);
    await this.#file.read(payload, entry.offset);
    return TransactionChunk.decode(payload);
  }

  async close(): Promise<void> {
    await this.#following?.catch(() => undefined);
    await this.#file.close();
  }
}

function capturedMessage(seq: number, row: IndexRow, frame: Uint8Array): CapturedMessage {
  const lsn = toLsn(row.lsn);
  if ((row.flags & ROW.ownFrame) !== 0) {
    const gap = readGap(frame);
    const message = { seq, lsn, payload: frame, serverTime: 0n, row };
    return gap === undefined ? message : { ...message, gap };
  }
  if (frame[0] !== FRAME.data || frame.length < DATA_HEADER_SIZE) {
    const where = `message ${String(seq)} at byte ${String(row.offset)}`;
    throw new CaptureError('corrupt', `The capture is damaged: ${where}.`);
  }
  const serverTime = BigInt.asIntN(64, frameLsn(frame, 17));
  return { seq, lsn, payload: frame.subarray(DATA_HEADER_SIZE), serverTime, row };
}

/** The M block that every capture begins with; without it nothing can be read. */
async function readFirstMeta(file: OpenFile, size: number): Promise<CaptureMeta> {
  let meta: CaptureMeta | undefined;
  await scanBlocks(file, FILE_HEAD_SIZE, size, ({ header, payload }) => {
    if (header.type === BLOCK.meta) meta = parseMeta(payload);
    return false;
  });
  if (meta === undefined) {
    throw new CaptureError('corrupt', 'This capture is damaged at its beginning.');
  }
  return meta;
}

function parseMeta(payload: Uint8Array): CaptureMeta {
  try {
    // The checksum vouches for the shape: we wrote it.
    return JSON.parse(new TextDecoder().decode(payload)) as CaptureMeta;
  } catch (cause) {
    throw new CaptureError('corrupt', 'What this capture says of its source is damaged.', {
      cause,
    });
  }
}
