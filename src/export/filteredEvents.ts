import type { LogicalEvent } from '../logical/event';
import type { MessagePlace } from '../logical/messageEvent';
import type { Relation } from '../logical/relation';
import type { Xid } from '../base/xid';

type Description = Extract<LogicalEvent, { readonly kind: 'relation' | 'type' }>;
/**
 * Makes the events of a stream from which changes were left out whole again, as they are delivered assembled
 * or raw: a transaction without any change has no begin and no end, and no block where it was streamed, and a
 * table is described before its first change that is left, in the transaction of that change.
 */
export class FilteredEvents {
  /** What begins the transaction or block at hand, as long as no change has followed. */
  #opening: LogicalEvent[] = [];
  /** Something of the transaction or block at hand is in the output. */
  #begun = false;
  readonly #types: Description[] = [];
  /** Descriptions that nothing has needed yet, by table. */
  readonly #relations = new Map<string, Description>();
  /** Streamed transactions of which something is in the output, and those of which nothing is so far. */
  readonly #streams = new Map<Xid, boolean>();
  /** Prepared transactions of which nothing is in the output. */
  readonly #emptyPrepared = new Set<string>();

  /** What is to be written where this event comes: the event itself is among it if it is. */
  take(event: LogicalEvent): LogicalEvent[] {
    switch (event.kind) {
      case 'begin':
      case 'beginPrepare':
        this.#open(event);
        return [];
      case 'streamStart':
        this.#open(event);
        if (event.xid !== undefined && (event.first || !this.#streams.has(event.xid))) {
          this.#streams.set(event.xid, false);
        }
        return [];
      case 'origin':
        // It stands right behind the begin.
        if (this.#opening.length === 0) return [event];
        this.#opening.push(event);
        return [];
      case 'commit':
      case 'streamStop':
        return this.#close() ? [event] : [];
      case 'prepare':
        return this.#prepared(event.gid, this.#close(), event);
      case 'streamCommit':
        return this.#streamEnds(event.xid) ? [event] : [];
      case 'streamPrepare':
        return this.#prepared(event.gid, this.#streamEnds(event.xid), event);
      case 'streamAbort':
        // That of a subtransaction leaves the transaction open.
        if (event.subxid !== undefined && event.subxid !== event.xid) {
          return this.#isLeft(event.xid) ? [event] : [];
        }
        return this.#streamEnds(event.xid) ? [event] : [];
      case 'commitPrepared':
      case 'rollbackPrepared':
        return this.#emptyPrepared.delete(event.gid) ? [] : [event];
      case 'type':
        this.#types.push(event);
        return [];
      case 'relation':
        this.#relations.set(keyOf(event.schema, event.table), event);
        return [];
      case 'insert':
      case 'update':
      case 'delete':
        return [...this.#before(event, [event]), event];
      case 'truncate':
        return [...this.#before(event, event.relations), event];
      case 'gap':
      case 'continued':
        // What was open does not go on.
        this.#opening = [];
        this.#begun = false;
        this.#streams.clear();
        return [event];
      default:
        return event.xid === undefined ? [event] : [...this.#before(event, []), event];
    }
  }

  /** What is to be written before a row that does not come as an event. */
  beforeRow({ lsn, topXid }: MessagePlace, { schema, name }: Relation): LogicalEvent[] {
    if (this.#begun && this.#relations.size === 0) return [];
    const place = topXid === 0 ? { lsn } : { lsn, xid: topXid as Xid };
    return this.#before(place, [{ schema, table: name }]);
  }

  #open(event: LogicalEvent): void {
    this.#opening = [event];
    this.#begun = false;
  }

  /** Whether the end of what is at hand belongs into the output: its begin does, or did not come. */
  #close(): boolean {
    const isEmpty = this.#opening.length > 0 && !this.#begun;
    this.#opening = [];
    this.#begun = false;
    return !isEmpty;
  }

  #prepared(gid: string, isLeft: boolean, event: LogicalEvent): LogicalEvent[] {
    if (isLeft) return [event];
    this.#emptyPrepared.add(gid);
    return [];
  }

  #streamEnds(xid: Xid | undefined): boolean {
    const isLeft = this.#isLeft(xid);
    if (xid !== undefined) this.#streams.delete(xid);
    return isLeft;
  }

  /** One that began before we came is not known to be empty. */
  #isLeft(xid: Xid | undefined): boolean {
    return xid === undefined || this.#streams.get(xid) !== false;
  }

  #before(
    place: Pick<Description, 'lsn' | 'xid'>,
    tables: readonly { readonly schema: string; readonly table: string }[],
  ): LogicalEvent[] {
    const events: LogicalEvent[] = this.#begun ? [] : this.#begin();
    const { lsn, xid } = place;
    const here = xid === undefined ? { lsn } : { lsn, xid };
    for (const { schema, table } of tables) {
      const key = keyOf(schema, table);
      const relation = this.#relations.get(key);
      if (relation === undefined) continue;
      this.#relations.delete(key);
      for (const type of this.#types.splice(0)) events.push({ ...type, ...here });
      events.push({ ...relation, ...here });
    }
    return events;
  }

  #begin(): LogicalEvent[] {
    if (this.#opening.length === 0) return [];
    this.#begun = true;
    return this.#opening.map(event => {
      if (event.kind !== 'streamStart' || event.xid === undefined) return event;
      // The first block that is left is the first one now.
      const first = this.#streams.get(event.xid) === false;
      this.#streams.set(event.xid, true);
      return first === event.first ? event : { ...event, first };
    });
  }
}

function keyOf(schema: string, table: string): string {
  return `${schema}\0${table}`;
}
