import { ensureDefined } from '../base/assert';
import { NONE } from './indexChunk';
import { TX, TX_MASK, TX_ROWS, TX_SHIFT, TransactionChunk } from './transactionChunk';

/**
 * The transactions that messages are being added to: which chunks are in memory and which of them
 * must be written (again). A chunk may leave memory when it is full and no transaction in it is open.
 */
export class TransactionTable {
  #count = 0;
  readonly #chunks = new Map<number, TransactionChunk>();
  /** Chunks that changed since they were last taken by {@link takeDirty}. */
  readonly #dirty = new Set<number>();
  /** The chunk of the last access: nearly always that of the next. */
  #last: TransactionChunk | undefined;

  get count(): number {
    return this.#count;
  }

  /** The chunk if it is in memory. */
  resident(number: number): TransactionChunk | undefined {
    return this.#chunks.get(number);
  }

  residentNumbers(): IterableIterator<number> {
    return this.#chunks.keys();
  }

  /** Starts a transaction whose first message is `seq`; returns its ordinal. */
  begin(xid: number, seq: number, flags: number): number {
    const ordinal = this.#count++;
    const number = ordinal >>> TX_SHIFT;
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) {
      chunk = new TransactionChunk(number);
      this.#chunks.set(number, chunk);
    }
    const i = ordinal & TX_MASK;
    chunk.count = i + 1;
    chunk.open++;
    chunk.xid[i] = xid;
    chunk.firstSeq[i] = seq;
    chunk.lastSeq[i] = seq;
    chunk.flags[i] = flags;
    this.#dirty.add(number);
    return ordinal;
  }

  /** Counts a message of an open transaction; `relation` is {@link NONE} where it changes no table. */
  add(ordinal: number, seq: number, bytes: number, change: boolean, relation: number): void {
    const chunk = this.#chunkOf(ordinal);
    const i = ordinal & TX_MASK;
    chunk.lastSeq[i] = seq;
    chunk.bytes[i] = (chunk.bytes[i] ?? 0) + bytes;
    if (!change) return;
    chunk.changes[i] = (chunk.changes[i] ?? 0) + 1;
    if (relation !== NONE && chunk.table0[i] !== relation) addTable(chunk, i, relation);
  }

  setPositions(ordinal: number, commitLsn: bigint, endLsn: bigint, time: bigint): void {
    const chunk = this.#chunkOf(ordinal);
    const i = ordinal & TX_MASK;
    if (commitLsn !== 0n) chunk.commitLsn[i] = commitLsn;
    if (endLsn !== 0n) chunk.endLsn[i] = endLsn;
    if (time !== 0n) chunk.commitTime[i] = time;
  }

  changesOf(ordinal: number): number {
    return this.#chunkOf(ordinal).changes[ordinal & TX_MASK] ?? 0;
  }

  bytesOf(ordinal: number): number {
    return this.#chunkOf(ordinal).bytes[ordinal & TX_MASK] ?? 0;
  }

  setFate(ordinal: number, fate: number): void {
    this.#chunkOf(ordinal).fate[ordinal & TX_MASK] = fate;
  }

  /** The transaction will not change any more. */
  close(ordinal: number): void {
    const chunk = this.#chunkOf(ordinal);
    chunk.open--;
    // Its fate was set after the chunk may have been written.
    this.#dirty.add(ordinal >>> TX_SHIFT);
  }

  /** Chunks that changed since the last call, in order. */
  takeDirty(): TransactionChunk[] {
    const numbers = [...this.#dirty].sort((a, b) => a - b);
    this.#dirty.clear();
    return numbers.map(number => ensureDefined(this.#chunks.get(number), 'transaction chunk'));
  }

  /** True when nothing can change the chunk any more. */
  isFinal(number: number): boolean {
    const chunk = this.#chunks.get(number);
    return chunk !== undefined && chunk.count === TX_ROWS && chunk.open === 0;
  }

  /** Forgets a chunk that {@link isFinal} and stands in the file. */
  release(number: number): void {
    if (this.#dirty.has(number)) return;
    const chunk = this.#chunks.get(number);
    this.#chunks.delete(number);
    if (this.#last === chunk) this.#last = undefined;
  }

  /** Takes back what a file holds: the number of transactions, and the chunks that may still change. */
  restore(count: number, chunks: readonly TransactionChunk[]): void {
    this.#count = count;
    for (const chunk of chunks) this.#chunks.set(chunk.number, chunk);
  }

  #chunkOf(ordinal: number): TransactionChunk {
    const number = ordinal >>> TX_SHIFT;
    if (this.#last?.number !== number) {
      this.#last = ensureDefined(this.#chunks.get(number), 'transaction chunk');
    }
    this.#dirty.add(number);
    return this.#last;
  }
}

function addTable(chunk: TransactionChunk, i: number, relation: number): void {
  if (chunk.table0[i] === NONE) chunk.table0[i] = relation;
  else if (chunk.table1[i] === NONE) chunk.table1[i] = relation;
  else if (chunk.table1[i] === relation || chunk.table2[i] === relation) return;
  else if (chunk.table2[i] === NONE) chunk.table2[i] = relation;
  else chunk.flags[i] = (chunk.flags[i] ?? 0) | TX.moreTables;
}
