import { CaptureError } from './captureError';
import type { IndexEntry } from './directory';
import type { OpenFile } from './fileAccess';
import {
  CHUNK_ROWS,
  INDEX_HEADER_SIZE,
  COLUMN_NAMES,
  IndexChunk,
  checkedColumn,
  columnRange,
  readIndexHeader,
} from './indexChunk';
import { LruCache } from './lruCache';
import type { Zone } from './zone';

/** Chunks kept in memory: 4 x 2.2 MB. Scans go from one to the next. */
const RESIDENT_CHUNKS = 4;
/**
 * Rows of a page, for who looks at a few rows anywhere, and pages kept: 128 x 35 kB, as many as a window has rows
 * that stand far apart. A window of transactions goes over some thousand rows, in few reads.
 */
const PAGE_ROWS = 1024;
const RESIDENT_PAGES = 128;
/** Positions of a page, for who needs no more of rows that stand far apart, and pages kept: 96 x 8 kB. */
const LSN_ROWS = 1024;
const RESIDENT_LSNS = 96;

/** The columns that a scan may ask for. */
export type ScanColumn = 'kind' | 'flags' | 'transaction' | 'relation' | 'xid' | 'length';

/** The full index chunks of an open capture: those in its file, and those that will soon be there. */
export class IndexStore {
  readonly #file: OpenFile;
  readonly #entries = new Map<number, IndexEntry>();
  readonly #zones = new Map<number, Zone>();
  /** Full chunks that do not stand in the file yet. */
  readonly #pinned = new Map<number, IndexChunk>();
  readonly #cache: LruCache<IndexChunk>;
  readonly #headers = new Map<number, Uint8Array>();
  /** Chunks and columns whose checksums were right: a scan that comes again need not look again. */
  readonly #checked = new Set<string>();
  readonly #pages: LruCache<IndexChunk>;
  readonly #lsns: LruCache<BigUint64Array>;

  constructor(file: OpenFile) {
    this.#file = file;
    this.#pages = new LruCache(RESIDENT_PAGES, page => this.#loadPage(page));
    this.#lsns = new LruCache(RESIDENT_LSNS, page => this.#loadLsns(page));
    this.#cache = new LruCache(RESIDENT_CHUNKS, number => this.load(number));
  }

  /** What is known of a chunk without reading it. */
  zone(number: number): Zone | undefined {
    return this.#zones.get(number);
  }

  /** Takes a chunk that has become full. */
  add(chunk: IndexChunk, zone: Zone): void {
    this.#pinned.set(chunk.number, chunk);
    this.#zones.set(chunk.number, zone);
  }

  /** A full chunk stands in the file now, so it need not stay in memory. */
  written(number: number, offset: number, length: number): void {
    const chunk = this.#pinned.get(number);
    const zone = this.#zones.get(number);
    if (chunk === undefined || zone === undefined) return;
    this.#entries.set(number, { chunk: number, offset, length, rows: CHUNK_ROWS, zone });
    this.#pinned.delete(number);
    this.#cache.put(number, chunk);
  }

  /** Takes over what a directory says. */
  restore(entry: IndexEntry): void {
    this.#entries.set(entry.chunk, entry);
    if (entry.rows === CHUNK_ROWS) this.#zones.set(entry.chunk, entry.zone);
  }

  forget(number: number): void {
    this.#entries.delete(number);
  }

  /** Offset after the I block of a full chunk: a block begins there, with the next message. */
  endOf(number: number): number | undefined {
    const entry = this.#entries.get(number);
    return entry?.rows === CHUNK_ROWS ? entry.offset + entry.length : undefined;
  }

  /** The chunk if it is in memory. */
  resident(number: number): IndexChunk | undefined {
    return this.#pinned.get(number) ?? this.#cache.peek(number);
  }

  async chunk(number: number): Promise<IndexChunk> {
    return this.#pinned.get(number) ?? (await this.#cache.get(number));
  }

