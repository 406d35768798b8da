import { readU32 } from '../base/bigEndian';
import type { Lsn } from '../base/lsn';
import { lsnOfHalves } from '../base/lsn';
import type { PgTime } from '../base/time';
import { toPgTime } from '../base/time';
import { MessageScanner } from '../logical/pgoutput/messageScanner';
import { TEXT_KIND, TextScanner } from '../logical/textPlugins/textScanner';
import { isTextPlugin } from '../shared/textPlugin';

/** Offset of the message in an XLogData frame: 'w', start LSN, end LSN, server time. */
export const XLOG_DATA_HEADER = 25;
const XLOG_DATA = 0x77; // w
const KEEPALIVE = 0x6b; // k

/** Letters of the messages that are changes: insert, update, delete, truncate, logical message. */
const CHANGE_KINDS = new Set(Buffer.from('IUDTM', 'latin1'));
/** Letters that the texts have which end a transaction. */
const TEXT_ENDS = new Set(Buffer.from('CcKPp', 'latin1'));
const COMMIT = 0x43; // C
const STREAM_COMMIT = 0x63; // c
const STREAM_PREPARE = 0x70; // p
const PREPARE = 0x50; // P
const COMMIT_PREPARED = 0x4b; // K
const ROLLBACK_PREPARED = 0x72; // r
const MESSAGE = 0x4d; // M

/**
 * Counts what passes in a stream and knows how far it has come: which a budget, an end position and
 * the display of the lag need. Sees every frame on the hot path, so it makes no object for one.
 */
export class StreamObserver {
  /** Insert, update, delete, truncate and logical messages. */
  changes = 0;
  /** Bytes of all messages, without the headers of the frames. */
  bytes = 0;
  /** Time of this machine's clock, in milliseconds since 1970, when the last commit came; 0 before. */
  commitSeenAt = 0;

  readonly #scanner = new MessageScanner();
  readonly #pgoutput: boolean;
  /** Where the plugin writes text that we read. */
  readonly #text: TextScanner | undefined;
  #receivedHigh = 0;
  #receivedLow = 0;
  #decodedHigh = 0;
  #decodedLow = 0;
  #commitEndHigh = 0;
  #commitEndLow = 0;
  #commitTimeHigh = 0;
  #commitTimeLow = 0;
  /** Highest position of a message outside transactions, and up to where they come again. */
  #outsideHigh = 0;
  #outsideLow = 0;
  #repeatsHigh = 0;
  #repeatsLow = 0;
  #untilHigh = 0xffff_ffff;
  #untilLow = 0xffff_ffff;

  constructor(plugin: string) {
    this.#text = isTextPlugin(plugin) ? new TextScanner(plugin) : undefined;
    this.#pgoutput = plugin === 'pgoutput';
  }

