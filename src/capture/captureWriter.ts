import { readU32 } from '../base/bigEndian';
import type { Lsn } from '../base/lsn';
import { formatLsn, INVALID_LSN, lsnOfHalves } from '../base/lsn';
import { BLOCK, BLOCK_HEADER_SIZE, fileHead } from './blockFormat';
import { BlockWriter } from './blockWriter';
import { CaptureError } from './captureError';
import type { CaptureMeta } from './captureMeta';
import { continuedMeta } from './captureMeta';
import { createError, writeError } from './captureWriteError';
import type { IndexEntry, RelationEntry, TransactionEntry } from './directory';
import { encodeDirectory } from './directory';
import type { FileAccess, OpenFile } from './fileAccess';
import type { CaptureNote } from '../shared/captureNote';
import { encodeNotes } from './captureNotes';
import type { Gap, Seam } from './frame';
import { dataFrame, hasPosition, gapFrame, seamFrame } from './frame';
import type { FrameIndexer } from './frameIndexer';
import type { LastCommit } from './indexerState';
import type { IndexChunk } from './indexChunk';
import type { FullChunk, WriterStart } from './writerStart';
import { newWriterStart } from './writerStart';
import type { RelationVersions } from './relationVersions';
import { HEADER, HEADER_STATE, createHeader } from './sharedHeader';
import type { Zone } from './zone';

/** A directory at least this often, so that opening scans no more than that. */
const DIRECTORY_INTERVAL = 64 * 1024 * 1024;
/** How long {@link CaptureWriter.close} waits for the disk. */
const CLOSE_TIMEOUT_MS = 2000;

/** Running sums of a capture; a snapshot. */
export interface CaptureTotals {
  readonly messages: number;
  readonly changes: number;
  readonly transactions: number;
  readonly openTransactions: number;
  /** Bytes of all messages; the file is a little larger. */
  readonly bytes: number;
  readonly lastCommit: LastCommit | undefined;
  /** Of the transactions that are sent in part: a stream that begins after the last commit repeats them. */
  readonly unfinished: { readonly changes: number; readonly bytes: number };
}

/**
 * Appends frames to a capture file, a new one or one that is continued. {@link append} only copies; the
 * disk is told of in {@link writtenLsn}, {@link full} and {@link onDrain}. When the disk fails, writing
 * ends with {@link onError}, what was written stays readable, and `append` throws.
 */
export class CaptureWriter {
  /** Counters for readers in other threads (sharedHeader.ts); set after write() returned. */
  readonly header = createHeader();
  /** Called when {@link full} is false again. */
  onDrain: (() => void) | undefined;
  /** Called once, when writing has ended because of the disk. */
  onError: ((error: CaptureError) => void) | undefined;

  readonly #file: OpenFile;
  readonly #counters: BigInt64Array;
  readonly #blocks: BlockWriter;
  readonly #indexer: FrameIndexer;
  #meta: RelationEntry;
  #error: CaptureError | undefined;
  #closing: Promise<void> | undefined;
  /** What the file says of its source. */
  #source: CaptureMeta;
  /** Highest position of what was appended. */
  #positionHigh = 0;
  #positionLow = 0;
  #writtenLsn: Lsn = INVALID_LSN;
  #syncedLsn: Lsn = INVALID_LSN;
  #written = 0;
  /** Index chunks that are complete and not yet written. */
  readonly #fullChunks: FullChunk[];
  /** What the next directory lists. */
  #index: IndexEntry[];
  /** N blocks that no directory lists yet. */
  #notes: RelationEntry[];
  #relationsWritten: number;
  #directory: number | null;
  #nextDirectory: number;

