import { PassThrough } from 'node:stream';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { readSeam, seamFrame } from '../../../src/capture/frame';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { TimelineRows } from '../../../src/capture/timelineRows';
import { transactionRecord } from '../../../src/capture/transactionRecord';
import { View } from '../../../src/capture/view';
import { runCommandLine } from '../../../src/cli/runCommandLine';
import { CaptureSink } from '../../../src/export/captureSink';
import type { Fate } from '../../../src/shared/timelineRow';
import type { ViewSpec } from '../../../src/shared/viewSpec';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { keepalive, message, xlogData } from './pgoutputBytes';

const COLUMNS = [{ name: 'id', key: true }];
const T = 16_384;
const GROUPED: ViewSpec = { grouping: 'transactions', operations: [], tables: [], text: '' };

const plain = (xid: number, at: bigint, ids: readonly string[]) => [
  xlogData(at, message.begin(at + 50n, 7n, xid)),
  xlogData(at, message.relation(T, 'public', 'orders', COLUMNS)),
  ...ids.map(id => xlogData(at + 1n, message.insert(T, [id]))),
];
const commit = (at: bigint) => xlogData(at + 60n, message.commit(at + 50n, at + 60n, 7n));
const outside = xlogData(170n, message.logical(false, 170n, 'app', 'hello'));
const block = (first: boolean, ids: readonly string[]) => [
  xlogData(180n, message.streamStart(701, first)),
  xlogData(180n, message.relation(T, 'public', 'orders', COLUMNS, 'd', 701)),
  ...ids.map(id => xlogData(181n, message.insert(T, [id], 701))),
  xlogData(190n, message.streamStop()),
];

/** A whole transaction, a message outside, a part of a streamed one, and a part of a plain one. */
const BEFORE = [
  ...plain(700, 100n, ['1']),
  commit(100n),
  outside,
  ...block(true, ['2', '3']),
  keepalive(195n),
  ...plain(702, 200n, ['4']),
];
/** What the server sends after the first commit's end. */
const AFTER = [
  outside,
  ...block(true, ['2', '3']),
  ...plain(702, 200n, ['4', '5']),
  commit(200n),
  ...block(false, ['6']),
  xlogData(400n, message.streamCommit(701, 390n, 400n, 9n)),
];
const SEAM = seamFrame({ after: toLsn(160n) });
const FATES: readonly (readonly [number, Fate, number])[] = [
  [700, 'committed', 1],
  [701, 'cut', 2],
  [702, 'cut', 1],
  [701, 'committed', 3],
  [702, 'committed', 2],
];

async function fatesOf(file: CaptureFile): Promise<[number, Fate, number][]> {
  const all: [number, Fate, number][] = [];
  for (let ordinal = 0; ordinal < file.transactions; ordinal++) {
    const record = transactionRecord(await file.transactionChunk(ordinal), ordinal);
    all.push([record.xid, record.fate, record.changes]);
  }
  return all;
}

const summary = async (file: CaptureFile) => ({
  fates: await fatesOf(file),
  rows: file.rows,
  changes: file.changes,
  cut: [file.cutTransactions, file.cutChanges],
});

async function followToEnd(file: CaptureFile): Promise<void> {
  while (await file.follow());
}

