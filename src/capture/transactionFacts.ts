import type { PgTime } from '../base/time';
import { toPgTime } from '../base/time';
import type { CaptureFile } from './captureFile';
import { NONE } from './indexChunk';
import type { TransactionChunk } from './transactionChunk';
import { FATE, TX_MASK, TX_SHIFT } from './transactionChunk';

/** What an expression may ask of the transaction of a message. */
export interface EndFacts {
  /** Of the top transaction; undefined outside one. */
  readonly xid: number | undefined;
  /** Of its commit; undefined while that is not known, and where there was none. */
  readonly time: PgTime | undefined;
}

const OUTSIDE: EndFacts = { xid: undefined, time: undefined };

/** Looks transactions up, one after the other: nearly always the same as before. */
export class TransactionLookup {
  readonly #file: CaptureFile;
  #chunk: TransactionChunk | undefined;
  #transaction = NONE;
  #facts: EndFacts = OUTSIDE;

  constructor(file: CaptureFile) {
    this.#file = file;
  }

  /** What is known of it at this moment. Begin again with {@link forget} when there may be more. */
  of(transaction: number): EndFacts | Promise<EndFacts> {
    if (transaction === this.#transaction) return this.#facts;
    if (transaction !== NONE && this.#chunk?.number !== transaction >>> TX_SHIFT) {
      return this.#load(transaction);
    }
    this.#transaction = transaction;
    return (this.#facts =
      this.#chunk === undefined || transaction === NONE
        ? OUTSIDE
        : {
            xid: this.#chunk.xid[transaction & TX_MASK] ?? 0,
            time: commitTime(this.#chunk, transaction),
          });
  }

  async #load(transaction: number): Promise<EndFacts> {
    this.#chunk = await this.#file.transactionChunk(transaction);
    return this.of(transaction);
  }

  forget(): void {
    this.#chunk = undefined;
    this.#transaction = NONE;
    this.#facts = OUTSIDE;
  }

  /** The xids between which those of these transactions lie, and their times where all are known. */
  async ranges(
    first: number,
    last: number,
  ): Promise<{
    readonly xid: { readonly min: number; readonly max: number };
    readonly time?: { readonly min: PgTime; readonly max: PgTime };
  }> {
    const xid = { min: Infinity, max: 0 };
    let time: { min: PgTime; max: PgTime } | undefined;
    let areKnown = true;
    for (let ordinal = first; ordinal <= last; ordinal++) {
      const facts = this.of(ordinal);
      const found = facts instanceof Promise ? await facts : facts;
      xid.min = Math.min(xid.min, found.xid ?? Infinity);
      xid.max = Math.max(xid.max, found.xid ?? 0);
      if (found.time === undefined) areKnown = false;
      else {
        time ??= { min: found.time, max: found.time };
        if (found.time < time.min) time.min = found.time;
        if (found.time > time.max) time.max = found.time;
      }
    }
    return areKnown && time !== undefined ? { xid, time } : { xid };
  }
}

/** Position and time of a prepare or an abort are none of a commit; Begin tells of it in advance. */
function commitTime(chunk: TransactionChunk, transaction: number): PgTime | undefined {
  const i = transaction & TX_MASK;
  const fate = chunk.fate[i] ?? 0;
  const time = chunk.commitTime[i] ?? 0n;
  const isCommit = fate === FATE.committed || fate === FATE.open;
  return isCommit && time !== 0n ? toPgTime(time) : undefined;
}
