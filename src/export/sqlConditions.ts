import { sqlLiteral, sqlName } from '../base/sqlText';
import type { EventRow } from '../logical/event';

/** What SQL needs to know of a table; a relation and a relation event have it. */
export interface SqlTable {
  readonly replicaIdentity: string;
  readonly columns: readonly {
    readonly name: string;
    readonly typeOid: number;
    /** Part of the replica identity; with identity full all are. */
    readonly key: boolean;
    /** A placeholder stands where it has a value. */
    readonly masked?: true;
  }[];
}

/** The columns of a row whose values nobody is to see. */
export function maskedIn(table: SqlTable, row: EventRow): readonly string[] {
  const masked = new Set(
    table.columns.flatMap(column => (column.masked === true ? column.name : [])),
  );
  return row.flatMap(({ name, value }) => (value !== null && masked.has(name) ? name : []));
}

/**
 * Types whose equality means the same value, the same text of it: numbers with a scale, JSON, geometry,
 * citext and what users define have several texts that are equal, or no equality at all.
 */
const COMPARED_BY_TYPE: ReadonlySet<number> = new Set([
  16, 17, 18, 19, 20, 21, 23, 25, 26, 28, 29, 650, 774, 790, 829, 869, 1042, 1043, 1082, 1083, 1114,
  1184, 1186, 1266, 1560, 1562, 2950, 3220, 3904, 3908, 3910, 3912, 3926, 5069,
]);

/** The names of the columns that say which row a change was about; undefined where the whole row does. */
export function keyColumns({ replicaIdentity, columns }: SqlTable): readonly string[] | undefined {
  if (replicaIdentity === 'full') return undefined;
  const names = columns.filter(({ key }) => key).map(({ name }) => name);
  return names.length === 0 ? undefined : names;
}

/**
 * The condition that finds one row by its key, or by all values where there is no key. Undefined where a
 * value of it is not known.
 */
export function rowCondition(
  tableName: string,
  table: SqlTable,
  row: EventRow,
): string | undefined {
  const names = keyColumns(table);
  const masked = maskedIn(table, row);
  if (masked.some(name => names?.includes(name) !== false)) return undefined;
  const values = new Map(row.map(column => [column.name, column]));
  if (names !== undefined) {
    const parts: string[] = [];
    for (const name of names) {
      const column = values.get(name);
      if (column === undefined || column.base64 === true || column.value === null) return undefined;
      parts.push(`${sqlName(name)} = ${sqlLiteral(column.value)}`);
    }
    return parts.join(' AND ');
  }
  const types = new Map(table.columns.map(({ name, typeOid }) => [name, typeOid]));
  const parts: string[] = [];
  for (const { name, value, base64 } of row) {
    if (base64 === true) return undefined;
    parts.push(sameValue(name, value, types.get(name) ?? 0));
  }
  if (parts.length === 0) return undefined;
  // Rows that are equal are as good as one another; only one of them is meant.
  return (
    `(tableoid, ctid) = (\n    SELECT tableoid, ctid FROM ${tableName}\n` +
    `    WHERE ${parts.join('\n      AND ')}\n    LIMIT 1)`
  );
}

/** Not every type can be compared, but every one has a text; a row of NULLs `IS NULL` and is none. */
function sameValue(name: string, value: string | null, typeOid: number): string {
  const column = sqlName(name);
  if (COMPARED_BY_TYPE.has(typeOid)) {
    return value === null ? `${column} IS NULL` : `${column} = ${sqlLiteral(value)}`;
  }
  if (value === null) return `num_nulls(${column}) = 1`;
  const same = `concat(${column}) = ${sqlLiteral(value)}`;
  return value === '' ? `num_nulls(${column}) = 0 AND ${same}` : same;
}

/** Whether a condition compares texts, which depend on the settings of the session. */
export function comparesTexts(table: SqlTable): boolean {
  if (keyColumns(table) !== undefined) return false;
  return table.columns.some(({ typeOid }) => !COMPARED_BY_TYPE.has(typeOid));
}