  /** Highest position that the server named, in a message or a keepalive. */
  get received(): Lsn {
    return lsnOfHalves(this.#receivedHigh, this.#receivedLow);
  }

  /** Everything that was committed before this position has come. */
  get decoded(): Lsn {
    return lsnOfHalves(this.#decodedHigh, this.#decodedLow);
  }

  /** End of the last complete transaction, which may be one that was only prepared; 0/0 before the first. */
  get lastCommitEnd(): Lsn {
    return lsnOfHalves(this.#commitEndHigh, this.#commitEndLow);
  }

  /** Server time of the last commit; undefined before the first. */
  get lastCommitTime(): PgTime | undefined {
    if (this.#commitTimeHigh === 0 && this.#commitTimeLow === 0) return undefined;
    return toPgTime((BigInt(this.#commitTimeHigh | 0) << 32n) | BigInt(this.#commitTimeLow));
  }

  /** Names the position after which nothing is wanted; see {@link observe}. */
  set until(lsn: Lsn) {
    this.#untilHigh = Number(lsn >> 32n);
    this.#untilLow = Number(lsn & 0xffff_ffffn);
  }

  get untilReached(): boolean {
    return !isBelow(this.#decodedHigh, this.#decodedLow, this.#untilHigh, this.#untilLow);
  }

  /**
   * Another connection goes on. What counts goes on too; the server begins again the transaction that it was
   * sending, and messages outside transactions that stand after the last complete one come twice.
   */
  restart(): void {
    this.#scanner.reset();
    this.#text?.reset();
    this.#repeatsHigh = this.#outsideHigh;
    this.#repeatsLow = this.#outsideLow;
  }

  /**
   * Another connection goes on at `to`, beyond a gap: nothing comes again. Positions count from there, for
   * a server that lost the end of its WAL uses them a second time.
   */
  skip(to: Lsn): void {
    this.#outsideHigh = this.#outsideLow = 0;
    this.restart();
    this.#receivedHigh = this.#decodedHigh = Number(to >> 32n);
    this.#receivedLow = this.#decodedLow = Number(to & 0xffff_ffffn);
  }

  /**
   * Takes a frame into account. Returns false where it is not wanted: it has come already, or it belongs to
   * a transaction that commits at or after {@link until}, and everything before it has come.
   */
  observe(frame: Uint8Array): boolean {
    const type = frame[0];
    if (type === XLOG_DATA && frame.length >= XLOG_DATA_HEADER) return this.#message(frame);
    if (type === KEEPALIVE && frame.length >= 9) {
      const high = readU32(frame, 1);
      const low = readU32(frame, 5);
      this.#receive(high, low);
      this.#decode(high, low);
    }
    return true;
  }

  #message(frame: Uint8Array): boolean {
    const startHigh = readU32(frame, 1);
    const startLow = readU32(frame, 5);
    if (this.#pgoutput) {
      const scanner = this.#scanner;
      scanner.scan(frame, XLOG_DATA_HEADER, frame.length);
      // Begin, Stream Commit, Commit Prepared and their like name the commit record's position.
      const { commitLsnHigh: high, commitLsnLow: low } = scanner;
      if ((high !== 0 || low !== 0) && !isBelow(high, low, this.#untilHigh, this.#untilLow)) {
        this.#decode(this.#untilHigh, this.#untilLow);
        return false;
      }
      if (scanner.kind === MESSAGE && scanner.topXid === 0) {
        if (!isBelow(this.#repeatsHigh, this.#repeatsLow, startHigh, startLow)) return false;
        this.#noteOutside(startHigh, startLow);
      }
      this.#count(scanner);
    } else if (this.#text === undefined) {
      this.changes++;
    } else if (!this.#countText(this.#text, frame, startHigh, startLow)) {
      return false;
    }
    this.bytes += frame.length - XLOG_DATA_HEADER;
    this.#receive(startHigh, startLow);
    return true;
  }

  #count(scanner: MessageScanner): void {
    if (CHANGE_KINDS.has(scanner.kind)) {
      this.changes++;
      return;
    }
    switch (scanner.kind) {
      case COMMIT:
      case STREAM_COMMIT:
      case COMMIT_PREPARED:
      case PREPARE:
      case STREAM_PREPARE:
        this.#complete(scanner.endLsnHigh, scanner.endLsnLow);
        this.commitSeenAt = Date.now();
        this.#commitTimeHigh = scanner.timeHigh;
        this.#commitTimeLow = scanner.timeLow;
        break;
      case ROLLBACK_PREPARED:
        this.#complete(scanner.endLsnHigh, scanner.endLsnLow);
        break;
      default:
    }
  }

  /**
   * A text of test_decoding or wal2json. The end of a transaction is sent at the end position of its commit
   * (`write_location = txn->end_lsn`, src/backend/replication/logical/logical.c). False: it came before.
   */
  #countText(scanner: TextScanner, frame: Uint8Array, high: number, low: number): boolean {
    const length = frame.length - XLOG_DATA_HEADER;
    scanner.scan(frame, XLOG_DATA_HEADER, frame.length, length, high, low);
    const { kind, whole } = scanner;
    if (kind === MESSAGE && scanner.isOutside) {
      if (!isBelow(this.#repeatsHigh, this.#repeatsLow, high, low)) return false;
      this.#noteOutside(high, low);
    }
    if (whole !== undefined) this.changes += Math.max(1, whole.length);
    else if (CHANGE_KINDS.has(kind) || kind === TEXT_KIND) this.changes++;
    if (whole !== undefined || TEXT_ENDS.has(kind)) {
      this.#complete(high, low);
      this.commitSeenAt = Date.now();
      this.#commitTimeHigh = Number((scanner.commitTime >> 32n) & 0xffff_ffffn);
      this.#commitTimeLow = Number(scanner.commitTime & 0xffff_ffffn);
    }
    return true;
  }

  #noteOutside(high: number, low: number): void {
    if (!isBelow(this.#outsideHigh, this.#outsideLow, high, low)) return;
    this.#outsideHigh = high;
    this.#outsideLow = low;
  }

  #complete(high: number, low: number): void {
    this.#commitEndHigh = high;
    this.#commitEndLow = low;
    this.#receive(high, low);
    this.#decode(high, low);
  }

  #receive(high: number, low: number): void {
    if (!isBelow(this.#receivedHigh, this.#receivedLow, high, low)) return;
    this.#receivedHigh = high;
    this.#receivedLow = low;
  }

  #decode(high: number, low: number): void {
    if (!isBelow(this.#decodedHigh, this.#decodedLow, high, low)) return;
    this.#decodedHigh = high;
    this.#decodedLow = low;
  }
}

function isBelow(high: number, low: number, otherHigh: number, otherLow: number): boolean {
  return high < otherHigh || (high === otherHigh && low < otherLow);
}
