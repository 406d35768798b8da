import { readU32 } from '../base/bigEndian';
import type { Lsn } from '../base/lsn';
import { INVALID_LSN, lsnOfHalves, toLsn } from '../base/lsn';
import type { PgTime } from '../base/time';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { MessageScanner } from '../logical/pgoutput/messageScanner';
import { isTextPlugin } from '../shared/textPlugin';
import { TEXT_KIND, TextScanner } from '../logical/textPlugins/textScanner';
import { ChangeCounts } from './changeCounts';
import { DATA_HEADER_SIZE, FRAME, frameLsn, gapBytes, readGap, readSeam } from './frame';
import { CHUNK_MASK, CHUNK_ROWS, IndexChunk, NONE, ROW } from './indexChunk';
import { NamedTables } from './namedTables';
import { IS_CHANGE, IS_KNOWN } from './operations';
import type { RelationState } from './relationVersions';
import { RelationVersions } from './relationVersions';
import { FATE, TX } from './transactionChunk';
import { TransactionTable } from './transactionTable';
import type { Zone } from './zone';
import { zoneOf } from './zone';

/**
 * What a row of the index has for a text that says no single change and ends no transaction: '?'. Every
 * message of a plugin that we do not know is one.
 */
export const OPAQUE_KIND = TEXT_KIND;

/** The last commit seen: where it ends, and when it was. */
export interface LastCommit {
  readonly endLsn: Lsn;
  readonly commitTime: PgTime;
}

/** What an indexer must know to go on after a directory; plain JSON. */
export interface IndexerState {
  readonly rows: number;
  readonly transactions: number;
  readonly changes: number;
  /** Transactions that were cut off, and their changes. */
  readonly cutTransactions: number;
  readonly cutChanges: number;
  /** Absent in captures of earlier versions. */
  readonly gaps?: number;
  readonly gapBytes?: number;
  /** Bytes of all messages. */
  readonly bytes: number;
  /** Transaction opened by Begin: [xid, ordinal]; null outside one. */
  readonly begun: readonly [number, number] | null;
  /** Stream block that is open. */
  readonly block: readonly [number, number] | null;
  /** Transactions that were sent in part, and those that are prepared. */
  readonly streamed: readonly (readonly [number, number])[];
  readonly prepared: readonly (readonly [number, number])[];
  /** Aborted subtransactions: ordinal, then their xids. */
  readonly subAborts: readonly (readonly [number, readonly number[]])[];
  readonly counts: readonly number[];
  readonly relations: RelationState;
  /** Of messages outside transactions, decimal: the highest position, and up to where they come again. */
  readonly lastOutside: string;
  readonly repeatsTo: string;
  /** Decimal strings; empty before the first commit. */
  readonly lastCommitEnd: string;
  readonly lastCommitTime: string;
}

/**
 * Makes the index of a capture from its frames: a row for each message, the transactions, the
 * relations. The writer runs it while it appends, a reader while it follows or recovers a file; both
 * come to the same numbers. Nothing is decoded beyond the letter, the relation OID and the xids; of a text
 * of test_decoding or wal2json, what says the same.
 */
export class FrameIndexer {
  readonly transactions = new TransactionTable();
  readonly relations = new RelationVersions();
  readonly counts = new ChangeCounts();
  /** Xids of subtransactions that were rolled back, by transaction ordinal. */
  readonly subAborts = new Map<number, Set<number>>();

  /** The chunk that is being filled. */
  tail = new IndexChunk(0);

  rows = 0;
  changes = 0;
  /** Transactions that a limit cut off, and their changes: they come again from their beginning. */
  cutTransactions = 0;
  cutChanges = 0;
  /** Gaps, and the bytes of WAL in them. */
  gaps = 0;
  gapBytes = 0;
  bytes = 0;
  lastCommit: LastCommit | undefined;

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
  #begunXid = 0;
  #begun = NONE;
  #blockXid = 0;
  #block = NONE;
  /** Highest position of a message outside transactions; these are sent as soon as they are decoded. */
  #lastOutside: Lsn = INVALID_LSN;
  /** Up to here a continued stream repeats them, because it begins after the last commit. */
  #repeatsTo: Lsn = INVALID_LSN;
  readonly #streamed = new Map<number, number>();
  readonly #prepared = new Map<number, number>();

