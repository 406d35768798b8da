import { readU32 } from '../base/bigEndian';
import type { Lsn } from '../base/lsn';
import { INVALID_LSN, lsnOfHalves, toLsn } from '../base/lsn';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { MessageScanner } from '../logical/pgoutput/messageScanner';
import { isTextPlugin } from '../shared/textPlugin';
import { TEXT_KIND, TextScanner } from '../logical/textPlugins/textScanner';
import { ChangeCounts } from './changeCounts';
import { DATA_HEADER_SIZE, FRAME, IS_ASIDE, frameLsn, gapBytes, readGap, readSeam } from './frame';
import { CHUNK_MASK, CHUNK_ROWS, IndexChunk, NONE, ROW } from './indexChunk';
import type { IndexerState, LastCommit } from './indexerState';
import { NamedTables } from './namedTables';
import { IS_CHANGE, IS_KNOWN } from './operations';
import { OpenTransactions } from './openTransactions';
import { RelationVersions } from './relationVersions';
import type { TransactionTable } from './transactionTable';
import type { Zone } from './zone';
import { zoneOf } from './zone';

/**
 * What a row of the index has for a text that says no single change and ends no transaction: '?'. Every
 * message of a plugin that we do not know is one.
 */
export const OPAQUE_KIND = TEXT_KIND;

/**
 * Makes the index of a capture from its frames: a row for each message, the transactions, the
 * relations. The writer runs it while it appends, a reader while it follows or recovers a file; both
 * come to the same numbers. Nothing is decoded beyond the letter, the relation OID and the xids; of a text
 * of test_decoding or wal2json, what says the same.
 */
export class FrameIndexer {
  readonly transactions: TransactionTable;
  readonly relations = new RelationVersions();
  readonly counts = new ChangeCounts();

  /** The chunk that is being filled. */
  tail = new IndexChunk(0);

  rows = 0;
  changes = 0;
  /** Gaps, and the bytes of WAL in them. */
  gaps = 0;
  gapBytes = 0;
  bytes = 0;

  readonly #open: OpenTransactions;
  readonly #scanner: MessageScanner | TextScanner;
  /** The same one where the plugin writes text. */
  readonly #text: TextScanner | undefined;
  readonly #tables = new NamedTables(this.relations);
  /** The messages are those of a plugin that we do not know. */
  readonly #opaque: boolean;
  readonly #onChunk: (chunk: IndexChunk, zone: Zone) => void;
  /** Position of the message at hand. */
  #lsnHigh = 0;
  #lsnLow = 0;
  /** Highest position of a message outside transactions; these are sent as soon as they are decoded. */
  #lastOutside: Lsn = INVALID_LSN;
  /** Up to here a continued stream repeats them, because it begins after the last commit. */
  #repeatsTo: Lsn = INVALID_LSN;

  /** `onChunk` is called when a chunk is full; the indexer lets go of it. */
  constructor(plugin: string, onChunk: (chunk: IndexChunk, zone: Zone) => void) {
    this.#text = isTextPlugin(plugin) ? new TextScanner(plugin) : undefined;
    this.#scanner = this.#text ?? new MessageScanner();
    this.#open = new OpenTransactions(this.#scanner, this.relations.scopes);
    this.transactions = this.#open.table;
    this.#opaque = plugin !== 'pgoutput' && this.#text === undefined;
    this.#onChunk = onChunk;
  }

  /** Transactions whose end was not seen: begun, sent in part, or prepared. */
  get openTransactions(): number {
    return this.#open.count;
  }

  get lastCommit(): LastCommit | undefined {
    return this.#open.lastCommit;
  }

  /** Transactions that a limit cut off, and their changes: they come again from their beginning. */
  get cutTransactions(): number {
    return this.#open.cutTransactions;
  }

  get cutChanges(): number {
    return this.#open.cutChanges;
  }

  /** Xids of subtransactions that were rolled back, by transaction ordinal. */
  get subAborts(): ReadonlyMap<number, ReadonlySet<number>> {
    return this.#open.subAborts;
  }

  /** Changes and bytes of the transactions that are sent in part. */
  get unfinished(): { readonly changes: number; readonly bytes: number } {
    return this.#open.unfinished;
  }

  get tailZone(): Zone {
    return zoneOf(this.tail);
  }

