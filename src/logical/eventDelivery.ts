import type { Lsn } from '../base/lsn';
import type { LogicalEvent } from './event';
import type { HeldMessage, ReplayedMessage } from './heldTransaction';
import { splitVersions, truncatedOids, withVersions } from './heldTruncate';
import type { MessagePlace, Names } from './messageEvent';
import { messageEvent, relationEvent } from './messageEvent';
import { MessageLetter } from './pgoutput/messageLetter';
import { PlainRowReader } from './plainRowReader';
import type { RelationCache, RelationVersion } from './relationCache';
import type { Relation } from './relation';
import type { FindType } from './types/binary/binaryText';

/**
 * Takes a row in the place of the sink of events: the bytes of an Insert, Update or Delete message, which
 * are valid during the call only. False where it wants the event instead.
 */
export type RowSink = (payload: Uint8Array, place: MessagePlace, relation: Relation) => boolean;

/**
 * Whether a change is delivered, asked with the bytes of its message, which are valid during the call only.
 * `relation` is its table where it has one; `names` knows those of a Truncate.
 */
export type ChangeTest = (
  payload: Uint8Array,
  place: MessagePlace,
  names: Names,
  relation: Relation | undefined,
) => boolean;

export interface DeliveryOptions {
  readonly relations: RelationCache;
  /** Takes each event, in order. */
  readonly sink: (event: LogicalEvent) => void;
  readonly rows?: RowSink;
  /** Leaves changes out; absent: all are delivered. */
  readonly passes?: ChangeTest;
  /** Knows the types that are not built in; without it values in binary form stay bytes. */
  readonly findType: FindType | undefined;
  /**
   * Describe a table before its row where what was delivered so far does not: its description was left
   * out with an aborted subtransaction or a skipped transaction, and the server sends it only once.
   */
  readonly describe: boolean;
}

/** Makes the messages that are to be delivered the events they are, with the tables as they were then. */
export class EventDelivery {
  readonly #options: DeliveryOptions;
  readonly #relations: RelationCache;
  readonly #plainRows = new PlainRowReader();
  /** The version of each table that was delivered last, by OID. */
  readonly #described = new Map<number, RelationVersion>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#relations = options.relations;
  }

  /** Delivers a message that comes now. `relationOid`: of its table; 0 for none. */
  deliver(payload: Uint8Array, place: MessagePlace, relationOid: number): void {
    this.#deliver(payload, place, this.#current(relationOid, place.topXid));
  }

  /** What to hold of a message, so that it can be delivered later with the tables as they are now. */
  hold(
    payload: Uint8Array,
    place: { readonly lsn: Lsn; readonly topXid: number; readonly inStream: boolean },
    xid: number,
    relationOid: number,
  ): HeldMessage {
    const { lsn, topXid, inStream } = place;
    const ordinal = (oid: number): number => this.#current(oid, topXid)?.ordinal ?? -1;
    return {
      lsn,
      xid,
      version: relationOid === 0 ? -1 : ordinal(relationOid),
      inStream,
      payload:
        payload[0] === MessageLetter.truncate ? withVersions(payload, inStream, ordinal) : payload,
    };
  }

  /** Delivers what {@link hold} gave. */
  deliverHeld(held: ReplayedMessage, topXid: number): void {
    const { lsn, inStream, payload } = held;
    const place = { lsn, topXid, subxid: 0, inStream };
    if (payload[0] === MessageLetter.truncate) {
      const { message, versions } = splitVersions(payload, inStream);
      this.#deliver(message, place, undefined, oid => this.#version(versions.get(oid)));
    } else if (payload[0] === MessageLetter.message && inStream && held.abortedLater) {
      // In a stream block the server names the top transaction as a message's own, whoever wrote it.
      const names = this.#names(undefined, topXid);
      if (this.#options.passes?.(payload, place, names, undefined) === false) return;
      const event = messageEvent(payload, place, names);
      this.#options.sink(event.kind === 'message' ? { ...event, uncertain: true } : event);
    } else {
      this.#deliver(payload, place, this.#version(held.version));
    }
  }

  #deliver(
    payload: Uint8Array,
    place: MessagePlace,
    version: RelationVersion | undefined,
    versionOf = (oid: number) => this.#current(oid, place.topXid),
  ): void {
    const { sink, rows, describe, passes } = this.#options;
    if (passes !== undefined && IS_CHANGE.has(payload[0] ?? 0)) {
      const names = this.#names(version, place.topXid, versionOf);
      if (!passes(payload, place, names, version?.relation)) return;
    }
    switch (payload[0]) {
      case MessageLetter.insert:
      case MessageLetter.update:
      case MessageLetter.delete:
        if (version === undefined) break;
        if (describe) this.#describe(version, place);
        if (rows?.(payload, place, version.relation) === true) return;
        if (this.#deliverPlain(payload, place, version.relation)) return;
        break;
      case MessageLetter.relation:
        if (version !== undefined) this.#described.set(version.relation.oid, version);
        break;
      case MessageLetter.truncate:
        if (!describe) break;
        for (const oid of truncatedOids(payload, place.inStream)) {
          const truncated = versionOf(oid);
          if (truncated !== undefined) this.#describe(truncated, place);
        }
        break;
      default:
    }
    sink(messageEvent(payload, place, this.#names(version, place.topXid, versionOf)));
  }

  #deliverPlain(payload: Uint8Array, place: MessagePlace, relation: Relation): boolean {
    const event = this.#plainRows.read(payload, place, relation);
    if (event === undefined) return false;
    this.#options.sink(event);
    return true;
  }

  #describe(version: RelationVersion, place: MessagePlace): void {
    const { relation } = version;
    if (this.#described.get(relation.oid) === version) return;
    this.#described.set(relation.oid, version);
    this.#options.sink(relationEvent(relation, place, this.#names(version, place.topXid)));
  }

  #names(
    version: RelationVersion | undefined,
    topXid: number,
    versionOf = (oid: number) => this.#current(oid, topXid),
  ): Names {
    return {
      relation: oid =>
        version?.relation.oid === oid ? version.relation : versionOf(oid)?.relation,
      type: oid => this.#relations.type(oid),
      findType: this.#options.findType,
    };
  }

  #current(oid: number, topXid: number): RelationVersion | undefined {
    return oid === 0 ? undefined : this.#relations.get(oid, topXid);
  }

  #version(ordinal = -1): RelationVersion | undefined {
    return this.#relations.versions[ordinal];
  }
}

const IS_CHANGE: ReadonlySet<number> = new Set([
  MessageLetter.insert,
  MessageLetter.update,
  MessageLetter.delete,
  MessageLetter.truncate,
  MessageLetter.message,
]);
