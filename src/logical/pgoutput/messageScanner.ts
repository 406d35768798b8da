import { readU32 } from '../../base/bigEndian';
import { MessageLetter } from './messageLetter';

/**
 * Reads from a stream of pgoutput messages what the index of a capture needs, and nothing else: it
 * runs for every message that the server sends, so it allocates nothing and never throws.
 *
 * Two things are remembered between messages, because the bytes of one message do not tell them:
 * whether we stand between Stream Start and Stream Stop (only there do seven messages carry an xid),
 * and which transaction Begin or Begin Prepare opened. Layouts: decodeMessage.ts.
 */
export class MessageScanner {
  /** The message's letter in ASCII; 0 for an empty message. */
  kind = 0;
  /** Unsigned OID of the table; of the first one for Truncate; 0 for none. */
  relationOid = 0;
  /** The transaction or subtransaction that wrote the message; 0 outside one. */
  xid = 0;
  /** The top transaction that the message belongs to; 0 outside one. */
  topXid = 0;
  /** The message stands in a stream block; its Stream Start and Stream Stop count as inside. */
  inStream = false;
  /** Stream Start: the first block of its transaction. */
  firstSegment = false;

  /**
   * Facts of a transaction's begin or end; all 0 where the message has none. `commitLsn` is where the
   * commit (prepare, rollback, abort) record starts, `endLsn` where it ends; Begin knows the former only,
   * a stream block and an abort before protocol 4 know neither.
   */
  commitLsnHigh = 0;
  commitLsnLow = 0;
  endLsnHigh = 0;
  endLsnLow = 0;
  /** Microseconds since 2000-01-01 UTC, as two unsigned halves of a signed 64-bit number. */
  timeHigh = 0;
  timeLow = 0;

  /** Xid of the open stream block, or 0. */
  #blockXid = 0;
  #inBlock = false;
  /** Xid of the open Begin or Begin Prepare, or 0. */
  #openXid = 0;

  /** Commit, prepare, rollback or abort time, in microseconds since 2000-01-01 UTC; 0 for none. */
  get commitTime(): bigint {
    return (BigInt(this.timeHigh | 0) << 32n) | BigInt(this.timeLow);
  }

  /** Forgets the open transaction and block, as a new connection does. */
  reset(): void {
    this.#inBlock = false;
    this.#blockXid = 0;
    this.#openXid = 0;
  }

  /** Reads the message at `start` .. `end` of `bytes`; results stand in the fields until the next call. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    const kind = start < end ? bytes[start]! : 0;
    this.kind = kind;
    this.relationOid = 0;
    this.firstSegment = false;
    this.commitLsnHigh = this.commitLsnLow = 0;
    this.endLsnHigh = this.endLsnLow = 0;
    this.timeHigh = this.timeLow = 0;
    this.inStream = this.#inBlock;
    this.xid = this.topXid = this.#inBlock ? this.#blockXid : this.#openXid;
    switch (kind) {
      case MessageLetter.insert:
      case MessageLetter.update:
      case MessageLetter.delete:
      case MessageLetter.relation:
        this.relationOid = u32(bytes, this.#body(bytes, start + 1, end), end);
        break;
      case MessageLetter.type:
        this.#body(bytes, start + 1, end);
        break;
      case MessageLetter.truncate:
        // Number of relations, option bits, then the OIDs.
        this.relationOid = u32(bytes, this.#body(bytes, start + 1, end) + 5, end);
        break;
      case MessageLetter.message: {
        const flags = this.#body(bytes, start + 1, end);
        // A non-transactional message belongs to no transaction, wherever it stands.
        if (flags < end && (bytes[flags]! & 1) === 0) this.xid = this.topXid = 0;
        break;
      }
      case MessageLetter.begin:
        this.#inBlock = this.inStream = false;
        this.#positions(bytes, start + 1, 0, start + 9, end);
        this.#own((this.#openXid = u32(bytes, start + 17, end)));
        break;
      case MessageLetter.commit:
        this.#positions(bytes, start + 2, start + 10, start + 18, end);
        this.#openXid = 0;
        break;
      case MessageLetter.streamStart:
        this.#inBlock = this.inStream = true;
        this.#own((this.#blockXid = u32(bytes, start + 1, end)));
        this.firstSegment = start + 5 < end && bytes[start + 5] === 1;
        break;
      case MessageLetter.streamStop:
        this.#inBlock = false;
        break;
      case MessageLetter.streamCommit:
        this.#positions(bytes, start + 6, start + 14, start + 22, end);
        this.#own(u32(bytes, start + 1, end));
        break;
      case MessageLetter.streamAbort:
        this.#positions(bytes, start + 9, 0, start + 17, end);
        this.#own(u32(bytes, start + 1, end));
        this.xid = u32(bytes, start + 5, end);
        break;
      case MessageLetter.beginPrepare:
        this.#inBlock = this.inStream = false;
        this.#positions(bytes, start + 1, start + 9, start + 17, end);
        this.#own((this.#openXid = u32(bytes, start + 25, end)));
        break;
      case MessageLetter.prepare:
      case MessageLetter.streamPrepare:
      case MessageLetter.commitPrepared:
        this.#positions(bytes, start + 2, start + 10, start + 18, end);
        this.#own(u32(bytes, start + 26, end));
        if (kind === MessageLetter.prepare) this.#openXid = 0;
        break;
      case MessageLetter.rollbackPrepared:
        // End of the prepare, end of the rollback, prepare time, rollback time, xid.
        this.#positions(bytes, 0, start + 10, start + 26, end);
        this.#own(u32(bytes, start + 34, end));
        break;
      case MessageLetter.origin:
      default:
        break;
    }
  }

  /** Takes the xid that a message in a stream block carries; returns where the rest begins. */
  #body(bytes: Uint8Array, at: number, end: number): number {
    if (!this.#inBlock) return at;
    this.xid = u32(bytes, at, end);
    return at + 4;
  }

  #own(xid: number): void {
    this.xid = this.topXid = xid;
  }

  /** Reads the commit LSN, end LSN and time at these places; 0 means that there is none. */
  #positions(bytes: Uint8Array, commit: number, endLsn: number, time: number, end: number): void {
    if (commit > 0) {
      this.commitLsnHigh = u32(bytes, commit, end);
      this.commitLsnLow = u32(bytes, commit + 4, end);
    }
    if (endLsn > 0) {
      this.endLsnHigh = u32(bytes, endLsn, end);
      this.endLsnLow = u32(bytes, endLsn + 4, end);
    }
    this.timeHigh = u32(bytes, time, end);
    this.timeLow = u32(bytes, time + 4, end);
  }
}

/** Unsigned 32 bits at `at`, or 0 where the message ends before. */
function u32(bytes: Uint8Array, at: number, end: number): number {
  return at + 4 > end ? 0 : readU32(bytes, at);
}
