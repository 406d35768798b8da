import { flagOf, textOf } from '../catalog/rowValues';
import type { SqlSession } from '../sqlSession';
import type { TableName } from './publicationChange';

export interface PublishableTable extends TableName {
  readonly isPartitioned: boolean;
}

/** Tables that a publication can name, by schema and name; partitions come with their parent. */
export async function readPublishableTables(
  session: SqlSession,
  limit = 20_000,
): Promise<readonly PublishableTable[]> {
  const rows = await session.query(
    `SELECT n.nspname, c.relname, c.relkind = 'p' AS partitioned
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND NOT c.relispartition
       AND c.oid::pg_catalog.int8 >= 16384
     ORDER BY n.nspname, c.relname LIMIT ${String(limit)}`,
  );
  return rows.map(row => ({
    schema: textOf(row, 'nspname') ?? '',
    name: textOf(row, 'relname') ?? '',
    isPartitioned: flagOf(row, 'partitioned'),
  }));
}

/** Schemas that a publication can name (15 and later): not those of the server itself. */
export async function readPublishableSchemas(session: SqlSession): Promise<readonly string[]> {
  const rows = await session.query(
    `SELECT nspname FROM pg_catalog.pg_namespace
     WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%' ORDER BY nspname`,
  );
  return rows.map(row => textOf(row, 'nspname') ?? '');
}
