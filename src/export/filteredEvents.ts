import type { LogicalEvent } from '../logical/event';
import type { MessagePlace } from '../logical/messageEvent';
import type { Relation } from '../logical/relation';
import type { Xid } from '../base/xid';

type Description = Extract<LogicalEvent, { readonly kind: 'relation' | 'type' }>;
type Begin = Extract<LogicalEvent, { readonly kind: 'begin' }>;

/**
 * Makes the events of a stream from which changes were left out whole again: a transaction without any
 * change has no begin and no commit, and a table is described before its first change that is left, in
 * the transaction of that change.
 */
export class FilteredEvents {
  /** A begin that no change has followed yet. */
  #begin: Begin | undefined;
  /** Whether the transaction at hand has been begun in the output. */
  #begun = false;
  readonly #types: Description[] = [];
  /** Descriptions that nothing has needed yet, by table. */
  readonly #relations = new Map<string, Description>();

  /** What is to be written where this event comes: the event itself is among it if it is. */
  take(event: LogicalEvent): LogicalEvent[] {
    switch (event.kind) {
      case 'begin':
        this.#begin = event;
        this.#begun = false;
        return [];
      case 'commit': {
        const isEmpty = this.#begin !== undefined && !this.#begun;
        this.#begin = undefined;
        return isEmpty ? [] : [event];
      }
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
      default: {
        const alone = event.kind === 'gap' || event.kind === 'continued' || event.xid === undefined;
        return alone ? [event] : [...this.#before(event, []), event];
      }
    }
  }

  /** What is to be written before a row that does not come as an event. */
  beforeRow({ lsn, topXid }: MessagePlace, { schema, name }: Relation): LogicalEvent[] {
    if (this.#begun && this.#relations.size === 0) return [];
    const place = topXid === 0 ? { lsn } : { lsn, xid: topXid as Xid };
    return this.#before(place, [{ schema, table: name }]);
  }

  #before(
    place: Pick<Description, 'lsn' | 'xid'>,
    tables: readonly { readonly schema: string; readonly table: string }[],
  ): LogicalEvent[] {
    const events: LogicalEvent[] = [];
    if (this.#begin !== undefined && !this.#begun) {
      events.push(this.#begin);
      this.#begun = true;
    }
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
}

function keyOf(schema: string, table: string): string {
  return `${schema}\0${table}`;
}
