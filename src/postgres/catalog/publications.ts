import type { SqlRow, SqlSession } from '../sqlSession';
import { flagOf, namesOf, textOf } from './rowValues';

export interface PublicationInfo {
  readonly name: string;
  readonly owner: string;
  readonly allTables: boolean;
  /** Publishes every sequence (19 and later). */
  readonly allSequences: boolean;
  readonly insert: boolean;
  readonly update: boolean;
  readonly delete: boolean;
  readonly truncate: boolean;
  /** Changes of partitions are shown as changes of the root table. */
  readonly viaRoot: boolean;
  /** Stored generated columns are sent (18 and later). */
  readonly generatedColumns: boolean;
  /** Schemas that are published whole (15 and later). */
  readonly schemas: readonly string[];
}

/** The publications of the session's database by name. All columns are asked for, a version has what it has. */
export async function readPublications(session: SqlSession): Promise<readonly PublicationInfo[]> {
  return (await session.query(`${publicationQuery(session)} ORDER BY p.pubname`)).map(
    toPublication,
  );
}

/** One publication, or undefined when the session's database has none of that name. */
export async function readPublication(
  session: SqlSession,
  name: string,
): Promise<PublicationInfo | undefined> {
  const rows = await session.query(`${publicationQuery(session)} WHERE p.pubname = $1`, [name]);
  return rows[0] === undefined ? undefined : toPublication(rows[0]);
}

/** Which of these publications do not exist in the session's database. */
export async function missingPublications(
  session: SqlSession,
  names: readonly string[],
): Promise<readonly string[]> {
  const rows = await session.query('SELECT pubname FROM pg_catalog.pg_publication');
  const known = new Set(rows.map(row => row.pubname));
  return names.filter(name => !known.has(name));
}

function publicationQuery(session: SqlSession): string {
  const schemas =
    session.majorVersion >= 15
      ? `(SELECT pg_catalog.to_json(pg_catalog.array_agg(n.nspname ORDER BY n.nspname))
          FROM pg_catalog.pg_publication_namespace pn
          JOIN pg_catalog.pg_namespace n ON n.oid = pn.pnnspid WHERE pn.pnpubid = p.oid)`
      : 'NULL';
  return `
    SELECT p.*, pg_catalog.pg_get_userbyid(p.pubowner) AS owner, ${schemas} AS schemas
    FROM pg_catalog.pg_publication p`;
}

function toPublication(row: SqlRow): PublicationInfo {
  return {
    name: textOf(row, 'pubname') ?? '',
    owner: textOf(row, 'owner') ?? '',
    allTables: flagOf(row, 'puballtables'),
    allSequences: flagOf(row, 'puballsequences'),
    insert: flagOf(row, 'pubinsert'),
    update: flagOf(row, 'pubupdate'),
    delete: flagOf(row, 'pubdelete'),
    truncate: flagOf(row, 'pubtruncate'),
    viaRoot: flagOf(row, 'pubviaroot'),
    // A letter as in pg_publication.h: `n` none, `s` stored.
    generatedColumns: textOf(row, 'pubgencols') === 's',
    schemas: namesOf(row, 'schemas'),
  };
}
