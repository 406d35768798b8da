import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { StreamSession } from '../../src/session/streamSession';
import type { SessionSnapshot } from '../../src/shared/session';
import { BuiltCli, eventually, parseEvents } from './session/cliProcess';
import { createSlot, ownSlots, run, SHOP, slotPosition, startShop } from './session/shopCluster';
import { targetOf } from './targetOf';

// Peeks that are refused, with the reason and with what is possible instead.
describe.each([14, 18] as const)('a peek that is refused, PostgreSQL %i', major => {
  let cli: BuiltCli;
  let cluster: Cluster;
  beforeAll(async () => {
    cli = await BuiltCli.build();
    cluster = await startShop(major, {
      synchronous_commit: 'on',
      max_replication_slots: '3',
      max_slot_wal_keep_size: '400MB',
    });
    await createSlot(cluster, 'first');
    await createSlot(cluster, 'second');
    await run(cluster, [`insert into plain (id) values (1)`]);
  });
  afterAll(async () => {
    await cluster.dispose();
    await cli.dispose();
  });

  const peek = (...args: string[]): string[] => [
    ...['peek', '--url', cluster.url(SHOP, 'looker'), '--slot', 'first', ...args],
  ];

  it('offers the SQL functions where no slot is to be had', async () => {
    const refused = await cli.run(peek());
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/cannot be copied: Only 1 of 3 replication slots are free/);
    expect(refused.stderr).toMatch(/The SQL peek needs neither a slot nor a sender/);
    const sql = await cli.run(peek('--method', 'sql'));
    expect(sql.status).toBe(0);
    expect(parseEvents(sql.stdout).map(({ kind }) => kind)).toContain('insert');
    expect((await cli.run(peek('--force'))).status).toBe(0);
    expect(await ownSlots(cluster)).toEqual([]);
  });

  it('frees the slot soon after its process was killed, however much there is to decode', async () => {
    await run(cluster, [
      `insert into plain (id) select i from generate_series(100, 800000) i`,
      `delete from plain where id >= 100`,
    ]);
    const looking = cli.start(peek('--method', 'sql'));
    const isActive = async () => {
      const [row] = await cluster.adminQuery(
        `select active::text as active from pg_replication_slots where slot_name = 'first'`,
      );
      return row?.['active'] === 'true';
    };
    await eventually(isActive, 'the slot is taken');
    looking.child.kill('SIGKILL');
    await eventually(async () => !(await isActive()), 'the slot is free', 20_000);
    // Not because it was done by then.
    expect(cluster.log()).toMatch(/connection to client lost/);
  });

  it('tells its code, and a budget of a quarter of what slots may keep', async () => {
    const snapshots: SessionSnapshot[] = [];
    const session = new StreamSession(
      {
        kind: 'peek',
        target: targetOf(cluster, { user: 'looker', database: SHOP }),
        profile: { name: 'test', readOnly: true },
        slot: 'first',
        method: 'copy',
        retainedBudget: 1024 ** 3,
        budget: { events: 10, bytes: 1000, seconds: 5 },
      },
      {
        openSink: () => Promise.reject(new Error('the copy is refused after this')),
        onSnapshot: snapshot => snapshots.push(snapshot),
        log: () => undefined,
      },
    );
    const last = await session.ended;
    expect(last).toMatchObject({ phase: 'ended', endReason: 'failed' });
    expect(last.retainedBudget).toBe(100 * 1024 * 1024);
    expect(last.costBytes).toBeGreaterThan(0);
    expect(last.failure?.message).toBe('the copy is refused after this.');
  });

  it('says that a slot is lost', async () => {
    await cluster.adminQuery(`select pg_drop_replication_slot('second')`);
    cluster.configure({ max_slot_wal_keep_size: '1MB', wal_keep_size: '0', min_wal_size: '32MB' });
    cluster.configure({ max_wal_size: '32MB' });
    cluster.reload();
    await eventually(async () => {
      await run(cluster, [
        `select pg_logical_emit_message(false, 'filler', repeat('x', 1000000)) from generate_series(1, 20)`,
        'select pg_switch_wal()',
        'checkpoint',
      ]);
      const [row] = await cluster.adminQuery(
        `select wal_status from pg_replication_slots where slot_name = 'first'`,
      );
      return row?.['wal_status'] === 'lost';
    }, 'the slot is lost');
    const before = await slotPosition(cluster, 'first');
    const { status, stderr } = await cli.run(peek());
    expect(status).toBe(1);
    expect(stderr).toMatch(/The slot "first" can no longer be read: .*removed/);
    expect(await slotPosition(cluster, 'first')).toEqual(before);
  });
});
