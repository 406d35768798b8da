import { readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import type { RunningCli } from './session/cliProcess';
import { BuiltCli, eventually } from './session/cliProcess';
import { createSlot, ownSlots, run, SHOP, slotPosition, startShop } from './session/shopCluster';

const ROWS = 1_000_000;
/** Set PGWX_LONG=1 for the complete set. */
const LONG = process.env['PGWX_LONG'] === '1';

describe.each([15, 18] as const)('peek at a huge transaction, PostgreSQL %i', major => {
  let cli: BuiltCli;
  let cluster: Cluster;
  beforeAll(async () => {
    cli = await BuiltCli.build();
    cluster = await startShop(major, { max_wal_size: '2GB' });
    await run(cluster, ['create table huge (id int, filler text)']);
    await createSlot(cluster, 'pending');
    await run(cluster, [
      `insert into huge select g, repeat('x', 200) from generate_series(1, ${String(ROWS)}) g`,
    ]);
  });
  afterAll(async () => {
    await cluster.dispose();
    await cli.dispose();
  });

  const peek = (...args: string[]): RunningCli =>
    cli.start(['peek', '--url', cluster.url(SHOP, 'looker'), '--slot', 'pending', ...args]);

  it('shows its first rows within two seconds and is cancelled at once', async () => {
    const before = await slotPosition(cluster, 'pending');
    const spillBefore = await folderSize(path.join(cluster.dataDir, 'pg_replslot'));
    const running = peek('--transactions', 'raw');
    await eventually(() => running.stdout.includes('"kind":"insert"'), 'the first row');
    const firstRow = running.firstOutputMs ?? Infinity;
    const spill = (await folderSize(path.join(cluster.dataDir, 'pg_replslot'))) - spillBefore;
    const startedAt = performance.now();
    running.child.kill('SIGINT');
    const { status } = await running.ended;
    const cancelled = performance.now() - startedAt;
    expect(status).toBe(0);
    expect(await ownSlots(cluster)).toEqual([]);
    expect(await slotPosition(cluster, 'pending')).toEqual(before);
    console.log(
      `PostgreSQL ${String(major)}: first row after ${firstRow.toFixed(0)} ms, pg_replslot +${String(spill)} bytes, cancelled in ${cancelled.toFixed(0)} ms`,
    );
    expect(firstRow).toBeLessThan(2000);
    expect(spill).toBeLessThan(1024 * 1024);
    expect(cancelled).toBeLessThan(1500);
  });

  it.runIf(major === 18 || LONG)(
    'stays small while it assembles and prints all of it',
    async () => {
      const spillFolder = path.join(cluster.dataDir, 'pg_replslot');
      const spillBefore = await folderSize(spillFolder);
      const running = peek();
      running.child.stdout?.removeAllListeners('data');
      let lines = 0;
      running.child.stdout?.on('data', (text: string) => {
        lines += text.split('\n').length - 1;
      });
      let peak = 0;
      let spill = 0;
      const sampler = setInterval(() => {
        peak = Math.max(peak, peakMemory(running.pid));
        void folderSize(spillFolder).then(size => {
          spill = Math.max(spill, size - spillBefore);
        });
      }, 100);
      const startedAt = performance.now();
      const { status, stderr } = await running.ended;
      clearInterval(sampler);
      console.log(
        `PostgreSQL ${String(major)}: ${String(lines)} lines in ${((performance.now() - startedAt) / 1000).toFixed(1)} s, peak ${(peak / 1024 / 1024).toFixed(0)} MB, pg_replslot +${String(spill)} bytes`,
      );
      expect({ status, stderr }).toMatchObject({ status: 0 });
      // Begin, relation, the rows, commit.
      expect(lines).toBe(ROWS + 3);
      expect(peak).toBeLessThan(200 * 1024 * 1024);
      expect(spill).toBeLessThan(1024 * 1024);
    },
  );

  it('is cancelled at once while it prints what it has assembled', async () => {
    const running = peek();
    await eventually(() => running.stdout.includes('"kind":"insert"'), 'the rows', 60_000);
    const startedAt = performance.now();
    running.child.kill('SIGINT');
    const { status, stdout } = await running.ended;
    expect(status).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    // Whole lines only.
    expect(stdout.endsWith('}\n')).toBe(true);
    expect(await ownSlots(cluster)).toEqual([]);
  });

  it('ends at its limit with the copy gone', async () => {
    const { status, stdout } = await peek('--limit', '1000', '--transactions', 'raw').ended;
    expect(status).toBe(0);
    expect(stdout.split('"kind":"insert"')).toHaveLength(1001);
    expect(await ownSlots(cluster)).toEqual([]);
  });
});

/** Highest resident memory of a process so far, in bytes; 0 when it is gone. Linux. */
function peakMemory(pid: number): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

async function folderSize(folder: string): Promise<number> {
  let size = 0;
  for (const name of await readdir(folder, { recursive: true })) {
    try {
      size += statSync(path.join(folder, name)).size;
    } catch {
      // The server removed it in the meantime.
    }
  }
  return size;
}
