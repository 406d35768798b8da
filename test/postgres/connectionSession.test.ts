import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { openReplicationSession } from '../../src/postgres/replicationSession';
import { openSqlSession } from '../../src/postgres/sqlSession';
import { ServerError, type SessionEnd } from '../../src/postgres/serverError';
import { targetOf } from './targetOf';

describe.each(POSTGRES_MAJORS)('SQL session on %i', major => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ major });
    await cluster.adminQuery(`
      CREATE ROLE odd LOGIN PASSWORD '${cluster.password}';
      ALTER ROLE odd SET datestyle = 'German';
      ALTER ROLE odd SET extra_float_digits = -5;
      ALTER ROLE odd SET bytea_output = 'escape';
      ALTER ROLE odd SET intervalstyle = 'sql_standard';
      ALTER ROLE odd SET timezone = 'Asia/Tokyo';
      ALTER ROLE odd SET client_encoding = 'LATIN1';
      ALTER ROLE odd SET search_path = 'nowhere';
      ALTER ROLE odd SET statement_timeout = '1ms';
      ALTER ROLE odd SET client_min_messages = 'error';
      ALTER ROLE odd SET quote_all_identifiers = on;
      ALTER ROLE odd SET default_transaction_isolation = 'serializable';
      ALTER ROLE odd SET default_transaction_deferrable = on;
      ALTER ROLE odd REPLICATION;
    `);
    await cluster.adminQuery(
      "CREATE DATABASE raw ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0",
    );
  });
  afterAll(() => cluster.dispose());

  it('gives every value as text, whatever the role prescribes', async () => {
    const session = await openSqlSession(targetOf(cluster, { user: 'odd' }), {
      applicationName: 'walexplorer_test',
    });
    expect(session.majorVersion).toBe(major);
    expect(session.backendPid).toBeGreaterThan(0);
    const [row] = await session.query(
      `SELECT DATE '2026-11-20' AS d, 0.1::float8 + 0.2::float8 AS f, '\\x00ff'::bytea AS b,
        INTERVAL '1 day -2 hours' AS i, TIMESTAMPTZ '2026-11-20 12:00+00' AS t, NULL AS n,
        'ä€'::text AS u, current_setting('search_path') AS s, $1::int + 1 AS p, 1 AS "__proto__"`,
      ['41'],
    );
    expect(Object.entries(row ?? {})).toEqual([
      ['d', '2026-11-20'],
      ['f', '0.30000000000000004'],
      ['b', '\\x00ff'],
      ['i', '1 day -02:00:00'],
      ['t', '2026-11-20 12:00:00+00'],
      ['n', null],
      ['u', 'ä€'],
      ['s', 'pg_catalog'],
      ['p', '42'],
      ['__proto__', '1'],
    ]);
    await session.close();
    expect(session.ended?.closedByUs).toBe(true);
    await expect(session.query('SELECT 1')).rejects.toThrow('closed');
  });

  it('asks one question at a time, and the next one after a failure, without a warning', async () => {
    const warnings: string[] = [];
    const listen = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', listen);
    const session = await openSqlSession(targetOf(cluster), {
      applicationName: 'walexplorer_test',
    });
    try {
      const asked = [1, 0, 3].map(n => session.query(`SELECT (6 / ${String(n)})::text AS n`));
      const answers = await Promise.allSettled(asked);
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await asked[2]).toEqual([{ n: '2' }]);
      // Node tells them in a turn of its own.
      await new Promise(resolve => setImmediate(resolve));
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', listen);
      await session.close();
    }
  });

  it('gives a question up whose answer does not come in time, or that nobody waits for', async () => {
    for (const isAsked of [true, false]) {
      const session = await openSqlSession(targetOf(cluster), {
        applicationName: 'walexplorer_test',
      });
      const stop = new AbortController();
      const waits = session.answersInTime(
        () => session.query('SELECT pg_sleep(20)'),
        stop.signal,
        isAsked ? 60_000 : 100,
      );
      if (isAsked) stop.abort();
      await expect(waits).rejects.toMatchObject({ code: isAsked ? 'aborted' : 'timeout' });
      expect(session.ended).toBeDefined();
    }
  });

  it('decodes with settings of its own, whatever the role prescribes', async () => {
    const session = await openReplicationSession(targetOf(cluster, { user: 'odd' }), {
      applicationName: 'walexplorer_test',
    });
    const names = [
      ...['search_path', 'quote_all_identifiers', 'client_min_messages', 'statement_timeout'],
      ...['default_transaction_isolation', 'default_transaction_deferrable'],
    ];
    const [row] = await session.query(
      `SELECT ${names.map(name => `current_setting('${name}') AS ${name}`).join(', ')}`,
    );
    expect(row).toEqual({
      search_path: 'pg_catalog',
      quote_all_identifiers: 'off',
      client_min_messages: 'notice',
      statement_timeout: '0',
      default_transaction_isolation: 'read committed',
      default_transaction_deferrable: 'off',
    });
    await session.close();
  });

  it('takes an SQL_ASCII database as it is', async () => {
    const session = await openSqlSession(targetOf(cluster, { database: 'raw' }), {
      applicationName: 'walexplorer_test',
    });
    expect(session.parameter('client_encoding')).toBe('SQL_ASCII');
    await session.close();
  });

  it('reports errors with their SQLSTATE and lives on', async () => {
    const session = await openSqlSession(targetOf(cluster), { applicationName: 'x' });
    const error = await session.query('SELECT 1/0').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ServerError);
    expect((error as ServerError).sqlState).toBe('22012');
    expect(await session.query('SELECT 1 AS a')).toEqual([{ a: '1' }]);
    await session.close();
  });

  it('cancels a statement', async () => {
    const session = await openSqlSession(targetOf(cluster), { applicationName: 'x' });
    const sleep = session.query('SELECT pg_sleep(20)').catch((e: unknown) => e);
    await new Promise(resolve => setTimeout(resolve, 100));
    await session.cancel();
    expect(((await sleep) as ServerError).sqlState).toBe('57014');
    await session.close();
  });

  it('does not take a statement that failed for the reason of its end', async () => {
    const session = await openSqlSession(targetOf(cluster), {
      applicationName: 'walexplorer_test',
    });
    await expect(session.query('SELECT 1/0')).rejects.toMatchObject({ sqlState: '22012' });
    expect(await session.query('SELECT 1 AS one')).toEqual([{ one: '1' }]);
    session.dropForSilence();
    expect(session.ended).toEqual({ closedByUs: false, message: 'the connection was lost' });
  });

  it('tells why it ended', async () => {
    const session = await openSqlSession(targetOf(cluster), { applicationName: 'x' });
    const ended = new Promise<SessionEnd>(resolve => session.onEnd(resolve));
    await cluster.adminQuery(`SELECT pg_terminate_backend(${session.backendPid})`);
    const end = await ended;
    expect(end.closedByUs).toBe(false);
    expect(end.error?.sqlState).toBe('57P01');
    await expect(session.query('SELECT 1')).rejects.toThrow('terminating connection');
  });

  it('gives up when told to', async () => {
    const abort = new AbortController();
    const opening = openSqlSession(targetOf(cluster, { host: '10.255.255.1' }), {
      applicationName: 'x',
      signal: abort.signal,
    });
    setTimeout(() => {
      abort.abort();
    }, 50);
    await expect(opening).rejects.toThrow();
  });
});
