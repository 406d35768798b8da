import { readU32 } from '../base/bigEndian';
import type { Lsn } from '../base/lsn';
import { lsnOfHalves } from '../base/lsn';
import type { SpillStore, Spool } from './spillStore';

/** Bytes before each payload: length, xid, relation version, LSN (two halves), stream block or not. */
const HEADER = 21;
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

/** A message as it is given back. */
export interface ReplayedMessage extends HeldMessage {
  /** A subtransaction was aborted after the message had come: it may have been the message's own. */
  readonly abortedLater: boolean;
}

/**
 * The messages of a transaction whose fate is not known yet: streamed in blocks, or prepared. They are
 * kept as they came, in chunks that no message crosses, first in memory and, on {@link spill}, in a spool.
 */
export class HeldTransaction {
  /** Position of the first message: Stream Start or Begin Prepare. */
  readonly lsn: Lsn;
  /** Subtransactions that were aborted: what they wrote is left out. */
  readonly #aborted = new Set<number>();
  #appended = 0;
  /** How many messages had come when the last subtransaction was aborted. */
  #appendedAtAbort = 0;
  #replayed = 0;
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

  /** What this subtransaction wrote is left out. */
  abort(subxid: number): void {
    this.#aborted.add(subxid);
    this.#appendedAtAbort = this.#appended;
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
    const at = this.#used;
    writeU32(chunk, at, payload.length);
    writeU32(chunk, at + 4, message.xid);
    writeU32(chunk, at + 8, message.version);
    writeU32(chunk, at + 12, Number(message.lsn >> 32n));
    writeU32(chunk, at + 16, Number(message.lsn & 0xffff_ffffn));
    chunk[at + 20] = message.inStream ? 1 : 0;
    chunk.set(payload, at + HEADER);
    this.#used += size;
    this.#appended++;
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
  replay(take: (message: ReplayedMessage) => void): void {
    for (const chunk of this.#takeChunks()) this.#readChunk(chunk, take);
    this.#allocated = 0;
  }

  /** Gives back all messages in order; waits for `pause` after each chunk, so that readers keep up. */
  async replaySpilled(
    take: (message: ReplayedMessage) => void,
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

  #readChunk(chunk: Uint8Array, take: (message: ReplayedMessage) => void): void {
    let at = 0;
    while (at < chunk.length) {
      const length = readU32(chunk, at);
      const xid = readU32(chunk, at + 4);
      const abortedLater = this.#replayed++ < this.#appendedAtAbort;
      if (!this.#aborted.has(xid)) {
        take({
          xid,
          version: readU32(chunk, at + 8) | 0,
          lsn: lsnOfHalves(readU32(chunk, at + 12), readU32(chunk, at + 16)),
          inStream: chunk[at + 20] === 1,
          payload: chunk.subarray(at + HEADER, at + HEADER + length),
          abortedLater,
        });
      }
      at += HEADER + length;
    }
  }
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
