import type { Lsn } from '../../base/lsn';
import type { Xid } from '../../base/xid';
import type { EventColumn, EventRow, LogicalEvent } from '../event';

/** A TOASTed value that was not changed, so that the WAL and the text do not have it. */
export const UNCHANGED = Symbol('unchanged');

/** A column of a row as an output plugin writes it. */
export interface TextColumn {
  readonly name: string;
  /** The plugin's name of the type, such as `character varying`; empty where it is not told. */
  readonly type: string;
  /** Postgres's exact text form; null is SQL NULL. */
  readonly value: string | null | typeof UNCHANGED;
  /** The value's bytes where they are not UTF-8: `value` is base64 then. */
  readonly bytes?: Uint8Array;
}

/** Where an event stands. */
export interface EventPlace {
  readonly lsn: Lsn;
  readonly xid?: Xid;
}

/** A change of one row, with what an event of the native format has no room for. */
export interface TextChange {
  readonly kind: 'row';
  readonly operation: 'insert' | 'update' | 'delete';
  readonly place: EventPlace;
  readonly schema: string;
  readonly table: string;
  /** What was told of the old row: its key, or all of it with replica identity full. */
  readonly old: readonly TextColumn[];
  /** `old` is the whole row, as far as can be told; a column that it lacks was NULL. */
  readonly isWholeOld: boolean;
  readonly new: readonly TextColumn[];
  /** The columns of the primary key, where the plugin names them. */
  readonly primaryKey?: readonly string[];
}

/** A key has at most so many columns: `INDEX_MAX_KEYS`, src/include/pg_config_manual.h. */
const MOST_KEYS = 32;

/** Whether the old columns can only be the whole row: more than a key has, or all that have a value. */
export function isWholeRow(
  old: readonly TextColumn[],
  columns: readonly TextColumn[] | undefined,
): boolean {
  if (old.length > MOST_KEYS) return true;
  if (columns === undefined || old.length < 2) return false;
  const names = new Set(old.map(({ name }) => name));
  return columns.every(({ name, value }) => value === null || names.has(name));
}

/** What a text says: a change of a row, or something that is an event as it is. */
export type TextItem = TextChange | LogicalEvent;

/** The event that an item is. */
export function itemEvent(item: TextItem): LogicalEvent {
  if (item.kind !== 'row') return item;
  const { place, schema, table } = item;
  const key = present(item.old);
  const old = key.length === 0 ? {} : { key };
  switch (item.operation) {
    case 'insert':
      return { kind: 'insert', ...place, schema, table, new: present(item.new) };
    case 'delete':
      return { kind: 'delete', ...place, schema, table, ...old };
    case 'update': {
      const columns = filledIn(item.new, item.old);
      const unchanged = columns.filter(({ value }) => value === UNCHANGED).map(({ name }) => name);
      return {
        kind: 'update',
        ...place,
        schema,
        table,
        ...old,
        new: present(columns),
        ...(unchanged.length === 0 ? {} : { unchanged }),
      };
    }
  }
}

/** A TOASTed value that is unchanged is the one of the old row, where that was sent. */
function filledIn(
  columns: readonly TextColumn[],
  old: readonly TextColumn[],
): readonly TextColumn[] {
  return columns.map(column => {
    if (column.value !== UNCHANGED) return column;
    return old.find(({ name }) => name === column.name) ?? column;
  });
}

function present(columns: readonly TextColumn[]): EventRow {
  const row: EventColumn[] = [];
  for (const { name, value, bytes } of columns) {
    if (value === UNCHANGED) continue;
    row.push(bytes === undefined ? { name, value } : { name, value, base64: true });
  }
  return row;
}
