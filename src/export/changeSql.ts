import { sqlLiteral, sqlName, sqlTableName } from '../base/sqlText';
import type { EventColumn, EventRow, LogicalEvent } from '../logical/event';
import { toHex } from '../base/hex';
import type { SqlTable } from './sqlConditions';
import { keyColumns, maskedIn, rowCondition } from './sqlConditions';

/** What a change does, or undoes, as SQL. */
export interface ChangeSql {
  /** One statement with its semicolon; undefined where there is none: `remarks` say why. */
  readonly sql: string | undefined;
  /** What has to be known about it, a sentence each: what it leaves out, or why there is none. */
  readonly remarks: readonly string[];
  /** False where the statement, or that there is none, does not do all that is asked for. */
  readonly complete: boolean;
}

/**
 * The statement that does again what an event did. `table`: the relation as it was then; it may be left
 * out for a truncate and a message. Undefined for an event that changes nothing.
 */
export function redoSql(event: LogicalEvent, table: SqlTable | undefined): ChangeSql | undefined {
  switch (event.kind) {
    case 'insert':
      return insertSql(event, event.new, table ?? UNKNOWN_TABLE);
    case 'update':
      return updateSql(event, table ?? UNKNOWN_TABLE);
    case 'delete':
      return deleteSql(event, table ?? UNKNOWN_TABLE, event.old ?? event.key);
    case 'truncate': {
      const names = event.relations.map(relation => sqlTableName(relation.schema, relation.table));
      const identity = event.restartIdentity ? ' RESTART IDENTITY' : '';
      const cascade = event.cascade ? ' CASCADE' : '';
      return whole(`TRUNCATE TABLE ${names.join(', ')}${identity}${cascade};`);
    }
    case 'message': {
      const { transactional, prefix, content, contentEncoding } = event;
      const value =
        contentEncoding === 'utf8'
          ? sqlLiteral(content)
          : `${sqlLiteral(`\\x${toHex(Buffer.from(content, 'base64'))}`)}::bytea`;
      return whole(
        `SELECT pg_logical_emit_message(${String(transactional)}, ${sqlLiteral(prefix)}, ${value});`,
      );
    }
    default:
      return undefined;
  }
}

/** The statement that takes an event back, as far as the stream told what was there before. */
export function undoSql(event: LogicalEvent, table: SqlTable | undefined): ChangeSql | undefined {
  const known = table ?? UNKNOWN_TABLE;
  switch (event.kind) {
    case 'insert':
      return deleteSql(event, known, event.new);
    case 'update':
      return undoneUpdate(event, known);
    case 'delete': {
      const missing = missingColumns(known, event.old ?? event.key);
      if (event.old === undefined && (missing.length > 0 || table === undefined)) {
        return impossible(
          `The deleted row is not known: only its key was sent (replica identity ${known.replicaIdentity}), ` +
            `not ${listOf(missing)}.`,
        );
      }
      return insertSql(event, event.old ?? event.key ?? [], known);
    }
    case 'truncate':
      return impossible(
        'A truncate cannot be undone: the rows that it removed are not in the WAL.',
      );
    case 'message':
      return impossible('A logical message cannot be taken back: it was written to the WAL only.');
    default:
      return undefined;
  }
}

type InTable = Extract<LogicalEvent, { readonly kind: 'insert' | 'update' | 'delete' }>;
type Update = Extract<LogicalEvent, { readonly kind: 'update' }>;

/** Where a stream described nothing, as those of other plugins do. */
const UNKNOWN_TABLE: SqlTable = { replicaIdentity: 'unknown', columns: [] };

function insertSql(event: InTable, all: EventRow, table: SqlTable): ChangeSql {
  const name = sqlTableName(event.schema, event.table);
  const masked = maskedIn(table, all);
  const row = all.filter(column => !masked.includes(column.name));
  const unreadable = row.filter(isUnreadable);
  if (unreadable.length > 0) return impossible(notText(unreadable));
  if (row.length === 0) return without(masked, whole(`INSERT INTO ${name} DEFAULT VALUES;`));
  const columns = row.map(column => sqlName(column.name)).join(', ');
  const values = row.map(({ value }) => sqlLiteral(value)).join(', ');
  // The stream does not tell identity columns; the clause has no effect where there is none.
  const sql = `INSERT INTO ${name} (${columns})\n  OVERRIDING SYSTEM VALUE\n  VALUES (${values});`;
  return without(masked, whole(sql));
}

function deleteSql(event: InTable, table: SqlTable, row: EventRow | undefined): ChangeSql {
  const name = sqlTableName(event.schema, event.table);
  const where = row === undefined ? undefined : rowCondition(name, table, row);
  if (where === undefined) return impossible(noRow(row));
  return whole(`DELETE FROM ${name}\n  WHERE ${where};`);
}

