import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import type { CaptureMeta } from '../../src/capture/captureMeta';
import { CaptureFile } from '../../src/capture/captureFile';
import { CaptureWriter } from '../../src/capture/captureWriter';
import { nodeFiles } from '../../src/capture/fileAccess';
import { RelationCatalog } from '../../src/capture/relationCatalog';
import { TimelineRows } from '../../src/capture/timelineRows';
import { View } from '../../src/capture/view';
import { exportRows } from '../../src/export/exportRows';
import type { ViewSpec } from '../../src/shared/viewSpec';
import { message, xlogData } from '../unit/capture/pgoutputBytes';

const META: CaptureMeta = {
  source: {
    title: 'bench',
    server: '',
    database: '',
    serverVersion: '18',
    kind: 'file',
    slot: '',
    publications: [],
    plugin: 'pgoutput',
  },
  product: 'bench',
  startedAt: '',
  pluginOptions: {},
  types: [],
};

const COLUMNS = [{ name: 'id', key: true }, { name: 'name' }, { name: 'total' }, { name: 'note' }];
const ROW = ['123456789', 'a customer', '1234.56', 'some words that a row of a shop may have'];
const TABLES = 8;

/**
 * Capture of EVENTS changes (1,000,000 unless given) in transactions of ten and one of 100,000:
 * `npm run bench -- capture [EVENTS]`.
 */
