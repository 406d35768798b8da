import { BlockCheck } from './blockCheck';
import { BLOCK, BLOCK_HEADER_SIZE, FILE_HEAD_SIZE, checkFileHead } from './blockFormat';
import type { ScannedBlock } from './blockScanner';
import { BlockScanner } from './blockScanner';
import { asDamage, CaptureError, damagedAt } from './captureError';
import type { MaskedColumns } from '../logical/maskedMessage';
import { TypeTable } from '../logical/types/typeTable';
import type { ColumnMask } from '../shared/columnMask';
import { MASKED_TEXT } from '../shared/columnMask';
import type { Who } from '../shared/who';
import type { CaptureMeta } from './captureMeta';
import { mayHoldBinary } from './captureMeta';
import { CaptureNotes, decodeNotes } from './captureNotes';
import { CapturedFrames } from './capturedFrames';
import type { CapturedMessage } from './capturedMessage';
import type { RelationEntry } from './directory';
import { readDirectories } from './directoryReader';
import type { FileAccess, OpenFile } from './fileAccess';
import { FileGrowth } from './fileGrowth';
import { FrameIndexer } from './frameIndexer';
import type { LastCommit } from './indexerState';
import type { IndexChunk, IndexRow } from './indexChunk';
import { CHUNK_MASK, CHUNK_ROWS, CHUNK_SHIFT, NONE, readIndexHeader } from './indexChunk';
import type { ScanColumn } from './indexStore';
import { IndexStore } from './indexStore';
import { messageBatches } from './messageBatches';
import { PageCache } from './pageCache';
import type { RelationVersions } from './relationVersions';
import { RowClasses } from './rowClasses';
import { parseMeta, readFirstMeta } from './readMeta';
import { restoreIndexer } from './restoreIndexer';
import { readHeader } from './sharedHeader';
import type { TransactionChunk } from './transactionChunk';
import { FATE, TX_MASK, TX_ROWS, TX_SHIFT } from './transactionChunk';
import { TransactionStore } from './transactionStore';
import type { Zone } from './zone';

/** By its first bytes a file is known: in them stands the checksum of its first facts. */
const KNOWN_BYTES = 64;

const REPLACED =
  'This file was cut off, or another one written in its place, while it was open: open it again.';

/** How long {@link CaptureFile.follow} works before it gives others a turn, in milliseconds. */
const SLICE_MS = 8;

/** What is wrong with a file; what stands before `offset` can be read. */
export interface CaptureProblem {
  readonly offset: number;
  readonly message: string;
}

/** Reads a capture: one that is complete, one whose writer died, or one that is being written. */
export class CaptureFile {
  readonly #file: OpenFile;
  /** Its first bytes. */
  readonly #head: Uint8Array;
  readonly #header: SharedArrayBuffer | undefined;
  readonly #pages: PageCache;
  readonly #frames: CapturedFrames;
  #meta: CaptureMeta;
  #types: TypeTable;
  #holdsBinary: boolean;
  readonly #indexer: FrameIndexer;
  readonly #index: IndexStore;
  readonly #transactions: TransactionStore;
  /** What is known beside what the server sent; {@link readNotes} brings in what stood there at the opening. */
  readonly notes = new CaptureNotes();
  /** The rows of the index by what filters ask of them. */
  readonly classes = new RowClasses(this);
  /** N blocks that directories list and that were not read yet, the oldest first. */
  #unreadNotes: RelationEntry[] = [];
  /** Used where the writer is not known. */
  readonly #growth = new FileGrowth();
  /** Where a damaged place was seen once: what was read may have been written meanwhile. */
  #suspect = -1;
  #scanned = FILE_HEAD_SIZE;
  #live: boolean;
  #problem: CaptureProblem | undefined;
  #following: Promise<boolean> | undefined;
  #check: BlockCheck | undefined;

