import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { parseLsn } from '../../../src/base/lsn';
import { PgwalCall } from '../badDays/pgwalHere';
import type { CliEvent } from '../session/cliProcess';
import { eventually, parseEvents } from '../session/cliProcess';
import { CutProxy } from '../session/cutProxy';
import { ownSlots, run, SHOP, startShop, untilStreaming } from '../session/shopCluster';
import { STEADY_SCHEMA, SteadyLoad } from './steadyLoad';

type GapEvent = CliEvent & {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly bytes: number;
  readonly seconds: number;
};

describe.each([14, 18] as const)('a tail through cuts, PostgreSQL %i', major => {
  let cluster: Cluster;
  let oracles = 0;
  beforeAll(async () => {
    cluster = await startShop(major, {
      synchronous_commit: 'on',
      logical_decoding_work_mem: '64kB',
    });
    await run(cluster, STEADY_SCHEMA);
  });
  afterAll(() => cluster.dispose());

  /** The end LSN and xid of every commit that another slot's decoding gives, and how many changes it has. */
  async function commitsOf(oracle: string): Promise<{ id: string; end: bigint }[]> {
    const rows = await cluster.adminQuery(
      `select lsn::text as lsn, xid::text as xid, data from pg_logical_slot_peek_changes('${oracle}', null, null)`,
      SHOP,
    );
    let changes = 0;
    return rows.flatMap(row => {
      const data = row['data'] ?? '';
      if (data.startsWith('BEGIN')) changes = 0;
      else if (data.startsWith('table ')) changes++;
      else if (data.startsWith('COMMIT') && changes > 0) {
        const id = `${row['xid'] ?? ''} ${row['lsn'] ?? ''} ${String(changes)}`;
        return [{ id, end: parseLsn(row['lsn'] ?? '')! }];
      }
      return [];
    });
  }

  /** Tails while there is load and `cut` happens; what is missing must be exactly what the gaps say. */
  async function tailThrough(
    port: number,
    cut: () => Promise<void>,
    times: number,
    what: readonly string[] = ['--publication', 'everything'],
  ): Promise<{ readonly gaps: readonly GapEvent[]; readonly stderr: string }> {
    const oracle = `tail_oracle_${String(++oracles)}`;
    const url = cluster.url(SHOP).replace(`:${String(cluster.port)}/`, `:${String(port)}/`);
    const tail = new PgwalCall(['tail', '--url', url, ...what]);
    let over = false;
    void tail.ended.then(() => (over = true));
    await untilStreaming(cluster);
    await run(cluster, [`select pg_create_logical_replication_slot('${oracle}', 'test_decoding')`]);
    const load = new SteadyLoad(cluster);
    load.start();
    for (let i = 0; i < times; i++) {
      const before = load.committed;
      await eventually(() => load.committed > before + 25, 'transactions', 30_000);
      await cut();
      await eventually(
        () => {
          if (over) throw new Error(`it ended: ${tail.stderr}`);
          return tail.stderr.split('The stream went on').length - 1 > i;
        },
        `return ${String(i + 1)}`,
        30_000,
      );
    }
    const before = load.committed;
    await eventually(() => load.committed > before + 25, 'transactions', 30_000);
    await load.stop();
    const expected = await commitsOf(oracle);
    const last = expected.at(-1)!.id.split(' ')[0];
    await eventually(
      () =>
        tail.stdout.includes(`"kind":"commit"`) && tail.stdout.includes(`"xid":${last!},"endLsn"`),
      'the last transaction',
      30_000,
    );
    tail.interrupt();
    expect(await tail.ended).toMatchObject({ status: 0 });
    await run(cluster, [`select pg_drop_replication_slot('${oracle}')`]);
    expect(await ownSlots(cluster)).toEqual([]);

    const events = parseEvents(tail.stdout);
    const seen: { id: string; end: bigint }[] = [];
    const gaps: GapEvent[] = [];
    let changes = 0;
    for (const event of events) {
      if (event.kind === 'begin') changes = 0;
      else if (/^(insert|update|delete|truncate)$/.test(event.kind)) changes++;
      else if (event.kind === 'gap') gaps.push(event as GapEvent);
      else if (event.kind === 'commit' && changes > 0) {
        const end = event.endLsn ?? '';
        seen.push({ id: `${String(event.xid)} ${end} ${String(changes)}`, end: parseLsn(end)! });
      }
    }
    const isInGap = (end: bigint): boolean =>
      gaps.some(({ from, to }) => end > parseLsn(from)! && end <= parseLsn(to)!);
    const first = expected[0]!.end;
    expect(seen.filter(({ end }) => end >= first).map(({ id }) => id)).toEqual(
      expected.filter(({ end }) => !isInGap(end)).map(({ id }) => id),
    );
    expect(gaps).toHaveLength(times);
    for (const { from, to, bytes, seconds } of gaps) {
      expect(bytes).toBe(Number(parseLsn(to)! - parseLsn(from)!));
      expect(seconds).toBeGreaterThan(0);
    }
    return { gaps, stderr: tail.stderr };
  }

  it('misses exactly what its gaps say when the network hangs up or its process is ended', async () => {
    const proxy = await CutProxy.open(cluster.port);
    let hangUp = true;
    try {
      const { gaps, stderr } = await tailThrough(
        proxy.port,
        async () => {
          if (hangUp) proxy.hangUp();
          else {
            await cluster.adminQuery(
              `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name like 'walexplorer%'`,
            );
          }
          hangUp = !hangUp;
        },
        4,
      );
      expect(gaps[0]!.reason).toMatch(
        /^The (connection to the )?server 127\.0\.0\.1:\d+ (was lost|cannot)/,
      );
      expect(gaps[1]!.reason).toMatch(/^An administrator ended our stream/);
      expect(stderr).toMatch(/The stream went on at .* of WAL since .* was not seen\./);
    } finally {
      await proxy.close();
    }
  });

  it('misses exactly what its gaps say through test_decoding', async () => {
    const proxy = await CutProxy.open(cluster.port);
    const cut = (): Promise<void> => {
      proxy.hangUp();
      return Promise.resolve();
    };
    try {
      await tailThrough(proxy.port, cut, 3, ['--plugin', 'test_decoding']);
    } finally {
      await proxy.close();
    }
  });

  it('misses exactly what its gaps say when the server crashes and restarts', async () => {
    let crash = true;
    const { gaps } = await tailThrough(
      cluster.port,
      async () => {
        await cluster.stop(crash ? 'immediate' : 'fast');
        crash = !crash;
        await cluster.start();
      },
      2,
    );
    expect(gaps.every(({ reason }) => / shuts down/.test(reason))).toBe(true);
  });

  it('notices a network that takes everything and gives nothing, and ends at once when asked to', async () => {
    const proxy = await CutProxy.open(cluster.port);
    try {
      const url = cluster.url(SHOP).replace(`:${String(cluster.port)}/`, `:${String(proxy.port)}/`);
      const tail = new PgwalCall(['tail', '--url', url, '--publication', 'everything']);
      await untilStreaming(cluster);
      proxy.cut();
      await eventually(() => /Trying again/.test(tail.stderr), 'the loss is noticed', 30_000);
      const asked = performance.now();
      tail.interrupt();
      expect(await tail.ended).toMatchObject({ status: 0 });
      expect(performance.now() - asked).toBeLessThan(3_000);
    } finally {
      await proxy.close();
    }
  });

  it('ends at once when asked to, and comes back, where the network falls silent in the middle of an attempt', async () => {
    const proxy = await CutProxy.open(cluster.port);
    try {
      const url = cluster.url(SHOP).replace(`:${String(cluster.port)}/`, `:${String(proxy.port)}/`);
      // After the answer to the password, in the answers to what is asked then.
      for (const bytes of [700, 900, 1200]) {
        const tail = new PgwalCall(['tail', '--url', url, '--publication', 'everything']);
        await untilStreaming(cluster);
        const before = proxy.connections;
        proxy.silenceAfter(bytes);
        proxy.hangUp();
        await eventually(() => proxy.connections > before, 'an attempt', 10_000);
        // It hangs in what it has asked, or is connecting again: both have to end.
        await new Promise(resolve => setTimeout(resolve, 500));
        proxy.silenceAfter(Infinity);
        const asked = performance.now();
        tail.interrupt();
        expect(await tail.ended).toMatchObject({ status: 0 });
        expect(performance.now() - asked).toBeLessThan(6_000);
      }
      const tail = new PgwalCall(['tail', '--url', url, '--publication', 'everything']);
      await untilStreaming(cluster);
      const before = proxy.connections;
      proxy.silenceAfter(900);
      proxy.hangUp();
      await eventually(() => proxy.connections > before, 'an attempt', 10_000);
      proxy.silenceAfter(Infinity);
      await eventually(() => /The stream went on/.test(tail.stderr), 'the return', 60_000);
      tail.interrupt();
      expect(await tail.ended).toMatchObject({ status: 0 });
    } finally {
      await proxy.close();
    }
  });

  it('comes back where the session that watches is lost before the slot is made', async () => {
    const proxy = await CutProxy.open(cluster.port);
    try {
      const url = cluster.url(SHOP).replace(`:${String(cluster.port)}/`, `:${String(proxy.port)}/`);
      const tail = new PgwalCall(['tail', '--url', url, '--publication', 'everything']);
      await untilStreaming(cluster);
      const before = proxy.connections;
      let isLost = false;
      // An attempt asks what is possible, then watches, then streams.
      proxy.onConnection = nth => {
        if (nth === before + 3) {
          proxy.silenceAfter(0);
          proxy.hangUpOn(before + 2);
          isLost = true;
        } else if (nth > before + 3) proxy.silenceAfter(Infinity);
      };
      proxy.hangUp();
      await eventually(() => isLost, 'the loss', 10_000);
      await eventually(() => /The stream went on/.test(tail.stderr), 'the return', 60_000);
      tail.interrupt();
      expect(await tail.ended).toMatchObject({ status: 0 });
    } finally {
      await proxy.close();
    }
  });
});
