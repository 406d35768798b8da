import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { parseLsn } from '../../../src/base/lsn';
import { failureOf, PgwalCall } from '../badDays/pgwalHere';
import type { CliEvent } from '../session/cliProcess';
import { eventually, parseEvents } from '../session/cliProcess';
import { run, SHOP, startShop, untilStreaming } from '../session/shopCluster';

type GapEvent = CliEvent & { readonly from: string; readonly to: string; readonly reason: string };

describe.each([14, 18] as const)('a tail of several hosts, PostgreSQL %i', major => {
  let primary: Cluster;
  let standby: Cluster;
  beforeAll(async () => {
    primary = await startShop(major, { synchronous_commit: 'on' });
    standby = await primary.addStandby();
  });
  afterAll(() => primary.dispose());

  const position = async (cluster: Cluster, expression: string): Promise<bigint> => {
    const [row] = await cluster.adminQuery(`select (${expression})::text as lsn`);
    return parseLsn(row?.['lsn'] ?? '') ?? 0n;
  };
  const ids = (events: readonly CliEvent[]): string[] =>
    events.filter(({ kind }) => kind === 'insert').map(event => event.new?.['id'] ?? '');

  it('goes on with the standby that was promoted, and says what the new primary never had', async () => {
    const hosts = `127.0.0.1:${String(primary.port)},127.0.0.1:${String(standby.port)}`;
    const url = `postgresql://postgres:${primary.password}@${hosts}/${SHOP}?target_session_attrs=read-write`;
    const tail = new PgwalCall(['tail', '--url', url, '--publication', 'everything', '--binary']);
    let over = false;
    void tail.ended.then(() => (over = true));
    await untilStreaming(primary);
    await run(primary, [`insert into plain (id) values (1)`]);
    await eventually(() => ids(parseEvents(tail.stdout)).includes('1'), 'the first row');
    const sent = await position(primary, 'pg_current_wal_flush_lsn()');
    await eventually(
      async () => (await position(standby, 'pg_last_wal_replay_lsn()')) >= sent,
      'the standby has it',
    );
    // From here on the standby gets nothing: what is committed now, it will never have.
    standby.configure({ primary_conninfo: '' });
    standby.reload();
    await eventually(
      async () => {
        const rows = await primary.adminQuery(
          `select 1 from pg_stat_replication where application_name = 'standby'`,
        );
        return rows.length === 0;
      },
      'the standby is cut off',
      20_000,
    );
    await run(primary, [`insert into plain (id) values (2)`]);
    await eventually(() => ids(parseEvents(tail.stdout)).includes('2'), 'the second row');
    await primary.kill9();
    await standby.adminQuery('select pg_promote()');
    await eventually(
      () => {
        if (over) throw new Error(`it ended: ${tail.stderr}`);
        return tail.stderr.includes('The stream went on');
      },
      'the stream goes on',
      30_000,
    );
    await run(standby, [`insert into plain (id) values (3)`]);
    await eventually(() => ids(parseEvents(tail.stdout)).includes('3'), 'a row of the new primary');
    // What a type looks like is asked of the new primary too: the old one is gone.
    await run(standby, [
      'create type couple as (a int, b text)',
      'create table couples (id int, value couple)',
      `insert into couples values (4, row(1, 'x y'))`,
    ]);
    const row = await eventually(
      () => parseEvents(tail.stdout).find(event => event.new?.['id'] === '4'),
      'a row of a new type',
    );
    expect(row.new).toEqual({ id: '4', value: '(1,"x y")' });
    tail.interrupt();
    expect(await tail.ended).toMatchObject({ status: 0 });
    const events = parseEvents(tail.stdout);
    expect(ids(events)).toEqual(['1', '2', '3', '4']);
    expect(tail.stderr).toMatch(
      /The server is behind what was received: what came after [0-9A-F/]+, up to [0-9A-F/]+, does not exist on it any more\./,
    );
    const gap = events.find(({ kind }) => kind === 'gap') as GapEvent | undefined;
    const second = events.filter(({ kind }) => kind === 'commit')[1];
    expect(parseLsn(gap!.from)!).toBeLessThan(parseLsn(second!.endLsn!)!);
    expect(parseLsn(gap!.from)!).toBeGreaterThanOrEqual(sent);
    expect(parseLsn(gap!.to)!).toBeGreaterThan(parseLsn(gap!.from)!);
  });

  it('ends where the host is another system', async () => {
    const other = await startShop(major, {}, { isOwnSystem: true });
    try {
      const hosts = `127.0.0.1:${String(standby.port)},127.0.0.1:${String(other.port)}`;
      const url = `postgresql://postgres:${primary.password}@${hosts}/${SHOP}`;
      const tail = new PgwalCall(['tail', '--url', url, '--publication', 'everything']);
      await untilStreaming(standby);
      await standby.stop('immediate');
      expect(await failureOf(tail.ended)).toMatch(
        /^The server .* is another system now: its identifier is \d+, and it was \d+\. Its positions mean nothing/,
      );
    } finally {
      await other.dispose();
    }
  });
});