  /**
   * Some rows around one of a chunk, without the rest of it, and the number of their first in the chunk.
   * Checksums are those of whole columns: these rows are not checked.
   */
  async page(
    number: number,
    row: number,
  ): Promise<{ readonly rows: IndexChunk; readonly first: number }> {
    const resident = this.resident(number);
    if (resident !== undefined) return { rows: resident, first: 0 };
    const rows = await this.#pages.get(pageOf(number, row, PAGE_ROWS));
    return { rows, first: row - (row % PAGE_ROWS) };
  }

  /** The position of one message of a chunk; read and checked as {@link page}. */
  async lsn(number: number, row: number): Promise<bigint> {
    const resident = this.resident(number);
    if (resident !== undefined) return resident.lsn[row] ?? 0n;
    const column = await this.#lsns.get(pageOf(number, row, LSN_ROWS));
    return column[row % LSN_ROWS] ?? 0n;
  }

  async #loadLsns(page: number): Promise<BigUint64Array> {
    const { number, first } = placeOf(page, LSN_ROWS);
    const { offset, rows } = this.#entry(number);
    const lsns = new BigUint64Array(Math.min(LSN_ROWS, rows - first));
    const { start } = columnRange(rows, 'lsn');
    const bytes = new Uint8Array(lsns.buffer);
    await this.#file.read(bytes, offset + start + first * lsns.BYTES_PER_ELEMENT);
    return lsns;
  }

  async #loadPage(page: number): Promise<IndexChunk> {
    const { number, first } = placeOf(page, PAGE_ROWS);
    const { offset, rows } = this.#entry(number);
    const chunk = new IndexChunk(number, PAGE_ROWS);
    chunk.count = Math.min(PAGE_ROWS, rows - first);
    await Promise.all(
      COLUMN_NAMES.map(async name => {
        const { start } = columnRange(rows, name);
        const column = chunk[name];
        const size = chunk.count * column.BYTES_PER_ELEMENT;
        const bytes = new Uint8Array(column.buffer, column.byteOffset, size);
        await this.#file.read(bytes, offset + start + first * column.BYTES_PER_ELEMENT);
      }),
    );
    return chunk;
  }

  /** Reads a chunk past the cache. */
  async load(number: number): Promise<IndexChunk> {
    const { offset, length } = this.#entry(number);
    const payload = new Uint8Array(length);
    await this.#file.read(payload, offset);
    const key = String(number);
    const chunk = IndexChunk.decode(payload, this.#checked.has(key));
    this.#checked.add(key);
    return chunk;
  }

  /**
   * Reads one column of a chunk that is not in memory, and leaves the rest where it is; into `room` where
   * that is given and large enough.
   */
  async readColumn(
    number: number,
    name: ScanColumn,
    room?: ArrayBuffer,
  ): Promise<Uint8Array | Uint32Array> {
    const entry = this.#entry(number);
    let header = this.#headers.get(number);
    if (header === undefined) {
      header = new Uint8Array(INDEX_HEADER_SIZE);
      await this.#file.read(header, entry.offset);
      readIndexHeader(header);
      this.#headers.set(number, header);
    }
    const { start, end } = columnRange(entry.rows, name);
    const size = end - start;
    const fits = room !== undefined && room.byteLength >= size;
    const bytes = fits ? new Uint8Array(room, 0, size) : new Uint8Array(size);
    await this.#file.read(bytes, entry.offset + start);
    const key = `${name} ${String(number)}`;
    if (!this.#checked.has(key)) {
      checkedColumn(header, bytes, name);
      this.#checked.add(key);
    }
    return name === 'kind' || name === 'flags' ? bytes : new Uint32Array(bytes.buffer, 0, size / 4);
  }

  #entry(number: number): IndexEntry {
    const entry = this.#entries.get(number);
    if (entry === undefined) {
      throw new CaptureError('not-found', `The capture has no index chunk ${String(number)}.`);
    }
    return entry;
  }
}

/** Pages of so many rows, numbered through all chunks. */
function pageOf(number: number, row: number, rows: number): number {
  return number * (CHUNK_ROWS / rows) + Math.floor(row / rows);
}

/** The chunk of a page, and its first row there. */
function placeOf(page: number, rows: number): { readonly number: number; readonly first: number } {
  const pages = CHUNK_ROWS / rows;
  const number = Math.floor(page / pages);
  return { number, first: (page % pages) * rows };
}
