import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { findDebianTool } from '../../scripts/postgres/debianTool';
import { BuiltCli } from './session/cliProcess';
import { ownSlots, run, SHOP, startShop, untilStreaming } from './session/shopCluster';

/** Seconds; PGWX_LONG=1 makes it ten minutes. */
const SECONDS = process.env['PGWX_LONG'] === '1' ? 600 : 15;

let cli: BuiltCli;
let cluster: Cluster;
beforeAll(async () => {
  cli = await BuiltCli.build();
  cluster = await startShop(18, { max_wal_size: '1GB' });
});
afterAll(async () => {
  await cluster.dispose();
  await cli.dispose();
});

it(
  'retains seconds of WAL under pgbench, and loses nothing',
  async () => {
    const url = cluster.url(SHOP);
    const pgbench = findDebianTool('pgbench');
    expect(spawnSync(pgbench, ['-i', '-q', '-s', '2', url]).status).toBe(0);
    await run(cluster, ['create publication bench for table pgbench_history']);
    const out = path.join(cli.folder, 'load.walcap');
    const tail = cli.start([
      ...['tail', '--url', cluster.url(SHOP, 'looker'), '--publication', 'bench'],
      ...['--format', 'capture', '--out', out],
    ]);
    await untilStreaming(cluster);
    const load = spawn(pgbench, ['-c', '2', '-n', '-T', String(SECONDS), url], { stdio: 'ignore' });
    const loadEnded = once(load, 'exit');
    let most = 0;
    const sample = async (): Promise<void> => {
      const [row] = await cluster.adminQuery(
        `select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::text as retained
           from pg_replication_slots where slot_name like 'walexplorer%'`,
      );
      most = Math.max(most, Number(row?.['retained'] ?? 0));
    };
    const sampler = setInterval(() => void sample(), 500);
    await loadEnded;
    clearInterval(sampler);
    await new Promise(resolve => setTimeout(resolve, 1500));
    tail.child.kill('SIGINT');
    expect(await tail.ended).toEqual({ status: 0, stdout: '', stderr: '' });
    const [row] = await cluster.adminQuery(
      'select count(*)::text as rows from pgbench_history',
      SHOP,
    );
    console.log(
      `pgbench ${String(SECONDS)} s: ${row?.['rows'] ?? ''} transactions, retained at most ${(most / 1e6).toFixed(1)} MB, capture ${(statSync(out).size / 1e6).toFixed(1)} MB`,
    );
    expect(most).toBeLessThan(256 * 1024 * 1024);
    expect(await ownSlots(cluster)).toEqual([]);
    const converted = await cli.run(['convert', out, '--out', `${out}.jsonl`]);
    expect(converted.status).toBe(0);
    const lines = spawnSync('grep', ['-c', '"kind":"insert"', `${out}.jsonl`]);
    expect(lines.stdout.toString().trim()).toBe(row?.['rows']);
  },
  (SECONDS + 60) * 1000,
);
