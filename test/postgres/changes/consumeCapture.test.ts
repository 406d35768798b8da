import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../scripts/postgres/cluster';
import { CaptureFile } from '../../../src/capture/captureFile';
import { nodeFiles } from '../../../src/capture/fileAccess';
import type { ConsumeSpec } from '../../../src/shared/session';
import { eventually } from '../session/cliProcess';
import { buildRecorder, Recorder } from '../session/recorderThread';
import {
  createSlot,
  ownSlots,
  run,
  SHOP,
  slotPosition,
  startShop,
  untilStreaming,
} from '../session/shopCluster';
import { targetOf } from '../targetOf';

describe.each([14, 18] as const)('consuming a slot into a capture on %i', major => {
  let folder = '';
  let script = '';
  let cluster: Cluster;
  const recorders: Recorder[] = [];
  let files = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-consume-'));
    script = await buildRecorder(folder);
    cluster = await startShop(major, { synchronous_commit: 'on' });
  });
  afterEach(async () => {
    for (const recorder of recorders.splice(0)) await recorder.worker.terminate();
    expect(await ownSlots(cluster)).toEqual([]);
  });
  afterAll(async () => {
    await cluster.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const newRecorder = (): Recorder => {
    const recorder = new Recorder(script);
    recorders.push(recorder);
    return recorder;
  };
  const spec = (slot: string, part: Partial<ConsumeSpec> = {}): ConsumeSpec => ({
    kind: 'consume',
    target: targetOf(cluster, { user: 'looker', database: SHOP }),
    profile: { name: 'test', readOnly: false },
    capturePath: path.join(folder, `${String(files++)}.walcap`),
    retainedBudget: 1024 ** 3,
    slot,
    options: { publications: ['everything'] },
    ...part,
  });
  const insert = (from: number, to: number) =>
    run(cluster, [
      `insert into plain (id) select g from generate_series(${String(from)}, ${String(to)}) g`,
    ]);
  /** First columns of the inserted rows, in order. */
  const idsIn = async (file: string): Promise<string[]> => {
    const capture = await CaptureFile.open(nodeFiles, file);
    const ids: string[] = [];
    for await (const batch of capture.messages()) {
      for (const { payload } of batch) {
        const text = Buffer.from(payload).toString('latin1');
        if (text.startsWith('I')) ids.push(/N\0.t\0\0\0.(\d+)/.exec(text)?.[1] ?? '');
      }
    }
    await capture.close();
    return ids;
  };
  const untilFree = (slot: string) =>
    eventually(async () => {
      const [row] = await cluster.adminQuery(
        `select active::text as active from pg_replication_slots where slot_name = '${slot}'`,
      );
      return row?.['active'] === 'false';
    }, 'the slot is free');

  it('moves the slot past what it stored, so that nothing comes twice', async () => {
    await createSlot(cluster, 'orders');
    await insert(0, 29);
    const first = spec('orders');
    const recorder = newRecorder();
    await recorder.peer.call('start', first);
    await eventually(() => recorder.last?.phase === 'streaming', 'it streams');
    expect(recorder.last).toMatchObject({ kind: 'consume', slot: 'orders', confirming: true });
    expect(recorder.last?.message).toBe('Consuming orders.');
    const before = await slotPosition(cluster, 'orders');
    await eventually(
      async () => (await slotPosition(cluster, 'orders')).confirmed !== before.confirmed,
      'the slot moves',
    );
    await recorder.peer.call('stop', { reason: 'stopped' });
    await untilFree('orders');
    await insert(30, 39);
    // Without options: its only publication.
    const second: ConsumeSpec = { ...spec('orders') };
    delete (second as { options?: unknown }).options;
    const next = newRecorder();
    await next.peer.call('start', second);
    await eventually(async () => (await idsIn(second.capturePath)).length >= 10, 'the rest');
    await next.peer.call('stop', { reason: 'stopped' });
    const numbers = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
    expect(await idsIn(first.capturePath)).toEqual(numbers(0, 29));
    expect(await idsIn(second.capturePath)).toEqual(numbers(30, 39));
    const capture = await CaptureFile.open(nodeFiles, second.capturePath);
    expect(capture.meta.source).toMatchObject({
      kind: 'consume',
      slot: 'orders',
      publications: ['everything'],
    });
    await capture.close();
  });

  it('confirms nothing that is not in the file when its thread is ended without a word', async () => {
    await createSlot(cluster, 'cut');
    const first = spec('cut');
    const recorder = newRecorder();
    await recorder.peer.call('start', first);
    await untilStreaming(cluster);
    for (let i = 0; i < 40; i++) {
      await insert(1000 + i * 50, 1049 + i * 50);
      if (i === 20) void recorder.worker.terminate();
    }
    await untilFree('cut');
    const stored = await idsIn(first.capturePath);
    const second = spec('cut');
    const next = newRecorder();
    await next.peer.call('start', second);
    await eventually(
      async () => (await idsIn(second.capturePath)).at(-1) === '2999',
      'the last row',
    );
    await next.peer.call('stop', { reason: 'stopped' });
    const all = new Set([...stored, ...(await idsIn(second.capturePath))]);
    for (let id = 1000; id < 3000; id++) expect(all.has(String(id))).toBe(true);
  });

  it('says in one sentence why it cannot', async () => {
    await createSlot(cluster, 'wanted');
    const before = await slotPosition(cluster, 'wanted');
    const failureOf = async (wrong: ConsumeSpec) => {
      const recorder = newRecorder();
      await recorder.peer.call('start', wrong).catch(() => undefined);
      const last = await eventually(
        () => (recorder.last?.phase === 'ended' ? recorder.last : undefined),
        'its end',
      );
      expect(last.failure?.message).toMatch(/^[^.]+[^.]*\.$/);
      return last.failure?.code;
    };
    const readOnly = { profile: { name: 'prod', readOnly: true } };
    expect(await failureOf(spec('wanted', readOnly))).toBe('read-only');
    const missing = { options: { publications: [`no"; drop table plain; --`] } };
    expect(await failureOf(spec('wanted', missing))).toBe('publication-missing');
    const elsewhere = { target: targetOf(cluster, { user: 'looker' }) };
    expect(await failureOf(spec('wanted', elsewhere))).toBe('slot-elsewhere');
    expect(await failureOf(spec('nothing'))).toBe('slot-missing');
    const holder = newRecorder();
    await holder.peer.call('start', spec('wanted'));
    await untilStreaming(cluster);
    expect(await failureOf(spec('wanted'))).toBe('slot-in-use');
    await holder.peer.call('stop', { reason: 'stopped' });
    await untilFree('wanted');
    const after = await slotPosition(cluster, 'wanted');
    expect(after.restart >= before.restart).toBe(true);
  });
});