function updateSql(event: Update, table: SqlTable): ChangeSql {
  const name = sqlTableName(event.schema, event.table);
  const before = event.old ?? event.key;
  // Without an old row the key, and only the key, is what it was.
  const found = before ?? (keyColumns(table) === undefined ? undefined : event.new);
  const where = found === undefined ? undefined : rowCondition(name, table, found);
  if (where === undefined) return impossible(noRow(found));
  const old = new Map(before?.map(column => [column.name, column]));
  const keys = new Set(keyColumns(table));
  const set = event.new.filter(column => {
    const was = old.get(column.name);
    if (was !== undefined) return !isSame(was, column);
    return !(before === undefined && keys.has(column.name));
  });
  const remarks =
    event.unchanged === undefined
      ? []
      : [`${listOf(event.unchanged)} left out: unchanged, stored out of line, not in the WAL.`];
  return assignment(name, set, where, remarks, table);
}

function undoneUpdate(event: Update, table: SqlTable): ChangeSql {
  const name = sqlTableName(event.schema, event.table);
  const before = event.old ?? event.key;
  const now = new Map(event.new.map(column => [column.name, column]));
  if (event.old === undefined) {
    const told = new Set(before?.map(column => column.name) ?? keyColumns(table));
    const unknown = event.new.filter(column => !told.has(column.name)).map(column => column.name);
    if (unknown.length > 0 || before === undefined) {
      const lost = unknown.length === 0 ? event.new.map(column => column.name) : unknown;
      return impossible(
        `What ${listOf(lost)} held before is not known: ` +
          `replica identity ${table.replicaIdentity} sends no old values but those of a key that changed.`,
      );
    }
  }
  const where = rowCondition(name, table, event.new);
  if (where === undefined || before === undefined) return impossible(noRow(event.new));
  const set = before.filter(column => {
    const after = now.get(column.name);
    return after !== undefined && !isSame(column, after);
  });
  return assignment(name, set, where, [], table);
}

function assignment(
  name: string,
  all: readonly EventColumn[],
  where: string,
  remarks: readonly string[],
  table: SqlTable,
): ChangeSql {
  const masked = maskedIn(table, all);
  const set = all.filter(column => !masked.includes(column.name));
  const unreadable = set.filter(isUnreadable);
  if (unreadable.length > 0) return impossible(notText(unreadable));
  if (set.length === 0) {
    const nothing = 'Nothing to do: the row was written again as it was.';
    if (masked.length > 0) return without(masked, { sql: undefined, remarks, complete: false });
    return { sql: undefined, remarks: [...remarks, nothing], complete: true };
  }
  const list = set.map(column => `${sqlName(column.name)} = ${sqlLiteral(column.value)}`);
  const sql = `UPDATE ${name}\n  SET ${list.join(',\n    ')}\n  WHERE ${where};`;
  return without(masked, { sql, remarks, complete: true });
}

/** Says that masked columns are left out. */
function without(masked: readonly string[], part: ChangeSql): ChangeSql {
  if (masked.length === 0) return part;
  const remark = `${listOf(masked)} left out: masked.`;
  return { ...part, remarks: [...part.remarks, remark], complete: false };
}

function missingColumns(table: SqlTable, row: EventRow | undefined): string[] {
  const told = new Set(row?.map(column => column.name));
  return table.columns.map(column => column.name).filter(name => !told.has(name));
}

function isUnreadable({ base64 }: EventColumn): boolean {
  return base64 === true;
}

function isSame(a: EventColumn, b: EventColumn): boolean {
  return a.value === b.value && a.base64 === b.base64;
}

function notText(columns: readonly EventColumn[]): string {
  const names = listOf(columns.map(column => column.name));
  return `The value of ${names} is not text that SQL can hold: its bytes have a form that is not known here.`;
}

function noRow(row: EventRow | undefined): string {
  return row !== undefined
    ? 'The row cannot be named: a value of its key is not known, masked, or not text.'
    : 'Which row it was is not known: the stream told neither its key nor its old values.';
}

function whole(sql: string): ChangeSql {
  return { sql, remarks: [], complete: true };
}

function impossible(reason: string): ChangeSql {
  return { sql: undefined, remarks: [reason], complete: false };
}

const SHOWN_NAMES = 8;

function listOf(names: readonly string[]): string {
  if (names.length === 0) return 'its other columns';
  const shown = names.slice(0, SHOWN_NAMES).map(sqlName).join(', ');
  return names.length > SHOWN_NAMES
    ? `${shown} and ${String(names.length - SHOWN_NAMES)} more`
    : shown;
}
