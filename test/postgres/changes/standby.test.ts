import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../scripts/postgres/cluster';
import { ChangeCancelled } from '../../../src/postgres/changes/changeResult';
import type { CreateSlot } from '../../../src/postgres/changes/serverChange';
import { readSlotPreview } from '../../../src/postgres/changes/slotPreview';
import { openSqlSession, type SqlSession } from '../../../src/postgres/sqlSession';
import { WriteGate } from '../../../src/postgres/writeGate';
import { eventually } from '../session/cliProcess';
import { targetOf } from '../targetOf';

const gate = new WriteGate({ name: 'standby', readOnly: false });

describe.each([14, 18] as const)('changes on a standby of %i', major => {
  let primary: Cluster;
  let session: SqlSession;
  beforeAll(async () => {
    primary = await startCluster({ major, settings: { synchronous_commit: 'on' } });
    const standby = await primary.addStandby({ hot_standby_feedback: 'on' }, 'standby');
    session = await openSqlSession(targetOf(standby), { applicationName: 'walexplorer_test' });
  });
  afterAll(async () => {
    await session.close();
    await primary.dispose();
  });
  const logical: CreateSlot = {
    kind: 'create-slot',
    type: 'logical',
    slot: 'local',
    plugin: 'test_decoding',
  };
  const preview = async (slot: string) => (await readSlotPreview(session, slot))!;
  const names = async () =>
    (await session.query('SELECT slot_name FROM pg_replication_slots')).map(row => row.slot_name);

  it('creates no publication, and no logical slot before 16, and says where to go', async () => {
    const publication = gate.change(session, {
      kind: 'create-publication',
      name: 'p',
      scope: { kind: 'all' },
      operations: ['insert'],
      viaPartitionRoot: false,
    });
    await expect(publication).rejects.toMatchObject({
      code: 'standby',
      message: expect.stringMatching(/on the primary\.$/) as string,
    });
    if (major < 16) {
      await expect(gate.change(session, logical)).rejects.toThrow(/standby.*from 16 on.*primary/);
    } else {
      const failover = { ...logical, failover: true };
      await expect(gate.change(session, failover)).rejects.toThrow(/no failover slot can be made/);
    }
    expect(await names()).toEqual([]);
  });

  it('creates, copies, advances and drops physical slots', async () => {
    await gate.change(session, {
      kind: 'create-slot',
      type: 'physical',
      slot: 'cascade',
      reserveWal: true,
    });
    await gate.change(session, {
      kind: 'copy-slot',
      type: 'physical',
      source: 'cascade',
      slot: 'cascade2',
    });
    const seen = await preview('cascade');
    await gate.change(session, {
      kind: 'advance-slot',
      slot: 'cascade',
      to: seen.currentLsn,
      expected: seen.identity,
    });
    for (const slot of ['cascade', 'cascade2']) {
      const { identity } = await preview(slot);
      await gate.change(session, { kind: 'drop-slot', slot, expected: identity });
    }
    expect(await names()).toEqual([]);
  });

  it.runIf(major >= 16)(
    'waits for the primary to log its transactions, and gives up without a trace',
    async () => {
      const waits: string[] = [];
      const options = (signal: AbortSignal) => ({
        signal,
        onWait: ({ message }: { message: string }) => waits.push(message),
      });
      const controller = new AbortController();
      const first = gate
        .change(session, logical, options(controller.signal))
        .catch((error: unknown) => error);
      await eventually(() => waits.length > 0, 'what it waits for', 30_000);
      expect(waits[0]).toMatch(/Waiting for the primary .*pg_log_standby_snapshot/);
      controller.abort();
      expect(await first).toBeInstanceOf(ChangeCancelled);
      expect(await names()).toEqual([]);
      const second = gate.change(session, logical, options(new AbortController().signal));
      let made = false;
      void second.then(() => (made = true));
      await eventually(
        async () => {
          await primary.adminQuery('SELECT pg_log_standby_snapshot()');
          return made;
        },
        'the slot is there',
        30_000,
      );
      expect((await second).slot).toMatchObject({ name: 'local', plugin: 'test_decoding' });
      const { identity } = await preview('local');
      await gate.change(session, { kind: 'drop-slot', slot: 'local', expected: identity });
    },
  );

  it.runIf(major >= 17)('leaves slots alone that are synchronised from the primary', async () => {
    await primary.adminQuery(
      `SELECT pg_create_logical_replication_slot('safe', 'pgoutput', failover => true)`,
    );
    await eventually(
      async () => {
        await primary.adminQuery('SELECT pg_log_standby_snapshot()');
        await session.query('SELECT pg_sync_replication_slots()');
        return (await readSlotPreview(session, 'safe'))?.slot.temporary === false;
      },
      'the slot is synchronised',
      30_000,
    );
    const seen = await preview('safe');
    const synced = { code: 'slot-synced' };
    await expect(
      gate.change(session, { kind: 'drop-slot', slot: 'safe', expected: seen.identity }),
    ).rejects.toMatchObject(synced);
    await expect(
      gate.change(session, {
        kind: 'advance-slot',
        slot: 'safe',
        to: seen.currentLsn,
        expected: seen.identity,
      }),
    ).rejects.toMatchObject(synced);
    const copied = await gate.change(session, {
      kind: 'copy-slot',
      type: 'logical',
      source: 'safe',
      slot: 'look',
    });
    expect(copied.slot).toMatchObject({ synced: false, failover: false });
    const { identity } = await preview('look');
    await gate.change(session, { kind: 'drop-slot', slot: 'look', expected: identity });
  });
});
