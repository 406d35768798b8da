import { parseLsn, type Lsn } from '../../base/lsn';
import type { SqlRow } from '../sqlSession';

/** The text of a column; undefined for NULL and for a column that this version does not have. */
export function textOf(row: SqlRow, column: string): string | undefined {
  return row[column] ?? undefined;
}

export function numberOf(row: SqlRow, column: string): number | undefined {
  const text = textOf(row, column);
  return text === undefined ? undefined : Number(text);
}

export function flagOf(row: SqlRow, column: string): boolean {
  return row[column] === 't';
}

export function lsnOf(row: SqlRow, column: string): Lsn | undefined {
  const text = textOf(row, column);
  return text === undefined ? undefined : parseLsn(text);
}

/** A column that the query made with to_json of an array of names. */
export function namesOf(row: SqlRow, column: string): readonly string[] {
  const text = textOf(row, column);
  if (text === undefined) return [];
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
}