  private constructor(file: OpenFile, start: WriterStart) {
    this.#file = file;
    this.#counters = new BigInt64Array(this.header);
    this.#indexer = start.indexer;
    this.#fullChunks = start.fullChunks;
    this.#meta = start.metaEntry;
    this.#source = start.meta;
    this.#index = [...start.index];
    this.#notes = [...start.notes];
    this.#relationsWritten = start.relationsWritten;
    this.#directory = start.directory;
    this.#nextDirectory = start.end + DIRECTORY_INTERVAL;
    this.#positionHigh = Number(start.position >> 32n);
    this.#positionLow = Number(start.position & 0xffff_ffffn);
    const mark = () => ({
      rows: this.#indexer.rows,
      position: lsnOfHalves(this.#positionHigh, this.#positionLow),
    });
    this.#blocks = new BlockWriter(file, start.end, mark, {
      written: (end, { rows, position }) => {
        this.#tellWritten(end, rows, position);
      },
      failed: cause => {
        this.#fail(cause);
      },
      drained: () => this.onDrain?.(),
    });
  }

  /** Makes the file, which must not exist; only its owner may read it. */
  static async create(files: FileAccess, path: string, meta: CaptureMeta): Promise<CaptureWriter> {
    let file: OpenFile;
    try {
      file = await files.create(path);
    } catch (cause) {
      throw createError(cause, path);
    }
    try {
      return await CaptureWriter.begin(file, meta);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Begins a capture in an empty file; where that fails the file stays open. */
  static async begin(file: OpenFile, meta: CaptureMeta): Promise<CaptureWriter> {
    try {
      await file.write(fileHead(), 0);
      const writer = new CaptureWriter(file, newWriterStart(meta));
      writer.setMeta(meta);
      await writer.flush();
      return writer;
    } catch (cause) {
      throw writeError(cause);
    }
  }

  /**
   * Goes on in a file of {@link readWriterStart}, and says there who goes on. What stands
   * behind the last whole block is cut off; what stays is on stable storage when this resolves.
   */
  static async resume(
    file: OpenFile,
    start: WriterStart,
    meta: CaptureMeta,
  ): Promise<CaptureWriter> {
    try {
      if ((await file.size()) > start.end) await file.truncate(start.end);
      const writer = new CaptureWriter(file, start);
      writer.#tellWritten(start.end, start.indexer.rows, start.position);
      writer.#writeFullChunks();
      writer.setMeta(meta);
      // It may have been written by a process that was killed before it could sync.
      await writer.sync();
      return writer;
    } catch (cause) {
      throw writeError(cause);
    }
  }

  /** Highest position that is safe to confirm as written: the bytes of its frame are in the file. */
  get writtenLsn(): Lsn {
    return this.#writtenLsn;
  }

  /** As {@link writtenLsn}, for what is on stable storage; moves with {@link sync} only. */
  get syncedLsn(): Lsn {
    return this.#syncedLsn;
  }

  /** The disk is behind: pause the source until {@link onDrain}. */
  get full(): boolean {
    return this.#blocks.full;
  }

  /** Why writing ended before its time; undefined while all is well. */
  get error(): CaptureError | undefined {
    return this.#error;
  }

  get totals(): CaptureTotals {
    const { rows, changes, transactions, bytes } = this.#indexer;
    const { lastCommit, openTransactions, unfinished } = this.#indexer;
    return {
      messages: rows,
      changes,
      transactions: transactions.count,
      openTransactions,
      bytes,
      lastCommit,
      unfinished,
    };
  }

  /** Bytes of the file so far, those on their way included. */
  get size(): number {
    return this.#blocks.end;
  }

  /** The file must be right after a power failure too, as far as {@link sync} has come. */
  makeDurable(): void {
    this.#blocks.makeDurable();
  }

  /** Takes the content of a CopyData message as it came, or as we sent it; the bytes are copied. */
  append(frame: Uint8Array): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#closing !== undefined) throw new CaptureError('closed', 'The capture is closed.');
    const offset = this.#blocks.appendFrame(frame);
    this.#indexer.add(frame, 0, frame.length, frame.length, offset);
    if (hasPosition(frame)) this.#notePosition(frame);
    this.#blocks.appended();
    if (this.#fullChunks.length > 0) this.#writeFullChunks();
    if (this.#blocks.end >= this.#nextDirectory) this.#writeDirectory();
  }

  #tellWritten(end: number, rows: number, position: Lsn): void {
    this.#written = end;
    this.#writtenLsn = position;
    Atomics.store(this.#counters, HEADER.rows, BigInt(rows));
    Atomics.store(this.#counters, HEADER.written, BigInt(end));
  }

  /** Keeps the highest position; as halves, because a bigint a message would cost. */
  #notePosition(frame: Uint8Array): void {
    const high = readU32(frame, 1);
    const low = readU32(frame, 5);
    if (high < this.#positionHigh || (high === this.#positionHigh && low <= this.#positionLow)) {
      return;
    }
    this.#positionHigh = high;
    this.#positionLow = low;
  }

  /**
   * Takes a message that came without a frame, as from SQL. End of WAL and the server's clock stand as
   * 0 in the header that it gets, which means not known.
   */
  appendMessage(lsn: Lsn, payload: Uint8Array): void {
    this.append(dataFrame(lsn, payload));
  }

  /** Notes positions that were not seen. */
  appendGap(gap: Gap): void {
    this.append(gapFrame(gap));
  }

  /** Notes that a new stream follows, which repeats the transactions that are sent in part. */
  appendSeam(seam: Seam): void {
    this.append(seamFrame(seam));
  }

  /** Adds what is known beside the stream. */
  appendNotes(notes: readonly CaptureNote[]): void {
    if (this.#error !== undefined || this.#closing !== undefined || notes.length === 0) return;
    const json = encodeNotes(notes);
    const offset = this.#blocks.appendBlock(BLOCK.notes, [json]);
    this.#notes.push({ offset: offset + BLOCK_HEADER_SIZE, length: json.length });
  }

  /** What the file says of its source. */
  get meta(): CaptureMeta {
    return this.#source;
  }

  /** The descriptions of tables and types that came. */
  get relations(): RelationVersions {
    return this.#indexer.relations;
  }

  /** Replaces what the file says of its source, save for the types that it knows. */
  setMeta(meta: CaptureMeta): void {
    this.#source = continuedMeta(this.#source, meta);
    const json = new TextEncoder().encode(JSON.stringify(this.#source));
    const offset = this.#blocks.appendBlock(BLOCK.meta, [json]);
    this.#meta = { offset: offset + BLOCK_HEADER_SIZE, length: json.length };
  }

  /** Resolves when what was appended is in the file; throws what ended writing. */
  async flush(): Promise<void> {
    await this.#blocks.flush();
    if (this.#error !== undefined) throw this.#error;
  }

  /** Resolves when what was appended is on stable storage (fdatasync). */
  async sync(): Promise<void> {
    await this.flush();
    const lsn = this.#writtenLsn;
    const end = this.#written;
    try {
      await this.#file.sync();
    } catch (cause) {
      // What the disk did not take is not known: nothing after this may count as durable.
      this.#fail(cause);
      throw this.#error ?? writeError(cause);
    }
    this.#syncedLsn = lsn;
    Atomics.store(this.#counters, HEADER.durable, BigInt(end));
  }

  /**
   * Writes the directory and syncs, so that the file is complete as one that is closed; more may be
   * appended. Throws what ended writing.
   */
  async rest(): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    this.#writeDirectory();
    await this.sync();
  }

  /**
   * Writes the directory, syncs and closes. Waits for the disk about two seconds at most; a file without
   * its last directory is complete all the same, opening it takes longer. Throws nothing: see
   * {@link error}.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#error === undefined) {
      this.#writeDirectory();
      const synced = this.sync().then(
        () => undefined,
        // The reason is in `error`.
        () => undefined,
      );
      await withTimeout(synced, CLOSE_TIMEOUT_MS);
    }
    // Nothing may write to the descriptor once it is closed, so a stuck write keeps it open.
    const closed = this.#blocks.stop().then(() => this.#closeFile());
    await withTimeout(closed, CLOSE_TIMEOUT_MS);
  }

  async #closeFile(): Promise<void> {
    if (this.#error !== undefined) await this.#cutTail();
    const state = this.#error === undefined ? HEADER_STATE.closed : HEADER_STATE.failed;
    Atomics.store(this.#counters, HEADER.state, state);
    try {
      await this.#file.close();
    } catch (cause) {
      this.#fail(cause);
    }
  }

  /** A write that failed may have left a part of its block, and a later one may have succeeded. */
  async #cutTail(): Promise<void> {
    try {
      await this.#file.truncate(this.#written);
    } catch {
      // The tail stays torn; opening the file cuts it off.
    }
  }

  #writeFullChunks(): void {
    for (const { chunk, zone } of this.#fullChunks.splice(0)) this.#writeIndex(chunk, zone);
  }

  #writeIndex(chunk: IndexChunk, zone: Zone): void {
    const pieces = chunk.encode();
    const offset = this.#blocks.appendBlock(BLOCK.index, pieces) + BLOCK_HEADER_SIZE;
    const entry = { offset, length: sizeOf(pieces), rows: chunk.count, zone };
    this.#index.push({ chunk: chunk.number, ...entry });
  }

  #writeDirectory(): void {
    const { tail, tailZone, transactions, relations } = this.#indexer;
    if (tail.count > 0) this.#writeIndex(tail, tailZone);
    const transactionEntries: TransactionEntry[] = transactions.takeDirty().map(chunk => {
      const pieces = chunk.encode();
      const offset = this.#blocks.appendBlock(BLOCK.transactions, pieces) + BLOCK_HEADER_SIZE;
      return {
        chunk: chunk.number,
        offset,
        length: sizeOf(pieces),
        transactions: chunk.count,
      };
    });
    for (const number of [...transactions.residentNumbers()]) {
      if (transactions.isFinal(number)) transactions.release(number);
    }
    const relationEntries: RelationEntry[] = [];
    if (relations.all.length > this.#relationsWritten) {
      const pieces = relations.encode(this.#relationsWritten);
      const offset = this.#blocks.appendBlock(BLOCK.relations, pieces) + BLOCK_HEADER_SIZE;
      relationEntries.push({ offset, length: sizeOf(pieces) });
      this.#relationsWritten = relations.all.length;
    }
    // Seals the data block, so that the Z block really begins here.
    const at = this.#blocks.seal();
    const directory = {
      previous: this.#directory,
      meta: this.#meta,
      index: this.#index,
      transactions: transactionEntries,
      relations: relationEntries,
      notes: this.#notes,
      openChunks: [...transactions.residentNumbers()],
      state: this.#indexer.state(),
      position: formatLsn(lsnOfHalves(this.#positionHigh, this.#positionLow)),
    };
    this.#directory = this.#blocks.appendBlock(BLOCK.directory, encodeDirectory(directory, at));
    this.#index = [];
    this.#notes = [];
    this.#nextDirectory = this.#blocks.end + DIRECTORY_INTERVAL;
  }

  #fail(cause: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = writeError(cause);
    Atomics.store(this.#counters, HEADER.state, HEADER_STATE.failed);
    this.onError?.(this.#error);
  }
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

async function withTimeout(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>(resolve => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
