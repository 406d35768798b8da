import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POSTGRES_MAJORS } from '../../scripts/postgres/embeddedServers';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { INVALID_LSN, toLsn, type Lsn } from '../../src/base/lsn';
import { ownName } from '../../src/postgres/ownName';
import { publicationNames } from '../../src/postgres/quote';
import {
  openReplicationSession,
  type ReplicationSession,
} from '../../src/postgres/replicationSession';
import { type PositionPolicy, type StreamEnd } from '../../src/postgres/replicationStream';
import { ServerError } from '../../src/postgres/serverError';
import { WriteGate } from '../../src/postgres/writeGate';
import { targetOf } from './targetOf';

const gate = new WriteGate({ name: 'test', readOnly: false });

/** Collects a stream: letters of the messages, and positions as a receiver keeps them. */
class Collector implements PositionPolicy {
  readonly messages: { readonly kind: string; readonly bytes: Uint8Array }[] = [];
  readonly keepalives: Lsn[] = [];
  readonly notices: ServerError[] = [];
  end: StreamEnd | undefined;
  last: Lsn = INVALID_LSN;
  confirm = false;

  received(): Lsn {
    return this.last;
  }

  flushed(): Lsn {
    return this.confirm ? this.last : INVALID_LSN;
  }

  readonly onFrame = (payload: Uint8Array): void => {
    if (payload[0] !== 0x77) return;
    const copy = payload.slice();
    const start = new DataView(copy.buffer).getBigUint64(1);
    if (start > this.last) this.last = toLsn(start);
    this.messages.push({ kind: String.fromCharCode(copy[25]!), bytes: copy.subarray(25) });
  };
  readonly onKeepalive = ({ walEnd }: { walEnd: Lsn }): void => {
    this.keepalives.push(walEnd);
    if (walEnd > this.last) this.last = walEnd;
  };
  readonly onNotice = (notice: ServerError): void => {
    this.notices.push(notice);
  };
  readonly onEnd = (end: StreamEnd): void => {
    this.end = end;
  };

  kinds(): string {
    return this.messages.map(message => message.kind).join('');
  }