  /**
   * Takes the frame at `start` .. `end` of `bytes`. `length` is its whole length, which is more than
   * `end - start` where only the beginning of a huge frame is at hand; `offset` is its place in the file.
   */
  add(bytes: Uint8Array, start: number, end: number, length: number, offset: number): void {
    const letter = bytes[start];
    if (letter === FRAME.data && end - start >= DATA_HEADER_SIZE) {
      this.#lsnHigh = readU32(bytes, start + 1);
      this.#lsnLow = readU32(bytes, start + 5);
      if (this.#opaque) this.#row(offset, length, 0, NONE, NONE, OPAQUE_KIND, ROW.unknown);
      else if (this.#text !== undefined) {
        this.#textMessage(this.#text, bytes.subarray(start, end), length, offset);
      } else this.#message(bytes, start + DATA_HEADER_SIZE, end, length, offset);
    } else if (IS_ASIDE[letter ?? 0] !== 1) {
      this.#ownFrame(bytes.subarray(start, end), length, offset);
    }
  }

  #ownFrame(frame: Uint8Array, length: number, offset: number): void {
    const letter = frame[0] ?? 0;
    const lsn = ownLsn(letter, frame);
    this.#lsnHigh = Number(lsn >> 32n);
    this.#lsnLow = Number(lsn & 0xffff_ffffn);
    if (letter === FRAME.gap) {
      const gap = readGap(frame);
      this.gaps++;
      this.gapBytes += gap === undefined ? 0 : (gapBytes(gap) ?? 0);
      this.#row(offset, length, 0, NONE, NONE, letter, ROW.ownFrame);
      this.#open.forget();
      return;
    }
    if (letter === FRAME.seam) {
      this.#row(offset, length, 0, NONE, NONE, letter, ROW.ownFrame);
      this.#open.cut();
      this.#repeatsTo = this.#lastOutside;
      return;
    }
    const flags = ROW.ownFrame | ROW.unknown;
    this.#row(offset, length, 0, NONE, NONE, letter, flags);
  }

