import type { Lsn } from '../../base/lsn';
import { INVALID_LSN } from '../../base/lsn';
import type { Delivery, LogicalEvent } from '../event';
import { HeldTransaction } from '../heldTransaction';
import { unknownEvent } from '../messageEvent';
import type { SpillStore } from '../spillStore';
import { testDecodingItem } from './testDecoding';
import { readPayload } from './payloadText';
import { isUntold, NOT_TOLD } from './readText';
import type { PgTime } from '../../base/time';
import type { TextItem } from './textChange';
import { itemEvent } from './textChange';
import { TextError } from './textLine';
import type { TextPlace } from './textLine';
import type { TextPlugin } from '../../shared/textPlugin';
import { Wal2jsonReader } from './wal2json';

type BeginEvent = Extract<LogicalEvent, { kind: 'begin' }>;

/**
 * Whether a change is delivered.
 *
 * @param size Bytes of the text that it stands in.
 * @param time Of the commit, where it is told.
 */
export type TextChangeTest = (item: TextItem, size: number, time: PgTime | undefined) => boolean;

/** What a text says, and the same as an event. */
interface ReadItem {
  readonly event: LogicalEvent;
  readonly item: TextItem;
}

export interface TextDecoderOptions {
  readonly plugin: TextPlugin;
  readonly delivery: Delivery;
  /** Takes each event, in order. */
  readonly sink: (event: LogicalEvent) => void;
  /** Leaves changes out; absent: all are delivered. */
  readonly passes?: TextChangeTest;
  /** Where transactions wait on disk for their commit; `assembled` only. */
  readonly spill: SpillStore;
  /** Asked while a spilled transaction is delivered: a promise makes the decoder wait for the reader. */
  readonly drain?: () => Promise<void> | undefined;
  /** Bytes of memory for a transaction that waits for its commit. */
  readonly memoryLimit?: number;
}

const DEFAULT_MEMORY_LIMIT = 8 * 1024 * 1024;

/**
 * Turns the texts of test_decoding and wal2json into events of the native format. A text that is not what
 * the plugin writes becomes an `unknown` event with its bytes, and the stream goes on.
 *
 * Both plugins write whole transactions in commit order, which an `assembled` delivery gives when they
 * are complete, because a connection may be lost in the middle of one. Two options of test_decoding: with
 * two-phase commit a transaction may turn out to be prepared at its end: so its texts wait, and an
 * `assembled` delivery gives it at its COMMIT PREPARED. With stream-changes only the places of changes are
 * told, so that nothing can be delivered of them.
 */
export class TextEventDecoder {
  readonly #options: TextDecoderOptions;
  readonly #wal2json = new Wal2jsonReader();
  /** The transaction that began and did not end; `assembled` delivery. */
  #open: { readonly held: HeldTransaction; readonly begin: LogicalEvent } | undefined;
  readonly #prepared = new Map<
    string,
    { readonly held: HeldTransaction; readonly begin: LogicalEvent }
  >();
  /** The transaction of the texts: most name it at its begin only. */
  #xid = 0;
  #endedAt: Lsn | undefined;
  /** Of the commit of the transaction that is told as it comes, where its begin says it. */
  #time: PgTime | undefined;
  /** A begin that came without a position, which test_decoding sends as 0/0: it is told with what follows. */
  #unplaced: BeginEvent | undefined;
  /** Highest position of a message outside transactions, and up to where they come again. */
  #lastOutside: Lsn = INVALID_LSN;
  #repeatsTo: Lsn = INVALID_LSN;

  constructor(options: TextDecoderOptions) {
    this.#options = options;
  }

