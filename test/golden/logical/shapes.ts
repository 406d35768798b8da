import type { LogicalEvent } from '../../../src/logical/event';
import { formatEvent } from '../../../src/logical/formatEvent';

/** Events without values, positions of Relation and Type (0 on the wire), and empty transactions. */
export function eventShapes(events: readonly LogicalEvent[]): string[] {
  const kept = events.filter(
    (event, i) =>
      event.kind !== 'relation' &&
      event.kind !== 'type' &&
      !(event.kind === 'begin' && events[i + 1]?.kind === 'commit') &&
      !(event.kind === 'commit' && events[i - 1]?.kind === 'begin'),
  );
  return kept.map(event => {
    const columns = (row: readonly { name: string; value: string | null }[] | undefined) =>
      row?.map(column => `${column.name}${column.value === null ? ' null' : ''}`).join();
    switch (event.kind) {
      case 'insert':
        return `insert ${event.xid} ${event.table} ${columns(event.new)}`;
      case 'update':
        return `update ${event.xid} ${event.table} ${columns(event.key)} ${columns(event.old)} ${columns(event.new)} ${event.unchanged?.join()}`;
      case 'delete':
        return `delete ${event.xid} ${event.table} ${columns(event.key)} ${columns(event.old)}`;
      case 'begin':
        // With an origin the walsender gives no position.
        return `begin ${event.xid} ${event.commitLsn}`;
      default:
        return formatEvent(event);
    }
  });
}

/**
 * A regclass prints a name that only the server's catalog knows; what lies below a domain is not among
 * the recorded facts of the types.
 */
const BYTES_STAY: ReadonlySet<string> = new Set(['rc', 'dm']);

/** Every value of every row, in order. */
export function eventValues(events: readonly LogicalEvent[]): string[] {
  return events.flatMap(event => {
    const rows = [
      'key' in event ? event.key : undefined,
      'old' in event ? event.old : undefined,
      'new' in event ? event.new : undefined,
    ];
    return rows.flatMap(row =>
      (row ?? [])
        .filter(({ name }) => !BYTES_STAY.has(name))
        .map(({ name, value, base64 }) => `${name}=${value}${base64 === true ? ' base64' : ''}`),
    );
  });
}
