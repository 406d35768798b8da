import { CaptureError } from './captureError';
import type { TransactionEntry } from './directory';
import type { OpenFile } from './fileAccess';
import { LruCache } from './lruCache';
import { TransactionChunk } from './transactionChunk';

/** Chunks kept in memory: 40 x 0.5 MB, which are 300,000 transactions. */
const RESIDENT_CHUNKS = 40;

/** The transaction chunks of an open capture that stand in its file and will not change any more. */
export class TransactionStore {
  readonly #file: OpenFile;
  readonly #entries = new Map<number, TransactionEntry>();
  readonly #cache: LruCache<TransactionChunk>;

  constructor(file: OpenFile) {
    this.#file = file;
    this.#cache = new LruCache(RESIDENT_CHUNKS, number => this.#load(number));
  }

  /** Where a chunk stands; `chunk` is the chunk itself where it is at hand. */
  written(entry: TransactionEntry, chunk?: TransactionChunk): void {
    this.#entries.set(entry.chunk, entry);
    if (chunk !== undefined) this.#cache.put(entry.chunk, chunk);
  }

  /** Throws a {@link CaptureError} where there is no such chunk, or where it is damaged. */
  chunk(number: number): Promise<TransactionChunk> {
    return this.#cache.get(number);
  }

  async #load(number: number): Promise<TransactionChunk> {
    const entry = this.#entries.get(number);
    if (entry === undefined) {
      throw new CaptureError('not-found', `There is no transaction chunk ${String(number)}.`);
    }
    const payload = new Uint8Array(entry.length);
    await this.#file.read(payload, entry.offset);
    return TransactionChunk.decode(payload);
  }
}