  #message(bytes: Uint8Array, start: number, end: number, length: number, offset: number): void {
    const scan = this.#scanner as MessageScanner;
    scan.scan(bytes, start, end);
    const { kind } = scan;
    const seq = this.rows;
    let relation = NONE;
    if (kind === MessageLetter.relation) {
      const topXid = scan.inStream ? scan.topXid : 0;
      relation = this.relations.add(scan.relationOid, seq, bytes, start, end, topXid);
    } else if (kind === MessageLetter.type) {
      relation = this.relations.addType(seq, bytes, start, end, scan.inStream);
    } else if (scan.relationOid !== 0) {
      const topXid = scan.inStream ? scan.topXid : 0;
      relation = this.relations.scopes.get(scan.relationOid, topXid)?.version ?? NONE;
    }
    this.#take(kind, relation, scan.topXid === 0, length, offset);
  }

  #textMessage(scan: TextScanner, frame: Uint8Array, length: number, offset: number): void {
    const size = length - DATA_HEADER_SIZE;
    scan.scan(frame, DATA_HEADER_SIZE, frame.length, size, this.#lsnHigh, this.#lsnLow);
    const { table, whole } = scan;
    const relation =
      table === undefined || scan.kind === MessageLetter.message
        ? NONE
        : this.#tables.versionOf(table.schema, table.table, this.rows);
    if (whole === undefined) this.#take(scan.kind, relation, scan.isOutside, length, offset);
    else this.#wholeTransaction(scan, relation, whole, length, offset);
  }

  /** A text that holds a transaction from its begin to its commit: one row, whatever it holds. */
  #wholeTransaction(
    scan: TextScanner,
    relation: number,
    changes: NonNullable<TextScanner['whole']>,
    length: number,
    offset: number,
  ): void {
    const seq = this.rows;
    const transaction = this.#open.beginWhole(seq);
    const isSingle = scan.kind !== OPAQUE_KIND;
    if (changes.length === 0) this.transactions.add(transaction, seq, length, false, NONE);
    changes.forEach(({ kind, schema, table }, i) => {
      const isMessage = kind === MessageLetter.message;
      const version = isMessage ? NONE : this.#tables.versionOf(schema, table, seq);
      this.transactions.add(transaction, seq, i === 0 ? length : 0, true, version);
      this.counts.add(kind, version === NONE ? -1 : version);
    });
    if (isSingle) this.changes++;
    const flags = isSingle ? 0 : ROW.unknown;
    this.#row(offset, length, scan.xid, transaction, relation, scan.kind, flags);
    this.#open.endWhole(transaction);
  }

  /** Makes the row of the message just scanned; `outside`: as a logical message it has no transaction. */
  #take(kind: number, relation: number, outside: boolean, length: number, offset: number): void {
    const scan = this.#scanner;
    const seq = this.rows;
    const isOutside = outside && kind === MessageLetter.message;
    const transaction = isOutside ? NONE : this.#open.of(seq);
    const repeated = isOutside && this.#isRepeated();
    const change = IS_CHANGE[kind] === 1 && !repeated;
    if (transaction !== NONE) this.transactions.add(transaction, seq, length, change, relation);
    if (change) {
      this.changes++;
      this.counts.add(kind, relation === NONE ? -1 : relation);
    }
    // An end without its transaction is shown: it means that something is missing.
    const lost = transaction === NONE && ENDS[kind] === 1;
    const flags =
      (scan.inStream ? ROW.inStream : 0) |
      (lost || IS_KNOWN[kind] !== 1 ? ROW.unknown : 0) |
      (repeated ? ROW.repeated : 0);
    this.#row(offset, length, scan.xid, transaction, relation, kind, flags);
    this.#open.after(transaction);
  }

  /** Whether the message at hand, which is outside transactions, came before the last seam already. */
  #isRepeated(): boolean {
    const lsn = lsnOfHalves(this.#lsnHigh, this.#lsnLow);
    if (lsn > this.#lastOutside) this.#lastOutside = lsn;
    return lsn <= this.#repeatsTo;
  }

  /** Adds a row for the message whose position was noted last. */
  #row(
    offset: number,
    length: number,
    xid: number,
    transaction: number,
    relation: number,
    kind: number,
    flags: number,
  ): void {
    const { tail } = this;
    const i = this.rows & CHUNK_MASK;
    tail.lsnHalves[2 * i] = this.#lsnLow;
    tail.lsnHalves[2 * i + 1] = this.#lsnHigh;
    tail.offset[i] = offset;
    tail.length[i] = length;
    tail.xid[i] = xid;
    tail.transaction[i] = transaction;
    tail.relation[i] = relation;
    tail.kind[i] = kind;
    tail.flags[i] = flags;
    tail.count = i + 1;
    this.rows++;
    this.bytes += length;
    if (tail.count === CHUNK_ROWS) {
      this.tail = new IndexChunk(tail.number + 1);
      this.#onChunk(tail, zoneOf(tail));
    }
  }

  /** What {@link restore} needs to go on from here. */
  state(): IndexerState {
    return {
      ...this.#open.state(),
      rows: this.rows,
      changes: this.changes,
      gaps: this.gaps,
      gapBytes: this.gapBytes,
      bytes: this.bytes,
      counts: this.counts.toJson(),
      relations: this.relations.state(),
      lastOutside: String(this.#lastOutside),
      repeatsTo: String(this.#repeatsTo),
    };
  }

  /**
   * Goes on after a directory. Relations and transaction chunks are restored by who reads the file;
   * `tail` is the index chunk that is not full yet.
   */
  restore(state: IndexerState, tail: IndexChunk): void {
    this.rows = state.rows;
    this.changes = state.changes;
    this.gaps = countOf(state.gaps);
    this.gapBytes = countOf(state.gapBytes);
    this.bytes = state.bytes;
    this.counts.restore(state.counts);
    this.relations.restoreState(state.relations);
    this.#lastOutside = toLsn(BigInt(state.lastOutside));
    this.#repeatsTo = toLsn(BigInt(state.repeatsTo));
    this.tail = tail;
    this.#open.restore(state);
    // The scanner remembers what it saw, so it is shown the message that opened what is open.
    if (state.begun !== null) this.#show(MessageLetter.begin, 17, state.begun[0]);
    if (state.block !== null) this.#show(MessageLetter.streamStart, 1, state.block[0]);
  }

  #show(letter: number, xidAt: number, xid: number): void {
    if (this.#text !== undefined) {
      this.#text.resume(xid, letter === MessageLetter.streamStart);
      return;
    }
    const message = new Uint8Array(xidAt + 5);
    message[0] = letter;
    new DataView(message.buffer).setUint32(xidAt, xid);
    (this.#scanner as MessageScanner).scan(message, 0, message.length);
  }
}

/** A count of a directory that may lack it. */
function countOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 ? value : 0;
}

/** Where a frame of our own stands in the WAL. */
function ownLsn(letter: number, frame: Uint8Array): Lsn {
  if (letter === FRAME.gap) return readGap(frame)?.from ?? INVALID_LSN;
  if (letter === FRAME.seam) return readSeam(frame)?.after ?? INVALID_LSN;
  return frameLsn(frame, 1);
}

/** Letters that end a transaction, or a part of it. */
const ENDS: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (const letter of [
    MessageLetter.commit,
    MessageLetter.prepare,
    MessageLetter.streamCommit,
    MessageLetter.streamAbort,
    MessageLetter.streamPrepare,
  ]) {
    table[letter] = 1;
  }
  return table;
})();