export async function run(options: {
  readonly json: boolean;
  readonly args?: readonly string[];
}): Promise<void> {
  const events = Number(options.args?.[0] ?? 1_000_000);
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-capture-'));
  try {
    const name = path.join(folder, 'bench.walcap');
    const results: Record<string, number> = { events };
    await write(name, events, results);
    await read(name, results);
    report(results, options.json);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function write(name: string, events: number, results: Record<string, number>): Promise<void> {
  const frames = templates();
  const writer = await CaptureWriter.create(nodeFiles, name, META);
  let lsn = 1_000_000n;
  let xid = 1000;
  let done = 0;
  let slowest = 0;
  const start = performance.now();
  for (const relation of frames.relations) writer.append(stamp(relation, lsn));
  while (done < events) {
    const size = Math.min(events - done, done === 0 ? 100_000 : 10);
    frames.begin.writeUInt32BE(xid++, 25 + 17);
    writer.append(stamp(frames.begin, lsn));
    for (let i = 0; i < size; i++) {
      const before = performance.now();
      writer.append(stamp(frames.changes[(done + i) % frames.changes.length]!, lsn));
      slowest = Math.max(slowest, performance.now() - before);
      lsn += 128n;
    }
    writer.append(stamp(frames.commit, lsn));
    done += size;
    if (!writer.full) continue;
    await new Promise<void>(resolve => {
      writer.onDrain = resolve;
    });
  }
  await writer.flush();
  const seconds = (performance.now() - start) / 1000;
  const closing = performance.now();
  await writer.close();
  results['appended changes/s'] = Math.round(events / seconds);
  results['appended MB/s'] = Math.round(writer.totals.bytes / 1e6 / seconds);
  results['slowest append ms'] = round(slowest);
  results['close ms'] = round(performance.now() - closing);
  results['file MB'] = round((await stat(name)).size / 1e6);
}

async function read(name: string, results: Record<string, number>): Promise<void> {
  let start = performance.now();
  const file = await CaptureFile.open(nodeFiles, name);
  results['open ms'] = round(performance.now() - start);
  const catalog = new RelationCatalog(file);
  const renderer = new TimelineRows(file, catalog);
  const specs: Record<string, ViewSpec> = {
    flat: { grouping: 'flat', operations: [], tables: [], text: '' },
    transactions: { grouping: 'transactions', operations: [], tables: [], text: '' },
    'text in no row': { grouping: 'flat', operations: [], tables: [], text: 'no such words' },
    'text in most rows': { grouping: 'transactions', operations: [], tables: [], text: 'SHOP' },
    'text beyond ASCII': { grouping: 'flat', operations: [], tables: [], text: 'größe' },
    filtered: {
      grouping: 'transactions',
      operations: ['update'],
      tables: ['public.t16385'],
      text: '',
    },
  };
  for (const [what, spec] of Object.entries(specs)) {
    start = performance.now();
    const view = new View(1, spec, file, catalog);
    const slices: number[] = [];
    let firstHit = 0;
    for (;;) {
      const before = performance.now();
      const more = await view.extend();
      slices.push(performance.now() - before);
      if (firstHit === 0 && view.rows > 0) firstHit = performance.now() - start;
      if (!more) break;
    }
    slices.sort((a, b) => a - b);
    results[`${what}: evaluate ms`] = round(performance.now() - start);
    results[`${what}: first rows ms`] = round(firstHit);
    results[`${what}: slices, 99% ms`] = round(slices[Math.floor(slices.length * 0.99)] ?? 0);
    results[`${what}: longest slice ms`] = round(slices.at(-1) ?? 0);
    if (what === 'transactions') {
      start = performance.now();
      await view.expand(0, true);
      results['expand 100,000 ms'] = round(performance.now() - start);
    }
    const times: number[] = [];
    for (let n = 0; n < 100; n++) {
      const first = Math.floor((Math.max(0, view.rows - 64) * ((n * 37) % 100)) / 100);
      const before = performance.now();
      await renderer.render(view, await view.lines(first, 64), new AbortController().signal);
      times.push(performance.now() - before);
    }
    times.sort((a, b) => a - b);
    results[`${what}: window of 64, median ms`] = round(times[50]!);
    results[`${what}: window of 64, 95% ms`] = round(times[95]!);
  }
  start = performance.now();
  let messages = 0;
  for await (const batch of file.messages()) messages += batch.length;
  results['read all messages/s'] = Math.round(messages / ((performance.now() - start) / 1000));
  const view = new View(1, specs['filtered']!, file, catalog);
  const source = { path: name, file, catalog, view };
  for (const format of ['jsonl', 'capture'] as const) {
    for (const scope of ['all', 'view'] as const) {
      const path = `${name}.${scope}.${format}`;
      const { signal } = new AbortController();
      const request = { path, replace: false, format, scope };
      const usedBefore = process.memoryUsage().rss;
      start = performance.now();
      const { events, bytes } = await exportRows(source, request, signal, () => undefined);
      const what = `export ${scope} as ${format}`;
      const seconds = (performance.now() - start) / 1000;
      results[`${what}: events`] = events;
      results[`${what}: seconds`] = round(seconds);
      results[`${what}: MB/s`] = round(bytes / 1e6 / seconds);
      results[`${what}: memory more by MB`] = round(
        (process.memoryUsage().rss - usedBefore) / 1024 / 1024,
      );
    }
  }
  await file.close();
  results['peak memory MB'] = round(process.resourceUsage().maxRSS / 1024);
}

interface Templates {
  readonly relations: readonly Buffer[];
  readonly begin: Buffer;
  readonly commit: Buffer;
  readonly changes: readonly Buffer[];
}

function templates(): Templates {
  const frame = (payload: Uint8Array): Buffer => Buffer.from(xlogData(0n, payload));
  const oids = Array.from({ length: TABLES }, (_, i) => 16384 + i);
  return {
    relations: oids.map(oid => frame(message.relation(oid, 'public', `t${String(oid)}`, COLUMNS))),
    begin: frame(message.begin(1n, 5n, 0)),
    commit: frame(message.commit(1n, 2n, 5n)),
    changes: oids.flatMap(oid => [
      frame(message.insert(oid, ROW)),
      frame(message.update(oid, ROW)),
      frame(message.delete(oid, 'K', ['123456789', null, null, null])),
    ]),
  };
}

/** Gives a frame its position, as the next message of the stream. */
function stamp(frame: Buffer, lsn: bigint): Buffer {
  frame.writeBigUInt64BE(lsn, 1);
  return frame;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function report(results: Readonly<Record<string, number>>, json: boolean): void {
  if (json) console.log(JSON.stringify(results));
  else
    for (const [what, value] of Object.entries(results))
      console.log(`${what.padEnd(42)}${String(value)}`);
}
