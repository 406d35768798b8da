import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { BuiltCli, eventually } from './session/cliProcess';
import { createSlot, ownSlots, run, SHOP, startShop, untilStreaming } from './session/shopCluster';

// What a person is told when the disk, an administrator or somebody's transaction is in the way.
describe.each([14, 18] as const)('pgwal in hard times, PostgreSQL %i', major => {
  let cli: BuiltCli;
  let cluster: Cluster;
  let url: string;
  beforeAll(async () => {
    cli = await BuiltCli.build();
    cluster = await startShop(major);
    url = cluster.url(SHOP, 'looker');
    await createSlot(cluster, 'watched');
    await run(cluster, ['insert into plain (id) select generate_series(500, 1500)']);
  });
  afterAll(async () => {
    await cluster.dispose();
    await cli.dispose();
  });

  /** Runs with a standard output that has no room. */
  async function runFull(args: readonly string[]): Promise<readonly [number | null, string]> {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [cli.script, ...args], {
      stdio: ['ignore', full, 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: cli.folder },
    });
    closeSync(full);
    let stderr = '';
    child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
    const status = await new Promise<number | null>(resolve => child.on('close', resolve));
    return [status, stderr];
  }

  it.runIf(process.platform === 'linux')('never takes a full disk for a success', async () => {
    const peek = ['peek', '--url', url, '--slot', 'watched', '--publication', 'everything'];
    const calls = [peek, [...peek, '--limit', '5'], ['slots', '--url', url], ['help']];
    for (const args of calls) {
      const [status, stderr] = await runFull(args);
      expect(stderr).toMatch(
        /^pgwal[ a-z]*: There is no space left to write standard output\. .*\n$/,
      );
      expect(status).toBe(1);
    }
  });

  it('does not take the end of its session for certain news of a shutdown', async () => {
    const tail = cli.start(['tail', '--url', url, '--publication', 'everything', '--no-reconnect']);
    const pid = await untilStreaming(cluster);
    await cluster.adminQuery(`select pg_terminate_backend(${String(pid)})`);
    const { status, stderr } = await tail.ended;
    expect(status).toBe(1);
    expect(stderr).toBe(
      `pgwal tail: An administrator ended our stream on the server 127.0.0.1:${String(cluster.port)} (pg_terminate_backend). Start again if that was not meant.\n`,
    );
    expect(await ownSlots(cluster)).toEqual([]);
  });

  it('says once for whom it waits where no progress line is seen', async () => {
    const session = await cluster.openAdmin(SHOP, 'old_report');
    await session.query('begin');
    await session.query('select txid_current()');
    const tail = cli.start(['tail', '--url', url, '--publication', 'everything', '--idle', '1']);
    await eventually(() => tail.stderr.includes('(old_report'), 'who is waited for');
    await session.query('rollback');
    await session.end();
    const { status, stderr } = await tail.ended;
    expect(status).toBe(0);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('names the option that helps where too few slots would stay free', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `taken${String(index)}`);
    for (const name of names) {
      await cluster.adminQuery(`select pg_create_physical_replication_slot('${name}')`);
    }
    const tail = await cli.run(['tail', '--url', url, '--publication', 'everything']);
    expect(tail.stderr).toMatch(
      /^pgwal tail: Only 2 of 10 .*\. Use --force to go on all the same\.\n$/,
    );
    const peek = await cli.run([
      ...['peek', '--url', url, '--slot', 'watched', '--publication', 'everything'],
    ]);
    expect(peek.stderr).toMatch(/Use --force to copy it all the same, or --method sql\. The SQL/);
    expect([tail.status, peek.status]).toEqual([1, 1]);
    for (const name of names) {
      await cluster.adminQuery(`select pg_drop_replication_slot('${name}')`);
    }
  });
});
