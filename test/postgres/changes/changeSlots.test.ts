import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../scripts/postgres/cluster';
import { POSTGRES_MAJORS } from '../../../scripts/postgres/embeddedServers';
import { toLsn } from '../../../src/base/lsn';
import { readServerFacts } from '../../../src/postgres/catalog/serverFacts';
import { readSlot } from '../../../src/postgres/catalog/slots';
import type { CreateSlot } from '../../../src/postgres/changes/serverChange';
import {
  positionOf,
  readSlotPreview,
  skippedBytes,
} from '../../../src/postgres/changes/slotPreview';
import { openSqlSession, type SqlSession } from '../../../src/postgres/sqlSession';
import { WriteGate } from '../../../src/postgres/writeGate';
import { eventually } from '../session/cliProcess';
import { targetOf } from '../targetOf';

const gate = new WriteGate({ name: 'dev', readOnly: false });

describe.each(POSTGRES_MAJORS)('changing slots on %i', major => {
  let cluster: Cluster;
  let session: SqlSession;
  beforeAll(async () => {
    cluster = await startCluster({ major, settings: { synchronous_commit: 'on' } });
    session = await openSqlSession(targetOf(cluster), { applicationName: 'walexplorer_test' });
    await cluster.adminQuery('CREATE DATABASE other');
    await cluster.adminQuery('CREATE TABLE public.t (a int)');
  });
  afterAll(async () => {
    await session.close();
    await cluster.dispose();
  });
  const create = (slot: string, part: Partial<CreateSlot> = {}) =>
    gate.change(session, {
      kind: 'create-slot',
      type: 'logical',
      plugin: 'pgoutput',
      slot,
      ...part,
    });
  const preview = async (slot: string) => (await readSlotPreview(session, slot))!;
  const drop = async (slot: string) =>
    gate.change(session, { kind: 'drop-slot', slot, expected: (await preview(slot)).identity });
  const names = async () => {
    const rows = await session.query('SELECT slot_name FROM pg_replication_slots ORDER BY 1');
    return rows.map(row => row.slot_name);
  };

  it('creates, copies, advances and drops logical slots', async () => {
    const made = await create('plain');
    expect(made.slot).toMatchObject({
      name: 'plain',
      plugin: 'pgoutput',
      database: 'postgres',
      twoPhase: false,
      temporary: false,
      active: false,
    });
    expect(made.statements).toEqual([
      "SELECT slot_name, lsn FROM pg_catalog.pg_create_logical_replication_slot('plain', 'pgoutput')",
    ]);
    const copied = await gate.change(session, {
      kind: 'copy-slot',
      type: 'logical',
      source: 'plain',
      slot: 'copied',
      plugin: 'test_decoding',
    });
    expect(copied.slot).toMatchObject({
      plugin: 'test_decoding',
      confirmedFlushLsn: made.slot!.confirmedFlushLsn,
    });
    await cluster.adminQuery('INSERT INTO t SELECT generate_series(1, 1000)');
    const before = await preview('copied');
    const { currentLsn } = before;
    expect(before.slot.retainedBytes).toBeGreaterThan(1000);
    expect(skippedBytes(before.identity, currentLsn)).toBe(
      Number(currentLsn - before.slot.confirmedFlushLsn!),
    );
    const advanced = await gate.change(session, {
      kind: 'advance-slot',
      slot: 'copied',
      to: currentLsn,
      expected: before.identity,
    });
    expect(advanced.reached).toBe(advanced.slot!.confirmedFlushLsn);
    expect(advanced.reached!).toBeGreaterThan(before.slot.confirmedFlushLsn!);
    expect(advanced.reached!).toBeLessThanOrEqual(currentLsn);
    // The source is where it was, and gives all its changes; the copy gives none.
    const changes = await session.query(
      `SELECT count(*) AS n FROM pg_logical_slot_peek_changes('copied', NULL, NULL)`,
    );
    expect(changes[0]!.n).toBe('0');
    expect((await readSlot(session, 'plain'))!.confirmedFlushLsn).toBe(
      made.slot!.confirmedFlushLsn,
    );
    await drop('copied');
    await drop('plain');
    expect(await names()).toEqual([]);
  });

  it('creates what the version has: two-phase, failover, physical', async () => {
    expect((await create('prepared', { twoPhase: true })).slot).toMatchObject({ twoPhase: true });
    const failover = create('safe', { failover: true });
    if (major >= 17) {
      expect((await failover).slot).toMatchObject({ failover: true });
      await drop('safe');
    } else {
      await expect(failover).rejects.toMatchObject({ code: 'version' });
    }
    const physical = { type: 'physical', plugin: undefined } as Partial<CreateSlot>;
    expect((await create('idle', physical)).slot).toMatchObject({
      type: 'physical',
      restartLsn: undefined,
      health: 'unreserved',
    });
    const advance = async (slot: string) => {
      const { identity, currentLsn } = await preview(slot);
      return gate.change(session, {
        kind: 'advance-slot',
        slot,
        to: currentLsn,
        expected: identity,
      });
    };
    await expect(advance('idle')).rejects.toMatchObject({ code: 'slot-unfinished' });
    const copy = { kind: 'copy-slot', type: 'physical', slot: 'idle2' } as const;
    await expect(gate.change(session, { ...copy, source: 'idle' })).rejects.toMatchObject({
      code: 'slot-unfinished',
    });
    const made = await create('kept', { ...physical, reserveWal: true });
    await cluster.adminQuery('INSERT INTO t VALUES (1)');
    const copied = await gate.change(session, { ...copy, source: 'kept' });
    expect(copied.slot).toMatchObject({ type: 'physical' });
    const advanced = await advance('kept');
    expect(advanced.slot!.restartLsn!).toBeGreaterThan(made.slot!.restartLsn!);
    expect(advanced.reached).toBe(advanced.slot!.restartLsn);
    for (const slot of ['prepared', 'idle', 'idle2', 'kept']) await drop(slot);
  });

  it('works in the database of the slot, wherever it is asked from', async () => {
    const there = await openSqlSession(targetOf(cluster, { database: 'other' }), {
      applicationName: 'walexplorer_test',
    });
    await gate.change(there, {
      kind: 'create-slot',
      type: 'logical',
      slot: 'elsewhere',
      plugin: 'test_decoding',
    });
    await there.close();
    const copied = await gate.change(session, {
      kind: 'copy-slot',
      type: 'logical',
      source: 'elsewhere',
      slot: 'elsewhere2',
    });
    expect(copied.slot).toMatchObject({ database: 'other', plugin: 'test_decoding' });
    await cluster.adminQuery('CREATE TABLE u AS SELECT 1 AS a', 'other');
    const { identity, currentLsn } = await preview('elsewhere');
    const advanced = await gate.change(session, {
      kind: 'advance-slot',
      slot: 'elsewhere',
      to: currentLsn,
      expected: identity,
    });
    expect(positionOf(advanced.slot!)!).toBeGreaterThan(positionOf(identity)!);
    await drop('elsewhere');
    await drop('elsewhere2');
  });

  it('refuses a position that is not between the slot and the end of WAL', async () => {
    await create('bounded');
    const { identity } = await preview('bounded');
    const { currentLsn } = await readServerFacts(session);
    const advance = (to: bigint) =>
      gate.change(session, {
        kind: 'advance-slot',
        slot: 'bounded',
        to: toLsn(to),
        expected: identity,
      });
    await expect(advance(currentLsn + 100_000_000n)).rejects.toMatchObject({
      code: 'target-beyond',
    });
    await expect(advance(identity.confirmedFlushLsn! - 1n)).rejects.toMatchObject({
      code: 'target-behind',
    });
    // Between restart and confirmed: a slot never goes back there.
    expect(identity.restartLsn!).toBeLessThan(identity.confirmedFlushLsn!);
    await expect(advance(identity.restartLsn!)).rejects.toMatchObject({ code: 'target-behind' });
    await expect(advance(0n)).rejects.toMatchObject({ code: 'target-behind' });
    expect((await preview('bounded')).identity).toEqual(identity);
    await drop('bounded');
  });

  it('refuses names that are taken or impossible, and plugins that are not there', async () => {
    await create('taken');
    await expect(create('taken')).rejects.toMatchObject({ code: 'name-taken' });
    await expect(create('Taken')).rejects.toMatchObject({ code: 'bad-name' });
    await expect(create('walexplorer_x')).rejects.toMatchObject({ code: 'bad-name' });
    await expect(create('x', { plugin: `no"'such\\plugin` })).rejects.toThrow(/no"'such\\plugin/);
    await expect(
      gate.change(session, { kind: 'copy-slot', type: 'logical', source: 'taken', slot: 'taken' }),
    ).rejects.toMatchObject({ code: 'name-taken' });
    expect(await names()).toEqual(['taken']);
    await drop('taken');
    const gone = { kind: 'copy-slot', type: 'logical', source: 'taken', slot: 'x' } as const;
    await expect(gate.change(session, gone)).rejects.toMatchObject({ code: 'slot-missing' });
  });

  it('holds a temporary slot until it is released, and no longer', async () => {
    const held = await gate.createHeldSlot(session, {
      kind: 'create-slot',
      type: 'logical',
      slot: 'held',
      plugin: 'pgoutput',
    });
    expect(held.result.slot).toMatchObject({ temporary: true, database: 'postgres' });
    const { identity } = await preview('held');
    await expect(
      gate.change(session, { kind: 'drop-slot', slot: 'held', expected: identity }),
    ).rejects.toMatchObject({ code: 'slot-temporary' });
    await held.release();
    await eventually(async () => (await names()).length === 0, 'the temporary slot is gone');
  });
});
