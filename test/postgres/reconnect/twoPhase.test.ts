import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { pgwal, PgwalCall } from '../badDays/pgwalHere';
import type { CliEvent } from '../session/cliProcess';
import { eventually, parseEvents } from '../session/cliProcess';
import { run, SHOP, startShop, untilStreaming } from '../session/shopCluster';

type PreparedEvent = CliEvent & { readonly gid: string };

const CUTS = 5;

describe.each([15, 18] as const)('a two-phase slot through cuts, PostgreSQL %i', major => {
  let cluster: Cluster;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-prepared-'));
    cluster = await startShop(major, {
      synchronous_commit: 'on',
      max_prepared_transactions: '30',
      logical_decoding_work_mem: '64kB',
    });
    await run(cluster, ['create table work (id int primary key, filler text)']);
  });
  afterAll(async () => {
    await cluster.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  /** Prepares transactions, large ones too, and ends them some steps later, until it is told to stop. */
  function prepareAndEnd(): { steps: number; stop(): Promise<void> } {
    const load = {
      steps: 0,
      isOver: false,
      stop: async (): Promise<void> => {
        load.isOver = true;
        await done;
      },
    };
    const end = (n: number): string =>
      n % 3 === 0 ? `rollback prepared 'g${String(n)}'` : `commit prepared 'g${String(n)}'`;
    const done = (async () => {
      const session = await cluster.openAdmin(SHOP, 'load');
      while (!load.isOver) {
        const n = ++load.steps;
        const many = n % 10 === 0 ? 400 : 1;
        const rows = `insert into work select ${String(n * 1000)} + g, repeat('x', 300) from generate_series(1, ${String(many)}) g`;
        for (const sql of ['begin', rows, `prepare transaction 'g${String(n)}'`]) {
          await session.query(sql);
        }
        await session.query(`insert into work values (${String(-n)}, 'plain')`);
        if (n > 8) await session.query(end(n - 8));
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      for (let n = Math.max(1, load.steps - 7); n <= load.steps; n++) await session.query(end(n));
      await session.end();
    })();
    return load;
  }

  it.each(['capture', 'jsonl'])('is consumed once, as %s', async format => {
    const slot = `prepared_${format}`;
    const out = path.join(folder, `${String(major)}.${format}`);
    await run(cluster, [
      'truncate work',
      `select pg_create_logical_replication_slot('${slot}', 'pgoutput', false, true)`,
    ]);
    // A capture holds what was prepared, so nothing else has to be asked for.
    const raw = format === 'jsonl' ? ['--transactions', 'raw'] : [];
    const at = ['--url', cluster.url(SHOP), '--slot', slot, '--consume'];
    const consume = new PgwalCall([
      ...['tail', ...at, '--publication', 'everything', '--out', out, '--format', format, ...raw],
    ]);
    await Promise.race([untilStreaming(cluster), consume.ended]);
    const load = prepareAndEnd();
    for (let cut = 0; cut < CUTS; cut++) {
      const before = load.steps;
      await eventually(() => load.steps > before + 12, 'transactions', 30_000);
      await cluster.adminQuery(
        `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${slot}'`,
      );
      await eventually(
        () => consume.stderr.split('nothing is missing').length - 1 > cut,
        `return ${String(cut + 1)}: ${consume.stderr}`,
        30_000,
      );
    }
    await load.stop();
    const [now] = await cluster.adminQuery('select pg_current_wal_flush_lsn()::text as lsn');
    await eventually(
      async () => {
        const [row] = await cluster.adminQuery(
          `select confirmed_flush_lsn >= '${now!['lsn']!}' as done from pg_replication_slots where slot_name = '${slot}'`,
        );
        return row?.['done'] === 't';
      },
      'everything is confirmed',
      30_000,
    );
    consume.interrupt();
    expect(await consume.ended).toMatchObject({ status: 0 });
    await run(cluster, [`select pg_drop_replication_slot('${slot}')`]);

    const text =
      format === 'jsonl' ? await readFile(out, 'utf8') : (await pgwal('convert', out)).stdout;
    const events = parseEvents(text) as PreparedEvent[];
    expect(events.filter(({ kind }) => kind === 'gap' || kind === 'unknown')).toEqual([]);
    if (format === 'jsonl') {
      const gids = (kind: string): string[] =>
        events.filter(event => event.kind === kind).map(({ gid }) => gid);
      const prepared = [...gids('prepare'), ...gids('streamPrepare')];
      const all = Array.from({ length: load.steps }, (_, n) => `g${String(n + 1)}`);
      const sorted = (names: readonly string[]): string[] =>
        [...names].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
      expect(sorted(prepared)).toEqual(all);
      expect(gids('commitPrepared')).toEqual(all.filter(gid => Number(gid.slice(1)) % 3 !== 0));
      expect(gids('rollbackPrepared')).toEqual(all.filter(gid => Number(gid.slice(1)) % 3 === 0));
      return;
    }
    const rows = await cluster.adminQuery('select id::text as id from work order by work.id', SHOP);
    const ids = events.flatMap(({ kind, new: row }) => (kind === 'insert' ? [row!['id']!] : []));
    expect(ids.sort((a, b) => Number(a) - Number(b))).toEqual(rows.map(row => row['id']));
  });
});
