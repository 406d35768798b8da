import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { eventually } from '../session/cliProcess';
import { createSlot, run, SHOP, startShop, untilStreaming } from '../session/shopCluster';
import { changesOf, expectNothingLeft, failureOf, pgwal, PgwalCall } from './pgwalHere';

const OURS = `from pg_replication_slots where slot_name like 'walexplorer%'`;

// What happens to a stream that runs: one sentence, what was captured can be read, nothing is left.
// 17 is the last one that fails where a publication is missing, 18 the first that only warns.
describe.each([17, 18] as const)('a bad day in mid-stream, PostgreSQL %i', major => {
  let cluster: Cluster;
  let folder: string;
  let files = 0;
  let lastId = 0;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-mid-'));
    cluster = await startShop(major, { synchronous_commit: 'on', wal_keep_size: '0' });
  });
  afterAll(async () => {
    await cluster.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const newFile = (): string => path.join(folder, `${String(files++)}.walcap`);
  const insert = (): Promise<void> =>
    run(cluster, [`insert into plain (id) values (${String(++lastId)})`]);

  function looking(file: string, publications: readonly string[], ...more: string[]): string[] {
    const names = publications.flatMap(name => ['--publication', name]);
    const out = ['--format', 'capture', '--out', file];
    return ['--url', cluster.url(SHOP, 'looker'), ...names, ...out, ...more];
  }

  /** A tail that has captured a change; what then happens ends it. */
  async function tailUntil(
    happens: () => Promise<unknown>,
    publications: readonly string[] = ['everything'],
  ): Promise<string> {
    const file = newFile();
    const tail = new PgwalCall(['tail', ...looking(file, publications), '--no-reconnect']);
    await untilStreaming(cluster);
    await insert();
    await eventually(async () => {
      const [row] = await cluster.adminQuery(
        `select confirmed_flush_lsn >= pg_current_wal_lsn() as done ${OURS}`,
      );
      return row?.['done'] === 't';
    }, 'the change is captured');
    await happens();
    const sentence = await failureOf(tail.ended);
    expect(await changesOf(file)).toBeGreaterThan(0);
    await expectNothingLeft(cluster);
    return sentence;
  }

  const ourServer = (): string => `server 127.0.0.1:${String(cluster.port)}`;

  it('the server stops at once, and comes back', async () => {
    const stopped = async (): Promise<void> => {
      await cluster.stop('immediate');
      await cluster.start();
    };
    expect(await tailUntil(stopped)).toBe(
      `The ${ourServer()} shuts down, or an administrator ended our session. Start again when it is up.`,
    );
    // Started anew it works, with a slot of its own.
    const tail = new PgwalCall(['tail', ...looking(newFile(), ['everything'])]);
    await untilStreaming(cluster);
    tail.interrupt();
    expect((await tail.ended).status).toBe(0);
  });

  it('the server restarts as it should', async () => {
    expect(await tailUntil(() => cluster.restart('fast'))).toBe(
      `The ${ourServer()} shuts down, or an administrator ended our session. Start again when it is up.`,
    );
  });

  it('the process that serves us is killed', async () => {
    const killed = async (): Promise<void> => {
      const [row] = await cluster.adminQuery(`select active_pid::text as pid ${OURS}`);
      process.kill(Number(row?.['pid']), 'SIGKILL');
      // The server starts all of its processes anew.
      await eventually(
        () =>
          insert().then(
            () => true,
            () => false,
          ),
        'it is back',
      );
    };
    expect(await tailUntil(killed)).toBe(
      `The ${ourServer()} restarts because one of its processes crashed. Start again when it is up.`,
    );
  });

  it('an administrator ends or cancels our stream', async () => {
    const call = (what: string) => () => cluster.adminQuery(`select ${what}(active_pid) ${OURS}`);
    expect(await tailUntil(call('pg_terminate_backend'))).toBe(
      `An administrator ended our stream on the ${ourServer()} (pg_terminate_backend). Start again if that was not meant.`,
    );
    expect(await tailUntil(call('pg_cancel_backend'))).toBe(
      `Somebody cancelled our stream on the ${ourServer()} (pg_cancel_backend). Start again if that was not meant.`,
    );
  });

  it('the publication is dropped: an end on every version', async () => {
    await run(cluster, ['create publication short for table plain']);
    const dropped = () =>
      run(cluster, ['drop publication short', 'insert into plain (id) values (-1)']);
    expect(await tailUntil(dropped, ['short'])).toBe(
      'The publication "short" was dropped while we followed it. Create it again, then start again.',
    );
  });

  it('one of several publications is dropped', async () => {
    await run(cluster, ['create publication short for table plain']);
    const file = newFile();
    const tail = new PgwalCall(['tail', ...looking(file, ['everything', 'short'])]);
    await untilStreaming(cluster);
    await run(cluster, ['drop publication short', 'insert into plain (id) values (-2)']);
    if (major < 18) {
      expect(await failureOf(tail.ended)).toMatch(/^The publication "short" was dropped while/);
      return;
    }
    await eventually(
      () => tail.stderr.includes('"short" was dropped: the server leaves out its changes'),
      'the remark',
    );
    tail.interrupt();
    expect((await tail.ended).status).toBe(0);
    expect(await changesOf(file)).toBe(1);
  });

  it('tables are renamed and dropped: what they held is captured', async () => {
    const file = newFile();
    const tail = new PgwalCall(['tail', ...looking(file, ['everything'], '--limit', '4')]);
    await untilStreaming(cluster);
    await run(cluster, [
      'create table gone (a int)',
      'insert into gone values (1)',
      'alter table gone rename to gone_by_another_name',
      'insert into gone_by_another_name values (2)',
      'drop table gone_by_another_name',
      'create table gone (b text)',
      `insert into gone values ('another table')`,
      'drop table gone',
    ]);
    await insert();
    expect((await tail.ended).status).toBe(0);
    const { stdout } = await pgwal('convert', file);
    expect(stdout.match(/"table":"gone[a-z_]*","new":\{[^}]*\}/g)).toEqual([
      '"table":"gone","new":{"a":"1"}',
      '"table":"gone_by_another_name","new":{"a":"2"}',
      '"table":"gone","new":{"b":"another table"}',
    ]);
  });

  it('the publication is younger than the slot', async () => {
    await createSlot(cluster, 'old');
    await insert();
    await run(cluster, ['create publication young for all tables']);
    await insert();
    const ways = [[], ['--method', 'sql']];
    for (const way of ways) {
      const call = pgwal('peek', '--slot', 'old', ...looking(newFile(), ['young'], ...way));
      if (major >= 18) {
        const { status, stderr } = await call;
        expect(stderr).toContain(
          'pgwal peek: The publication "young" did not exist yet where the slot stands in WAL: the server leaves out its changes up to its creation.\n',
        );
        expect(status).toBe(0);
      } else {
        expect(await failureOf(call)).toBe(
          'The publication "young" did not exist yet where the slot "old" stands in WAL. Name publications that did, or read the slot when its consumer has passed that point; a new slot begins after it.',
        );
      }
    }
    expect(await changesOf(path.join(folder, `${String(files - 2)}.walcap`))).toBe(
      major >= 18 ? 1 : 0,
    );
    await expectNothingLeft(cluster);
  });

  it('the slot that we consume is in use, and is dropped under us', async () => {
    const consume = (...more: string[]) => [
      ...['tail', '--slot', 'old', '--consume'],
      ...looking(newFile(), ['everything'], ...more),
    ];
    const consumer = new PgwalCall(consume());
    await eventually(async () => {
      const rows = await cluster.adminQuery(
        `select 1 from pg_replication_slots where slot_name = 'old' and active`,
      );
      return rows.length === 1;
    }, 'it is read');
    expect(await failureOf(pgwal(...consume()))).toMatch(
      /^The slot "old" is in use by PID \d+\. Stop that consumer first, or .*peek/,
    );
    const sql = ['peek', '--slot', 'old', '--method', 'sql'];
    expect(await failureOf(pgwal(...sql, ...looking(newFile(), ['everything'])))).toBe(
      'Somebody else reads the slot "old" at this moment, and the SQL functions cannot beside them. Look through a copy of it instead, or wait until it is free.',
    );
    // A copy needs nobody to stop.
    const peek = await pgwal('peek', '--slot', 'old', ...looking(newFile(), ['everything']));
    expect(peek.status).toBe(0);
    // It comes back at once, and may have the slot again before it is dropped.
    await run(cluster, [
      `do $$ begin
        for tries in 1..100 loop
          begin
            perform pg_terminate_backend(active_pid, 5000)
              from pg_replication_slots where slot_name = 'old' and active;
            perform pg_drop_replication_slot('old');
            return;
          exception when object_in_use then null;
          end;
        end loop;
      end $$`,
    ]);
    expect(await failureOf(consumer.ended)).toMatch(
      /^The slot "old" was dropped( at this moment|, or this server never had it)?\. Its consumer needs a new slot\.$/,
    );
    expect(await failureOf(pgwal(...consume()))).toMatch(/^There is no slot "old"/);
    await expectNothingLeft(cluster);
  });

  it('WAL that a slot needs is removed, under us and before', async () => {
    await createSlot(cluster, 'left_behind');
    cluster.configure({
      max_slot_wal_keep_size: '1MB',
      min_wal_size: '32MB',
      max_wal_size: '32MB',
    });
    cluster.reload();
    const fill = (): Promise<void> =>
      run(cluster, [
        `select pg_logical_emit_message(false, 'filler', repeat('x', 1000000)) from generate_series(1, 20)`,
        'select pg_switch_wal()',
        'checkpoint',
      ]);
    const lost = async (): Promise<void> => {
      await eventually(async () => {
        await fill();
        return (await cluster.adminQuery(`select 1 ${OURS}`)).length === 0;
      }, 'our slot is gone');
    };
    expect(await tailUntil(lost)).toBe(
      'The server ended our stream, most likely because our slot needed more WAL than max_slot_wal_keep_size (1 MB) keeps. Start again; raise that setting if it happens again.',
    );
    await eventually(async () => {
      await fill();
      const rows = await cluster.adminQuery(
        `select 1 from pg_replication_slots where slot_name = 'left_behind' and wal_status = 'lost'`,
      );
      return rows.length === 1;
    }, 'the other slot is lost');
    for (const more of [['peek'], ['peek', '--method', 'sql'], ['tail', '--consume']]) {
      const call = pgwal(...more, '--slot', 'left_behind', ...looking(newFile(), ['everything']));
      expect(await failureOf(call)).toBe(
        'The slot "left_behind" can no longer be read: WAL that it needs has been removed. Its changes are gone; it can only be dropped and made anew.',
      );
    }
  });

  if (major >= 18) {
    it('a slot was idle for too long', async () => {
      cluster.configure({ max_slot_wal_keep_size: '-1', idle_replication_slot_timeout: '1s' });
      cluster.reload();
      await createSlot(cluster, 'idle');
      await eventually(async () => {
        await cluster.adminQuery('checkpoint');
        const rows = await cluster.adminQuery(
          `select 1 from pg_replication_slots where slot_name = 'idle' and invalidation_reason = 'idle_timeout'`,
        );
        return rows.length === 1;
      }, 'it is invalidated');
      const peek = pgwal('peek', '--slot', 'idle', ...looking(newFile(), ['everything']));
      expect(await failureOf(peek)).toBe(
        'The slot "idle" can no longer be read: it was idle for longer than idle_replication_slot_timeout. Its changes are gone; it can only be dropped and made anew.',
      );
    });
  }

  it('left nothing but captures', async () => {
    expect((await readdir(folder)).filter(name => !name.endsWith('.walcap'))).toEqual([]);
  });
});
