import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqlSession } from '../../src/postgres/sqlSession';
import type { SqlRow } from '../../src/postgres/sqlSession';
import { parseConnectionString } from '../../src/postgres/connectionString';
import { resolveTarget } from '../../src/postgres/resolveTarget';

/** URL of the server that the runner started, with the password of its superuser. */
export function serverUrl(): string {
  const url = process.env['WALEXPLORER_TEST_POSTGRES'];
  if (url === undefined) throw new Error('WALEXPLORER_TEST_POSTGRES is not set');
  return url;
}

/** The same server with another part of the URL replaced. */
export function serverUrlWith(part: {
  readonly password?: string;
  readonly database?: string;
}): string {
  const url = new URL(serverUrl());
  if (part.password !== undefined) url.password = encodeURIComponent(part.password);
  if (part.database !== undefined) url.pathname = `/${encodeURIComponent(part.database)}`;
  return url.toString();
}

export function serverPassword(): string {
  return decodeURIComponent(new URL(serverUrl()).password);
}

/** Runs statements as the superuser, one by one; gives the rows of the last. */
export async function sql(
  database: string,
  ...statements: readonly string[]
): Promise<readonly SqlRow[]> {
  const { target } = await resolveTarget(parseConnectionString(serverUrlWith({ database })));
  const session = await openSqlSession(target, { applicationName: 'suite' });
  try {
    // Our sessions look at the catalog alone unless told otherwise.
    await session.query('SET search_path = public');
    let rows: readonly SqlRow[] = [];
    for (const statement of statements) rows = await session.query(statement);
    return rows;
  } finally {
    await session.close();
  }
}

/** Slots of ours that are on the server now. */
export async function ownSlots(): Promise<readonly string[]> {
  const rows = await sql(
    'postgres',
    `SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'walexplorer%'`,
  );
  return rows.map(row => row['slot_name'] ?? '');
}

/** The server that is hard to browse: the runner makes it while the first suites run. */
export interface LargeServer {
  readonly url: string;
  readonly databases: number;
  readonly slots: number;
}

/** Waits until the large server is made; its facts stand in a file that the environment names. */
export async function largeServer(): Promise<LargeServer> {
  const file = process.env['WALEXPLORER_TEST_LARGE'];
  if (file === undefined) throw new Error('WALEXPLORER_TEST_LARGE is not set');
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return JSON.parse(text) as LargeServer;
    await sleep(100);
  }
}

/** Runs a statement on the large server as the superuser. */
export async function largeSql(statement: string): Promise<readonly SqlRow[]> {
  const { target } = await resolveTarget(parseConnectionString((await largeServer()).url));
  const session = await openSqlSession(target, { applicationName: 'suite' });
  try {
    return await session.query(statement);
  } finally {
    await session.close();
  }
}
