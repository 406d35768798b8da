import type { CaptureFile } from './captureFile';
import type { TransactionChunk } from './transactionChunk';
import { FATE, TX, TX_MASK, TX_SHIFT } from './transactionChunk';

/** 2^32. */
const HIGH = 0x1_0000_0000;

/**
 * Where transactions were committed, for a walk over many rows: the chunk of transactions that was asked for
 * last is kept at hand, and numbers stand for LSNs and times (see src/shared/overviewApi.ts).
 */
export class CommitPlaces {
  readonly #file: CaptureFile;
  #chunk: TransactionChunk | undefined;
  #time = new Int32Array(0);
  #lsn = new Uint32Array(0);
  #i = 0;

  constructor(file: CaptureFile) {
    this.#file = file;
  }

  /** Turns to a transaction; false where {@link load} must bring it first. */
  turnTo(ordinal: number): boolean {
    this.#i = ordinal & TX_MASK;
    return this.#chunk?.number === ordinal >>> TX_SHIFT;
  }

  async load(ordinal: number): Promise<void> {
    const chunk = await this.#file.transactionChunk(ordinal);
    this.#chunk = chunk;
    this.#time = new Int32Array(chunk.commitTime.buffer);
    this.#lsn = new Uint32Array(chunk.commitLsn.buffer);
    this.#i = ordinal & TX_MASK;
  }

  /** Of {@link FATE}. */
  get fate(): number {
    return this.#chunk?.fate[this.#i] ?? FATE.open;
  }

  get isStreamed(): boolean {
    return ((this.#chunk?.flags[this.#i] ?? 0) & TX.streamed) !== 0;
  }

  get firstSeq(): number {
    return this.#chunk?.firstSeq[this.#i] ?? 0;
  }

  get lastSeq(): number {
    return this.#chunk?.lastSeq[this.#i] ?? 0;
  }

  get xid(): number {
    return this.#chunk?.xid[this.#i] ?? 0;
  }

  /** Commit time in microseconds since 2000; NaN where it is not known. */
  get time(): number {
    const low = (this.#time[2 * this.#i] ?? 0) >>> 0;
    const high = this.#time[2 * this.#i + 1] ?? 0;
    return low === 0 && high === 0 ? NaN : high * HIGH + low;
  }

  /** Where the commit record begins, in bytes; NaN where it is not known. */
  get lsn(): number {
    const low = this.#lsn[2 * this.#i] ?? 0;
    const high = this.#lsn[2 * this.#i + 1] ?? 0;
    return low === 0 && high === 0 ? NaN : high * HIGH + low;
  }
}
