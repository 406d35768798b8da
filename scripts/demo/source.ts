import type { ConnectionTarget } from '../../src/shared/connection';
import { parseConnectionString } from '../../src/postgres/connectionString';
import { resolveTarget } from '../../src/postgres/resolveTarget';
import { openSqlSession } from '../../src/postgres/sqlSession';
import { startCluster } from '../postgres/cluster';
import type { Shutdown } from '../process/shutdown';
import { DEMO_DATABASE, DEMO_PUBLICATION, DEMO_SCHEMA, DEMO_SLOTS } from './schema';
import { runWorkload } from './workload';

/** The server that the page shows, and what of it the starter extension tails. */
export interface DemoSource {
  /** Name of the connection profile. */
  readonly name: string;
  /** Connection string without a password. */
  readonly connection: string;
  /** Content of a libpq password file that holds the password; empty without one. */
  readonly passwordFile: string;
  readonly database: string;
  readonly publications: readonly string[];
}

/** A value of a libpq key/value string. */
const quoted = (value: string): string => `'${value.replaceAll(/[\\']/g, '\\$&')}'`;

function connectionString(target: ConnectionTarget): string {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['host', target.host],
    ['port', String(target.port)],
    ['user', target.user],
    ['dbname', target.database],
    ['sslmode', target.sslMode],
    ['sslrootcert', target.sslRootCert],
    ['sslcert', target.sslCert],
    ['sslkey', target.sslKey],
  ];
  return pairs
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quoted(value)}`]))
    .join(' ');
}

/** One line for every server, since the file is read by this one window only. */
function passwordFile(password: string | undefined): string {
  return password === undefined ? '' : `*:*:*:*:${password.replaceAll(/[\\:]/g, '\\$&')}\n`;
}

/** Some server: its first publication, by name, is what is shown. */
export async function serverSource(url: string): Promise<DemoSource> {
  const { target } = await resolveTarget(parseConnectionString(url));
  const session = await openSqlSession(target, { applicationName: 'walexplorer_start' });
  try {
    const rows = await session.query('SELECT pubname FROM pg_publication ORDER BY pubname LIMIT 1');
    return {
      name: `${target.database}@${target.host}`,
      connection: connectionString(target),
      passwordFile: passwordFile(target.password),
      database: target.database,
      publications: rows.flatMap(row => row['pubname'] ?? []),
    };
  } finally {
    await session.close();
  }
}

/** A Postgres 18 of our own with the demo shop, which lives until the shutdown. */
export async function embeddedSource(shutdown: Shutdown): Promise<DemoSource> {
  const cluster = await startCluster({
    major: 18,
    name: 'demo',
    settings: { max_slot_wal_keep_size: '1GB', logical_decoding_work_mem: '256kB' },
    // Who keeps files of one demo is told when the next one is another server.
    isOwnSystem: true,
  });
  shutdown.add('Postgres', () => cluster.dispose());
  await cluster.adminQuery(`CREATE DATABASE ${DEMO_DATABASE}`);
  await cluster.adminQuery(DEMO_SCHEMA, DEMO_DATABASE);
  for (const slot of DEMO_SLOTS) await cluster.adminQuery(slot, DEMO_DATABASE);

  const end = new AbortController();
  const workload = runWorkload(cluster.url(DEMO_DATABASE), end.signal).catch((error: unknown) => {
    console.error('The demo workload ended:', error);
  });
  shutdown.add('workload', async () => {
    end.abort();
    await workload;
  });
  const { target } = await resolveTarget(parseConnectionString(cluster.url(DEMO_DATABASE)));
  return {
    name: 'shop@localhost',
    connection: connectionString(target),
    passwordFile: passwordFile(target.password),
    database: DEMO_DATABASE,
    publications: [DEMO_PUBLICATION],
  };
}
