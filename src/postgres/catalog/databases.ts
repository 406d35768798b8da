import type { SqlSession } from '../sqlSession';
import { flagOf, textOf } from './rowValues';

export interface DatabaseInfo {
  readonly name: string;
  readonly encoding: string;
  /** Whether our user may connect. */
  readonly mayConnect: boolean;
}

/** The databases that take connections, by name; templates that are only templates are left out. */
export async function readDatabases(session: SqlSession): Promise<readonly DatabaseInfo[]> {
  const rows = await session.query(`
    SELECT datname, pg_catalog.pg_encoding_to_char(encoding) AS encoding,
      pg_catalog.has_database_privilege(oid, 'CONNECT') AS may_connect
    FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname`);
  return rows.map(row => ({
    name: textOf(row, 'datname') ?? '',
    encoding: textOf(row, 'encoding') ?? '',
    mayConnect: flagOf(row, 'may_connect'),
  }));
}
