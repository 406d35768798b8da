import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Recording } from '../../../src/host/timeline/recording';
import { connectingSession } from '../../../src/host/timeline/sessionSnapshots';
import type { SessionSpec } from '../../../src/shared/session';

/** Real threads that behave as no recorder should, and one that does. */
const WORKERS = {
  crashes: `setTimeout(() => { throw new Error('boom'); }, 50)`,
  exits: `setTimeout(() => process.exit(3), 50)`,
  hangs: `require('node:worker_threads').parentPort.on('message', () => { for (;;); })`,
  // Its peek ends at a limit, and then, continued, for good.
  rests: `
    const { parentPort } = require('node:worker_threads');
    const end = endReason => parentPort.postMessage({
      event: 'session', data: { phase: 'ended', endReason, continueAfter: '0/10' } });
    parentPort.on('message', ({ call, method, params }) => {
      if (method === 'start') end('limit');
      if (method === 'continue') end(params.startAfter === '0/10' ? 'complete' : 'failed');
      const ok = method === 'start' ? { header: new SharedArrayBuffer(64) } : null;
      parentPort.postMessage({ reply: call, ok });
    });`,
  behaves: `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ call, method, params }) => {
      if (method === 'stop') {
        parentPort.postMessage({ event: 'session', data: { phase: 'ended', endReason: params.reason } });
      }
      const ok = method === 'start' ? { header: new SharedArrayBuffer(64) } : null;
      parentPort.postMessage({ reply: call, ok });
    });`,
};

const request = { kind: 'tail', server: 's', database: 'd', publications: ['p'] } as const;
const spec: SessionSpec = {
  kind: 'tail',
  options: { publications: ['p'] },
  target: {
    host: 'localhost',
    port: 1,
    user: 'u',
    database: 'd',
    sslMode: 'disable',
    connectTimeout: 1,
  },
  profile: { name: 's', readOnly: false },
  capturePath: '',
  retainedBudget: 1,
};

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-recording-'));
  for (const [name, code] of Object.entries(WORKERS)) {
    await writeFile(path.join(folder, `${name}.cjs`), code);
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function record(worker: keyof typeof WORKERS) {
  const changed = vi.fn();
  const recording = new Recording({
    workerFile: path.join(folder, `${worker}.cjs`),
    spec,
    initial: connectingSession(request, 1, null),
    onLog: () => undefined,
    onChange: changed,
  });
  return { recording, changed };
}

describe('Recording', () => {
  it('starts and stops a recorder that behaves', async () => {
    const { recording } = record('behaves');
    const { header } = await recording.started;
    expect(header.byteLength).toBe(64);
    expect(recording.isActive).toBe(true);
    await recording.stop('stopped');
    expect(recording.isActive).toBe(false);
    expect(recording.snapshot.endReason).toBe('stopped');
  });

  it('keeps its thread at a limit, for a Continue, and until then', async () => {
    const { recording } = record('rests');
    await recording.started;
    expect(recording.isActive).toBe(false);
    expect(recording.canContinue).toBe(true);
    const { target, profile, capturePath, retainedBudget } = spec;
    await recording.continue({
      kind: 'peek',
      ...{ target, profile, capturePath, retainedBudget },
      slot: 's',
      method: 'copy',
      budget: { events: 1, bytes: 1, seconds: 1 },
      startAfter: '0/10',
    });
    expect(recording.snapshot.endReason).toBe('complete');
    expect(recording.canContinue).toBe(false);
    await recording.stop('stopped');

    const closed = record('rests').recording;
    await closed.started;
    await closed.stop('stopped');
    expect(closed.canContinue).toBe(false);
  });

  it.each(['crashes', 'exits'] as const)('survives a recorder that %s', async worker => {
    const { recording } = record(worker);
    await expect(recording.started).rejects.toMatchObject({ code: 'worker-gone' });
    expect(recording.snapshot).toMatchObject({
      phase: 'ended',
      endReason: 'failed',
      failure: { code: 'recorder-gone' },
    });
    await recording.stop('stopped');
    expect(recording.snapshot.endReason).toBe('failed');
  });

  it('ends a recorder that hangs, within seconds', async () => {
    const { recording } = record('hangs');
    recording.started.catch(() => undefined);
    const begin = performance.now();
    await recording.stop('unwatched');
    expect(performance.now() - begin).toBeLessThan(4000);
    expect(recording.snapshot).toMatchObject({ phase: 'ended', endReason: 'unwatched' });
  });
});
