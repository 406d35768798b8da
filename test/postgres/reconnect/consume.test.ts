import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { pgwal, PgwalCall } from '../badDays/pgwalHere';
import type { CliEvent } from '../session/cliProcess';
import { eventually, parseEvents } from '../session/cliProcess';
import { CutProxy } from '../session/cutProxy';
import { linesOfOracle, linesOfPrinted } from '../session/eventLines';
import { createSlot, run, SHOP, startShop, untilStreaming } from '../session/shopCluster';
import { STEADY_SCHEMA, SteadyLoad } from './steadyLoad';

describe.each([14, 18] as const)('a slot that is consumed through cuts, PostgreSQL %i', major => {
  let cluster: Cluster;
  let folder: string;
  let slots = 0;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-cuts-'));
    cluster = await startShop(major, {
      synchronous_commit: 'on',
      // So that larger transactions come in blocks.
      logical_decoding_work_mem: '64kB',
    });
    await run(cluster, STEADY_SCHEMA);
  });
  afterAll(async () => {
    await cluster.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const position = async (): Promise<string> => {
    const [row] = await cluster.adminQuery('select pg_current_wal_flush_lsn()::text as lsn');
    return row?.['lsn'] ?? '';
  };

  /**
   * Consumes a slot while there is load, and `cut` happens several times; then the lines that it printed
   * and those that another slot's decoding gives must be the same ones, in the same order.
   */
  async function consumeThrough(
    port: number,
    cut: (slot: string) => Promise<void>,
    times: number,
    { plugin = 'pgoutput', isCapture = false } = {},
  ): Promise<string> {
    slots++;
    const [slot, oracle] = [`cuts_${String(slots)}`, `oracle_${String(slots)}`];
    await createSlot(cluster, slot, plugin);
    await createSlot(cluster, oracle, 'test_decoding');
    const out = path.join(folder, slot);
    const url = cluster.url(SHOP).replace(`:${String(cluster.port)}/`, `:${String(port)}/`);
    const args = ['--url', url, '--slot', slot, '--consume', '--out', out];
    const publication = plugin === 'pgoutput' ? ['--publication', 'everything'] : [];
    const format = ['--format', isCapture ? 'capture' : 'jsonl'];
    const consume = new PgwalCall(['tail', ...args, ...publication, ...format]);
    await untilStreaming(cluster);
    const load = new SteadyLoad(cluster);
    load.start();
    let over = false;
    void consume.ended.then(() => (over = true));
    const returns = (): number => {
      if (over) throw new Error(`it ended: ${consume.stderr}`);
      return consume.stderr.split('The stream went on').length - 1;
    };
    for (let i = 0; i < times; i++) {
      const before = load.committed;
      await eventually(() => load.committed > before + 25, 'transactions', 30_000);
      await cut(slot);
      await eventually(() => returns() > i, `return ${String(i + 1)}`, 30_000);
    }
    await load.stop();
    const end = await position();
    await eventually(
      async () => {
        const [row] = await cluster.adminQuery(
          `select confirmed_flush_lsn >= '${end}' as done from pg_replication_slots where slot_name = '${slot}'`,
        );
        return row?.['done'] === 't';
      },
      'everything is confirmed',
      30_000,
    );
    consume.interrupt();
    expect(await consume.ended).toMatchObject({ status: 0 });
    const text = isCapture
      ? (await pgwal('convert', out, '--format', 'jsonl')).stdout
      : await readFile(out, 'utf8');
    const events = parseEvents(text);
    expect(events.filter(({ kind }) => kind === 'gap' || kind === 'unknown')).toEqual([]);
    const outside = events.filter(({ kind }) => kind === 'message');
    expect(new Set(outside.map(({ lsn }) => lsn)).size).toBe(outside.length);
    const printed = linesOfPrinted(events.filter(({ kind }) => kind !== 'message'));
    const expected = (await linesOfOracle(cluster, SHOP, oracle)).filter(
      ({ what }) => what !== 'message',
    );
    expect(printed.length).toBeGreaterThan(200);
    // Whole lists of thousands of lines are compared as text; where they differ, the place is shown.
    const at = printed.findIndex((line, i) => JSON.stringify(line) !== JSON.stringify(expected[i]));
    expect(at < 0 ? [] : printed.slice(Math.max(0, at - 1), at + 2)).toEqual(
      at < 0 ? [] : expected.slice(Math.max(0, at - 1), at + 2),
    );
    expect(printed.length).toBe(expected.length);
    await run(cluster, [`select pg_drop_replication_slot('${oracle}')`]);
    await run(cluster, [`select pg_drop_replication_slot('${slot}')`]);
    return consume.stderr;
  }

  it('holds every change once when its server process is ended', async () => {
    const said = await consumeThrough(
      cluster.port,
      async slot => {
        await cluster.adminQuery(
          `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${slot}'`,
        );
      },
      4,
    );
    expect(said).toMatch(
      /An administrator ended our stream on the server .*\. Trying again in 1 s \(attempt 1\)\./,
    );
    expect(said).toMatch(
      /The stream went on after [0-9A-F]+\/[0-9A-F]+, [0-9.]+ s later: nothing is missing\./,
    );
  });

  it('holds every change once when the network hangs up', async () => {
    const proxy = await CutProxy.open(cluster.port);
    try {
      await consumeThrough(
        proxy.port,
        () => {
          proxy.hangUp();
          return Promise.resolve();
        },
        6,
      );
    } finally {
      await proxy.close();
    }
  });

  it('holds every change once in a capture, exported whole', async () => {
    const proxy = await CutProxy.open(cluster.port);
    const hangUp = (): Promise<void> => {
      proxy.hangUp();
      return Promise.resolve();
    };
    try {
      await consumeThrough(proxy.port, hangUp, 4, { isCapture: true });
    } finally {
      await proxy.close();
    }
  });

  it.each([false, true])(
    'holds every change of test_decoding once, in a capture: %s',
    async isCapture => {
      const proxy = await CutProxy.open(cluster.port);
      const cut = async (slot: string): Promise<void> => {
        if (isCapture) proxy.hangUp();
        else {
          await cluster.adminQuery(
            `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${slot}'`,
          );
        }
      };
      try {
        await consumeThrough(proxy.port, cut, 4, { plugin: 'test_decoding', isCapture });
      } finally {
        await proxy.close();
      }
    },
  );

  it('tells a gap where somebody else moved the slot meanwhile', async () => {
    await createSlot(cluster, 'moved');
    const proxy = await CutProxy.open(cluster.port);
    try {
      const url = cluster.url(SHOP).replace(`:${String(cluster.port)}/`, `:${String(proxy.port)}/`);
      const args = ['--url', url, '--slot', 'moved', '--consume', '--publication', 'everything'];
      const consume = new PgwalCall(['tail', ...args]);
      await untilStreaming(cluster);
      await run(cluster, [`insert into plain (id) values (101)`]);
      await eventually(() => consume.stdout.includes('"101"'), 'the first row');
      proxy.refuse(true);
      proxy.hangUp();
      await eventually(async () => {
        const rows = await cluster.adminQuery(
          `select 1 from pg_replication_slots where slot_name = 'moved' and not active`,
        );
        return rows.length === 1;
      }, 'the slot is free');
      await run(cluster, [
        `insert into plain (id) values (102)`,
        `select pg_replication_slot_advance('moved', pg_current_wal_lsn())`,
        `insert into plain (id) values (103)`,
      ]);
      proxy.refuse(false);
      await eventually(() => consume.stdout.includes('"103"'), 'the last row', 40_000);
      consume.interrupt();
      expect(await consume.ended).toMatchObject({ status: 0 });
      const events = parseEvents(consume.stdout);
      const rows = events.flatMap(event => (event.kind === 'insert' ? [event.new?.['id']] : []));
      expect(rows).toEqual(['101', '103']);
      const gaps = events.filter(({ kind }) => kind === 'gap');
      expect(gaps).toHaveLength(1);
      expect((gaps[0] as CliEvent & { reason: string }).reason).toMatch(
        /The slot has moved on without us$/,
      );
      expect(consume.stderr).toMatch(/The slot has moved on without us: it stands at/);
    } finally {
      await proxy.close();
    }
  });

  it('holds every change once when the server crashes and when it restarts', async () => {
    let crash = true;
    const said = await consumeThrough(
      cluster.port,
      async () => {
        await cluster.stop(crash ? 'immediate' : 'fast');
        crash = !crash;
        await cluster.start();
      },
      3,
    );
    expect(said).toMatch(/The server 127\.0\.0\.1:[0-9]+ shuts down/);
  });
});
