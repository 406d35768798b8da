import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { CaptureReader } from '../../src/capture/captureReader';
import { nodeFiles } from '../../src/capture/fileAccess';
import type { WalLagStatistics } from '../../src/shared/statisticsApi';
import { CapturedTail } from './session/capturedTail';
import { eventually } from './session/cliProcess';
import { ownSlots, run, SHOP, startShop, untilStreaming } from './session/shopCluster';

const { signal } = new AbortController();
const WRITTEN = 8_000_000;

/** WAL that a stream of the shop has nothing to send of. */
const writeElsewhere = (cluster: Cluster): Promise<unknown> =>
  cluster.adminQuery(
    `select pg_logical_emit_message(true, '', repeat('x', ${String(WRITTEN)}))`,
    'postgres',
  );

async function lagIn(reader: CaptureReader): Promise<WalLagStatistics | undefined> {
  const { walLag } = await reader.current.statistics({ view: 0, scope: 'all' }, signal);
  return walLag;
}

/** Writes while the server's process of a tail stands still, and has it go on. */
async function fallBehind(tail: CapturedTail, cluster: Cluster, writer: Cluster): Promise<void> {
  const walsender = await untilStreaming(cluster);
  const caughtUp = () =>
    eventually(async () => (await lagIn(tail.reader))?.last === 0, 'nothing is missing');
  await caughtUp();
  process.kill(walsender, 'SIGSTOP');
  try {
    await writeElsewhere(writer);
    await eventually(async () => {
      const lag = await lagIn(tail.reader);
      const [row] = await cluster.adminQuery(
        `select pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
           else pg_current_wal_lsn() end, '${tail.last?.receivedLsn ?? '0/0'}')::text as behind`,
      );
      return lag !== undefined && lag.last > WRITTEN && String(lag.last) === row?.['behind'];
    }, 'it is told how far the server is ahead');
  } finally {
    process.kill(walsender, 'SIGCONT');
  }
  await caughtUp();
}

describe.each([14, 18] as const)('how far PostgreSQL %i is ahead of a tail', major => {
  let folder = '';
  let cluster: Cluster;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-lag-'));
    cluster = await startShop(major, { synchronous_commit: 'on' });
  });
  afterAll(async () => {
    expect(await ownSlots(cluster)).toEqual([]);
    await cluster.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('is sampled, kept in the capture, and nothing once all was received', async () => {
    const tail = new CapturedTail();
    const file = path.join(folder, 'tail.walcap');
    // Also where it is not looked who writes.
    await tail.start(cluster, file, false);
    await run(cluster, ['insert into plain (id) values (1)']);
    await fallBehind(tail, cluster, cluster);
    await tail.stop();

    const saved = new CaptureReader(nodeFiles, () => undefined);
    await saved.open({ path: file });
    await eventually(() => !saved.current.parts.file.hasUnreadNotes, 'the notes are read');
    const lag = (await lagIn(saved))!;
    expect(lag.max).toBeGreaterThan(WRITTEN);
    expect(lag.max).toBeLessThan(2 * WRITTEN);
    expect(lag.last).toBe(0);
    expect(lag.samples).toBeGreaterThanOrEqual(3);
    expect(lag.to).toBeGreaterThan(lag.from);
    await saved.close();
  });
});

describe('how far a standby is ahead of a tail', () => {
  let folder = '';
  let primary: Cluster;
  let standby: Cluster;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-lag-'));
    primary = await startShop(16, { synchronous_commit: 'on' });
    standby = await primary.addStandby({ hot_standby_feedback: 'on' }, 'standby');
  });
  afterAll(async () => {
    await primary.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('is what it has replayed, and nothing once all was received', async () => {
    const tail = new CapturedTail();
    // A slot on a standby begins at a snapshot of the primary.
    const snapshots = setInterval(() => {
      void primary.adminQuery('select pg_log_standby_snapshot()', SHOP);
    }, 300);
    try {
      await tail.start(standby, path.join(folder, 'standby.walcap'));
    } finally {
      clearInterval(snapshots);
    }
    await fallBehind(tail, standby, primary);
    await tail.stop();
  });
});
