import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { startCluster } from '../../../scripts/postgres/cluster';
import { BuiltCli, eventually } from '../session/cliProcess';
import { readPrinted } from './canonicalLines';
import { CHAOS_SCHEMA, ChaosLoad } from './chaosLoad';
import { compare, NO_FINDINGS } from './compare';
import { ORACLE_SLOT, readOracle } from './oracle';
import { powerCut } from './powerCut';

const DATABASE = 'chaos';
const SLOTS = ['consumed', ORACLE_SLOT];
const SEED = Number(process.env['PGWX_SEED'] ?? '1');

// A primary that dies under load and a standby that takes its place, with slots that exist on both (17 and
// newer). Nobody but the consumer's connection string knows of the two.
describe('failover, PostgreSQL 18', () => {
  let cli: BuiltCli;
  let folder: string;
  let primary: Cluster;
  let standby: Cluster;
  beforeAll(async () => {
    cli = await BuiltCli.build();
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-failover-'));
    primary = await startCluster({
      major: 18,
      name: 'failover',
      settings: {
        logical_decoding_work_mem: '64kB',
        synchronous_commit: 'on',
        synchronized_standby_slots: 'physical',
        hot_standby_feedback: 'on',
      },
    });
    await primary.adminQuery(`create database ${DATABASE}`);
    await primary.adminQuery(CHAOS_SCHEMA.join(';'), DATABASE);
    standby = await primary.addStandby(
      { synchronized_standby_slots: '', sync_replication_slots: 'on' },
      'physical',
    );
  });
  afterAll(async () => {
    await primary.dispose();
    await cli.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it(`seed ${String(SEED)}: a consumer goes on at the promoted standby without a loss or a repeat`, async () => {
    await createFailoverSlots();
    let current = primary;
    const load = new ChaosLoad(() => current, DATABASE, SEED);
    const file = path.join(folder, 'out.jsonl');
    const url = new URL(primary.url(DATABASE));
    const hosts = [primary, standby].map(({ port }) => `127.0.0.1:${String(port)}`).join(',');
    const both = `postgresql://${url.username}:${url.password}@${hosts}/${DATABASE}?target_session_attrs=read-write`;
    const consumer = cli.start([
      ...['tail', '--url', both, '--publication', 'chaos', '--slot', 'consumed', '--consume'],
      ...['--append', '--out', file],
    ]);
    try {
      load.start();
      await eventually(() => load.commits > 200, 'there was some load', 60_000);
      await untilConfirmed(primary);
      await powerCut(primary);
      await standby.adminQuery('select pg_promote()');
      current = standby;
      const before = load.commits;
      await eventually(() => load.commits > before + 200, 'the load goes on', 60_000);
      await load.stop();
      await standby.adminQuery(`insert into log values (0, 'the end')`, DATABASE);
      const end = await untilConfirmed(standby, consumer.child);
      consumer.child.kill('SIGINT');
      expect(await consumer.ended).toMatchObject({ status: 0 });
      const printed = await readPrinted(file);
      const oracle = await readOracle(standby, DATABASE, end, folder);
      expect(printed.gaps).toEqual([]);
      expect(compare(printed.transactions, oracle)).toEqual(NO_FINDINGS);
      expect(oracle.length).toBeGreaterThan(200);
    } catch (error) {
      throw new Error(`pgwal said: ${consumer.stderr.slice(-3000)}`, { cause: error });
    } finally {
      await load.stop();
      consumer.child.kill('SIGKILL');
      await consumer.ended;
    }
  });

  /** Slots that the standby has too, and could be read there after a promotion. */
  async function createFailoverSlots(): Promise<void> {
    for (const [slot, plugin] of [
      ['consumed', 'pgoutput'],
      [ORACLE_SLOT, 'test_decoding'],
    ]) {
      const args = `'${slot ?? ''}', '${plugin ?? ''}', false, false, true`;
      await primary.adminQuery(`select pg_create_logical_replication_slot(${args})`, DATABASE);
    }
    await eventually(
      async () => {
        // A slot is copied when the standby has its WAL, which takes a record that says who is running.
        await primary.adminQuery('select pg_log_standby_snapshot()');
        const rows = await standby.adminQuery(
          `select 1 from pg_replication_slots where slot_name in ('${SLOTS.join("', '")}') and synced and not temporary`,
        );
        return rows.length === SLOTS.length;
      },
      'the standby has the slots',
      90_000,
    );
  }

  /** Until all that is written by now is in the file; where that ends. */
  async function untilConfirmed(
    server: Cluster,
    consumer?: { readonly exitCode: number | null },
  ): Promise<string> {
    const [row] = await server.adminQuery('select pg_current_wal_insert_lsn()::text as lsn');
    const lsn = row?.['lsn'] ?? '';
    await eventually(
      async () => {
        if (consumer !== undefined && consumer.exitCode !== null) throw new Error('pgwal ended');
        const rows = await server.adminQuery(
          `select 1 from pg_replication_slots where slot_name = 'consumed' and active and confirmed_flush_lsn >= '${lsn}'`,
        );
        return rows.length > 0;
      },
      `${lsn} is confirmed`,
      60_000,
    );
    return lsn;
  }
});
