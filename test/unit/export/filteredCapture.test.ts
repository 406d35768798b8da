import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/base/hex';
import { parseLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { dataFrame, FRAME, gapFrame } from '../../../src/capture/frame';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { CaptureRing } from '../../../src/export/captureRing';
import { CaptureSink } from '../../../src/export/captureSink';
import { FilteredCapture } from '../../../src/export/filteredCapture';
import { filteredExtent } from '../../../src/export/filteredExtent';
import { FilteredFrames } from '../../../src/export/filteredFrames';
import type { SinkEnd } from '../../../src/shared/frameSink';
import { LogicalFixtures, VERSIONS } from '../../golden/logical/cases';
import { testMeta } from '../capture/captureMeta';
import { message, xlogData } from '../capture/pgoutputBytes';
import { whoNote } from '../capture/whoNotes';

const FACTS = {
  source: testMeta.source,
  serverVersionNum: 180_004,
  systemIdentifier: '7300000000000000001',
  pluginOptions: testMeta.pluginOptions,
};
const BINARY = { ...FACTS, pluginOptions: { ...testMeta.pluginOptions, binary: 'true' } };
const never = new AbortController().signal;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-filtered-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function open(
  filter: string,
  more: Partial<Parameters<typeof FilteredCapture.create>[0]> = {},
): Promise<FilteredCapture> {
  const options = { path: path.join(folder, 'out.walcap'), facts: FACTS, durable: false, ...more };
  const output = options.output ?? (await CaptureSink.create(options));
  return FilteredCapture.create({ ...options, output, filter });
}

/** As a stream does: no more while it is full, and others have their turn. */
async function send(sink: FilteredCapture, frames: Iterable<Uint8Array>): Promise<void> {
  for (const frame of frames) {
    sink.append(frame);
    await new Promise(resolve => setImmediate(resolve));
    while (sink.full)
      await new Promise<void>(resolve => {
        sink.onDrain(resolve);
      });
  }
}

/** The frames of a capture, in letters and bytes. */
async function framesOf(name = 'out.walcap'): Promise<string[]> {
  const capture = await CaptureFile.open(nodeFiles, path.join(folder, name));
  expect(capture.problem).toBeUndefined();
  const frames: string[] = [];
  for await (const batch of capture.messages()) {
    for (const { row, payload } of batch) {
      frames.push(`${String.fromCharCode(row.kind)} ${Buffer.from(payload).toString('hex')}`);
    }
  }
  await capture.close();
  return frames;
}

/** What `pgwal convert --filter` makes of a capture of the whole stream. */
async function converted(frames: readonly Uint8Array[], filter: string, facts = FACTS) {
  const file = path.join(folder, 'whole.walcap');
  const { pluginOptions } = facts;
  const writer = await CaptureWriter.create(nodeFiles, file, { ...testMeta, pluginOptions });
  for (const frame of frames) writer.append(frame);
  await writer.close();
  const capture = await CaptureFile.open(nodeFiles, file);
  const catalog = new RelationCatalog(capture);
  const { included, transactions } = await filteredExtent(capture, catalog, filter, never);
  const filtered = new FilteredFrames(capture, catalog, included, transactions);
  const passed: string[] = [];
  for await (const batch of capture.messages()) {
    for (const one of batch) {
      for (const frame of filtered.of(one)) {
        const payload = frame[0] === FRAME.data ? frame.subarray(25) : frame.subarray(1);
        const letter = String.fromCharCode(payload === frame ? frame[0]! : frame[25]!);
        passed.push(`${letter} ${Buffer.from(payload).toString('hex')}`);
      }
    }
  }
  await capture.close();
  await rm(file);
  return passed;
}

const isNoDescription = (frame: string): boolean => !/^[RY]/.test(frame);

describe('a filtered capture of a stream', () => {
  const fixtures = new LogicalFixtures(VERSIONS.at(-1)!);
  const names = ['v1-messages', 'v3-2pc', 'v3-2pc-stream', 'v4-parallel-2pc-binary'];
  const filters = ['op == "update"', 'new.id > 3 && op != "delete"', 'prefix != null', 'xid == 1'];

  it('holds the frames that a filtered copy of the whole capture holds', async () => {
    let passed = 0;
    for (const name of names) {
      const frames = fixtures
        .rows(name)
        .map(({ lsn, data }) => dataFrame(parseLsn(lsn)!, fromHex(data)!));
      const facts = name.includes('binary') ? BINARY : FACTS;
      for (const filter of filters) {
        const expected = await converted(frames, filter, facts);
        passed += expected.length;
        // In one part; in many, each of which describes its tables again.
        for (const partBytes of filter === filters[0] ? [1e9, 1] : [1e9]) {
          const sink = await open(filter, { partBytes, partMs: 1e6, facts });
          await send(sink, frames);
          // What is on its way has no name.
          await expect.poll(() => readdir(folder)).toEqual(['out.walcap']);
          await sink.close();
          const got = await framesOf();
          if (partBytes > 1) expect([name, filter, got]).toEqual([name, filter, expected]);
          const changes = got.filter(isNoDescription);
          expect([name, filter, changes]).toEqual([name, filter, expected.filter(isNoDescription)]);
          await rm(path.join(folder, 'out.walcap'));
        }
      }
    }
    expect(passed).toBeGreaterThan(50);
  }, 60_000);
});

const COLUMNS = [{ name: 'id', key: true }, { name: 'filling' }];

/** Transactions of three changes each, one to another table, with what describes the tables at first. */
function* stream(transactions: number): Generator<Uint8Array> {
  let lsn = 100n;
  for (let n = 0; n < transactions; n++) {
    yield xlogData(lsn++, message.begin(lsn + 10n, 7n, 700 + n));
    if (n === 0) {
      yield xlogData(0n, message.relation(16384, 'public', 'orders', COLUMNS));
      yield xlogData(0n, message.relation(16385, 'public', 'lines', COLUMNS));
    }
    yield xlogData(lsn++, message.insert(16384, [String(n), 'x'.repeat(200)]));
    yield xlogData(lsn++, message.insert(16385, [String(n), 'x'.repeat(200)]));
    yield xlogData(lsn++, message.insert(16385, [String(n), 'y'.repeat(200)]));
    yield xlogData(lsn, message.commit(lsn, lsn + 1n, 7n));
    lsn += 2n;
  }
}

const lettersOf = (frames: readonly string[]): string => frames.map(([letter]) => letter).join('');

describe('a filtered capture', () => {
  it('writes what has passed while the stream goes on', async () => {
    const sink = await open('table == "orders"', { partMs: 5 });
    await send(sink, stream(20));
    await expect
      .poll(async () => lettersOf(await framesOf()), { timeout: 20_000 })
      .toMatch(/^BRIC/);
    await expect
      .poll(async () => lettersOf(await framesOf()).replaceAll('R', ''), { timeout: 20_000 })
      .toBe('BIC'.repeat(20));
    await sink.close();
    expect(await readdir(folder)).toEqual(['out.walcap']);
  });

  it('ends after as many changes as were asked for, with the commit of the last', async () => {
    for (const [filter, limit, letters] of [
      ['table == "orders"', 2, 'BICBIC'],
      ['table == "lines"', 3, 'BIICBI'],
      ['table == "lines"', 4, 'BIICBIIC'],
    ] as const) {
      for (const partBytes of [1e9, 1]) {
        const sink = await open(filter, { limit, partBytes, partMs: 1e6 });
        const ends: SinkEnd[] = [];
        sink.onEnd(end => ends.push(end));
        await send(sink, stream(9));
        await sink.close();
        expect(ends).toEqual([{ kind: 'enough' }]);
        expect(lettersOf(await framesOf()).replaceAll('R', '')).toBe(letters);
        await rm(path.join(folder, 'out.walcap'));
      }
    }
  });

  it('keeps gaps, and forgets what was sent in part before one', async () => {
    const sink = await open('table == "orders"', { partBytes: 1, partMs: 1e6 });
    const start = xlogData(1n, message.streamStart(900, true));
    await send(sink, [start, xlogData(1n, message.streamStop())]);
    await send(sink, [gapFrame({ from: 1n as never, to: 2n as never, reason: 'a cut' })]);
    await send(sink, stream(2));
    await sink.close();
    expect(lettersOf(await framesOf()).replaceAll('R', '')).toBe('GBICBIC');
  });

  it('goes into several captures, each complete by itself', async () => {
    const file = path.join(folder, 'ring.walcap');
    const options = { path: file, facts: FACTS, durable: false };
    const output = await CaptureRing.create({ ...options, maxSize: 400_000 });
    const sink = await open('table == "lines"', { ...options, output, partBytes: 40_000 });
    await send(sink, stream(3000));
    await sink.close();
    const files = (await readdir(folder)).sort();
    expect(files.length).toBeGreaterThan(2);
    let ids: string[] = [];
    for (const name of files) {
      const frames = await framesOf(name);
      // It begins with what describes its tables.
      if (name !== files[0]) expect(frames[0]).toMatch(/^R/);
      expect((await stat(path.join(folder, name))).size).toBeLessThan(400_000);
      ids = [...ids, ...frames.filter(frame => frame.startsWith('I'))];
    }
    expect(ids.length).toBe(6000);
    expect(new Set(ids).size).toBe(6000);
  });

  it('keeps what is known beside the stream', async () => {
    const sink = await open('table == "lines"', { partBytes: 1000 });
    sink.appendNotes([whoNote(700, 10)]);
    await send(sink, stream(20));
    sink.appendNotes([whoNote(800, 20), whoNote(801, 30)]);
    await sink.close();
    const capture = await CaptureFile.open(nodeFiles, path.join(folder, 'out.walcap'));
    while (await capture.readNotes());
    expect(capture.notes.takeFresh()).toEqual([700, 800, 801]);
    await capture.close();
  });

  it('leaves nothing beside the output where it cannot be begun', async () => {
    const options = { path: path.join(folder, 'gone', 'out.walcap'), facts: FACTS, durable: false };
    const output = await CaptureSink.create({ ...options, path: path.join(folder, 'out.walcap') });
    await expect(FilteredCapture.create({ ...options, output, filter: 'true' })).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['out.walcap']);
  });
});
