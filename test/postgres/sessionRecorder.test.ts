import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../scripts/postgres/cluster';
import { CaptureFile } from '../../src/capture/captureFile';
import { nodeFiles } from '../../src/capture/fileAccess';
import { readHeader } from '../../src/capture/sharedHeader';
import type { SessionSpec } from '../../src/shared/session';
import { eventually } from './session/cliProcess';
import { buildRecorder, Recorder } from './session/recorderThread';
import { createSlot, ownSlots, run, SHOP, startShop, untilStreaming } from './session/shopCluster';
import { targetOf } from './targetOf';

describe('the recorder thread', () => {
  let folder = '';
  let script = '';
  let cluster: Cluster;
  const recorders: Recorder[] = [];
  let files = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-recorder-'));
    script = await buildRecorder(folder);
    cluster = await startShop(18, { synchronous_commit: 'on' });
    await createSlot(cluster, 'pending');
    await run(cluster, [
      ...Array.from({ length: 30 }, (_, i) => `insert into plain (id) values (${String(i)})`),
    ]);
  });
  afterEach(async () => {
    for (const recorder of recorders.splice(0)) await recorder.worker.terminate();
    await eventually(async () => (await ownSlots(cluster)).length === 0, 'no slot is left', 5000);
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

  function spec<K extends 'tail' | 'peek'>(kind: K): Extract<SessionSpec, { kind: K }> {
    const base = {
      target: targetOf(cluster, { user: 'looker', database: SHOP }),
      profile: { name: 'test', readOnly: true },
      capturePath: path.join(folder, `${String(files++)}.walcap`),
      retainedBudget: 1024 ** 3,
    };
    const options = { publications: ['everything'] };
    const all: readonly SessionSpec[] = [
      { kind: 'tail', ...base, options },
      {
        kind: 'peek',
        ...base,
        slot: 'pending',
        method: 'copy',
        budget: { events: 10, bytes: 1e9, seconds: 30 },
      },
    ];
    return all.find(each => each.kind === kind) as Extract<SessionSpec, { kind: K }>;
  }

  it('tails into a capture and leaves nothing after stop', async () => {
    const recorder = newRecorder();
    const tail = spec('tail');
    const { header } = await recorder.peer.call('start', tail);
    await eventually(() => recorder.last?.phase === 'streaming', 'streaming');
    for (let i = 100; i < 130; i++)
      await run(cluster, [`insert into plain (id) values (${String(i)})`]);
    await eventually(() => readHeader(header).rows >= 90, 'the rows are written');
    await eventually(() => recorder.last?.confirming === true, 'it confirms');
    const startedAt = performance.now();
    await recorder.peer.call('stop', { reason: 'stopped' });
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(await ownSlots(cluster)).toEqual([]);
    expect(recorder.last).toMatchObject({ phase: 'ended', endReason: 'stopped' });
    expect(recorder.last?.lagMs).toBeLessThan(5000);
    // At most ten a second, and the changes of phase.
    const seconds = (recorder.times.at(-1)! - recorder.times[0]!) / 1000;
    expect(recorder.snapshots.length).toBeLessThan(seconds * 10 + 6);
    expect(JSON.stringify([recorder.snapshots, recorder.log])).not.toContain(cluster.password);
    const capture = await CaptureFile.open(nodeFiles, tail.capturePath);
    expect(capture.changes).toBe(30);
    expect(capture.meta.source).toMatchObject({ kind: 'tail', database: SHOP, plugin: 'pgoutput' });
    await capture.close();
  });

  it('peeks to its limit, with the copy gone when it says so, and goes on after it', async () => {
    const recorder = newRecorder();
    await recorder.peer.call('start', spec('peek'));
    const ended = await eventually(
      () => (recorder.last?.phase === 'ended' ? recorder.last : undefined),
      'the limit',
    );
    expect(await ownSlots(cluster)).toEqual([]);
    expect(ended).toMatchObject({ endReason: 'limit' });
    expect(ended.costBytes).toBeGreaterThan(0);
    const next = newRecorder();
    const second = { ...spec('peek'), startAfter: ended.continueAfter };
    await next.peer.call('start', second);
    await eventually(() => next.last?.phase === 'ended', 'the second limit');
    const capture = await CaptureFile.open(nodeFiles, second.capturePath);
    const ids: string[] = [];
    for await (const batch of capture.messages()) {
      for (const { payload } of batch) {
        const text = Buffer.from(payload).toString('latin1');
        // The first column of the row stands behind its kind and its length of one or two bytes.
        if (text.startsWith('I')) ids.push(/N\0.t\0\0\0.(\d+)/.exec(text)?.[1] ?? '');
      }
    }
    await capture.close();
    // The tenth change reached the limit before its commit came, so it is shown again.
    expect(ids[0]).toBe('9');
  });

  it('says for whom it waits, and begins when they are done', async () => {
    const holder = await cluster.openAdmin(SHOP, 'long report');
    await holder.query('begin; insert into plain (id) values (900)');
    const recorder = newRecorder();
    await recorder.peer.call('start', spec('tail'));
    const waiting = await eventually(
      () => recorder.snapshots.find(({ message }) => message.includes('long report')),
      'the waiting phase',
    );
    expect(waiting.phase).toBe('waiting');
    expect(waiting.message).toMatch(/^Waiting for a running transaction .* PID \d+ \(long report/);
    await holder.query('commit');
    await holder.end();
    await eventually(() => recorder.last?.phase === 'streaming', 'it streams');
    await recorder.peer.call('stop', { reason: 'unwatched' });
    expect(recorder.last).toMatchObject({ phase: 'ended', endReason: 'unwatched' });
  });

  it('shows what the server warns of', async () => {
    await run(cluster, ['create publication short_lived for table plain']);
    const recorder = newRecorder();
    const tail = { ...spec('tail'), options: { publications: ['everything', 'short_lived'] } };
    await recorder.peer.call('start', tail);
    await eventually(() => recorder.last?.phase === 'streaming', 'it streams');
    await run(cluster, ['drop publication short_lived', 'insert into plain (id) values (901)']);
    await eventually(
      () => recorder.last?.notes.some(note => note.includes('short_lived')),
      'the warning',
    );
  });

  it('leaves no slot when its thread is ended without a word', async () => {
    const recorder = newRecorder();
    await recorder.peer.call('start', spec('tail'));
    await untilStreaming(cluster);
    await recorder.worker.terminate();
    await eventually(async () => (await ownSlots(cluster)).length === 0, 'the slot is gone', 5000);
  });

  it('fails its start with the reason when nothing can come', async () => {
    const recorder = newRecorder();
    const bad = { ...spec('tail'), options: { publications: ['nope'] } };
    await expect(recorder.peer.call('start', bad)).rejects.toMatchObject({
      code: 'publication-missing',
    });
    expect(recorder.last).toMatchObject({
      phase: 'ended',
      endReason: 'failed',
      failure: { code: 'publication-missing' },
    });
  });
});
