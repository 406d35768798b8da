import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { appendToCapture } from '../../../src/export/appendToCapture';
import { CaptureSink } from '../../../src/export/captureSink';
import { OUR_COPY_DONE, SERVER_COPY_DONE } from '../../../src/postgres/replicationStream';
import { statusUpdateMessage } from '../../../src/postgres/statusUpdate';
import { testMeta } from '../capture/captureMeta';
import { keepalive, message, xlogData } from '../capture/pgoutputBytes';
import { independentFrames } from '../capture/independentReader';

const FACTS = {
  source: { ...testMeta.source, kind: 'consume' as const },
  serverVersionNum: 180_004,
  systemIdentifier: '7300000000000000001',
  pluginOptions: {},
};

/** What we send, as CopyData holds it. */
function status(written: bigint): Uint8Array {
  const positions = { written: toLsn(written), flushed: toLsn(0n), applied: toLsn(0n) };
  return statusUpdateMessage(positions, 1_763_640_000_000, false).subarray(5);
}

const row = (lsn: bigint, id: string) => xlogData(lsn, message.insert(16384, [id]));
const FIRST = [
  xlogData(100n, message.begin(200n, 7n, 700)),
  xlogData(100n, message.relation(16384, 'public', 'orders', [{ name: 'id', key: true }])),
  row(110n, '1'),
  xlogData(210n, message.commit(200n, 210n, 7n)),
];
const DONE = [Uint8Array.of(OUR_COPY_DONE), Uint8Array.of(SERVER_COPY_DONE)];

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-both-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('keeps what both sides say, in order, and counts only what is a message', async () => {
  const file = path.join(folder, 'a.walcap');
  const said: Uint8Array[] = [status(1n), ...FIRST, keepalive(250n), status(250n), ...DONE];
  const { sink } = await appendToCapture({ path: file, facts: FACTS, durable: true });
  for (const frame of said) {
    if (isAside(frame)) sink.appendAside(frame);
    else sink.append(frame);
  }
  await sink.close();
  const again = await appendToCapture({ path: file, facts: FACTS, durable: true });
  expect(again.sink.resumeAfter).toBe(250n);
  // What is said before the first message of the other stream makes no seam.
  again.sink.appendAside(status(250n));
  again.sink.append(keepalive(260n));
  await again.sink.close();
  const expected = [...said, status(250n), keepalive(260n)].map(frame => Buffer.from(frame));
  expect(independentFrames(await readFile(file)).map(({ bytes }) => Buffer.from(bytes))).toEqual(
    expected,
  );
  const capture = await CaptureFile.open(nodeFiles, file);
  expect(capture.rows).toBe(FIRST.length);
  expect(capture.changes).toBe(1);
  await capture.close();
});

it('syncs nothing where only we have spoken', async () => {
  const file = path.join(folder, 'b.walcap');
  const sink = await CaptureSink.create({ path: file, facts: FACTS, durable: true });
  for (const frame of FIRST) sink.append(frame);
  await expect.poll(() => sink.storedLsn, { timeout: 10_000 }).toBe(210n);
  const durable = () => Number(Atomics.load(new BigInt64Array(sink.header), 2));
  const before = durable();
  sink.appendAside(status(210n));
  await expect.poll(() => sink.size).toBeGreaterThan(before);
  // Longer than two rounds of syncing.
  await new Promise(resolve => setTimeout(resolve, 2200));
  expect(durable()).toBe(before);
  await sink.close();
  expect(durable()).toBe(sink.size);
});

function isAside(frame: Uint8Array): boolean {
  return 'rcC'.includes(String.fromCharCode(frame[0] ?? 0));
}
