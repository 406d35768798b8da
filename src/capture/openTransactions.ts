import type { Lsn } from '../base/lsn';
import { lsnOfHalves } from '../base/lsn';
import type { PgTime } from '../base/time';
import type { RelationScopes } from '../logical/relationScopes';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import type { MessageScanner } from '../logical/pgoutput/messageScanner';
import type { TextScanner } from '../logical/textPlugins/textScanner';
import { NONE } from './indexChunk';
import type { IndexerState, LastCommit } from './indexerState';
import type { RelationVersion } from './relationVersions';
import { FATE, TX } from './transactionChunk';
import { TransactionTable } from './transactionTable';

/**
 * The transactions of a capture as its messages come: which one a message belongs to, which are open, and
 * how each ends. Reads the scanner's last message only.
 */
export class OpenTransactions {
  readonly table = new TransactionTable();
  /** Xids of subtransactions that were rolled back, by transaction ordinal. */
  readonly subAborts = new Map<number, Set<number>>();
  /** Transactions that a seam cut off, and their changes: they come again from their beginning. */
  cutTransactions = 0;
  cutChanges = 0;
  lastCommit: LastCommit | undefined;

  readonly #scanner: MessageScanner | TextScanner;
  readonly #scopes: RelationScopes<RelationVersion>;
  #begunXid = 0;
  #begun = NONE;
  #blockXid = 0;
  #block = NONE;
  readonly #streamed = new Map<number, number>();
  readonly #prepared = new Map<number, number>();

  constructor(scanner: MessageScanner | TextScanner, scopes: RelationScopes<RelationVersion>) {
    this.#scanner = scanner;
    this.#scopes = scopes;
  }

  /** Transactions whose end was not seen: begun, sent in part, or prepared. */
  get count(): number {
    return (this.#begun === NONE ? 0 : 1) + this.#streamed.size + this.#prepared.size;
  }

  /** The ordinal of the message just scanned; begins a transaction where it is the first. */
  of(seq: number): number {
    const scan = this.#scanner;
    switch (scan.kind) {
      case MessageLetter.begin:
      case MessageLetter.beginPrepare:
        this.leaveBegun();
        this.#begun = this.table.begin(scan.topXid, seq, 0);
        this.#begunXid = scan.topXid;
        return this.#begun;
      case MessageLetter.streamStart: {
        if (scan.firstSegment) this.#leaveStreamed(scan.topXid);
        let ordinal = this.#streamed.get(scan.topXid);
        if (ordinal === undefined) {
          ordinal = this.table.begin(scan.topXid, seq, TX.streamed);
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
          ordinal = this.table.begin(scan.topXid, seq, 0);
          this.#prepared.set(scan.topXid, ordinal);
        }
        return ordinal;
      }
      default:
        return scan.inStream ? this.#block : this.#begun;
    }
  }

  /** Takes in what the message just scanned says of its transaction: positions and fate. */
  after(transaction: number): void {
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
        this.#scopes.dropStream(scan.topXid);
        break;
      case MessageLetter.streamCommit:
        if (transaction !== NONE) this.#end(transaction, FATE.committed);
        this.#streamed.delete(scan.topXid);
        this.#scopes.commitStream(scan.topXid);
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

  /** Begins a transaction that a single text holds; {@link endWhole} ends it. */
  beginWhole(seq: number): number {
    this.leaveBegun();
    return this.table.begin(this.#scanner.topXid, seq, 0);
  }

  endWhole(transaction: number): void {
    this.#end(transaction, FATE.committed);
  }

  #abort(transaction: number): void {
    const { xid, topXid } = this.#scanner;
    if (xid === topXid) {
      this.#end(transaction, FATE.aborted);
      this.#streamed.delete(topXid);
      this.#scopes.dropStream(topXid);
      return;
    }
    const aborted = this.subAborts.get(transaction);
    if (aborted === undefined) this.subAborts.set(transaction, new Set([xid]));
    else aborted.add(xid);
  }

  #prepare(transaction: number): void {
    this.#setPositions(transaction);
    this.table.setFate(transaction, FATE.prepared);
    // After a new connection the server sends again what it had sent and nobody confirmed.
    const before = this.#prepared.get(this.#scanner.topXid);
    if (before !== undefined) this.table.close(before);
    this.#prepared.set(this.#scanner.topXid, transaction);
  }

  #end(transaction: number, fate: number): void {
    const scan = this.#scanner;
    this.#setPositions(transaction);
    this.table.setFate(transaction, fate);
    this.table.close(transaction);
    if (fate !== FATE.committed) return;
    this.lastCommit = {
      endLsn: lsnOfHalves(scan.endLsnHigh, scan.endLsnLow),
      commitTime: scan.commitTime as PgTime,
    };
  }

