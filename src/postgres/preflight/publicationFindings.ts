import { formatPlural } from '../../base/quantity';
import { readPublications, type PublicationInfo } from '../catalog/publications';
import { numberOf, textOf } from '../catalog/rowValues';
import type { SqlSession } from '../sqlSession';
import { identifyByWholeRow, publishEverything } from './adviceSql';
import { nameList, ok, problem, warning, type Finding } from './finding';

/** So many tables are named, each with its statement. */
const MOST_TABLES = 10;
const MOST_PUBLICATIONS = 100;

/**
 * Whether the publications exist that are asked for, in the session's database, and what they let through.
 * Without names, what the database has.
 */
export async function publicationFindings(
  session: SqlSession,
  wanted: readonly string[],
): Promise<readonly Finding[]> {
  const existing = await readPublications(session);
  const database = JSON.stringify(session.target.database);
  const missing = wanted.filter(name => !existing.some(each => each.name === name));
  const findings: Finding[] = [];
  if (missing.length > 0) {
    const silently =
      session.majorVersion >= 18
        ? ' The server itself would only warn, and leave all changes out.'
        : '';
    findings.push(
      problem(
        'publication',
        `There is no publication ${nameList(missing)} in the database ${database}.${silently}`,
        existing.length === 0
          ? 'The database has none. Create one: a slot shows what is written after that.'
          : `It has ${nameList(existing.map(each => each.name))}.`,
      ),
    );
  }
  const meant = existing.filter(each => wanted.length === 0 || wanted.includes(each.name));
  if (wanted.length === 0) {
    findings.push(
      meant.length === 0
        ? ok(
            'publication',
            `The database ${database} has no publication: a tail shows all its tables through test_decoding.`,
          )
        : ok(
            'publication',
            `The database ${database} has the publications ${nameList(meant.map(each => each.name))}.`,
          ),
    );
  }
  const looked = meant.slice(0, MOST_PUBLICATIONS);
  const tables = await tableCounts(session, looked);
  for (const publication of looked) {
    findings.push(...contentFindings(publication, tables.get(publication.name) ?? 0, wanted));
  }
  if (looked.length > 0) findings.push(await identityFinding(session, looked));
  return findings;
}

function contentFindings(
  publication: PublicationInfo,
  tables: number,
  wanted: readonly string[],
): readonly Finding[] {
  const name = JSON.stringify(publication.name);
  const kinds = (['insert', 'update', 'delete', 'truncate'] as const).filter(
    kind => publication[kind],
  );
  if (kinds.length === 0) {
    return [
      warning(
        'publication',
        `The publication ${name} publishes no kind of change: nothing will be seen.`,
        'Have its owner set what it publishes.',
        publishEverything(publication.name),
      ),
    ];
  }
  if (tables === 0) {
    return [
      warning(
        'publication',
        `The publication ${name} has no table now: nothing will be seen.`,
        'Have its owner add tables to it.',
      ),
    ];
  }
  // Where nobody has asked for it, that it is there is enough.
  if (!wanted.includes(publication.name)) return [];
  const some = kinds.length < 4 ? `, only ${kinds.join(' and ')}` : '';
  return [
    ok('publication', `The publication ${name} publishes ${formatPlural(tables, 'table')}${some}.`),
  ];
}

async function tableCounts(
  session: SqlSession,
  publications: readonly PublicationInfo[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await session.query(
    `SELECT b.pubname, (SELECT pg_catalog.count(*)
        FROM pg_catalog.pg_get_publication_tables(b.pubname)) AS tables
      FROM pg_catalog.pg_publication b WHERE b.pubname = ANY (${NAMES})`,
    [namesOf(publications)],
  );
  return new Map(rows.map(row => [textOf(row, 'pubname') ?? '', numberOf(row, 'tables') ?? 0]));
}

/**
 * Where UPDATE or DELETE is published, a table needs something that tells its rows apart, or they fail for the
 * application (src/backend/executor/execReplication.c: CheckCmdReplicaIdentity). Partitions count, not their root.
 */
async function identityFinding(
  session: SqlSession,
  publications: readonly PublicationInfo[],
): Promise<Finding> {
  const rows = await session.query(
    `WITH published AS (
        SELECT DISTINCT COALESCE(leaf.relid, p.relid) AS oid
        FROM pg_catalog.pg_publication b
        CROSS JOIN LATERAL pg_catalog.pg_get_publication_tables(b.pubname) p
        LEFT JOIN LATERAL pg_catalog.pg_partition_tree(p.relid) leaf ON leaf.isleaf
        WHERE b.pubname = ANY (${NAMES}) AND (b.pubupdate OR b.pubdelete))
      SELECT n.nspname, c.relname, pg_catalog.count(*) OVER () AS matching,
        (SELECT pg_catalog.count(*) FROM published) AS tables
      FROM published JOIN pg_catalog.pg_class c ON c.oid = published.oid AND c.relkind = 'r'
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relreplident <> 'f' AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
          AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                                  WHEN 'i' THEN i.indisreplident ELSE false END)
      ORDER BY n.nspname, c.relname LIMIT ${String(MOST_TABLES)}`,
    [namesOf(publications)],
  );
  const [first] = rows;
  if (first === undefined) {
    return ok('replica-identity', 'Every published table has what tells its rows apart.');
  }
  const matching = numberOf(first, 'matching') ?? 0;
  const names = rows.map(row => `${textOf(row, 'nspname') ?? ''}.${textOf(row, 'relname') ?? ''}`);
  const more = matching > rows.length ? ` and ${String(matching - rows.length)} more` : '';
  return warning(
    'replica-identity',
    `${String(matching)} of ${formatPlural(numberOf(first, 'tables') ?? 0, 'published table')} ${matching === 1 ? 'has' : 'have'} no usable replica identity, so UPDATE and DELETE fail there: ${names.join(', ')}${more}.`,
    'Best is a primary key, or a unique index on columns that are NOT NULL (REPLICA IDENTITY USING INDEX). FULL works everywhere, and writes the whole old row to WAL with each change.',
    rows
      .map(row => identifyByWholeRow(textOf(row, 'nspname') ?? '', textOf(row, 'relname') ?? ''))
      .join('\n'),
  );
}

/** The names of the first parameter, which is a JSON array. */
const NAMES = 'ARRAY(SELECT pg_catalog.json_array_elements_text($1::pg_catalog.json))';

function namesOf(publications: readonly PublicationInfo[]): string {
  return JSON.stringify(publications.map(each => each.name));
}
