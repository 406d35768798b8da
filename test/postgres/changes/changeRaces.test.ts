import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../scripts/postgres/cluster';
import { INVALID_LSN } from '../../../src/base/lsn';
import { ChangeCancelled } from '../../../src/postgres/changes/changeResult';
import type { CreateSlot } from '../../../src/postgres/changes/serverChange';
import { readSlotPreview } from '../../../src/postgres/changes/slotPreview';
import { dropQuestion } from '../../../src/postgres/changes/slotQuestions';
import { openReplicationSession } from '../../../src/postgres/replicationSession';
import { openSqlSession, type SqlSession } from '../../../src/postgres/sqlSession';
import { WriteGate } from '../../../src/postgres/writeGate';
import { eventually } from '../session/cliProcess';
import { targetOf } from '../targetOf';

const gate = new WriteGate({ name: 'dev', readOnly: false });

describe.each([14, 18] as const)('changes that meet others on %i', major => {
  let cluster: Cluster;
  let session: SqlSession;
  beforeAll(async () => {
    cluster = await startCluster({
      major,
      settings: { synchronous_commit: 'on', wal_keep_size: '0', max_wal_size: '32MB' },
    });
    session = await openSqlSession(targetOf(cluster), { applicationName: 'walexplorer_test' });
    await cluster.adminQuery('CREATE TABLE public.t (a int primary key)');
    await cluster.adminQuery('CREATE PUBLICATION p FOR TABLE t');
    await cluster.adminQuery('CREATE DATABASE other');
  });
  afterEach(async () => {
    expect(await names()).toEqual([]);
  });
  afterAll(async () => {
    await session.close();
    await cluster.dispose();
  });
  const names = async () => {
    const rows = await session.query('SELECT slot_name FROM pg_replication_slots ORDER BY 1');
    return rows.map(row => row.slot_name);
  };
  const admin = (sql: string) => cluster.adminQuery(sql);
  const make = (slot = 's') =>
    admin(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
  const preview = async (slot = 's') => (await readSlotPreview(session, slot))!;
  const write = () => admin('INSERT INTO t SELECT coalesce(max(a), 0) + 1 FROM t');
  const drop = async (slot = 's', seen = preview(slot)) =>
    gate.change(session, { kind: 'drop-slot', slot, expected: (await seen).identity });
  const advance = async (seen: Awaited<ReturnType<typeof preview>>) =>
    gate.change(session, {
      kind: 'advance-slot',
      slot: 's',
      to: (await preview()).currentLsn,
      expected: seen.identity,
    });
  const creation: CreateSlot = {
    kind: 'create-slot',
    type: 'logical',
    slot: 'never',
    plugin: 'pgoutput',
  };

  it('leaves a slot alone that moved, or was made anew, since it was looked at', async () => {
    await make();
    await write();
    const seen = await preview();
    await admin(`SELECT pg_replication_slot_advance('s', pg_current_wal_lsn())`);
    await expect(advance(seen)).rejects.toMatchObject({ code: 'slot-moved' });
    await expect(drop('s', Promise.resolve(seen))).rejects.toMatchObject({ code: 'slot-moved' });
    const again = await preview();
    await admin(`SELECT pg_drop_replication_slot('s')`);
    await expect(drop('s', Promise.resolve(again))).rejects.toMatchObject({ code: 'slot-missing' });
    await admin(`SELECT pg_create_logical_replication_slot('s', 'test_decoding')`);
    await expect(drop('s', Promise.resolve(again))).rejects.toThrow(/is another one than before/);
    await expect(advance(again)).rejects.toMatchObject({ code: 'slot-moved' });
    await drop();
  });

  it('leaves a slot alone that a consumer has taken, and names the consumer', async () => {
    await make();
    const seen = await preview();
    const consumer = await openReplicationSession(targetOf(cluster), {
      applicationName: 'debezium "orders"',
    });
    const stream = await consumer.startLogical(
      {
        slot: 's',
        startLsn: INVALID_LSN,
        options: [
          ['proto_version', '1'],
          ['publication_names', '"p"'],
        ],
        positions: { received: () => INVALID_LSN, flushed: () => INVALID_LSN },
      },
      { onFrame: () => undefined, onEnd: () => undefined },
    );
    const by = new RegExp(
      `in use by debezium "orders" \\(PID ${String(consumer.backendPid)}, user`,
    );
    await expect(advance(seen)).rejects.toThrow(by);
    await expect(drop('s', Promise.resolve(seen))).rejects.toThrow(by);
    // A copy is possible beside it.
    const copy = { kind: 'copy-slot', type: 'logical', source: 's', slot: 'copy' } as const;
    expect((await gate.change(session, copy)).slot).toMatchObject({ active: false });
    await drop('copy');
    await stream.stop();
    await consumer.close();
    await eventually(async () => !(await preview()).slot.active, 'the slot is free');
    await drop();
  });

  it('only drops a slot that is lost, and says why', async () => {
    await make();
    await admin(`ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'`);
    cluster.reload();
    const seen = await preview();
    await eventually(
      async () => {
        await admin('SELECT pg_switch_wal()');
        await write();
        await admin('CHECKPOINT');
        return (await preview()).slot.health === 'lost';
      },
      'the slot is lost',
      60_000,
    );
    const lost = {
      code: 'slot-invalid',
      message: expect.stringMatching(/WAL that it needs/) as string,
    };
    await expect(advance(seen)).rejects.toMatchObject(lost);
    await expect(
      gate.change(session, { kind: 'copy-slot', type: 'logical', source: 's', slot: 'copy' }),
    ).rejects.toMatchObject(lost);
    // Also with what was seen before it was lost: nothing can be done with it but this.
    await drop('s', Promise.resolve(seen));
    await admin('ALTER SYSTEM RESET max_slot_wal_keep_size');
    cluster.reload();
  });

  it('leaves nothing of a slot that is given up, at whatever moment', async () => {
    const blocker = await cluster.openAdmin('postgres', 'blocker');
    const delays = [0, 1, 3, 8, 12, 16, 20, 24, 30, 36, 45, 60, 80, 150, 400, 700];
    for (const blocked of [true, false]) {
      if (blocked) await blocker.query('BEGIN; INSERT INTO t VALUES (-1)');
      else await blocker.query('ROLLBACK');
      for (const delay of delays) {
        const controller = new AbortController();
        setTimeout(() => {
          controller.abort();
        }, delay);
        const outcome = await gate
          .change(session, creation, { signal: controller.signal })
          .catch((error: unknown) => error);
        // Given up while connecting is an error of the connection; done in time is done.
        if (outcome instanceof Error) {
          if (outcome instanceof ChangeCancelled) expect(outcome.message).toMatch(/nothing of it/);
          else expect(outcome).toMatchObject({ code: 'aborted' });
          expect(await names()).toEqual([]);
        } else {
          expect(blocked).toBe(false);
          await drop('never');
        }
      }
    }
    await blocker.end();
  });

  it('copies a slot or does not, at whatever moment it is given up, and says which', async () => {
    await make();
    for (const delay of [0, 1, 2, 4, 8, 12, 16, 24, 40, 80]) {
      const copy = { kind: 'copy-slot', type: 'logical', source: 's', slot: 'never' } as const;
      const outcome = await gate
        .change(session, copy, { signal: AbortSignal.timeout(delay) })
        .catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ code: 'aborted' });
        expect(await names()).toEqual(['s']);
      } else {
        expect(await names()).toEqual(['never', 's']);
        await drop('never');
      }
    }
    await drop();
  });

  it('waits without keeping the vacuum of another database from its work', async () => {
    const blocker = await cluster.openAdmin('postgres', 'blocker');
    await blocker.query('BEGIN; INSERT INTO t VALUES (-1)');
    const controller = new AbortController();
    const waits: string[] = [];
    const creating = gate
      .change(session, creation, {
        signal: controller.signal,
        onWait: ({ message }) => waits.push(message),
      })
      .catch((error: unknown) => error);
    await eventually(() => waits.length > 0, 'whom it waits for');
    expect(waits[0]).toMatch(/PID \d+ \(blocker, user postgres, \d+ s old\)$/);
    const other = await cluster.openAdmin('other');
    await other.query('CREATE TABLE u AS SELECT generate_series(1, 1000) AS a');
    await other.query('DELETE FROM u');
    await other.query('VACUUM u');
    const [row] = await other.query(`SELECT pg_relation_size('u')::text AS size`);
    expect(row?.['size']).toBe('0');
    await other.end();
    controller.abort();
    expect(await creating).toBeInstanceOf(ChangeCancelled);
    await blocker.end();
  });

  it.runIf(major >= 17)(
    'gives up an advance that waits, and says where the slot stands',
    async () => {
      await admin(`ALTER SYSTEM SET synchronized_standby_slots = 'standby'`);
      cluster.reload();
      await admin(`SELECT pg_create_physical_replication_slot('standby', true)`);
      await admin(`SELECT pg_create_logical_replication_slot('s', 'pgoutput', failover => true)`);
      await write();
      const seen = await preview();
      const controller = new AbortController();
      const waits: string[] = [];
      const advancing = gate
        .change(
          session,
          { kind: 'advance-slot', slot: 's', to: seen.currentLsn, expected: seen.identity },
          { signal: controller.signal, onWait: ({ message }) => waits.push(message) },
        )
        .catch((error: unknown) => error);
      await eventually(
        () => waits.some(each => each.includes('synchronized_standby_slots')),
        'it waits',
      );
      controller.abort();
      const outcome = await advancing;
      expect(outcome).toBeInstanceOf(ChangeCancelled);
      expect((outcome as ChangeCancelled).message).toMatch(
        /was cancelled\. The slot stands at [0-9A-F/]+\.$/,
      );
      expect((await preview()).identity.confirmedFlushLsn).toBe(seen.identity.confirmedFlushLsn);
      const asked = async (slot: string) =>
        dropQuestion(await preview(slot), 'dev', Date.now()).lines.join('\n');
      expect(await asked('standby')).toMatch(/consumers of all failover slots will get nothing/);
      expect(await asked('s')).toMatch(/standbys that keep a copy of it drop that too/);
      expect(await asked('s')).not.toMatch(/synchronized_standby_slots/);
      await admin('ALTER SYSTEM RESET synchronized_standby_slots');
      cluster.reload();
      await drop();
      await drop('standby');
    },
  );

  it('keeps two slots free unless told otherwise', async () => {
    const [row] = await session.query('SHOW max_replication_slots');
    const most = Number(row!.max_replication_slots);
    for (let i = 0; i < most - 2; i++)
      await admin(`SELECT pg_create_physical_replication_slot('f${String(i)}')`);
    const few = { code: 'too-few-slots', overridable: true };
    await expect(gate.change(session, creation)).rejects.toMatchObject(few);
    const copy = { kind: 'copy-slot', type: 'physical', source: 'f0', slot: 'never' } as const;
    await admin(
      `SELECT pg_drop_replication_slot('f0'), pg_create_physical_replication_slot('f0', true)`,
    );
    await expect(gate.change(session, copy)).rejects.toMatchObject(few);
    expect((await gate.change(session, { ...creation, override: true })).slot).toMatchObject({
      name: 'never',
    });
    for (const name of await names()) await drop(name!);
  });
});
