import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { PROJECT_ROOT } from '../../scripts/projectRoot';
import { CaptureFile } from '../../src/capture/captureFile';
import { nodeFiles } from '../../src/capture/fileAccess';
import { transactionRecord } from '../../src/capture/transactionRecord';
import { RpcPeer } from '../../src/shared/rpc';
import type {
  PeekSpec,
  RecorderApi,
  RecorderEvents,
  SessionSnapshot,
} from '../../src/shared/session';
import { workerPort } from '../../src/worker/workerPort';
import { BuiltCli, eventually, parseEvents } from './session/cliProcess';
import { linesOfOracle, linesOfPrinted } from './session/eventLines';
import { createSlot, ownSlots, run, SHOP, slotPosition, startShop } from './session/shopCluster';
import { targetOf } from './targetOf';

const LIMIT = 10;
/** Far larger than the limit, and streamed before its commit. */
const BIG = 700;

describe.each([14, 18] as const)('a peek that is continued, on PostgreSQL %i', major => {
  let folder = '';
  let cluster: Cluster;
  let cli: BuiltCli;
  let script = '';
  let files = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-continue-'));
    script = path.join(folder, 'recorder.js');
    await build({
      entryPoints: [path.join(PROJECT_ROOT, 'src/worker/recorder.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      external: ['pg-native', 'pg-cloudflare'],
      logLevel: 'error',
    });
    cli = await BuiltCli.build();
    cluster = await startShop(major, {
      logical_decoding_work_mem: '64kB',
      synchronous_commit: 'on',
    });
    await createSlot(cluster, 'oracle', 'test_decoding');
    await createSlot(cluster, 'pending');
    // Opened first and committed last: it is being sent while the others commit.
    const slow = await cluster.openAdmin(SHOP);
    await slow.query(`begin; insert into documents select g, 'slow', repeat('s', 600)
      from generate_series(10000, 10150) g`);
    await run(cluster, [
      ...Array.from({ length: 25 }, (_, i) => `insert into plain (id) values (${String(i)})`),
      `select pg_logical_emit_message(false, 'outside', 'here')`,
      `insert into plain (id) select g from generate_series(100, 114) g`,
      `begin; insert into documents select g, 'big', repeat('x', 500)
         from generate_series(1, ${String(BIG)}) g;
       savepoint a; insert into documents values (9999, 'rolled back', ''); rollback to a;
       commit`,
      ...Array.from(
        { length: 12 },
        (_, i) => `update plain set id = id + 1000 where id = ${String(i)}`,
      ),
    ]);
    await slow.query(`insert into plain (id) values (5000); commit`);
    await slow.end();
    await run(cluster, [`insert into plain (id) values (6000)`]);
  });
  afterAll(async () => {
    await cluster.dispose();
    await cli.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  function spec(): PeekSpec {
    return {
      kind: 'peek',
      target: targetOf(cluster, { user: 'looker', database: SHOP }),
      profile: { name: 'test', readOnly: true },
      capturePath: path.join(folder, `${String(files++)}.walcap`),
      retainedBudget: 1024 ** 3,
      slot: 'pending',
      options: { publications: ['everything'], messages: true },
      method: 'copy',
      budget: { events: LIMIT, bytes: 1e9, seconds: 30 },
    };
  }

  /** A recorder thread; `ended` waits for the end of the session that runs. */
  function recorder() {
    const worker = new Worker(script, { execArgv: [] });
    const peer = new RpcPeer<RecorderApi, RecorderEvents>(workerPort(worker));
    let last: SessionSnapshot | undefined;
    peer.on('session', snapshot => (last = snapshot));
    const ended = () => eventually(() => (last?.phase === 'ended' ? last : undefined), 'the end');
    return { worker, peer, ended };
  }

  it('shows each committed transaction once, as an independent decoding has it', async () => {
    const before = await slotPosition(cluster, 'pending');
    const { worker, peer, ended } = recorder();
    const peek = spec();
    const { header } = await peer.call('start', peek);
    const live = await CaptureFile.open(nodeFiles, peek.capturePath, header);
    let end = await ended();
    let continued = 0;
    const messages: string[] = [];
    let shown: unknown[] = [];
    while (end.endReason === 'limit') {
      expect(await ownSlots(cluster)).toEqual([]);
      messages.push(end.message);
      // At rest the file is complete, and the rows that were shown stay where they are.
      const resting = await CaptureFile.open(nodeFiles, peek.capturePath);
      while (await live.follow());
      expect([live.rows, live.changes]).toEqual([resting.rows, resting.changes]);
      const rows = await rowsOf(resting);
      expect(rows.slice(0, shown.length)).toEqual(shown);
      expect(rows.length).toBeGreaterThan(shown.length);
      shown = rows;
      await resting.close();
      expect((continued += 1)).toBeLessThan(60);
      await peer.call('continue', { ...peek, startAfter: end.continueAfter });
      end = await ended();
    }
    expect(end).toMatchObject({ endReason: 'complete' });
    await peer.call('stop', { reason: 'stopped' });
    await worker.terminate();
    await eventually(async () => !(await live.follow()) && !live.live, 'the capture is closed');
    expect(continued).toBeGreaterThan(5);
    expect(messages[0]).toMatch(/^Stopped at the limit of 10 changes/);
    expect(messages.some(text => text.includes('Continue begins it again'))).toBe(true);
    expect(await slotPosition(cluster, 'pending')).toEqual(before);

    const { status, stdout } = await cli.run(['convert', peek.capturePath]);
    expect(status).toBe(0);
    const events = parseEvents(stdout);
    const outside = events.filter(({ kind }) => kind === 'message');
    expect(outside).toHaveLength(1);
    const lines = linesOfPrinted(events.filter(({ kind }) => kind !== 'message'));
    const expected = (await linesOfOracle(cluster, SHOP, 'oracle')).filter(
      ({ what }) => what !== 'message',
    );
    expect(lines).toEqual(expected);

    // The timeline's own marks agree: what is not cut is each transaction once, and all counts fit.
    const capture = await CaptureFile.open(nodeFiles, peek.capturePath);
    const xids: number[] = [];
    let cut = 0;
    for (let ordinal = 0; ordinal < capture.transactions; ordinal++) {
      const record = transactionRecord(await capture.transactionChunk(ordinal), ordinal);
      if (record.fate === 'cut') cut += record.changes;
      else xids.push(record.xid);
    }
    expect(new Set(xids).size).toBe(xids.length);
    expect(cut).toBe(capture.cutChanges);
    expect(cut).toBeGreaterThan(0);
    await live.close();
    await capture.close();
  });

  it('says what its slot lost meanwhile, and takes no other Continue', async () => {
    const { worker, peer, ended } = recorder();
    await createSlot(cluster, 'moving');
    await run(
      cluster,
      Array.from({ length: 12 }, (_, i) => `insert into plain (id) values (${String(7000 + i)})`),
    );
    const peek = { ...spec(), slot: 'moving' };
    await peer.call('start', peek);
    const end = await ended();
    expect(end).toMatchObject({ endReason: 'limit' });
    const [row] = await cluster.adminQuery('select pg_current_wal_lsn()::text as now', SHOP);
    await cluster.adminQuery(
      `select pg_replication_slot_advance('moving', '${row?.['now'] ?? ''}')`,
      SHOP,
    );
    await run(cluster, [`insert into plain (id) values (8000)`]);
    await peer.call('continue', { ...peek, startAfter: end.continueAfter });
    const last = await ended();
    expect(last.endReason).toBe('complete');
    expect(last.notes.join(' ')).toMatch(/The consumer of the slot has moved on, from .* to /);
    await expect(
      peer.call('continue', { ...peek, startAfter: end.continueAfter }),
    ).rejects.toMatchObject({ code: 'not-resting' });
    await peer.call('stop', { reason: 'stopped' });
    await worker.terminate();
    const { stdout } = await cli.run(['convert', peek.capturePath]);
    const events = parseEvents(stdout);
    expect(events.filter(({ kind }) => kind === 'gap')).toHaveLength(1);
    expect(events.filter(({ kind }) => kind === 'insert').at(-1)?.new).toMatchObject({
      id: '8000',
    });
  });
});

/** Every message of a capture, with its place. */
async function rowsOf(capture: CaptureFile): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of capture.messages()) {
    for (const { seq, row } of batch) rows.push([seq, row.offset, row.kind, row.transaction]);
  }
  return rows;
}
