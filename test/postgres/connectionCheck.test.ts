import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { checkConnection, type CheckLine } from '../../src/postgres/connectionCheck';
import { openSqlSession } from '../../src/postgres/sqlSession';
import { targetOf } from './targetOf';

const APPLICATION_NAME = 'walexplorer_test';

describe.each(POSTGRES_MAJORS)('the check of a connection to %i', major => {
  let able: Cluster;
  let poor: Cluster;
  beforeAll(async () => {
    [able, poor] = await Promise.all([
      startCluster({ major, name: 'able' }),
      startCluster({
        major,
        name: 'poor',
        settings: { wal_level: 'replica', max_replication_slots: '1', max_wal_senders: '2' },
      }),
    ]);
    await able.adminQuery(
      `CREATE ROLE looker LOGIN REPLICATION PASSWORD '${able.password}';
       CREATE ROLE plain LOGIN PASSWORD '${able.password}';
       ALTER ROLE plain SET default_transaction_read_only = on`,
    );
  });
  afterAll(async () => {
    await Promise.all([able.dispose(), poor.dispose()]);
  });

  const check = async (cluster: Cluster, user: string): Promise<readonly CheckLine[]> => {
    const session = await openSqlSession(targetOf(cluster, { user }), {
      applicationName: APPLICATION_NAME,
    });
    try {
      return await checkConnection(session, { applicationName: APPLICATION_NAME });
    } finally {
      await session.close();
    }
  };
  const line = (lines: readonly CheckLine[], code: CheckLine['code']): CheckLine => {
    const found = lines.find(each => each.code === code);
    if (found === undefined) throw new Error(`no line ${code}`);
    return found;
  };

  it('finds everything in order with LOGIN and REPLICATION alone', async () => {
    const lines = await check(able, 'looker');
    expect(lines.map(({ code, state }) => [code, state])).toEqual([
      ['connection', 'good'],
      ['server', 'good'],
      ['wal-level', 'good'],
      ['slots', 'good'],
      ['senders', 'good'],
      ['replication', 'good'],
    ]);
    expect(line(lines, 'connection').text).toMatch(
      /^Connected to 127\.0\.0\.1:\d+ as looker, to the database .*, not encrypted\.$/,
    );
    expect(line(lines, 'server').text).toMatch(
      new RegExp(`^PostgreSQL ${major}\\.\\d+, the primary\\.$`),
    );
    expect(line(lines, 'slots').text).toBe('10 of 10 replication slots are free.');
    expect(line(lines, 'senders').text).toBe('10 of 10 WAL senders are free.');
    // Nothing of ours stays behind.
    await expect
      .poll(() =>
        able.adminQuery(
          `SELECT pid FROM pg_stat_activity WHERE application_name = '${APPLICATION_NAME}'`,
        ),
      )
      .toEqual([]);
  });

  it('says what is missing, and what to do', async () => {
    const role = await check(able, 'plain');
    expect(line(role, 'replication')).toMatchObject({ state: 'bad' });
    expect(line(role, 'replication').text).toBe('The user "plain" may not replicate.');
    expect(line(role, 'replication').advice).not.toBe('');
    expect(line(role, 'server')).toMatchObject({ state: 'note' });
    expect(line(role, 'server').text).toContain('default_transaction_read_only');

    const lines = await check(poor, 'postgres');
    expect(line(lines, 'wal-level')).toEqual({
      code: 'wal-level',
      state: 'bad',
      text: 'wal_level is replica: nothing can be decoded here.',
      advice: 'Set wal_level = logical on the server and restart it.',
    });
    expect(line(lines, 'slots')).toMatchObject({ state: 'bad' });
    expect(line(lines, 'slots').advice).toContain('max_replication_slots');
    expect(line(lines, 'senders').text).toBe(
      '2 of 2 WAL senders are free; two stay free for standbys and backups.',
    );
  });
});
