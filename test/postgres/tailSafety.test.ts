import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import type { RunningCli } from './session/cliProcess';
import { BuiltCli, eventually } from './session/cliProcess';
import { CutProxy } from './session/cutProxy';
import { Load } from './session/load';
import { createSlot, ownSlots, run, SHOP, startShop, untilStreaming } from './session/shopCluster';

// What a stream of ours must never do to a server, with the oldest and the newest one.
let cli: BuiltCli;
beforeAll(async () => {
  cli = await BuiltCli.build();
});
afterAll(() => cli.dispose());

describe.each([14, 18] as const)('a tail and the server, PostgreSQL %i', major => {
  let cluster: Cluster;
  const running: RunningCli[] = [];
  beforeEach(async () => {
    cluster = await startShop(major, { synchronous_commit: 'on', max_wal_size: '1GB' });
  });
  afterEach(async () => {
    for (const each of running.splice(0)) {
      each.child.kill('SIGCONT');
      each.child.kill('SIGKILL');
      await each.ended;
    }
    await cluster.dispose();
  });

  function start(args: readonly string[] = [], url = cluster.url(SHOP, 'looker')): RunningCli {
    const tail = cli.start(['tail', '--url', url, '--publication', 'everything', ...args]);
    running.push(tail);
    return tail;
  }

  it('never delays a fast shutdown, with its socket read or paused', async () => {
    const read = start(['--no-reconnect', '--out', `${cli.folder}/read-${String(major)}.jsonl`]);
    const stuck = start(['--no-reconnect']);
    // Nobody reads this pipe: the client pauses its socket while the server still has much to send.
    stuck.child.stdout?.pause();
    await eventually(async () => (await ownSlots(cluster)).length === 2, 'both slots');
    await untilStreaming(cluster);
    const load = new Load(cluster);
    await load.start();
    await eventually(
      async () => {
        const [row] = await cluster.adminQuery(
          `select max(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)) > 5000000 as behind
           from pg_replication_slots`,
        );
        return row?.['behind'] === 't';
      },
      'the paused stream falls behind',
      30_000,
    );
    const startedAt = performance.now();
    await cluster.stop('fast');
    const took = performance.now() - startedAt;
    console.log(`PostgreSQL ${String(major)}: fast shutdown under load took ${took.toFixed(0)} ms`);
    expect(took).toBeLessThan(5000);
    await load.stop();
    const { status, stderr } = await read.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^pgwal tail: The server 127\.0\.0\.1:\d+ shuts down/);
  });

  it('is never a synchronous standby that commits wait for', async () => {
    await cluster.addStandby();
    const tail = start();
    await untilStreaming(cluster);
    cluster.configure({ synchronous_standby_names: '*' });
    cluster.reload();
    // Noticed while streaming: from then on nothing is confirmed.
    await eventually(async () => {
      const [row] = await cluster.adminQuery(
        `select flush_lsn::text as flush, sync_state as state from pg_stat_replication
          where application_name like 'walexplorer%'`,
      );
      return row?.['flush'] === null && row['state'] === 'async';
    }, 'we are asynchronous');
    await eventually(
      () => tail.stderr.includes('nothing is confirmed: commits would wait for us'),
      'the remark',
    );
    tail.child.kill('SIGSTOP');
    const times: number[] = [];
    const session = await cluster.openAdmin(SHOP);
    for (let id = 100; id < 120; id++) {
      const startedAt = performance.now();
      await session.query(`insert into plain (id) values (${String(id)})`);
      times.push(performance.now() - startedAt);
    }
    await session.end();
    console.log(
      `PostgreSQL ${String(major)}: slowest commit beside our frozen client ${Math.max(...times).toFixed(0)} ms`,
    );
    expect(Math.max(...times)).toBeLessThan(1000);
    // A new stream finds the setting at its start.
    const second = start();
    await eventually(
      () => second.stderr.includes('nothing is confirmed: commits would wait for us'),
      'the remark of the second',
    );
  });

  it('ends when it makes the server keep more than its budget', async () => {
    cluster.configure({ synchronous_standby_names: '*' });
    cluster.reload();
    const tail = start(['--retain', '3MB']);
    await untilStreaming(cluster);
    await run(cluster, [
      'set synchronous_commit = local',
      `insert into documents select g, 'x', repeat('y', 1000) from generate_series(1, 8000) g`,
    ]);
    const { status, stderr } = await tail.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/keeps .* of WAL because of us, and 3 MB are allowed/);
    expect(await ownSlots(cluster)).toEqual([]);
  });

  it('leaves no slot when its process is killed', async () => {
    const tail = start();
    await untilStreaming(cluster);
    const startedAt = performance.now();
    tail.child.kill('SIGKILL');
    await eventually(async () => (await ownSlots(cluster)).length === 0, 'the slot is gone', 5000);
    console.log(
      `PostgreSQL ${String(major)}: slot gone ${(performance.now() - startedAt).toFixed(0)} ms after kill -9`,
    );
  });

  it('leaves no slot when it is killed while it waits for an open transaction', async () => {
    const holder = await cluster.openAdmin(SHOP, 'long report');
    try {
      await holder.query('begin; insert into plain (id) values (1)');
      const tail = start();
      await eventually(async () => (await ownSlots(cluster)).length === 1, 'the slot waits');
      tail.child.kill('SIGKILL');
      const startedAt = performance.now();
      // Each attempt is bounded, and the server looks every two seconds whether we are there.
      await eventually(async () => (await ownSlots(cluster)).length === 0, 'it goes', 15_000);
      console.log(
        `PostgreSQL ${String(major)}: waiting slot gone ${(performance.now() - startedAt).toFixed(0)} ms after kill -9`,
      );
    } finally {
      await holder.end();
    }
  });

  it('says for whom it waits, and is cancelled at once', async () => {
    const holder = await cluster.openAdmin(SHOP, 'long report');
    try {
      await holder.query('begin; insert into plain (id) values (1)');
      const tail = start();
      await eventually(async () => (await ownSlots(cluster)).length === 1, 'the slot waits');
      await new Promise(resolve => setTimeout(resolve, 700));
      const startedAt = performance.now();
      tail.child.kill('SIGINT');
      expect((await tail.ended).status).toBe(0);
      expect(performance.now() - startedAt).toBeLessThan(1500);
      expect(await ownSlots(cluster)).toEqual([]);
    } finally {
      await holder.end();
    }
  });

  it('leaves no slot when the network is cut without a word', async () => {
    const proxy = await CutProxy.open(cluster.port);
    try {
      const url = cluster
        .url(SHOP, 'looker')
        .replace(`:${String(cluster.port)}/`, `:${String(proxy.port)}/`);
      const tail = start(['--no-reconnect'], url);
      await untilStreaming(cluster);
      proxy.cut();
      const startedAt = performance.now();
      const { status, stderr } = await tail.ended;
      const ours = performance.now() - startedAt;
      expect(status).toBe(1);
      expect(stderr).toMatch(/cannot be reached any more|connection .* was lost/);
      await eventually(
        async () => (await ownSlots(cluster)).length === 0,
        'the slot is gone',
        15_000,
      );
      console.log(
        `PostgreSQL ${String(major)}: network cut: we ended after ${ours.toFixed(0)} ms, slot gone after ${(performance.now() - startedAt).toFixed(0)} ms`,
      );
    } finally {
      await proxy.close();
    }
  });

  it('leaves two slots and two senders to others, unless it is insisted on', async () => {
    cluster.configure({ max_replication_slots: '3' });
    await cluster.restart();
    await cluster.adminQuery(`select pg_create_physical_replication_slot('standby')`);
    const refused = await start().ended;
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/Only 2 of 3 replication slots are free/);
    expect(await ownSlots(cluster)).toEqual([]);
    const forced = start(['--force', '--idle', '1']);
    await untilStreaming(cluster);
    expect((await forced.ended).status).toBe(0);
  });

  it('leaves two senders to others when it consumes, too', async () => {
    cluster.configure({ max_wal_senders: '3' });
    await cluster.restart();
    await createSlot(cluster, 'first');
    await createSlot(cluster, 'second');
    const consume = (slot: string, ...more: string[]): RunningCli =>
      start(['--slot', slot, '--consume', ...more], cluster.url(SHOP));
    const first = consume('first');
    await untilStreaming(cluster);
    const refused = await consume('second').ended;
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(
      /Only 1 of 3 WAL senders stay free .* Use --force to go on all the same/,
    );
    const forced = await consume('second', '--force', '--idle', '1').ended;
    expect(forced.status).toBe(0);
    first.child.kill('SIGINT');
    expect((await first.ended).status).toBe(0);
  });

  it('tells for how long it was asleep, with its machine', async () => {
    const tail = start();
    await untilStreaming(cluster);
    const startedAt = performance.now();
    tail.child.kill('SIGSTOP');
    // The server does not wait for us for longer than ten seconds.
    await eventually(async () => (await ownSlots(cluster)).length === 0, 'the slot goes', 30_000);
    const asleep = performance.now() - startedAt;
    tail.child.kill('SIGCONT');
    const gap = await eventually(() => tail.events().find(({ kind }) => kind === 'gap'), 'a gap');
    expect((gap as unknown as { seconds: number }).seconds).toBeGreaterThan(asleep / 1000 - 3);
  });

  it('ends when it is asked to, although its reader does not read', async () => {
    const tail = start();
    tail.child.stdout?.pause();
    await untilStreaming(cluster);
    await run(cluster, [
      `insert into documents select g, 'x', repeat('y', 1000) from generate_series(1, 8000) g`,
    ]);
    await new Promise(resolve => setTimeout(resolve, 1000));
    const exited = new Promise(resolve => tail.child.once('exit', resolve));
    const startedAt = performance.now();
    tail.child.kill('SIGINT');
    expect(await exited).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(4000);
    expect(await ownSlots(cluster)).toEqual([]);
  });

  it('ends quietly when its reader has gone', async () => {
    const tail = start();
    const head = spawn('head', ['-n', '1'], { stdio: ['pipe', 'ignore', 'ignore'] });
    // Between its end and our notice of it more may be written to it.
    head.stdin.on('error', () => undefined);
    tail.child.stdout?.pipe(head.stdin);
    await untilStreaming(cluster);
    head.on('exit', () => tail.child.stdout?.destroy());
    const load = new Load(cluster);
    await load.start();
    const { status, stderr } = await tail.ended;
    await load.stop();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await ownSlots(cluster)).toEqual([]);
  });
});