  #setPositions(transaction: number): void {
    const scan = this.#scanner;
    this.table.setPositions(
      transaction,
      lsnOfHalves(scan.commitLsnHigh, scan.commitLsnLow),
      lsnOfHalves(scan.endLsnHigh, scan.endLsnLow),
      scan.commitTime,
    );
  }

  /** A Begin while another is open: the end of the first was lost. */
  leaveBegun(): void {
    if (this.#begun !== NONE) this.table.close(this.#begun);
    this.#begun = NONE;
  }

  /** Its first block comes again, or none will come any more: its end was lost. */
  #leaveStreamed(xid: number): void {
    const ordinal = this.#streamed.get(xid);
    if (ordinal === undefined) return;
    this.table.close(ordinal);
    this.#streamed.delete(xid);
    this.#scopes.dropStream(xid);
  }

  /** After a gap the server sends open transactions from their start again, or never. */
  forget(): void {
    this.leaveBegun();
    for (const xid of [...this.#streamed.keys()]) this.#leaveStreamed(xid);
    this.#block = NONE;
    this.#scanner.reset();
  }

  /** A stream goes on: the server sends from their beginning the transactions that were being sent. */
  cut(): void {
    for (const ordinal of this.#unfinished()) {
      this.table.setFate(ordinal, FATE.cut);
      this.cutTransactions++;
      this.cutChanges += this.table.changesOf(ordinal);
    }
    this.forget();
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
      changes += this.table.changesOf(ordinal);
      bytes += this.table.bytesOf(ordinal);
    }
    return { changes, bytes };
  }

  state(): Pick<
    IndexerState,
    | 'transactions'
    | 'cutTransactions'
    | 'cutChanges'
    | 'begun'
    | 'block'
    | 'streamed'
    | 'prepared'
    | 'subAborts'
    | 'lastCommitEnd'
    | 'lastCommitTime'
  > {
    const pair = (xid: number, ordinal: number): [number, number] | null =>
      ordinal === NONE ? null : [xid, ordinal];
    return {
      transactions: this.table.count,
      cutTransactions: this.cutTransactions,
      cutChanges: this.cutChanges,
      begun: pair(this.#begunXid, this.#begun),
      block: pair(this.#blockXid, this.#block),
      streamed: [...this.#streamed],
      prepared: [...this.#prepared],
      subAborts: [...this.subAborts].map(([ordinal, xids]) => [ordinal, [...xids]]),
      lastCommitEnd: String(this.lastCommit?.endLsn ?? ''),
      lastCommitTime: String(this.lastCommit?.commitTime ?? ''),
    };
  }

  /** Goes on after a directory. The chunks of the table are restored by who reads the file. */
  restore(state: IndexerState): void {
    this.cutTransactions = state.cutTransactions;
    this.cutChanges = state.cutChanges;
    if (state.begun !== null) [this.#begunXid, this.#begun] = state.begun;
    if (state.block !== null) [this.#blockXid, this.#block] = state.block;
    for (const [xid, ordinal] of state.streamed) this.#streamed.set(xid, ordinal);
    for (const [xid, ordinal] of state.prepared) this.#prepared.set(xid, ordinal);
    for (const [ordinal, xids] of state.subAborts) this.subAborts.set(ordinal, new Set(xids));
    if (state.lastCommitEnd === '') return;
    this.lastCommit = {
      endLsn: BigInt(state.lastCommitEnd) as Lsn,
      commitTime: BigInt(state.lastCommitTime) as PgTime,
    };
  }
}