  async until(what: () => boolean, ms = 10_000): Promise<void> {
    const deadline = Date.now() + ms;
    while (!what()) {
      if (Date.now() > deadline) throw new Error(`not reached; got ${this.kinds().slice(-200)}`);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }
}

async function startTail(session: ReplicationSession, collector: Collector, slot: string) {
  await gate.createTemporarySlot(session, {
    name: slot,
    plugin: 'pgoutput',
    lockTimeoutMs: 10_000,
  });
  return session.startLogical(
    {
      slot,
      startLsn: INVALID_LSN,
      options: [
        ['proto_version', '1'],
        ['publication_names', publicationNames(['odd "name", yes'])],
      ],
      positions: collector,
      feedbackIntervalMs: 100,
    },
    collector,
  );
}

describe.each(POSTGRES_MAJORS)('replication stream on %i', major => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ major });
    await cluster.adminQuery(`
      CREATE TABLE t (a int PRIMARY KEY, b text);
      CREATE PUBLICATION "odd ""name"", yes" FOR TABLE t;
      CREATE ROLE looker LOGIN REPLICATION PASSWORD '${cluster.password}';
    `);
  });
  afterAll(() => cluster.dispose());

  const open = () =>
    openReplicationSession(targetOf(cluster, { user: 'looker' }), { applicationName: 'walx' });

  it('streams, stops cleanly, drops its slot', async () => {
    const session = await open();
    const identity = await session.identifySystem();
    expect(identity.database).toBe('postgres');
    expect(identity.walPosition).toBeGreaterThan(0n);
    const collector = new Collector();
    const slot = ownName('tail', 'Ada Löv');
    expect(slot).toMatch(/^walexplorer_tail_ada_l_v_[0-9a-f]{8}$/);
    const stream = await startTail(session, collector, slot);
    await expect(session.query('SELECT 1')).rejects.toThrow('streaming');
    await cluster.adminQuery("INSERT INTO t VALUES (1, 'x'), (11, 'y')");
    await collector.until(() => collector.kinds().endsWith('C'));
    expect(collector.kinds().replace(/^(BC)*/, '')).toBe('BRIIC');
    expect(await stream.stop()).toEqual({ kind: 'stopped' });
    expect(collector.end).toEqual({ kind: 'stopped' });
    await gate.dropTemporarySlot(session, slot);
    expect(await cluster.adminQuery('SELECT slot_name FROM pg_replication_slots')).toEqual([]);
    await expect(startTail(session, collector, slot)).rejects.toThrow('new connection');
    await session.close();
  });

  it('cuts messages of every size at every place, with a held socket in between', async () => {
    const session = await open();
    const collector = new Collector();
    const stream = await startTail(session, collector, ownName('tail', 'x'));
    await cluster.adminQuery(`
      INSERT INTO t SELECT 1000 + n, repeat('v', (n * 7919) % 3000) FROM generate_series(1, 5000) n;
      INSERT INTO t VALUES (100000, repeat('big', 1000000));`);
    await collector.until(() => collector.messages.length > 100);
    stream.pause();
    await new Promise(resolve => setTimeout(resolve, 50));
    const held = collector.messages.length;
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(collector.messages.length).toBe(held);
    stream.resume();
    await collector.until(() => collector.messages.some(m => m.bytes.length > 3_000_000));
    await collector.until(() => collector.kinds().endsWith('C'));
    const inserts = collector.messages.filter(message => message.kind === 'I');
    expect(inserts.length).toBe(5001);
    const sizes = inserts.slice(0, 5000).map((message, i) => {
      const valueLength = ((i + 1) * 7919) % 3000;
      return message.bytes.length - valueLength - String(1001 + i).length;
    });
    expect(new Set(sizes).size).toBe(1);
    await stream.stop();
    await session.close();
  });

  it('confirms what the policy says, and nothing for an observer', async () => {
    const session = await open();
    const collector = new Collector();
    const slot = ownName('tail', 'x');
    const stream = await startTail(session, collector, slot);
    const confirmed = async () =>
      (
        await cluster.adminQuery(
          `SELECT confirmed_flush_lsn AS l FROM pg_replication_slots WHERE slot_name = '${slot}'`,
        )
      )[0]!.l;
    const before = await confirmed();
    await cluster.adminQuery("UPDATE t SET b = 'z' WHERE a = 1");
    await collector.until(() => collector.kinds().endsWith('C'));
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(await confirmed()).toBe(before);
    collector.confirm = true;
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(await confirmed()).not.toBe(before);
    await stream.stop();
    await session.close();
  });

  // The same code on every major, and three seconds each: the two ends are enough.
  it.runIf(major === 14 || major === 18)(
    'stays alive on a held socket beyond the sender timeout',
    async () => {
      const session = await openReplicationSession(targetOf(cluster), {
        applicationName: 'walx',
        walSenderTimeoutMs: 1000,
      });
      const collector = new Collector();
      const stream = await startTail(session, collector, ownName('tail', 'x'));
      stream.pause();
      await new Promise(resolve => setTimeout(resolve, 2500));
      stream.resume();
      await cluster.adminQuery("UPDATE t SET b = 'later' WHERE a = 1");
      await collector.until(() => collector.kinds().endsWith('C'));
      expect(collector.end).toBeUndefined();
      await stream.stop();
      await session.close();
    },
  );

  it('ends when the server ends it while it is held, and is silent then', async () => {
    const session = await open();
    const collector = new Collector();
    const stream = await startTail(session, collector, ownName('tail', 'x'));
    stream.pause();
    await cluster.adminQuery("UPDATE t SET b = 'unread' WHERE a = 1");
    await cluster.adminQuery(`SELECT pg_terminate_backend(${session.backendPid})`);
    // Nobody reads, so it is a status update to nobody that finds out; the reason may be lost with it.
    await collector.until(() => collector.end !== undefined);
    expect(collector.end?.kind).toMatch(/^(error|lost)$/);
    const before = collector.messages.length;
    stream.sendFeedback();
    stream.resume();
    await new Promise(resolve => setTimeout(resolve, 250));
    expect(collector.messages.length).toBe(before);
    expect(session.ended?.closedByUs).toBe(false);
    await session.close();
  });

  it('reports the error of a start that is refused, and takes commands after it', async () => {
    const session = await open();
    const collector = new Collector();
    const start = session.startLogical(
      { slot: 'none', startLsn: INVALID_LSN, options: [], positions: collector },
      collector,
    );
    const error = await start.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ServerError);
    expect((error as ServerError).sqlState).toBe('42704');
    expect((await session.identifySystem()).database).toBe('postgres');
    await session.close();
  });

  it('surfaces what the server says of a publication that does not exist', async () => {
    const session = await open();
    const collector = new Collector();
    const slot = ownName('tail', 'x');
    await gate.createTemporarySlot(session, { name: slot, plugin: 'pgoutput', lockTimeoutMs: 0 });
    await session.startLogical(
      {
        slot,
        startLsn: INVALID_LSN,
        options: [
          ['proto_version', '1'],
          ['publication_names', publicationNames(['missing'])],
        ],
        positions: collector,
      },
      collector,
    );
    await cluster.adminQuery("UPDATE t SET b = 'w' WHERE a = 1");
    if (major >= 18) {
      await collector.until(() => collector.notices.length > 0);
      expect(collector.notices[0]!.message).toContain('missing');
    } else {
      await collector.until(() => collector.end !== undefined);
      expect(collector.end).toMatchObject({ kind: 'error', error: { sqlState: '42704' } });
    }
    await session.close();
  });

  it('copies a slot in use without touching it', async () => {
    await cluster.adminQuery(
      "SELECT pg_create_logical_replication_slot('theirs', 'test_decoding')",
    );
    const facts = () =>
      cluster.adminQuery(
        "SELECT restart_lsn, confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'theirs'",
      );
    const before = await facts();
    await cluster.adminQuery("UPDATE t SET b = 'pending' WHERE a = 1");
    const session = await open();
    const slot = ownName('peek', 'x');
    await gate.copySlotTemporarily(session, { source: 'theirs', name: slot });
    const [copy] = await cluster.adminQuery(
      `SELECT plugin, temporary FROM pg_replication_slots WHERE slot_name = '${slot}'`,
    );
    expect(copy).toEqual({ plugin: 'test_decoding', temporary: 't' });
    const collector = new Collector();
    const stream = await session.startLogical(
      { slot, startLsn: INVALID_LSN, options: [], positions: collector },
      collector,
    );
    const text = () => collector.messages.map(m => Buffer.from(m.bytes).toString()).join('\n');
    await collector.until(() => text().includes('COMMIT'));
    expect(text()).toContain('pending');
    await stream.stop();
    await session.close();
    expect(await facts()).toEqual(before);
    await cluster.adminQuery("SELECT pg_drop_replication_slot('theirs')");
  });

  it('ends with the reason at a shutdown, which does not wait for it', async () => {
    const session = await open();
    const collector = new Collector();
    await startTail(session, collector, ownName('tail', 'x'));
    const started = Date.now();
    await cluster.stop('fast');
    expect(Date.now() - started).toBeLessThan(5000);
    await collector.until(() => collector.end !== undefined);
    expect(['completed', 'error', 'lost']).toContain(collector.end!.kind);
    await cluster.start();
  });

  it('never hangs on a server that is frozen', async () => {
    const session = await open();
    const collector = new Collector();
    const stream = await startTail(session, collector, ownName('tail', 'x'));
    process.kill(session.backendPid, 'SIGSTOP');
    const started = Date.now();
    expect(await stream.stop(300)).toEqual({ kind: 'abandoned' });
    expect(Date.now() - started).toBeLessThan(1000);
    process.kill(session.backendPid, 'SIGCONT');
    await session.close();
    await collector.until(() => collector.end !== undefined);
    for (let i = 0; i < 100; i++) {
      if ((await cluster.adminQuery('SELECT 1 FROM pg_replication_slots')).length === 0) return;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error('a slot of ours is left');
  });
});
