import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { readOrphans } from '../../src/postgres/catalog/orphans';
import { readSlot } from '../../src/postgres/catalog/slots';
import { ownName } from '../../src/postgres/ownName';
import { openReplicationSession } from '../../src/postgres/replicationSession';
import { openSqlSession, type SqlSession } from '../../src/postgres/sqlSession';
import { WriteGate } from '../../src/postgres/writeGate';
import { targetOf } from './targetOf';

const readOnly = new WriteGate({ name: 'prod', readOnly: true });

const settle = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

async function untilGone(session: SqlSession, slot: string, ms: number): Promise<number> {
  const started = Date.now();
  while ((await readSlot(session, slot)) !== undefined) {
    if (Date.now() - started > ms) throw new Error(`the slot ${slot} is still there`);
    await settle(20);
  }
  return Date.now() - started;
}

describe.each(POSTGRES_MAJORS)('write gate on %i', major => {
  let cluster: Cluster;
  let session: SqlSession;
  beforeAll(async () => {
    cluster = await startCluster({
      major,
      settings: { max_replication_slots: '5', max_wal_senders: '5' },
    });
    session = await openSqlSession(targetOf(cluster), { applicationName: 'walexplorer_test' });
    await session.query('CREATE TABLE public.t (a int)');
    await session.query('SET synchronous_commit = on');
  });
  afterAll(async () => {
    await session.close();
    await cluster.dispose();
  });
  const open = (applicationName = 'walexplorer_test') =>
    openReplicationSession(targetOf(cluster), { applicationName });

  it('keeps two slots and two senders free unless told otherwise', async () => {
    await session.query(
      "SELECT pg_create_physical_replication_slot('a'), pg_create_physical_replication_slot('b')",
    );
    const replication = await open();
    const name = ownName('tail', 'x');
    const request = { name, plugin: 'pgoutput', lockTimeoutMs: 5000 };
    await readOnly.createTemporarySlot(replication, request);
    const second = { ...request, name: ownName('tail', 'x') };
    await expect(readOnly.createTemporarySlot(replication, second)).rejects.toMatchObject({
      code: 'too-few-slots',
      overridable: true,
    });
    await readOnly.createTemporarySlot(replication, { ...second, override: true });
    await readOnly.dropTemporarySlot(replication, second.name);
    await readOnly.dropTemporarySlot(replication, name);
    await session.query("SELECT pg_drop_replication_slot('b')");
    const others = [await open(), await open(), await open()];
    await expect(readOnly.createTemporarySlot(replication, request)).rejects.toMatchObject({
      code: 'too-few-senders',
    });
    for (const each of [...others, replication]) await each.close();
    await session.query("SELECT pg_drop_replication_slot('a')");
  });

  it('touches only slots of ours', async () => {
    const replication = await open();
    await expect(readOnly.dropTemporarySlot(replication, 'theirs')).rejects.toMatchObject({
      code: 'not-ours',
    });
    await replication.close();
  });

  it('leaves no slot when its client dies while the server waits for a transaction', async () => {
    const blocker = await cluster.openAdmin();
    await blocker.query('BEGIN; INSERT INTO t VALUES (2); SELECT pg_current_xact_id()');
    const name = ownName('tail', 'x');
    const replication = await open(name);
    const creating = readOnly
      .createTemporarySlot(replication, { name, plugin: 'pgoutput', lockTimeoutMs: 0 })
      .catch((e: unknown) => e);
    // Longer than one look of the server at its client, once: it must go on looking.
    await settle(major === 18 ? 2500 : 300);
    const [orphan] = await readOrphans(session, new Set());
    expect(orphan).toMatchObject({ slot: name, isWaiting: true });
    replication.destroy();
    await creating;
    const took = await untilGone(session, name, 5000);
    console.log(`${major}: an abandoned slot creation was gone after ${took} ms`);
    await blocker.end();
  });

  it('gives up waiting on a cancel request, and at its lock timeout', async () => {
    const blocker = await cluster.openAdmin();
    await blocker.query('BEGIN; INSERT INTO t VALUES (3)');
    const replication = await open();
    const request = { name: ownName('tail', 'x'), plugin: 'pgoutput', lockTimeoutMs: 200 };
    await expect(readOnly.createTemporarySlot(replication, request)).rejects.toMatchObject({
      sqlState: '55P03',
    });
    await untilGone(session, request.name, 1000);
    const waiting = readOnly.createTemporarySlot(replication, { ...request, lockTimeoutMs: 0 });
    const outcome = waiting.catch((e: unknown) => e);
    await settle(200);
    await replication.cancel();
    expect(await outcome).toMatchObject({ sqlState: '57014' });
    await untilGone(session, request.name, 1000);
    await replication.close();
    await blocker.end();
  });
});
