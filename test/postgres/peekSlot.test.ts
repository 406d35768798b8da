import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { findDebianTool } from '../../scripts/postgres/debianTool';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { BuiltCli, eventually, parseEvents } from './session/cliProcess';
import { linesOfOracle, linesOfPrinted } from './session/eventLines';
import { createSlot, ownSlots, run, SHOP, slotPosition, startShop } from './session/shopCluster';
import { WORKLOAD } from './session/workload';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await BuiltCli.build();
});
afterAll(() => cli.dispose());

describe.each(POSTGRES_MAJORS)('peek on PostgreSQL %i', major => {
  let cluster: Cluster;

  beforeAll(async () => {
    // Small, so that a part of the workload is streamed before its commit.
    cluster = await startShop(major, { logical_decoding_work_mem: '64kB' });
    await createSlot(cluster, 'oracle', 'test_decoding');
    await createSlot(cluster, 'watched');
    await run(cluster, [
      ...WORKLOAD,
      `begin;
       insert into documents select g, 'streamed', repeat('x', 500) from generate_series(100, 600) g;
       savepoint a;
       insert into documents select g, 'rolled back', repeat('y', 500) from generate_series(700, 1200) g;
       rollback to a;
       update documents set title = 'after' where id between 100 and 200;
       commit`,
    ]);
  });
  afterAll(() => cluster.dispose());

  const looker = (database = SHOP): string => cluster.url(database, 'looker');

  it('shows every pending change as test_decoding sees it, and leaves the slot where it is', async () => {
    const before = await slotPosition(cluster, 'watched');
    const { status, stdout, stderr } = await cli.run([
      'peek',
      '--url',
      looker(),
      '--slot',
      'watched',
    ]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const lines = linesOfPrinted(parseEvents(stdout));
    const expected = await linesOfOracle(cluster, SHOP, 'oracle');
    expect(expected.length).toBeGreaterThan(600);
    lines.forEach((line, i) => {
      expect(line, `line ${String(i)}`).toEqual(expected[i]);
    });
    expect(lines.length).toBe(expected.length);
    expect(await slotPosition(cluster, 'watched')).toEqual(before);
    expect(await ownSlots(cluster)).toEqual([]);
  });

  it('does not disturb an active consumer, and takes its options where they show', async () => {
    await run(cluster, ['create publication second for table plain']);
    const output = { bytes: 0 };
    const consumer = startConsumer(cluster, 'watched', output);
    try {
      await eventually(() => output.bytes > 0, 'the consumer reads');
      await eventually(async () => {
        const [row] = await cluster.adminQuery(
          `select active::text as active from pg_replication_slots where slot_name = 'watched'`,
        );
        return row?.['active'] === 'true';
      }, 'the slot is active');
      const before = await slotPosition(cluster, 'watched');
      // The superuser sees the consumer's command.
      const peek = await cli.run(['peek', '--url', cluster.url(SHOP), '--slot', 'watched']);
      expect(peek.status).toBe(0);
      expect(peek.stderr).toContain('as its consumer has them: everything.\n');
      const lines = linesOfPrinted(parseEvents(peek.stdout));
      expect(lines).toEqual(await linesOfOracle(cluster, SHOP, 'oracle'));
      expect(await slotPosition(cluster, 'watched')).toEqual(before);
      // Of two publications none is the only one, and the command does not show to this role.
      const asked = await cli.run(['peek', '--url', looker(), '--slot', 'watched']);
      expect(asked.status).toBe(2);
      expect(asked.stderr).toMatch(/Choose one or several of: "everything", "second"/);
      const seen = output.bytes;
      await run(cluster, [`insert into plain values (99, 'next', 0, null, null)`]);
      await eventually(() => output.bytes > seen, 'the consumer reads on');
      expect(consumer.exitCode).toBeNull();
    } finally {
      consumer.kill('SIGKILL');
      await run(cluster, ['drop publication second']);
    }
  });

  it('peeks in the database of the slot, whatever database is connected to', async () => {
    await cluster.adminQuery('create database other');
    await run(
      cluster,
      ['create table t (id int primary key)', 'create publication p for table t'],
      'other',
    );
    await createSlot(cluster, 'elsewhere', 'pgoutput', 'other');
    await run(cluster, ['insert into t values (1)'], 'other');
    const { status, stdout } = await cli.run(['peek', '--url', looker(), '--slot', 'elsewhere']);
    expect(status).toBe(0);
    expect(parseEvents(stdout).map(({ kind, new: row }) => [kind, row])).toContainEqual([
      'insert',
      { id: '1' },
    ]);
    await cluster.adminQuery(`select pg_drop_replication_slot('elsewhere')`);
  });

  it('has an end for each reason that a slot cannot be read', async () => {
    const missing = await cli.run(['peek', '--url', looker(), '--slot', 'nobody']);
    expect(missing.status).toBe(1);
    expect(missing.stderr).toMatch(/There is no slot "nobody"/);
    expect(missing.stderr.trim().split('\n')).toHaveLength(1);
    await cluster.adminQuery(`select pg_create_physical_replication_slot('physical')`);
    const physical = await cli.run(['peek', '--url', looker(), '--slot', 'physical']);
    expect(physical.stderr).toMatch(/is physical/);
    await cluster.adminQuery(`select pg_drop_replication_slot('physical')`);
    const unknown = await cli.run([
      ...['peek', '--url', looker(), '--slot', 'watched', '--publication', 'nope,everything'],
    ]);
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toMatch(/no publication "nope,everything" .* It has: "everything"/);
  });

  it(major < 16 ? 'says that this standby cannot decode' : 'peeks on a standby', async () => {
    const standby = await cluster.addStandby({ hot_standby_feedback: 'on' }, 'standby');
    const url = standby.url(SHOP, 'looker');
    if (major < 16) {
      const refused = await cli.run(['peek', '--url', url, '--slot', 'watched']);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/standbys decode from 16 on/);
      return;
    }
    const created = createSlot(standby, 'there');
    await eventually(async () => {
      // A slot on an idle standby waits for news of the running transactions.
      await cluster.adminQuery('select pg_log_standby_snapshot()');
      return Promise.race([created.then(() => true), wait(200).then(() => false)]);
    }, 'the slot on the standby');
    await run(cluster, [`insert into plain values (500, 'seen on the standby', 0, null, null)`]);
    const [row] = await cluster.adminQuery('select pg_current_wal_insert_lsn()::text as lsn');
    await eventually(async () => {
      const [replayed] = await standby.adminQuery(
        `select (pg_last_wal_replay_lsn() >= '${row?.['lsn'] ?? ''}')::text as done`,
      );
      return replayed?.['done'] === 'true';
    }, 'the standby has replayed it');
    const { status, stdout, stderr } = await cli.run(['peek', '--url', url, '--slot', 'there']);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(parseEvents(stdout).map(event => event.new?.['name'])).toContain('seen on the standby');
    expect(await ownSlots(standby)).toEqual([]);
    await standby.adminQuery(`select pg_drop_replication_slot('there')`);
  });
});

function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

/** Debian's client, which never confirms here, so that everything stays pending. */
function startConsumer(cluster: Cluster, slot: string, output: { bytes: number }): ChildProcess {
  const child = spawn(
    findDebianTool('pg_recvlogical'),
    [
      ...['-d', cluster.url(SHOP), '-S', slot, '--start', '-f', '-', '-s', '0', '-F', '0'],
      ...['-o', 'proto_version=1', '-o', 'publication_names="everything"'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stdout.on('data', (data: Buffer) => {
    output.bytes += data.length;
  });
  return child;
}
