import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import type { RunningCli } from './session/cliProcess';
import { BuiltCli, eventually, parseEvents } from './session/cliProcess';
import { linesOfOracle, linesOfPrinted } from './session/eventLines';
import { createSlot, ownSlots, run, SHOP, startShop, untilStreaming } from './session/shopCluster';
import { WORKLOAD } from './session/workload';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await BuiltCli.build();
});
afterAll(() => cli.dispose());

describe.each(POSTGRES_MAJORS)('tail on PostgreSQL %i', major => {
  let cluster: Cluster;
  beforeAll(async () => {
    const settings = { logical_decoding_work_mem: '64kB', synchronous_commit: 'on' };
    cluster = await startShop(major, settings);
    // A role that has everything set so that values would come out wrong.
    await run(cluster, [
      `alter role looker set datestyle = 'German'`,
      `alter role looker set extra_float_digits = -5`,
      `alter role looker set bytea_output = 'escape'`,
      `alter role looker set intervalstyle = 'iso_8601'`,
      `alter role looker set timezone = 'Asia/Kathmandu'`,
      `alter role looker set search_path = 'nowhere'`,
      `create table typed (id int primary key, d date, f float8, b bytea, i interval, t timestamptz)`,
    ]);
  });
  afterAll(() => cluster.dispose());

  async function start(...args: string[]): Promise<RunningCli> {
    const url = cluster.url(SHOP, 'looker');
    const tail = cli.start(['tail', '--url', url, '--publication', 'everything', ...args]);
    await untilStreaming(cluster);
    return tail;
  }

  it('shows what is written from now on, as test_decoding sees it', async () => {
    await run(cluster, [`insert into plain values (7, 'before')`]);
    await createSlot(cluster, 'oracle', 'test_decoding');
    const tail = await start();
    await run(cluster, [
      ...WORKLOAD,
      `insert into documents select g, 'streamed', repeat('x', 500) from generate_series(100, 600) g`,
    ]);
    const expected = await linesOfOracle(cluster, SHOP, 'oracle');
    const last = expected.at(-1);
    await eventually(() => tail.stdout.includes(`"lsn":"${last?.lsn ?? ''}"`), 'the last commit');
    tail.child.kill('SIGINT');
    const { status, stdout, stderr } = await tail.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // Our slots are dropped before the process ends.
    expect(await ownSlots(cluster)).toEqual([]);
    const lines = linesOfPrinted(parseEvents(stdout));
    lines.forEach((line, i) => {
      expect(line, `line ${String(i)}`).toEqual(expected[i]);
    });
    expect(lines.length).toBe(expected.length);
  });

  it.runIf([14, 18].includes(major))(
    'records what passes a filter, and leaves nothing else, also when it is killed',
    async () => {
      for (const signal of ['SIGINT', 'SIGKILL'] as const) {
        const out = path.join(cli.folder, `${String(major)}-${signal}.walcap`);
        const filter = 'table == "plain" && new.id % 2 == 0';
        const tail = await start('--filter', filter, '--format', 'capture', '--out', out);
        // Streamed, as it is larger than logical_decoding_work_mem; the second commits before it.
        await run(cluster, [
          `begin; insert into documents select g, 't', repeat('x', 500) from generate_series(2000, 2600) g;
           insert into plain (id) values (2000), (2001); commit`,
          `insert into plain (id) values (2002), (2003)`,
        ]);
        const passed = async (): Promise<unknown[]> => {
          const { stdout } = await cli.run(['convert', out]);
          const inserts = parseEvents(stdout).filter(({ kind }) => kind === 'insert');
          return inserts.map(event => event.new?.['id']);
        };
        await eventually(async () => (await passed()).length === 2, 'both are in the file');
        tail.child.kill(signal);
        const { status, stderr } = await tail.ended;
        if (signal === 'SIGINT') expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        expect(await passed()).toEqual(['2000', '2002']);
        const names = await readdir(cli.folder);
        expect(names.filter(name => name.startsWith('.') || name.endsWith('.tmp'))).toEqual([]);
        await run(cluster, ['delete from plain', 'delete from documents where id >= 2000']);
        await eventually(async () => (await ownSlots(cluster)).length === 0, 'our slot is gone');
      }
    },
  );

  it('gives values as they are stored, whatever the role prescribes', async () => {
    const tail = await start('--limit', '1');
    await run(cluster, [
      `insert into typed values (1, '2026-11-20', 0.1::float8 + 0.2::float8, '\\xdeadbeef', '1 day 02:03:04', '2026-11-20 13:00:00.123456+00')`,
    ]);
    const { status, stdout } = await tail.ended;
    expect(status).toBe(0);
    expect(parseEvents(stdout).find(({ kind }) => kind === 'insert')?.new).toEqual({
      id: '1',
      d: '2026-11-20',
      f: '0.30000000000000004',
      b: '\\xdeadbeef',
      i: '1 day 02:03:04',
      t: '2026-11-20 13:00:00.123456+00',
    });
  });

  it('confirms what it wrote, so that it retains next to nothing', async () => {
    const tail = await start();
    const [before] = await cluster.adminQuery('select pg_current_wal_lsn()::text as lsn');
    await run(cluster, [
      `create table bulk (id int, t text)`,
      ...Array.from(
        { length: 40 },
        () => `insert into bulk select g, repeat('x', 100) from generate_series(1, 2000) g`,
      ),
    ]);
    await eventually(async () => {
      const [row] = await cluster.adminQuery(
        `select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) < 100000
                and confirmed_flush_lsn > '${before?.['lsn'] ?? ''}'::pg_lsn + 10000000 as caught
           from pg_replication_slots where slot_name like 'walexplorer%'`,
      );
      return row?.['caught'] === 't';
    }, 'the confirmed position follows');
    tail.child.kill('SIGTERM');
    const { status, stdout } = await tail.ended;
    expect(status).toBe(0);
    expect(parseEvents(stdout).filter(({ kind }) => kind === 'insert')).toHaveLength(80_000);
    await run(cluster, ['drop table bulk']);
  });

  it('ends after N changes, at a position, and when nothing comes', async () => {
    const limited = await start('--limit', '2');
    await run(cluster, [`insert into plain (id) values (1001), (1002), (1003)`]);
    const cut = await limited.ended;
    expect(cut.status).toBe(0);
    expect(parseEvents(cut.stdout).map(({ kind }) => kind)).toEqual([
      ...['begin', 'relation', 'insert', 'insert'],
    ]);

    const [row] = await cluster.adminQuery('select (pg_current_wal_lsn() + 2000)::text as lsn');
    const until = await start('--until-lsn', row?.['lsn'] ?? '');
    await run(cluster, [
      `insert into plain (id) values (1004)`,
      `select pg_logical_emit_message(false, 'filler', repeat('x', 4000))`,
      `insert into plain (id) values (1005)`,
    ]);
    const positioned = await until.ended;
    expect(positioned.status).toBe(0);
    expect(positioned.stdout).toContain('"1004"');
    expect(positioned.stdout).not.toContain('"1005"');

    const idle = await start('--idle', '1');
    expect((await idle.ended).status).toBe(0);
    expect(await ownSlots(cluster)).toEqual([]);
  });

  it('does not begin without its publication, and leaves nothing', async () => {
    const url = cluster.url(SHOP, 'looker');
    const { status, stderr } = await cli.run(['tail', '--url', url, '--publication', 'nope']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^pgwal tail: There is no publication "nope" in the database "shop"\./);
    expect(await ownSlots(cluster)).toEqual([]);
  });
});
