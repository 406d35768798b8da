import type { Lsn } from '../base/lsn';
import { lsnOfHalves } from '../base/lsn';
import type { SpillStore, Spool } from './spillStore';

/** Bytes before each payload: length, xid, relation version, LSN (two halves), flags. */
const HEADER = 24;
const FIRST_CHUNK = 4 * 1024;
const CHUNK = 256 * 1024;

/** A message that is held back; `payload` is a view that is valid during the call only. */
export interface HeldMessage {
  readonly lsn: Lsn;
  /** The transaction or subtransaction that wrote it. */
  readonly xid: number;
  /** Ordinal of the relation version that was current on arrival; -1 for none. */
  readonly version: number;
  readonly inStream: boolean;
  readonly payload: Uint8Array;
}

/**
 * The messages of a transaction whose fate is not known yet: streamed in blocks, or prepared. They are
 * kept as they came, in chunks that no message crosses, first in memory and, on {@link spill}, in a spool.
 */
export class HeldTransaction {
  /** Position of the first message: Stream Start or Begin Prepare. */
  readonly lsn: Lsn;
  /** Subtransactions that were aborted: what they wrote is left out. */
  readonly aborted = new Set<number>();
  #chunks: Uint8Array[] = [];
  /** Bytes used of the last chunk. */
  #used = 0;
  #allocated = 0;
  #spool: Spool | undefined;

  constructor(lsn: Lsn) {
    this.lsn = lsn;
  }

  /** Bytes of memory that the messages take. */
  get memory(): number {
    return this.#allocated;
  }

  get spilled(): boolean {
    return this.#spool !== undefined;
  }

  /** Copies the message. */
  append(message: HeldMessage): void {
    const { payload } = message;
    const size = HEADER + payload.length;
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.length - this.#used < size) {
      if (chunk !== undefined)
        this.#chunks[this.#chunks.length - 1] = chunk.subarray(0, this.#used);
      const wanted = chunk === undefined ? FIRST_CHUNK : Math.min(CHUNK, chunk.length * 4);
      chunk = new Uint8Array(Math.max(size, wanted));
      this.#chunks.push(chunk);
      this.#allocated += chunk.length;
      this.#used = 0;
    }
    const view = new DataView(chunk.buffer, this.#used, HEADER);
    view.setUint32(0, payload.length);
    view.setUint32(4, message.xid);
    view.setInt32(8, message.version);
    view.setBigUint64(12, message.lsn);
    view.setUint8(20, message.inStream ? 1 : 0);
    chunk.set(payload, this.#used + HEADER);
    this.#used += size;
  }

  /** Moves what is in memory to a spool; returns the bytes of memory that this frees. */
  spill(store: SpillStore): number {
    this.#spool ??= store.open();
    for (const chunk of this.#takeChunks()) this.#spool.append(chunk);
    const freed = this.#allocated;
    this.#allocated = 0;
    return freed;
  }

  /** Gives back what is in memory, and nothing of what is spilled: for a transaction that is not. */
  replay(take: (message: HeldMessage) => void): void {
    for (const chunk of this.#takeChunks()) this.#readChunk(chunk, take);
    this.#allocated = 0;
  }

  /** Gives back all messages in order; waits for `pause` after each chunk, so that readers keep up. */
  async replaySpilled(
    take: (message: HeldMessage) => void,
    pause: () => Promise<void> | undefined,
  ): Promise<void> {
    if (this.#spool !== undefined) {
      for await (const chunk of this.#spool.read()) {
        this.#readChunk(chunk, take);
        await pause();
      }
    }
    this.replay(take);
  }

  /** Frees memory and disk. */
  dispose(): void {
    this.#takeChunks();
    this.#allocated = 0;
    this.#spool?.dispose();
    this.#spool = undefined;
  }

  #takeChunks(): Uint8Array[] {
    const chunks = this.#chunks;
    const last = chunks.pop();
    if (last !== undefined) chunks.push(last.subarray(0, this.#used));
    this.#chunks = [];
    this.#used = 0;
    return chunks;
  }

  #readChunk(chunk: Uint8Array, take: (message: HeldMessage) => void): void {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    let at = 0;
    while (at < chunk.length) {
      const length = view.getUint32(at);
      const xid = view.getUint32(at + 4);
      if (!this.aborted.has(xid)) {
        take({
          xid,
          version: view.getInt32(at + 8),
          lsn: lsnOfHalves(view.getUint32(at + 12), view.getUint32(at + 16)),
          inStream: view.getUint8(at + 20) === 1,
          payload: chunk.subarray(at + HEADER, at + HEADER + length),
        });
      }
      at += HEADER + length;
    }
  }
}
