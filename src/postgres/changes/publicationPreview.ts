import { flagOf, numberOf, textOf } from '../catalog/rowValues';
import type { SqlRow, SqlSession } from '../sqlSession';
import type { PublicationDraft, PublicationScope, TableName } from './publicationChange';

/** A table with why something is the matter with it, a few words such as `no primary key`. */
export interface TableRemark extends TableName {
  readonly reason: string;
}

/** What a publication would do, before it is made. */
export interface PublicationPreview {
  /** Tables whose changes it sends, partitions and descendants counted one by one. */
  readonly coveredCount: number;
  readonly failingCount: number;
  /**
   * Tables on which UPDATE or DELETE starts to fail the moment it exists, because nothing tells their
   * rows apart: at most 1000, by schema and name. Those that fail already are left out.
   */
  readonly failing: readonly TableRemark[];
  /** Of the tables that were named: what the server will not publish. */
  readonly refused: readonly TableRemark[];
}

const MOST_SHOWN = 1000;

/** Objects below this were made by initdb: `FirstNormalObjectId`, src/include/access/transam.h. */
const FIRST_NORMAL_OID = 16_384;

/** Asks the catalog only; cheap also with ten thousand tables. */
export async function readPublicationPreview(
  session: SqlSession,
  draft: PublicationDraft,
): Promise<PublicationPreview> {
  const values = [scopeValue(draft.scope)];
  const query = coverageQuery(draft, session.majorVersion);
  const [counts] = await session.query(
    `${query} SELECT pg_catalog.count(*) AS covered,
       pg_catalog.count(*) FILTER (WHERE fails) AS failing FROM tables`,
    values,
  );
  const failing = await session.query(
    `${query} SELECT nspname, relname, relreplident FROM tables WHERE fails
     ORDER BY nspname, relname LIMIT ${String(MOST_SHOWN)}`,
    values,
  );
  return {
    coveredCount: numberOf(counts ?? {}, 'covered') ?? 0,
    failingCount: numberOf(counts ?? {}, 'failing') ?? 0,
    failing: failing.map(row => ({ ...nameOf(row), reason: identityReason(row) })),
    refused: draft.scope.kind === 'tables' ? await readRefused(session, values) : [],
  };
}

/** The first parameter of the queries: what is named in the scope, as JSON. */
function scopeValue(scope: PublicationScope): string {
  switch (scope.kind) {
    case 'all':
      return '[]';
    case 'schemas':
      return JSON.stringify(scope.schemas);
    case 'tables':
      return JSON.stringify(scope.tables.map(({ schema, name }) => ({ schema, name })));
  }
}

const NAMED_TABLES = `SELECT w.schema, w.name, c.* FROM
    pg_catalog.json_to_recordset($1::pg_catalog.json) AS w(schema pg_catalog.text, name pg_catalog.text)
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name`;

const SCOPE_ROOTS: Readonly<Record<PublicationScope['kind'], string>> = {
  all: `SELECT oid FROM pg_catalog.pg_class WHERE $1::pg_catalog.json IS NOT NULL`,
  schemas: `SELECT c.oid FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.json_array_elements_text($1::pg_catalog.json) w(name) ON w.name = n.nspname`,
  tables: `SELECT oid FROM (${NAMED_TABLES}) named WHERE oid IS NOT NULL`,
};

/**
 * The tables that hold the rows, and whether UPDATE or DELETE starts to fail on each. What decides is
 * the table written to, a partition for itself (`CheckCmdReplicaIdentity`,
 * src/backend/executor/execReplication.c). A named table brings its descendants, a schema only the
 * partitions of its tables.
 */
function coverageQuery({ scope, operations }: PublicationDraft, majorVersion: number): string {
  const alsoInherited =
    scope.kind === 'tables'
      ? ''
      : `AND (SELECT relkind FROM pg_catalog.pg_class p WHERE p.oid = i.inhparent) = 'p'`;
  const already = alreadyPublished(majorVersion);
  const starts = (['update', 'delete'] as const)
    .filter(operation => operations.includes(operation))
    .map(operation => `NOT (${already(operation)})`);
  return `WITH RECURSIVE covered(oid) AS (
      ${SCOPE_ROOTS[scope.kind]}
      UNION
      SELECT i.inhrelid FROM covered v JOIN pg_catalog.pg_inherits i ON i.inhparent = v.oid ${alsoInherited}
    ),
    tables AS (
      SELECT n.nspname, c.relname, c.relreplident,
        (${starts.length === 0 ? 'false' : starts.join(' OR ')})
          AND c.relreplident <> 'f' AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
              AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                                      WHEN 'i' THEN i.indisreplident ELSE false END) AS fails
      FROM covered JOIN pg_catalog.pg_class c ON c.oid = covered.oid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.relpersistence = 'p'
        AND c.oid::pg_catalog.int8 >= ${String(FIRST_NORMAL_OID)})`;
}

/** SQL for whether a table `c` is published for an operation by a publication that exists. */
function alreadyPublished(majorVersion: number): (operation: 'update' | 'delete') => string {
  return operation => {
    const flag = `p.pub${operation}`;
    const sources = [
      `EXISTS (SELECT FROM pg_catalog.pg_publication p WHERE p.puballtables AND ${flag})`,
      `c.oid IN (SELECT r.prrelid FROM pg_catalog.pg_publication_rel r
         JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid WHERE ${flag})`,
    ];
    if (majorVersion >= 15) {
      sources.push(`c.relnamespace IN (SELECT s.pnnspid FROM pg_catalog.pg_publication_namespace s
        JOIN pg_catalog.pg_publication p ON p.oid = s.pnpubid WHERE ${flag})`);
    }
    return sources.join(' OR ');
  };
}

/** What cannot be in a publication by name (`check_publication_add_relation`, src/backend/catalog/pg_publication.c). */
async function readRefused(
  session: SqlSession,
  values: readonly string[],
): Promise<readonly TableRemark[]> {
  const rows = await session.query(
    `SELECT schema AS nspname, name AS relname, relkind, relpersistence,
       oid::pg_catalog.int8 < ${String(FIRST_NORMAL_OID)} AS system FROM (${NAMED_TABLES}) named
     WHERE oid IS NULL OR relkind NOT IN ('r', 'p') OR relpersistence <> 'p'
       OR oid::pg_catalog.int8 < ${String(FIRST_NORMAL_OID)}
     ORDER BY 1, 2`,
    values,
  );
  return rows.map(row => ({ ...nameOf(row), reason: refusalReason(row) }));
}

const KINDS: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  S: 'a sequence',
};

function refusalReason(row: SqlRow): string {
  const kind = textOf(row, 'relkind');
  if (kind === undefined) return 'does not exist';
  if (kind !== 'r' && kind !== 'p') return KINDS[kind] ?? 'not a table';
  if (flagOf(row, 'system')) return 'a system table';
  return textOf(row, 'relpersistence') === 't' ? 'a temporary table' : 'an unlogged table';
}

function identityReason(row: SqlRow): string {
  switch (textOf(row, 'relreplident')) {
    case 'n':
      return 'REPLICA IDENTITY NOTHING';
    case 'i':
      return 'its replica identity index is gone';
    default:
      return 'no primary key';
  }
}

function nameOf(row: SqlRow): TableName {
  return { schema: textOf(row, 'nspname') ?? '', name: textOf(row, 'relname') ?? '' };
}
