import { assert } from '../base/assert';
import { ByteReader, DecodeError } from '../base/byteReader';
import type { Lsn } from '../base/lsn';
import { lsnOfHalves } from '../base/lsn';
import type { PgTime } from '../base/time';
import type { Delivery, LogicalEvent } from './event';
import type { ChangeTest, RowSink } from './eventDelivery';
import { EventDelivery } from './eventDelivery';
import { unknownEvent } from './messageEvent';
import { decodeMessage } from './pgoutput/decodeMessage';
import { MessageLetter } from './pgoutput/messageLetter';
import { MessageScanner } from './pgoutput/messageScanner';
import { RelationCache } from './relationCache';
import { ResumedTransaction } from './resumedTransaction';
import type { SpillStore } from './spillStore';
import type { CommitFacts } from './transactionAssembler';
import { TransactionAssembler } from './transactionAssembler';
import type { FindType } from './types/binary/binaryText';

export interface EventDecoderOptions {
  readonly delivery: Delivery;
  /** Takes each event, in order. Events hold no view of the messages' bytes. */
  readonly sink: (event: LogicalEvent) => void;
  /** Takes rows in the place of `sink`, as far as it wants them. */
  readonly rows?: RowSink;
  /** Leaves changes out; absent: all are delivered. */
  readonly passes?: ChangeTest;
  /** Knows the types that are not built in; without it values in binary form stay bytes. */
  readonly findType?: FindType;
  /** Where large streamed transactions wait for their commit; `assembled` only. */
  readonly spill: SpillStore;
  /** Asked while a spilled transaction is delivered: a promise makes the decoder wait for the reader. */
  readonly drain?: () => Promise<void> | undefined;
  /** `assembled`: transactions that committed before this position are left out. */
  readonly startAfter?: Lsn;
  /** Bytes of memory for transactions that wait for their commit, all together. */
  readonly memoryLimit?: number;
}

const DEFAULT_MEMORY_LIMIT = 8 * 1024 * 1024;

/**
 * Turns the messages of a pgoutput stream, protocols 1 to 4, into events of the native format, in one of
 * its two deliveries (docs/event-format.md). Bad messages become `unknown` events and the stream goes on.
 */
export class EventDecoder {
  readonly #options: EventDecoderOptions;
  readonly #scanner = new MessageScanner();
  readonly #relations = new RelationCache();
  readonly #delivery: EventDelivery;
  readonly #assembler: TransactionAssembler;
  /** Between Begin Prepare and Prepare: the xid of that transaction, whose messages are held. */
  #preparing = 0;
  /** Between Begin and Commit of a transaction that `startAfter` leaves out. */
  #skipping = false;
  /** `assembled`: the plain transaction that is being delivered, or that a cut left without its end. */
  #plain: ResumedTransaction | undefined;
  /** A spilled transaction is being delivered. */
  #busy = false;