describe('a capture that is continued', () => {
  it('reads its seam, and nothing that is none', () => {
    expect(readSeam(SEAM)).toEqual({ after: 160n });
    for (const bad of ['J', 'J{', 'J{}', 'Jnull', 'J{"after":5}', 'J{"after":"x"}', 'G{}']) {
      expect(readSeam(new TextEncoder().encode(bad))).toBeUndefined();
    }
  });

  it('is the same to who writes, follows and opens it; at rest it is complete', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const live = await CaptureFile.open(files, 'c', writer.header);
    for (const frame of BEFORE) writer.append(frame);
    expect(writer.totals.unfinished.changes).toBe(3);
    await writer.rest();
    expect(writer.size).toBe(files.bytes('c').length);
    await followToEnd(live);
    expect(live.live).toBe(true);
    const resting = await CaptureFile.open(files, 'c');
    expect(await fatesOf(resting)).toEqual([
      [700, 'committed', 1],
      [701, 'open', 2],
      [702, 'open', 1],
    ]);
    expect(await summary(live)).toEqual(await summary(resting));

    for (const frame of [SEAM, ...AFTER]) writer.append(frame);
    expect(writer.totals).toMatchObject({ openTransactions: 0, transactions: 5 });
    await writer.flush();
    await followToEnd(live);
    const scanned = await CaptureFile.open(files, 'c');
    await writer.close();
    const reopened = await CaptureFile.open(files, 'c');
    // The message outside transactions came twice and is one change.
    const expected = { fates: FATES, rows: live.rows, changes: 10, cut: [2, 3] };
    expect(writer.totals.changes).toBe(10);
    for (const file of [live, scanned, reopened]) expect(await summary(file)).toEqual(expected);
  });

  it('opens where its end is torn off, with what stands before', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const states = new Map<number, unknown>();
    const note = async (): Promise<void> => {
      await writer.flush();
      const file = await CaptureFile.open(files, 'c');
      states.set(file.rows, await summary(file));
    };
    for (const frame of BEFORE) {
      writer.append(frame);
      await note();
    }
    await writer.rest();
    for (const frame of [SEAM, ...AFTER]) {
      writer.append(frame);
      await note();
    }
    await writer.close();
    const bytes = files.bytes('c');
    let last = 0;
    for (let size = 0; size < bytes.length; size += 5) {
      files.put('part', bytes.slice(0, size));
      const file = await CaptureFile.open(files, 'part').catch(() => undefined);
      if (file === undefined) {
        expect(last).toBe(0);
        continue;
      }
      expect(file.problem).toBeUndefined();
      if (file.rows > 0) expect(await summary(file)).toEqual(states.get(file.rows));
      expect(file.rows).toBeGreaterThanOrEqual(last);
      last = file.rows;
    }
    expect(last).toBe((await CaptureFile.open(files, 'c')).rows);
  }, 30_000);

  it('shows what was cut above its seam, where it stood, and what comes again below', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const live = await CaptureFile.open(files, 'c', writer.header);
    const catalog = new RelationCatalog(live);
    const view = new View(1, GROUPED, live, catalog);
    const rows = new TimelineRows(live, catalog);
    const shown = async () => {
      await writer.flush();
      await followToEnd(live);
      while (await view.extend());
      const lines = await view.lines(0, 100);
      return rows.render(view, lines, new AbortController().signal);
    };
    for (const frame of BEFORE) writer.append(frame);
    const before = await shown();
    for (const frame of [SEAM, ...AFTER]) writer.append(frame);
    const after = await shown();
    expect(after.slice(0, before.length).map(({ seq }) => seq)).toEqual(
      before.map(({ seq }) => seq),
    );
    expect(after).toMatchObject([
      { type: 'transaction', xid: 700, fate: 'committed' },
      { type: 'change', operation: 'message', table: 'app' },
      { type: 'transaction', xid: 701, fate: 'cut', changes: 2, commitTime: '' },
      { type: 'transaction', xid: 702, fate: 'cut', changes: 1, commitTime: '' },
      { type: 'note', note: 'seam', lsn: '0/A0', text: 'after 0/A0' },
      { type: 'transaction', xid: 701, fate: 'committed', changes: 3 },
      { type: 'transaction', xid: 702, fate: 'committed', changes: 2 },
    ]);
    // The seam stays in sight whatever is filtered.
    const filtered = new View(2, { ...GROUPED, operations: ['delete'] }, live, catalog);
    while (await filtered.extend());
    expect(filtered.rows).toBe(1);
  });

  it('gives each event once, or all that came with --transactions raw', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-seam-'));
    try {
      const file = path.join(folder, 'a.walcap');
      const { source, pluginOptions } = testMeta;
      const facts = {
        source,
        systemIdentifier: '7300000000000000001',
        pluginOptions,
        serverVersionNum: 180_004,
      };
      const sink = await CaptureSink.create({ path: file, facts, durable: false });
      for (const frame of BEFORE) sink.append(frame);
      await sink.rest();
      sink.continueAfter(toLsn(160n));
      // Nothing has come of the new stream yet: what is open is not cut.
      sink.append(keepalive(196n));
      expect(sink.unfinished.changes).toBe(3);
      for (const frame of AFTER) sink.append(frame);
      await sink.close();
      const copy = path.join(folder, 'b.walcap');
      await convert(file, '--format', 'capture', '--out', copy);
      for (const each of [file, copy]) {
        const capture = await CaptureFile.open(nodeFiles, each);
        expect(await fatesOf(capture)).toEqual(FATES);
        await capture.close();
        expect(digest(await convert(each))).toEqual([
          ...['begin 700', '1', 'commit 700', 'hello'],
          ...['begin 702', '4', '5', 'commit 702'],
          ...['begin 701', '2', '3', '6', 'commit 701'],
        ]);
        const raw = digest(await convert(each, '--transactions', 'raw'));
        expect(raw.filter(line => line === 'hello' || /^\d$/.test(line)).join('')).toBe(
          '1hello234hello23456',
        );
        expect(raw).toContain('continued 0/A0');
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

async function convert(file: string, ...args: readonly string[]): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let text = '';
  stdout.on('data', data => (text += String(data)));
  const terminal = {
    env: {},
    stdout,
    stderr,
    interactive: false,
    interrupted: new AbortController().signal,
  };
  expect(await runCommandLine(['convert', file, ...args], terminal)).toBe(0);
  await new Promise(resolve => setImmediate(resolve));
  return text;
}

interface PrintedEvent {
  readonly kind: string;
  readonly xid?: number;
  readonly new?: { readonly id: string };
  readonly content?: string;
  readonly after?: string;
}

/** What an event is about, in a word or two; descriptions of tables are left out. */
function digest(jsonl: string): string[] {
  const events = jsonl
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as PrintedEvent);
  return events
    .filter(({ kind }) => kind !== 'relation')
    .map(event => {
      if (event.kind === 'insert') return event.new?.id ?? '';
      if (event.kind === 'message') return event.content ?? '';
      if (event.kind === 'continued') return `continued ${event.after ?? ''}`;
      return `${event.kind} ${String(event.xid)}`;
    });
}