  /** `onChunk` is called when a chunk is full; the indexer lets go of it. */
  constructor(plugin: string, onChunk: (chunk: IndexChunk, zone: Zone) => void) {
    this.#text = isTextPlugin(plugin) ? new TextScanner(plugin) : undefined;
    this.#scanner = this.#text ?? new MessageScanner();
    this.#opaque = plugin !== 'pgoutput' && this.#text === undefined;
    this.#onChunk = onChunk;
  }

  /** Transactions whose end was not seen: begun, sent in part, or prepared. */
  get openTransactions(): number {
    return (this.#begun === NONE ? 0 : 1) + this.#streamed.size + this.#prepared.size;
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
    } else if (letter !== FRAME.keepalive && letter !== FRAME.status) {
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
      this.#forgetOpen();
      return;
    }
    if (letter === FRAME.seam) {
      this.#row(offset, length, 0, NONE, NONE, letter, ROW.ownFrame);
      this.#cutOpen();
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
    this.#leaveBegun();
    const seq = this.rows;
    const transaction = this.#begin(scan.topXid, seq, 0);
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
    this.#end(transaction, FATE.committed);
  }

  /** Makes the row of the message just scanned; `outside`: as a logical message it has no transaction. */
  #take(kind: number, relation: number, outside: boolean, length: number, offset: number): void {
    const scan = this.#scanner;
    const seq = this.rows;
    const isOutside = outside && kind === MessageLetter.message;
    const transaction = isOutside ? NONE : this.#transactionOf(seq);
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
    this.#afterMessage(transaction);
  }

  /** Whether the message at hand, which is outside transactions, came before the last seam already. */
  #isRepeated(): boolean {
    const lsn = lsnOfHalves(this.#lsnHigh, this.#lsnLow);
    if (lsn > this.#lastOutside) this.#lastOutside = lsn;
    return lsn <= this.#repeatsTo;
  }

  /** The ordinal of the message just scanned; begins a transaction where it is the first. */
  #transactionOf(seq: number): number {
    const scan = this.#scanner;
    switch (scan.kind) {
      case MessageLetter.begin:
      case MessageLetter.beginPrepare:
        this.#leaveBegun();
        this.#begun = this.#begin(scan.topXid, seq, 0);
        this.#begunXid = scan.topXid;
        return this.#begun;
      case MessageLetter.streamStart: {
        if (scan.firstSegment) this.#leaveStreamed(scan.topXid);
        let ordinal = this.#streamed.get(scan.topXid);
        if (ordinal === undefined) {
          ordinal = this.#begin(scan.topXid, seq, TX.streamed);
          this.#streamed.set(scan.topXid, ordinal);
        }
        this.#block = ordinal;
        this.#blockXid = scan.topXid;
        return ordinal;
      }
      case MessageLetter.streamCommit:
      case MessageLetter.streamAbort:
      case MessageLetter.streamPrepare:
        return this.#streamed.get(scan.topXid) ?? NONE;
      case MessageLetter.commitPrepared:
      case MessageLetter.rollbackPrepared: {
        let ordinal = this.#prepared.get(scan.topXid);
        if (ordinal === undefined) {
          // It was prepared before the capture began.
          ordinal = this.#begin(scan.topXid, seq, 0);
          this.#prepared.set(scan.topXid, ordinal);
        }
        return ordinal;
      }
      default:
        return this.#current();
    }
  }