  private constructor(
    file: OpenFile,
    head: Uint8Array,
    meta: CaptureMeta,
    header: SharedArrayBuffer | undefined,
  ) {
    this.#file = file;
    this.#head = head;
    this.#meta = meta;
    this.#types = new TypeTable(meta.types);
    this.#holdsBinary = mayHoldBinary(meta);
    this.#header = header;
    this.#live = header !== undefined;
    this.#pages = new PageCache(file);
    this.#frames = new CapturedFrames(this.#pages, this);
    this.#index = new IndexStore(file);
    this.#indexer = new FrameIndexer(meta.source.plugin, (chunk, zone) => {
      this.#index.add(chunk, zone);
    });
    this.#transactions = new TransactionStore(file);
  }

  /**
   * Opens a capture. With the counters of a writer in this process it is read as far as that has written;
   * without them to its end, and a torn tail is left out. {@link follow} takes in what comes later. `mask`:
   * see {@link setMask}.
   */
  static async open(
    files: FileAccess,
    path: string,
    header?: SharedArrayBuffer,
    mask: readonly string[] = [],
  ): Promise<CaptureFile> {
    let file: OpenFile;
    try {
      file = await files.open(path);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CaptureError('read-failed', `The capture cannot be opened: ${reason}`, { cause });
    }
    try {
      const room = new Uint8Array(KNOWN_BYTES);
      const head = room.subarray(0, await file.read(room, 0));
      checkFileHead(head.subarray(0, FILE_HEAD_SIZE));
      const size = header === undefined ? await file.size() : readHeader(header).written;
      const capture = new CaptureFile(file, head, await readFirstMeta(file, size), header);
      capture.setMask(mask);
      await capture.#restore(size);
      while (await capture.follow());
      capture.#growth.watch();
      return capture;
    } catch (error) {
      await file.close();
      throw asDamage(error);
    }
  }

  get meta(): CaptureMeta {
    return this.#meta;
  }

  /** The types that are not built in, as far as they are known; another table when that changed. */
  get types(): TypeTable {
    return this.#types;
  }

  /**
   * Whose values are left out of every message and frame from now on: patterns of {@link ColumnMask}, beside
   * those that the file itself was redacted by. Where one cannot be read, all values are.
   */
  setMask(patterns: readonly string[]): void {
    this.#frames.setMask(patterns);
  }

  get mask(): ColumnMask {
    return this.#frames.mask;
  }

  /** The masked columns of a relation version, for who reads bytes of the file itself; undefined for none. */
  maskedColumns(version: number): MaskedColumns | undefined {
    return this.#frames.columns(version);
  }

  /** Some values may be in binary form. */
  get holdsBinary(): boolean {
    return this.#holdsBinary;
  }

  /** Offset in the file up to which it is known; a block ends there. */
  get end(): number {
    return this.#scanned;
  }

  /** Bytes behind the last whole block of a file whose writer is not known, while it does not grow. */
  get left(): number {
    return this.#header === undefined && this.#problem === undefined ? this.#growth.left : 0;
  }

  /** It became longer not long ago, and its writer is not known: another process goes on in it. */
  get hasGrown(): boolean {
    return this.#growth.hasGrown;
  }

  /** It may become longer: it is worth to {@link follow} it again. */
  get mayGrow(): boolean {
    return this.#live || (this.#header === undefined && this.#problem === undefined);
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

  /** Gaps, and the bytes of WAL in them. */
  get gaps(): { readonly count: number; readonly bytes: number } {
    return { count: this.#indexer.gaps, bytes: this.#indexer.gapBytes };
  }

  /** Changes of transactions that were cut off, and which came again. */
  get cutChanges(): number {
    return this.#indexer.cutChanges;
  }

  /** Transactions that a limit cut off. */
  get cutTransactions(): number {
    return this.#indexer.cutTransactions;
  }

  /** Bytes of all messages. */
  get bytes(): number {
    return this.#indexer.bytes;
  }

  /** The last commit in order of arrival; undefined before the first. */
  get lastCommit(): LastCommit | undefined {
    return this.#indexer.lastCommit;
  }

  get relations(): RelationVersions {
    return this.#indexer.relations;
  }

  get counts(): FrameIndexer['counts'] {
    return this.#indexer.counts;
  }

  /** More may come: the writer, which is known, has not closed the file. */
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

  /** True where a limit cut this transaction off, and it came again. */
  async isCut(transaction: number): Promise<boolean> {
    if (transaction === NONE) return false;
    const chunk = await this.transactionChunk(transaction);
    return chunk.fate[transaction & TX_MASK] === FATE.cut;
  }

  /** How many subtransactions of a transaction were rolled back. */
  subAborts(transaction: number): number {
    return this.#indexer.subAborts.get(transaction)?.size ?? 0;
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
    const to = snapshot?.written ?? (await this.#look());
    if (to === undefined) return false;
    if (to <= this.#scanned) {
      this.#growth.read(this.#scanned, 'complete');
      if (snapshot !== undefined) this.#live = snapshot.state === 'writing';
      return false;
    }
    const deadline = performance.now() + SLICE_MS;
    const scanner = new BlockScanner(this.#file, this.#scanned, to);
    let more = true;
    while (more) {
      const block = await scanner.next();
      if (block === undefined) break;
      this.#take(block);
      more = performance.now() < deadline;
    }
    this.#scanned = scanner.offset;
    // A reader writes nothing, so it keeps no list of what to write.
    this.#indexer.transactions.takeDirty();
    const { ended } = scanner;
    this.#growth.read(scanner.offset, ended);
    // What a writer says is written is whole; elsewhere the end may be torn, or be under way.
    const isCutShort = snapshot !== undefined && ended === 'torn';
    const isDamaged = ended === 'corrupt' && !this.#growth.moves;
    if (isDamaged && snapshot === undefined && this.#suspect !== scanner.offset) {
      this.#suspect = scanner.offset;
      this.#growth.read(scanner.offset, undefined);
      return true;
    }
    if (isCutShort || isDamaged) {
      this.#problem = { offset: scanner.offset, message: damagedAt(scanner.offset) };
      this.#live = false;
    }
    return ended === undefined;
  }

  /** The size of a file whose writer is not known; undefined where there is nothing to be read in it. */
  async #look(): Promise<number | undefined> {
    const stamp = await this.#file.stamp();
    if (!this.#growth.look(stamp)) return undefined;
    if (stamp.size < this.#scanned || !(await this.#isSame())) {
      this.#problem = { offset: 0, message: REPLACED };
      return undefined;
    }
    // Behind the last whole block something else may stand now.
    this.#pages.forgetFrom(this.#scanned);
    return stamp.size;
  }

  async #isSame(): Promise<boolean> {
    const now = new Uint8Array(this.#head.length);
    await this.#file.read(now, 0);
    return now.every((byte, i) => byte === this.#head[i]);
  }

  #take({ header, offset, payload }: ScannedBlock): void {
    const start = offset + BLOCK_HEADER_SIZE;
    switch (header.type) {
      case BLOCK.data:
        this.#takeFrames(payload, header.length, start);
        break;
      case BLOCK.meta:
        this.#takeMeta(payload);
        break;
      case BLOCK.index: {
        const { number, count } = readIndexHeader(payload);
        if (count === CHUNK_ROWS) this.#index.written(number, start, header.length);
        break;
      }
      case BLOCK.notes:
        this.#takeNotes(payload, start, header.length);
        break;
      case BLOCK.transactions:
        this.#transactionsWritten(payload, start, header.length);
        break;
      default:
        // Relations come with the data; blocks of later versions are passed over.
        break;
    }
  }

  /** In order: what came before is read first. */
  #takeNotes(payload: Uint8Array, offset: number, length: number): void {
    const isWhole = payload.length === length;
    if (isWhole && this.#unreadNotes.length === 0) this.notes.take(decodeNotes(payload));
    else this.#unreadNotes.push({ offset, length });
  }

  /**
   * Who wrote a transaction. A statement may hold any values: where columns are masked nobody is shown it.
   */
  who(transaction: Parameters<CaptureNotes['who']>[0]): Who | undefined {
    const who = this.notes.who(transaction);
    if (who?.seen !== true || who.query === '' || this.mask.isEmpty) return who;
    return { ...who, query: MASKED_TEXT, queryCut: false };
  }

  /** Notes that stood in the file at its opening are still to be read. */
  get hasUnreadNotes(): boolean {
    return this.#unreadNotes.length > 0;
  }

  /** Reads notes for some milliseconds; true where more are waiting. */
  async readNotes(): Promise<boolean> {
    const deadline = performance.now() + SLICE_MS;
    while (this.#unreadNotes.length > 0 && performance.now() < deadline) {
      const [next] = this.#unreadNotes;
      if (next === undefined) break;
      const payload = new Uint8Array(next.length);
      await this.readSpan(payload, next.offset);
      this.#unreadNotes.shift();
      this.notes.take(decodeNotes(payload));
    }
    return this.#unreadNotes.length > 0;
  }

  /** The last one counts. */
  #takeMeta(payload: Uint8Array): void {
    this.#meta = parseMeta(payload);
    this.#types = new TypeTable(this.#meta.types);
    this.#holdsBinary ||= mayHoldBinary(this.#meta);
    this.#frames.metaChanged();
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

  #transactionsWritten(payload: Uint8Array, offset: number, length: number): void {
    const view = new DataView(payload.buffer, payload.byteOffset);
    const number = view.getUint32(0, true);
    const table = this.#indexer.transactions;
    table.takeDirty();
    if (!table.isFinal(number)) return;
    const chunk = table.resident(number);
    table.release(number);
    this.#transactions.written({ chunk: number, offset, length, transactions: TX_ROWS }, chunk);
  }

  /** Takes over what the directories say, so that only what stands after the last is scanned. */
  async #restore(size: number): Promise<void> {
    const found = await readDirectories(this.#file, size);
    const last = found.at(-1);
    if (last === undefined) return;
    const { index, transactions, tail } = await restoreIndexer(this.#file, this.#indexer, found);
    for (const entry of index.values()) this.#index.restore(entry);
    this.#index.forget(tail);
    for (const entry of transactions.values()) this.#transactions.written(entry);
    this.#unreadNotes = found.flatMap(({ directory }) => [...(directory.notes ?? [])]);
    const { meta } = last.directory;
    this.#takeMeta(await this.#pages.read(meta.offset, meta.length));
    this.#scanned = last.end;
  }

  /** What is known of a chunk without reading it; undefined for the one that is being filled. */
  zone(number: number): Zone | undefined {
    return this.#index.zone(number);
  }

  /** The rows of a chunk; the last one grows. */
  async chunk(number: number): Promise<IndexChunk> {
    const { tail } = this.#indexer;
    return number === tail.number ? tail : this.#index.chunk(number);
  }

  /** As {@link chunk}, for a scan of all: a chunk that is not in memory is not kept there. */
  async passingChunk(number: number): Promise<IndexChunk> {
    const { tail } = this.#indexer;
    const resident = number === tail.number ? tail : this.#index.resident(number);
    return resident ?? (await this.#index.load(number));
  }

  /**
   * One column of a chunk, for scans: a chunk that is not in memory is not brought there. Who asks again and
   * again may give `room` to read into.
   */
  async column(
    number: number,
    name: ScanColumn,
    room?: ArrayBuffer,
  ): Promise<Uint8Array | Uint32Array> {
    const { tail } = this.#indexer;
    const resident = number === tail.number ? tail : this.#index.resident(number);
    if (resident !== undefined) return resident[name].subarray(0, resident.count);
    return this.#index.readColumn(number, name, room);
  }

  /**
   * The index around a message, which is there, and the number of the first message in it: what a look
   * at a few messages anywhere needs, without the whole chunk.
   */
  async rowsAround(seq: number): Promise<{ readonly rows: IndexChunk; readonly first: number }> {
    const number = seq >>> CHUNK_SHIFT;
    const base = number * CHUNK_ROWS;
    const { tail } = this.#indexer;
    if (number === tail.number) return { rows: tail, first: base };
    const { rows, first } = await this.#index.page(number, seq & CHUNK_MASK);
    return { rows, first: base + first };
  }

  async row(seq: number): Promise<IndexRow> {
    if (!Number.isInteger(seq) || seq < 0 || seq >= this.rows) {
      throw new CaptureError('not-found', `The capture has no message ${String(seq)}.`);
    }
    const { rows, first } = await this.rowsAround(seq);
    return rows.row(seq - first);
  }

  /** The position of a message that is there: as {@link row} tells it, for a part of the work. */
  async lsnOf(seq: number): Promise<bigint> {
    const { tail } = this.#indexer;
    const number = seq >>> CHUNK_SHIFT;
    if (number === tail.number) return tail.lsn[seq & CHUNK_MASK] ?? 0n;
    return this.#index.lsn(number, seq & CHUNK_MASK);
  }

  /** The chunk that holds a transaction; its row is `ordinal & TX_MASK`. */
  async transactionChunk(ordinal: number): Promise<TransactionChunk> {
    const number = ordinal >>> TX_SHIFT;
    const resident = this.#indexer.transactions.resident(number);
    return resident ?? (await this.#transactions.chunk(number));
  }

  /** The first message of each transaction needs no more than this. */
  async firstSeq(ordinal: number): Promise<number> {
    return (await this.transactionChunk(ordinal)).firstSeq[ordinal & TX_MASK] ?? 0;
  }

  async readMessage(seq: number): Promise<CapturedMessage> {
    return this.#frames.message(seq, await this.row(seq));
  }

  /** Bytes of the frame as it is given out: fewer, or more, than in the file where values are masked. */
  frameLength(row: IndexRow): Promise<number> {
    return this.#frames.length(row);
  }

  /** Some bytes of a message's frame, for one that is too large to be read as a whole. */
  readFrame(row: IndexRow, start: number, length: number): Promise<Uint8Array> {
    return this.#frames.part(row, start, length);
  }

  /**
   * Fills `into` from `offset` of the file: for a walk over many messages, past all caches and past the mask.
   * Who reads so must leave out the values of {@link maskedColumns} itself.
   */
  async readSpan(into: Uint8Array, offset: number): Promise<void> {
    if ((await this.#file.read(into, offset)) < into.length) {
      throw new CaptureError('corrupt', damagedAt(offset));
    }
  }

  /** As {@link messageBatches}; ends with those that were known when it began, or before `toSeq`. */
  async *messages(
    options: { readonly fromSeq?: number; readonly toSeq?: number } = {},
  ): AsyncGenerator<readonly CapturedMessage[]> {
    const { fromSeq = 0, toSeq = this.rows } = options;
    const to = Math.min(this.rows, toSeq);
    if (fromSeq >= to) return;
    const source = {
      file: this.#file,
      start: this.#blockBefore(fromSeq),
      end: this.#scanned,
      chunk: (number: number) => this.chunk(number),
      frames: this.#frames,
    };
    yield* messageBatches(source, fromSeq, to);
  }

  /** Where the block begins that holds a message, where it is not as it was written; undefined where it is. */
  async damagedBlock(seq: number): Promise<number | undefined> {
    const { offset } = await this.row(seq);
    this.#check ??= new BlockCheck(this.#file, this.#pages);
    return this.#check.damaged(offset, this.#blockBefore(seq), this.#scanned);
  }

  /** Where a block begins that is not after the message, and not long before it. */
  #blockBefore(seq: number): number {
    for (let number = (seq >>> CHUNK_SHIFT) - 1; number >= 0; number--) {
      const end = this.#index.endOf(number);
      if (end !== undefined) return end;
    }
    return FILE_HEAD_SIZE;
  }

  async close(): Promise<void> {
    await this.#following?.catch(() => undefined);
    await this.#file.close();
  }
}
