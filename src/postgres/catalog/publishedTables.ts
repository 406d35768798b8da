import type { SqlRow, SqlSession } from '../sqlSession';
import type { PublicationInfo } from './publications';
import { namesOf, numberOf, textOf } from './rowValues';

/** `relreplident` in words. */
export type ReplicaIdentity = 'default' | 'full' | 'index' | 'nothing';

export interface PublishedTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly isPartitioned: boolean;
  readonly replicaIdentity: ReplicaIdentity;
  /** Columns that identify a row: of the primary key or the chosen index; empty for full and nothing. */
  readonly keyColumns: readonly string[];
  /** False when nothing tells the rows apart: then UPDATE and DELETE fail where they are published. */
  readonly hasUsableIdentity: boolean;
  /** Names of the published columns when a column list cuts some off (15 and later). */
  readonly columnList: readonly string[] | undefined;
  /** The row filter as SQL (15 and later). */
  readonly rowFilter: string | undefined;
}

const IDENTITY_OF_LETTER: Readonly<Record<string, ReplicaIdentity>> = {
  d: 'default',
  f: 'full',
  i: 'index',
  n: 'nothing',
};

/** What pg_get_publication_tables gives, by the first major version that gives it, newest first. */
const TABLE_COLUMNS = [
  {
    since: 15,
    columnList: `CASE WHEN p.attrs IS NOT NULL THEN (
        SELECT pg_catalog.to_json(pg_catalog.array_agg(a.attname ORDER BY a.attnum))
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = p.relid AND a.attnum = ANY (p.attrs)
        HAVING pg_catalog.count(*) < (
          SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute b
          WHERE b.attrelid = p.relid AND b.attnum > 0 AND NOT b.attisdropped
            AND b.attgenerated = '')) END`,
    rowFilter: 'pg_catalog.pg_get_expr(p.qual, p.relid)',
  },
  { since: 14, columnList: 'NULL', rowFilter: 'NULL' },
] as const;

/** The tables that a publication sends now, by schema and name. */
export async function readPublishedTables(
  session: SqlSession,
  publication: string,
): Promise<readonly PublishedTable[]> {
  const rows = await session.query(`${tableQuery(session)} ORDER BY n.nspname, c.relname`, [
    publication,
  ]);
  return rows.map(toTable);
}

export interface TablePageQuery {
  /** Part of `schema.name`, in any case; empty for all. */
  readonly filter: string;
  /** Most tables to give. */
  readonly limit: number;
}

export interface TablePage {
  readonly tables: readonly PublishedTable[];
  /** Tables that the filter lets through, also those beyond the limit. */
  readonly matching: number;
}

/**
 * The first tables that a publication sends, those first whose rows nothing tells apart: on them UPDATE
 * and DELETE may fail. Of ten thousand, only those that are shown are sent.
 */
export async function readPublishedTablePage(
  session: SqlSession,
  publication: string,
  query: TablePageQuery,
): Promise<TablePage> {
  const rows = await session.query(
    `${tableQuery(session)}
      WHERE $2 = '' OR pg_catalog.strpos(
        pg_catalog.lower(n.nspname || '.' || c.relname), pg_catalog.lower($2)) > 0
      ORDER BY c.relreplident <> 'f' AND i.indexrelid IS NULL AND c.relkind <> 'p' DESC,
        n.nspname, c.relname
      LIMIT $3`,
    [publication, query.filter, String(query.limit)],
  );
  const matching = rows[0] === undefined ? 0 : numberOf(rows[0], 'matching');
  return { tables: rows.map(toTable), matching: matching ?? 0 };
}

/**
 * The index that identifies rows is joined once for all tables, so that ten thousand of them are still
 * one cheap query.
 */
function tableQuery(session: SqlSession): string {
  const columns = TABLE_COLUMNS.find(({ since }) => session.majorVersion >= since);
  return `SELECT c.oid, n.nspname, c.relname, c.relkind, c.relreplident, i.indexrelid,
      (SELECT pg_catalog.to_json(pg_catalog.array_agg(
          a.attname ORDER BY pg_catalog.array_position(i.indkey::pg_catalog.int2[], a.attnum)))
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid
          AND a.attnum = ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1])) AS key_columns,
      ${columns?.columnList ?? 'NULL'} AS column_list,
      ${columns?.rowFilter ?? 'NULL'} AS row_filter,
      pg_catalog.count(*) OVER () AS matching
    FROM pg_catalog.pg_get_publication_tables($1) p
    JOIN pg_catalog.pg_class c ON c.oid = p.relid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
      AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                              WHEN 'i' THEN i.indisreplident ELSE false END`;
}

/** Whether writing to this table fails because of this publication, for a warning beside it. */
export function failsToUpdate(table: PublishedTable, publication: PublicationInfo): boolean {
  // What counts is the identity of the partitions, which hold the rows.
  if (table.isPartitioned) return false;
  return !table.hasUsableIdentity && (publication.update || publication.delete);
}

function toTable(row: SqlRow): PublishedTable {
  const replicaIdentity = IDENTITY_OF_LETTER[textOf(row, 'relreplident') ?? ''] ?? 'nothing';
  return {
    oid: numberOf(row, 'oid') ?? 0,
    schema: textOf(row, 'nspname') ?? '',
    name: textOf(row, 'relname') ?? '',
    isPartitioned: textOf(row, 'relkind') === 'p',
    replicaIdentity,
    keyColumns: namesOf(row, 'key_columns'),
    hasUsableIdentity: replicaIdentity === 'full' || textOf(row, 'indexrelid') !== undefined,
    columnList: textOf(row, 'column_list') === undefined ? undefined : namesOf(row, 'column_list'),
    rowFilter: textOf(row, 'row_filter'),
  };
}
