import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { CaptureSink } from '../../../src/export/captureSink';
import type { StreamFacts } from '../../../src/shared/frameSink';

const FACTS: StreamFacts = {
  source: {
    title: 't',
    server: '',
    database: '',
    serverVersion: '18.4',
    kind: 'tail',
    slot: '',
    publications: [],
    plugin: 'pgoutput',
  },
  serverVersionNum: 180_004,
  systemIdentifier: '7300000000000000001',
  pluginOptions: {},
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-sink-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('lets a source that pauses while it is full go on, beyond several index chunks', async () => {
  const file = path.join(folder, 'a.walcap');
  const sink = await CaptureSink.create({ path: file, facts: FACTS, durable: false });
  let wake: () => void = () => undefined;
  sink.onDrain(() => {
    wake();
  });
  const frame = Buffer.alloc(60, 'x');
  frame.write('w');
  const rows = 200_000;
  for (let i = 0; i < rows; i++) {
    frame.writeBigUInt64BE(BigInt(i + 1), 1);
    sink.append(frame);
    if (sink.full) await new Promise<void>(resolve => (wake = resolve));
  }
  await sink.close();
  expect(sink.writtenLsn).toBe(BigInt(rows));
  const capture = await CaptureFile.open(nodeFiles, file);
  expect(capture.rows).toBe(rows);
  await capture.close();
});

it('makes durable what it stores, within about a second', async () => {
  const file = path.join(folder, 'b.walcap');
  const sink = await CaptureSink.create({ path: file, facts: FACTS, durable: true });
  const frame = Buffer.alloc(60);
  frame.write('w');
  frame.writeBigUInt64BE(77n, 1);
  sink.append(frame);
  expect(sink.storedLsn).toBe(0n);
  await new Promise(resolve => setTimeout(resolve, 1300));
  expect(sink.storedLsn).toBe(77n);
  await sink.close();
});