  constructor(options: EventDecoderOptions) {
    this.#options = options;
    this.#delivery = new EventDelivery({
      relations: this.#relations,
      sink: options.sink,
      ...(options.rows === undefined ? {} : { rows: options.rows }),
      ...(options.passes === undefined ? {} : { passes: options.passes }),
      findType: options.findType,
      describe: options.delivery === 'assembled',
    });
    this.#assembler = new TransactionAssembler({
      spill: options.spill,
      sink: options.sink,
      drain: options.drain ?? (() => undefined),
      memoryLimit: options.memoryLimit ?? DEFAULT_MEMORY_LIMIT,
      deliver: (message, topXid) => {
        this.#delivery.deliverHeld(message, topXid);
      },
    });
  }

  /** Tables and types as the stream described them so far. */
  get relations(): RelationCache {
    return this.#relations;
  }

  /** Transactions that wait for their end. */
  get open(): number {
    return this.#assembler.size;
  }

  /**
   * Takes the next message. `payload` may be a view of a buffer that is used again afterwards. Returns a
   * promise only where a spilled transaction must be read back: it has to resolve before the next call.
   */
  push(lsn: Lsn, payload: Uint8Array): void | Promise<void> {
    assert(!this.#busy, 'a message was pushed before the one before it was done');
    const scanner = this.#scanner;
    scanner.scan(payload, 0, payload.length);
    this.#learn(payload);
    if (this.#options.delivery === 'raw') this.#deliver(lsn, payload);
    else return this.#assemble(lsn, payload);
  }

  /**
   * Another stream follows without a gap, which sends the transactions that are open from their beginning:
   * what waits of them is forgotten, what was delivered of one is left out when it comes again. What is
   * prepared was sent whole and is kept.
   */
  restart(): void {
    assert(!this.#busy, 'the stream was restarted before a message was done');
    this.#scanner.reset();
    this.#assembler.drop(this.#preparing);
    this.#assembler.dropUnfinished();
    this.#plain?.cut();
    this.#preparing = 0;
    this.#skipping = false;
  }

  /** As {@link restart}, but positions are missing before the other stream: what is open never ends. */
  skip(): void {
    this.restart();
    this.#plain = undefined;
  }

  /** The stream ended: what waits for a commit is forgotten, and its disk space freed. */
  end(): void {
    this.#assembler.dispose();
  }

  /** Keeps the tables and types that the message describes, and when a transaction's own ones end. */
  #learn(payload: Uint8Array): void {
    const { kind, inStream, topXid, xid } = this.#scanner;
    if (kind === MessageLetter.relation || kind === MessageLetter.type) {
      try {
        const message = decodeMessage(new ByteReader(payload), inStream);
        if (message.kind === 'relation') {
          this.#relations.add(message.relation, inStream ? topXid : 0);
        } else if (message.kind === 'type') {
          this.#relations.addType(message.type);
        }
      } catch (error) {
        // Delivery meets the same error and makes it an event.
        if (!(error instanceof DecodeError)) throw error;
      }
    } else if (kind === MessageLetter.streamCommit) {
      this.#relations.commitStream(topXid);
    } else if (
      (kind === MessageLetter.streamStart && this.#scanner.firstSegment) ||
      (kind === MessageLetter.streamAbort && xid === topXid) ||
      kind === MessageLetter.commitPrepared ||
      kind === MessageLetter.rollbackPrepared
    ) {
      this.#relations.dropStream(topXid);
    }
  }

  /** Gives the message as the event it is. */
  #deliver(lsn: Lsn, payload: Uint8Array): void {
    const { topXid, xid, inStream, relationOid } = this.#scanner;
    const subxid = this.#options.delivery === 'raw' && xid !== topXid ? xid : 0;
    this.#delivery.deliver(payload, { lsn, topXid, subxid, inStream }, relationOid);
  }

  #assemble(lsn: Lsn, payload: Uint8Array): void | Promise<void> {
    const scanner = this.#scanner;
    const { kind, topXid } = scanner;
    if (DECISIONS.has(kind) && !this.#isWhole(payload)) {
      this.#deliver(lsn, payload);
      return;
    }
    switch (kind) {
      case MessageLetter.origin:
      case MessageLetter.streamStop:
        return;
      case MessageLetter.streamStart:
        // Sent from its beginning again: what was held of it would come twice.
        if (scanner.firstSegment) this.#assembler.drop(topXid);
        this.#assembler.open(topXid, lsn);
        return;
      case MessageLetter.streamAbort:
        this.#assembler.abort(topXid, scanner.xid);
        return;
      case MessageLetter.beginPrepare:
        this.#preparing = topXid;
        this.#assembler.drop(topXid);
        this.#assembler.open(topXid, lsn);
        return;
      case MessageLetter.prepare:
        this.#preparing = 0;
        this.#assembler.prepared(topXid);
        return;
      case MessageLetter.streamPrepare:
        this.#assembler.prepared(topXid);
        return;
      case MessageLetter.rollbackPrepared:
        this.#assembler.drop(topXid);
        return;
      case MessageLetter.streamCommit:
      case MessageLetter.commitPrepared:
        return this.#commitHeld(lsn, payload);
      case MessageLetter.message:
        if (topXid === 0) {
          if (!this.#isBefore(lsn)) this.#deliver(lsn, payload);
          return;
        }
        break;
      case MessageLetter.begin: {
        this.#preparing = 0;
        const commitLsn = lsnOfHalves(scanner.commitLsnHigh, scanner.commitLsnLow);
        this.#skipping = this.#isBefore(commitLsn);
        if (this.#skipping) return;
        if (this.#resumed(commitLsn) !== undefined) return;
        this.#plain = new ResumedTransaction(commitLsn);
        break;
      }
      case MessageLetter.commit: {
        const skipped = this.#skipping;
        this.#skipping = false;
        this.#plain = undefined;
        if (skipped) return;
        if (topXid === 0) this.#refuse(lsn, payload, NO_TRANSACTION);
        else this.#deliver(lsn, payload);
        return;
      }
      default:
        break;
    }
    if (this.#skipping) return;
    const holder = scanner.inStream ? topXid : this.#preparing;
    if (!CONTENT.has(kind)) this.#deliver(lsn, payload);
    else if (this.#assembler.has(holder)) this.#hold(holder, lsn, payload);
    else if (scanner.inStream) this.#refuse(lsn, payload, NOT_STREAMED);
    // A capture that goes on from another one begins with the tables that are in force.
    else if (topXid === 0 && !DESCRIBES.has(kind)) this.#refuse(lsn, payload, NO_TRANSACTION);
    else if (this.#plain?.repeats(payload) !== true) this.#deliver(lsn, payload);
  }

  /** The transaction that a cut left without its end, where it is this one: it begins again. */
  #resumed(commitLsn: Lsn): ResumedTransaction | undefined {
    return this.#plain?.resumes(commitLsn) === true ? this.#plain : undefined;
  }

  #hold(holder: number, lsn: Lsn, payload: Uint8Array): void {
    const { xid, relationOid, topXid, inStream } = this.#scanner;
    const place = { lsn, topXid, inStream };
    this.#assembler.append(holder, this.#delivery.hold(payload, place, xid, relationOid));
  }

  #commitHeld(lsn: Lsn, payload: Uint8Array): void | Promise<void> {
    const scanner = this.#scanner;
    const topXid = scanner.topXid;
    if (!this.#assembler.has(topXid)) {
      // A prepared one was sent before this stream began; a streamed one is never sent in part.
      if (scanner.kind === MessageLetter.commitPrepared) this.#deliver(lsn, payload);
      else this.#refuse(lsn, payload, NOT_STREAMED);
      return;
    }
    const facts: CommitFacts = {
      lsn,
      commitLsn: lsnOfHalves(scanner.commitLsnHigh, scanner.commitLsnLow),
      endLsn: lsnOfHalves(scanner.endLsnHigh, scanner.endLsnLow),
      commitTime: scanner.commitTime as PgTime,
    };
    if (this.#isBefore(facts.commitLsn)) {
      this.#assembler.drop(topXid);
      return;
    }
    const resumed = this.#resumed(facts.commitLsn);
    this.#plain = undefined;
    const delivered = this.#assembler.commit(topXid, facts, resumed);
    if (delivered === undefined) return;
    this.#busy = true;
    return delivered.finally(() => {
      this.#busy = false;
    });
  }

  /** A message that is read well but has no place in a committed transaction. */
  #refuse(lsn: Lsn, payload: Uint8Array, why: string): void {
    const { topXid, inStream } = this.#scanner;
    this.#options.sink(unknownEvent(payload, { lsn, topXid, subxid: 0, inStream }, why));
  }

  #isWhole(payload: Uint8Array): boolean {
    try {
      decodeMessage(new ByteReader(payload), false);
      return true;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return false;
    }
  }

  #isBefore(lsn: Lsn): boolean {
    return this.#options.startAfter !== undefined && lsn < this.#options.startAfter;
  }
}

const NOT_STREAMED = 'this transaction was not streamed from its beginning';
const NO_TRANSACTION = 'no transaction is open here';

const DESCRIBES: ReadonlySet<number> = new Set([MessageLetter.relation, MessageLetter.type]);

/** What a transaction consists of, between its begin and its end. */
const CONTENT: ReadonlySet<number> = new Set([
  MessageLetter.relation,
  MessageLetter.type,
  MessageLetter.insert,
  MessageLetter.update,
  MessageLetter.delete,
  MessageLetter.truncate,
  MessageLetter.message,
]);

/** What decides a held transaction's fate: half of such a message is not acted upon. */
const DECISIONS: ReadonlySet<number> = new Set([
  MessageLetter.streamStart,
  MessageLetter.streamCommit,
  MessageLetter.streamAbort,
  MessageLetter.beginPrepare,
  MessageLetter.prepare,
  MessageLetter.streamPrepare,
  MessageLetter.commitPrepared,
  MessageLetter.rollbackPrepared,
]);