  /**
   * Takes the next text. Returns a promise only where a spilled transaction is read back: it has to
   * resolve before the next call.
   *
   * @param xid The transaction that the server names beside the text; 0 where it is not known.
   */
  push(lsn: Lsn, payload: Uint8Array, xid: number): void | Promise<void> {
    const { delivery } = this.#options;
    const place = { lsn, xid: xid === 0 ? this.#xid : xid };
    const items = this.#read(payload, place);
    this.#endedAt = endOf(items.at(-1)?.event);
    const [first] = items;
    if (first === undefined || this.#isRepeated(first.event)) return;
    // A text of wal2json may be a whole transaction; all others are one event.
    if (delivery === 'raw' || items.length > 1) {
      for (const { event } of items) this.#time = commitTimeOf(event) ?? this.#time;
      for (const each of items) this.#tellPassing(each, payload.length, this.#time);
      if (this.#endedAt !== undefined) this.#time = undefined;
    } else return this.#assemble(first, payload, place);
  }

  /**
   * The end position of the transaction that the last text ended; undefined where it ended none. Up to
   * there everything has been taken.
   */
  get endedAt(): Lsn | undefined {
    return this.#endedAt;
  }

  /**
   * Another stream follows without a gap: what is open comes again from its beginning. What is prepared was
   * sent whole and is kept.
   */
  restart(): void {
    this.#open?.held.dispose();
    this.#open = undefined;
    this.#unplaced = undefined;
    this.#xid = 0;
    this.#time = undefined;
    this.#wal2json.restart();
    this.#repeatsTo = this.#lastOutside;
  }

  /** As {@link restart}, but positions are missing before the other stream: nothing comes again. */
  skip(): void {
    this.#lastOutside = INVALID_LSN;
    this.restart();
  }

  /** A message outside transactions is sent again after a restart, because it is confirmed by no commit. */
  #isRepeated(event: LogicalEvent): boolean {
    if (event.kind !== 'message' || event.transactional) return false;
    if (event.lsn > this.#lastOutside) this.#lastOutside = event.lsn;
    return event.lsn <= this.#repeatsTo;
  }

  /** The stream ended: what waits for a commit is forgotten, and its disk space freed. */
  end(): void {
    this.#open?.held.dispose();
    this.#open = undefined;
    for (const { held } of this.#prepared.values()) held.dispose();
    this.#prepared.clear();
  }

  #read(payload: Uint8Array, place: TextPlace): readonly ReadItem[] {
    try {
      const read = readPayload(payload, (text, itemOf) => {
        if (isUntold(text)) return [asRead(this.#unknown(payload, place, NOT_TOLD))];
        const items =
          this.#options.plugin === 'wal2json'
            ? this.#wal2json.items(text, place)
            : [testDecodingItem(text, place)];
        return items.map(item => asRead(itemOf(item)));
      });
      const last = read.at(-1)?.event;
      if (last?.kind === 'begin') this.#xid = last.xid ?? 0;
      else if (last?.kind === 'commit' || last?.kind === 'prepare') this.#xid = 0;
      return read;
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      return [asRead(this.#unknown(payload, place, error.message))];
    }
  }

  #assemble(read: ReadItem, payload: Uint8Array, place: TextPlace): void | Promise<void> {
    const { event } = read;
    switch (event.kind) {
      case 'begin':
        this.#open?.held.dispose();
        this.#open = { held: new HeldTransaction(place.lsn), begin: event };
        return;
      case 'commit': {
        const open = this.#open;
        this.#open = undefined;
        if (open === undefined) {
          this.#tell(event);
          return;
        }
        return this.#deliver(open.held, open.begin, event);
      }
      case 'prepare':
        if (this.#open !== undefined) this.#prepared.set(event.gid, this.#open);
        this.#open = undefined;
        return;
      case 'commitPrepared':
      case 'rollbackPrepared': {
        const prepared = this.#prepared.get(event.gid);
        this.#prepared.delete(event.gid);
        if (event.kind === 'rollbackPrepared') {
          prepared?.held.dispose();
          return;
        }
        // It was prepared before this stream began: its commit is all that there is to tell.
        if (prepared === undefined) {
          this.#tell(event);
          return;
        }
        const { xid, endLsn, commitTime } = event;
        return this.#deliver(prepared.held, prepared.begin, {
          kind: 'commit',
          lsn: place.lsn,
          ...(xid === undefined ? {} : { xid }),
          endLsn,
          ...(commitTime === undefined ? {} : { commitTime }),
        });
      }
      case 'streamStart':
      case 'streamStop':
      case 'streamAbort':
      case 'streamCommit':
      case 'streamPrepare':
        return;
      default:
        if (this.#open === undefined) this.#tellPassing(read, payload.length, undefined);
        else this.#hold(this.#open.held, payload, place);
    }
  }

  #tellPassing({ event, item }: ReadItem, size: number, time: PgTime | undefined): void {
    const isChange = item.kind === 'row' || item.kind === 'truncate' || item.kind === 'message';
    if (isChange && this.#options.passes?.(item, size, time) === false) return;
    this.#tell(event);
  }

  #tell(event: LogicalEvent): void {
    const { sink } = this.#options;
    if (event.kind === 'begin' && event.lsn === INVALID_LSN) {
      this.#unplaced = event;
      return;
    }
    if (this.#unplaced !== undefined && 'lsn' in event) {
      sink({ ...this.#unplaced, lsn: event.lsn });
    }
    this.#unplaced = undefined;
    sink(event);
  }

  #hold(held: HeldTransaction, payload: Uint8Array, place: TextPlace): void {
    const { spill, memoryLimit = DEFAULT_MEMORY_LIMIT } = this.#options;
    held.append({ lsn: place.lsn, xid: place.xid, version: -1, inStream: false, payload });
    if (held.memory > memoryLimit) held.spill(spill);
  }

  /** Gives a transaction that committed, read once more from its texts. */
  #deliver(held: HeldTransaction, begin: LogicalEvent, commit: LogicalEvent): void | Promise<void> {
    const { drain = () => undefined } = this.#options;
    const time = commitTimeOf(commit) ?? commitTimeOf(begin);
    const take = (message: { lsn: Lsn; xid: number; payload: Uint8Array }): void => {
      for (const each of this.#read(message.payload, message)) {
        this.#tellPassing(each, message.payload.length, time);
      }
    };
    this.#tell(begin);
    if (!held.spilled) {
      held.replay(take);
      this.#tell(commit);
      return;
    }
    return held
      .replaySpilled(take, drain)
      .then(() => {
        this.#tell(commit);
      })
      .finally(() => {
        held.dispose();
      });
  }

  #unknown(payload: Uint8Array, place: TextPlace, why: string): LogicalEvent {
    const { lsn, xid } = place;
    return unknownEvent(payload, { lsn, topXid: xid, subxid: 0, inStream: false }, why);
  }
}

function asRead(item: TextItem): ReadItem {
  return { item, event: itemEvent(item) };
}

function commitTimeOf(event: LogicalEvent): PgTime | undefined {
  return event.kind === 'begin' || event.kind === 'commit' ? event.commitTime : undefined;
}

function endOf(event: LogicalEvent | undefined): Lsn | undefined {
  switch (event?.kind) {
    case 'commit':
    case 'streamCommit':
    case 'prepare':
    case 'streamPrepare':
    case 'commitPrepared':
      return event.endLsn;
    default:
      return undefined;
  }
}