  #current(): number {
    return this.#scanner.inStream ? this.#block : this.#begun;
  }

  #begin(xid: number, seq: number, flags: number): number {
    return this.transactions.begin(xid, seq, flags);
  }

  /** Positions and fate, which the ends of transactions bring. */
  #afterMessage(transaction: number): void {
    const scan = this.#scanner;
    switch (scan.kind) {
      case MessageLetter.begin:
        // Begin Prepare gives those of the prepare, which comes with them too: no commit is known yet.
        this.#setPositions(transaction);
        break;
      case MessageLetter.streamStop:
        this.#block = NONE;
        break;
      case MessageLetter.commit:
        if (transaction !== NONE) this.#end(transaction, FATE.committed);
        this.#begun = NONE;
        break;
      case MessageLetter.prepare:
        if (transaction !== NONE) this.#prepare(transaction);
        this.#begun = NONE;
        break;
      case MessageLetter.streamPrepare:
        if (transaction !== NONE) this.#prepare(transaction);
        this.#streamed.delete(scan.topXid);
        this.relations.scopes.dropStream(scan.topXid);
        break;
      case MessageLetter.streamCommit:
        if (transaction !== NONE) this.#end(transaction, FATE.committed);
        this.#streamed.delete(scan.topXid);
        this.relations.scopes.commitStream(scan.topXid);
        break;
      case MessageLetter.streamAbort:
        if (transaction !== NONE) this.#abort(transaction);
        break;
      case MessageLetter.commitPrepared:
        this.#end(transaction, FATE.committed);
        this.#prepared.delete(scan.topXid);
        break;
      case MessageLetter.rollbackPrepared:
        this.#end(transaction, FATE.aborted);
        this.#prepared.delete(scan.topXid);
        break;
      default:
        break;
    }
  }

  #abort(transaction: number): void {
    const { xid, topXid } = this.#scanner;
    if (xid === topXid) {
      this.#end(transaction, FATE.aborted);
      this.#streamed.delete(topXid);
      this.relations.scopes.dropStream(topXid);
      return;
    }
    const aborted = this.subAborts.get(transaction);
    if (aborted === undefined) this.subAborts.set(transaction, new Set([xid]));
    else aborted.add(xid);
  }

  #prepare(transaction: number): void {
    this.#setPositions(transaction);
    this.transactions.setFate(transaction, FATE.prepared);
    // After a new connection the server sends again what it had sent and nobody confirmed.
    const before = this.#prepared.get(this.#scanner.topXid);
    if (before !== undefined) this.transactions.close(before);
    this.#prepared.set(this.#scanner.topXid, transaction);
  }

  #end(transaction: number, fate: number): void {
    const scan = this.#scanner;
    this.#setPositions(transaction);
    this.transactions.setFate(transaction, fate);
    this.transactions.close(transaction);
    if (fate !== FATE.committed) return;
    this.lastCommit = {
      endLsn: lsnOfHalves(scan.endLsnHigh, scan.endLsnLow),
      commitTime: scan.commitTime as PgTime,
    };
  }

  #setPositions(transaction: number): void {
    const scan = this.#scanner;
    this.transactions.setPositions(
      transaction,
      lsnOfHalves(scan.commitLsnHigh, scan.commitLsnLow),
      lsnOfHalves(scan.endLsnHigh, scan.endLsnLow),
      scan.commitTime,
    );
  }

  /** A Begin while another is open: the end of the first was lost. */
  #leaveBegun(): void {
    if (this.#begun !== NONE) this.transactions.close(this.#begun);
    this.#begun = NONE;
  }

  /** Its first block comes again, or none will come any more: its end was lost. */
  #leaveStreamed(xid: number): void {
    const ordinal = this.#streamed.get(xid);
    if (ordinal === undefined) return;
    this.transactions.close(ordinal);
    this.#streamed.delete(xid);
    this.relations.scopes.dropStream(xid);
  }

  /** After a gap the server sends open transactions from their start again, or never. */
  #forgetOpen(): void {
    this.#leaveBegun();
    for (const xid of [...this.#streamed.keys()]) this.#leaveStreamed(xid);
    this.#block = NONE;
    this.#scanner.reset();
  }

  /** A peek goes on: the server sends from their beginning the transactions that were being sent. */
  #cutOpen(): void {
    for (const ordinal of this.#unfinished()) {
      this.transactions.setFate(ordinal, FATE.cut);
      this.cutTransactions++;
      this.cutChanges += this.transactions.changesOf(ordinal);
    }
    this.#repeatsTo = this.#lastOutside;
    this.#forgetOpen();
  }

  /** Transactions that are sent in part. What is prepared was sent whole. */
  #unfinished(): number[] {
    return [...(this.#begun === NONE ? [] : [this.#begun]), ...this.#streamed.values()];
  }

  /** Changes and bytes of the transactions that are sent in part. */
  get unfinished(): { readonly changes: number; readonly bytes: number } {
    let changes = 0;
    let bytes = 0;
    for (const ordinal of this.#unfinished()) {
      changes += this.transactions.changesOf(ordinal);
      bytes += this.transactions.bytesOf(ordinal);
    }
    return { changes, bytes };
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
    const pair = (xid: number, ordinal: number): [number, number] | null =>
      ordinal === NONE ? null : [xid, ordinal];
    return {
      rows: this.rows,
      transactions: this.transactions.count,
      changes: this.changes,
      cutTransactions: this.cutTransactions,
      cutChanges: this.cutChanges,
      gaps: this.gaps,
      gapBytes: this.gapBytes,
      bytes: this.bytes,
      begun: pair(this.#begunXid, this.#begun),
      block: pair(this.#blockXid, this.#block),
      streamed: [...this.#streamed],
      prepared: [...this.#prepared],
      subAborts: [...this.subAborts].map(([ordinal, xids]) => [ordinal, [...xids]]),
      counts: this.counts.toJson(),
      relations: this.relations.state(),
      lastOutside: String(this.#lastOutside),
      repeatsTo: String(this.#repeatsTo),
      lastCommitEnd: String(this.lastCommit?.endLsn ?? ''),
      lastCommitTime: String(this.lastCommit?.commitTime ?? ''),
    };
  }

  /**
   * Goes on after a directory. Relations and transaction chunks are restored by who reads the file;
   * `tail` is the index chunk that is not full yet.
   */
  restore(state: IndexerState, tail: IndexChunk): void {
    this.rows = state.rows;
    this.changes = state.changes;
    this.cutTransactions = state.cutTransactions;
    this.cutChanges = state.cutChanges;
    this.gaps = countOf(state.gaps);
    this.gapBytes = countOf(state.gapBytes);
    this.bytes = state.bytes;
    this.counts.restore(state.counts);
    this.relations.restoreState(state.relations);
    this.#lastOutside = toLsn(BigInt(state.lastOutside));
    this.#repeatsTo = toLsn(BigInt(state.repeatsTo));
    this.tail = tail;
    for (const [xid, ordinal] of state.streamed) this.#streamed.set(xid, ordinal);
    for (const [xid, ordinal] of state.prepared) this.#prepared.set(xid, ordinal);
    for (const [ordinal, xids] of state.subAborts) this.subAborts.set(ordinal, new Set(xids));
    if (state.lastCommitEnd !== '') {
      this.lastCommit = {
        endLsn: BigInt(state.lastCommitEnd) as Lsn,
        commitTime: BigInt(state.lastCommitTime) as PgTime,
      };
    }
    // The scanner remembers what it saw, so it is shown the message that opened what is open.
    if (state.begun !== null) {
      [this.#begunXid, this.#begun] = state.begun;
      this.#show(MessageLetter.begin, 17, this.#begunXid);
    }
    if (state.block !== null) {
      [this.#blockXid, this.#block] = state.block;
      this.#show(MessageLetter.streamStart, 1, this.#blockXid);
    }
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
