import { openSync, readSync, closeSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { INVALID_LSN, parseLsn, toLsn, type Lsn } from '../../src/base/lsn';
import { ownName } from '../../src/postgres/ownName';
import { openReplicationSession } from '../../src/postgres/replicationSession';
import type { PositionPolicy, StreamEnd } from '../../src/postgres/replicationStream';
import { XLOG_DATA, XLOG_DATA_HEADER } from '../../src/postgres/statusUpdate';
import { WriteGate } from '../../src/postgres/writeGate';
import { targetOf } from './targetOf';

const gate = new WriteGate({ name: 'test', readOnly: true });
const SEGMENT = 16 * 1024 * 1024;

/** Receives WAL, and checks that none is missing or twice. */
class WalCollector implements PositionPolicy {
  readonly parts: Buffer[] = [];
  end: StreamEnd | undefined;
  keepalives = 0;
  next: Lsn;

  constructor(
    readonly from: Lsn,
    readonly confirm: boolean,
  ) {
    this.next = from;
  }

  received(): Lsn {
    return this.next;
  }

  flushed(): Lsn {
    return this.confirm ? this.next : INVALID_LSN;
  }

  readonly onFrame = (payload: Uint8Array): void => {
    if (payload[0] !== XLOG_DATA) return;
    const frame = Buffer.from(payload);
    expect(frame.readBigUInt64BE(1)).toBe(this.next);
    this.parts.push(frame.subarray(XLOG_DATA_HEADER));
    this.next = toLsn(this.next + BigInt(frame.length - XLOG_DATA_HEADER));
  };
  readonly onKeepalive = (): void => {
    this.keepalives++;
  };
  readonly onEnd = (end: StreamEnd): void => {
    this.end = end;
  };

  async until(what: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!(await what())) {
      if (Date.now() > deadline)
        throw new Error(`not reached: at ${this.next}, ended ${JSON.stringify(this.end)}`);
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }
}

/** The bytes of a range in the segment files of a timeline. */
function onDisk(cluster: Cluster, timeline: number, from: Lsn, to: Lsn): Buffer {
  const parts: Buffer[] = [];
  const hex = (n: number): string => n.toString(16).toUpperCase().padStart(8, '0');
  for (let at = Number(from); at < Number(to);) {
    const number = Math.floor(at / SEGMENT);
    const name = `${hex(timeline)}${hex(Math.floor(number / 256))}${hex(number % 256)}`;
    const size = Math.min(Number(to), (number + 1) * SEGMENT) - at;
    const part = Buffer.alloc(size);
    const file = openSync(path.join(cluster.dataDir, 'pg_wal', name), 'r');
    try {
      expect(readSync(file, part, 0, size, at % SEGMENT)).toBe(size);
    } finally {
      closeSync(file);
    }
    parts.push(part);
    at += size;
  }
  return Buffer.concat(parts);
}

const lsnOf = async (cluster: Cluster, expression: string): Promise<Lsn> =>
  parseLsn(String((await cluster.adminQuery(`SELECT ${expression} AS lsn`))[0]!['lsn']))!;

const slotRow = async (cluster: Cluster, name: string) =>
  (
    await cluster.adminQuery(
      `SELECT restart_lsn::text, temporary, active FROM pg_replication_slots WHERE slot_name = '${name}'`,
    )
  )[0];

describe.each(POSTGRES_MAJORS)('physical stream on %i', major => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ major, settings: { synchronous_commit: 'on' } });
    await cluster.adminQuery('CREATE TABLE t (a int, b text)');
  });
  afterAll(() => cluster.dispose());

  const open = (server = cluster) =>
    openReplicationSession(targetOf(server), { applicationName: 'walx' });

  it('gives the bytes of the segment files, over their borders, without any slot', async () => {
    const session = await open();
    const { walPosition, timeline } = await session.identifySystem();
    const from = toLsn(walPosition - (walPosition % BigInt(SEGMENT)));
    const collector = new WalCollector(from, true);
    const stream = await session.startPhysical(
      { startLsn: from, physical: {}, positions: collector, feedbackIntervalMs: 50 },
      collector,
    );
    await cluster.adminQuery(`
      INSERT INTO t SELECT n, repeat(md5(n::text), 20) FROM generate_series(1, 10000) n;
      SELECT pg_switch_wal();
      INSERT INTO t SELECT n, repeat(md5(n::text), 20) FROM generate_series(1, 5000) n;`);
    const to = await lsnOf(cluster, 'pg_current_wal_flush_lsn()');
    await collector.until(() => collector.next >= to);
    // No position is confirmed, so that nobody takes us for a standby that has the WAL.
    const [sender] = await cluster.adminQuery(
      "SELECT flush_lsn::text, sync_state FROM pg_stat_replication WHERE application_name LIKE 'walx%'",
    );
    expect(sender).toEqual({ flush_lsn: null, sync_state: 'async' });
    expect(await stream.stop()).toEqual({ kind: 'stopped' });
    expect(collector.next - from).toBeGreaterThan(SEGMENT);
    const wal = Buffer.concat(collector.parts);
    expect(wal.equals(onDisk(cluster, timeline, from, collector.next))).toBe(true);
    expect(await cluster.adminQuery('SELECT slot_name FROM pg_replication_slots')).toEqual([]);
    await session.close();
  });

  it('keeps WAL with a temporary slot of ours, which moves on with what we confirm', async () => {
    const session = await open();
    const slot = ownName('tail', 'wal');
    const { consistentPoint } = await gate.createTemporaryPhysicalSlot(session, { name: slot });
    expect(consistentPoint).toBeGreaterThan(0n);
    expect(await slotRow(cluster, slot)).toMatchObject({ temporary: 't' });
    const collector = new WalCollector(consistentPoint, true);
    const options = { slot, startLsn: consistentPoint, physical: {}, positions: collector };
    const stream = await session.startPhysical({ ...options, feedbackIntervalMs: 50 }, collector);
    await cluster.adminQuery('INSERT INTO t VALUES (1)');
    const to = await lsnOf(cluster, 'pg_current_wal_flush_lsn()');
    await collector.until(() => collector.next >= to);
    await collector.until(async () => {
      const row = await slotRow(cluster, slot);
      return parseLsn(String(row?.['restart_lsn']))! >= to;
    });
    await stream.stop();
    await session.close();
    await collector.until(async () => (await slotRow(cluster, slot)) === undefined);
  });

  it('leaves the slot of a standby where it is', async () => {
    await cluster.adminQuery("SELECT pg_create_physical_replication_slot('standby_1', true)");
    const before = await slotRow(cluster, 'standby_1');
    const from = parseLsn(String(before?.['restart_lsn']))!;
    const session = await open();
    const collector = new WalCollector(from, true);
    const options = { slot: 'standby_1', startLsn: from, physical: {}, positions: collector };
    const stream = await session.startPhysical({ ...options, feedbackIntervalMs: 20 }, collector);
    await cluster.adminQuery('INSERT INTO t VALUES (2)');
    const to = await lsnOf(cluster, 'pg_current_wal_flush_lsn()');
    await collector.until(() => collector.next >= to);
    stream.sendFeedback();
    await stream.stop();
    await session.close();
    expect(await slotRow(cluster, 'standby_1')).toEqual({ ...before, active: 'f' });
    await cluster.adminQuery("SELECT pg_drop_replication_slot('standby_1')");
  });

  it('a historic timeline ends where the next one begins, after a promotion', async () => {
    const standby = await cluster.addStandby();
    await cluster.adminQuery('INSERT INTO t VALUES (3)');
    const written = await lsnOf(cluster, 'pg_current_wal_flush_lsn()');
    const nobody = new WalCollector(INVALID_LSN, false);
    await nobody.until(async () => (await lsnOf(standby, 'pg_last_wal_replay_lsn()')) >= written);
    await standby.adminQuery('SELECT pg_promote()');
    await standby.adminQuery('INSERT INTO t VALUES (4)');

    const session = await open(standby);
    expect((await session.identifySystem()).timeline).toBe(2);
    const from = toLsn(written - (written % BigInt(SEGMENT)));
    const old = new WalCollector(from, false);
    await session.startPhysical({ startLsn: from, physical: { timeline: 1 }, positions: old }, old);
    await old.until(() => old.end !== undefined);
    expect(old.end).toEqual({ kind: 'completed', nextTimeline: { timeline: 2, lsn: old.next } });
    expect(old.next).toBeGreaterThanOrEqual(written);
    // The connection takes commands again; the next timeline begins at that very byte.
    expect((await session.query('SELECT 1 AS one'))[0]).toMatchObject({ one: '1' });
    await session.close();

    const atItsEnd = await open(standby);
    const none = new WalCollector(old.next, false);
    await atItsEnd.startPhysical(
      { startLsn: old.next, physical: { timeline: 1 }, positions: none },
      none,
    );
    await none.until(() => none.end !== undefined);
    expect(none.end).toEqual(old.end);
    expect(none.parts).toEqual([]);
    await atItsEnd.close();

    const again = await open(standby);
    const next = new WalCollector(old.next, false);
    const stream = await again.startPhysical(
      { startLsn: old.next, physical: { timeline: 2 }, positions: next },
      next,
    );
    const to = await lsnOf(standby, 'pg_current_wal_flush_lsn()');
    await next.until(() => next.next >= to);
    await stream.stop();
    await again.close();
    const bytes = Buffer.concat(next.parts);
    expect(bytes.equals(onDisk(standby, 2, old.next, next.next))).toBe(true);
  });

  it('says in the words of the server that WAL is no longer there', async () => {
    const session = await open();
    const collector = new WalCollector(toLsn(0x10n), false);
    const started = session.startPhysical(
      { startLsn: toLsn(0x10n), physical: { timeline: 1 }, positions: collector },
      collector,
    );
    const error: unknown = await started.then(
      async () => {
        await collector.until(() => collector.end !== undefined);
        return collector.end?.kind === 'error' ? collector.end.error : collector.end;
      },
      (cause: unknown) => cause,
    );
    expect(String(error)).toContain('has already been removed');
    await session.close();
  });
});
