import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { nodeFiles } from '../../../src/capture/fileAccess';
import type { Lsn } from '../../../src/base/lsn';
import { RpcPeer } from '../../../src/shared/rpc';
import type { ReaderApi, ReaderEvents } from '../../../src/shared/readerApi';
import type { ChangeRow, TransactionRow } from '../../../src/shared/timelineRow';
import type { ViewSpec } from '../../../src/shared/viewSpec';
import { workerPort } from '../../../src/worker/workerPort';
import { testMeta } from '../capture/captureMeta';
import { message, xlogData } from '../capture/pgoutputBytes';

const ALL: ViewSpec = { grouping: 'transactions', operations: [], tables: [], text: '' };
const FLAT: ViewSpec = { ...ALL, grouping: 'flat' };
const ORDERS = [{ name: 'id', key: true, typeOid: 23 }, { name: 'total' }, { name: 'photo' }];

let folder: string;
let bundle: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'reader-'));
  bundle = path.join(folder, 'reader.cjs');
  await build({
    entryPoints: ['src/worker/reader.ts'],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
}, 60_000);

afterAll(() => rm(folder, { recursive: true }));

describe('the reader thread', () => {
  let worker: Worker;
  let peer: RpcPeer<ReaderApi, ReaderEvents>;
  let writer: CaptureWriter;
  let file: string;
  let head: ReaderEvents['head'] | undefined;
  let number = 0;
  /** Of the view that was asked for last: heads of the one before may still be on their way. */
  let newest = 0;

  beforeEach(async () => {
    const place = path.join(folder, String(number++));
    await mkdir(place);
    file = path.join(place, 'c.walcap');
    writer = await CaptureWriter.create(nodeFiles, file, testMeta);
    worker = new Worker(bundle);
    peer = new RpcPeer(workerPort(worker));
    head = undefined;
    peer.on('head', data => {
      head = data;
    });
  });

  afterEach(async () => {
    await writer.close();
    await peer.call('close', {});
    await worker.terminate();
  });

  const append = (lsn: bigint, payload: Uint8Array) => {
    writer.append(xlogData(lsn, payload));
  };

  /** Waits until the reader knows of so many messages and has them in its view. */
  const until = async (messages: number) => {
    await writer.flush();
    await expect
      .poll(() => [head?.view.view, head?.capture.messages, head?.view.complete], {
        timeout: 10_000,
        interval: 5,
      })
      .toEqual([newest, messages, true]);
  };

  const rows = async (first = 0, count = 256) => {
    const { view } = head!;
    const page = await peer.call('rows', { ...view, first, count });
    expect(page.view).toBe(view.view);
    return page.rows;
  };

  const setView = async (spec: ViewSpec) => {
    const state = await peer.call('setView', spec);
    newest = state.view;
    return state;
  };

  const openLive = async (spec: ViewSpec) => {
    const { source } = await peer.call('open', { path: file, header: writer.header });
    expect(source).toEqual(testMeta.source);
    return setView(spec);
  };

  it('follows a capture that is being written, and tells when shown lines change', async () => {
    await openLive(ALL);
    append(100n, message.begin(200n, 7_000_000n, 700));
    append(100n, message.relation(16384, 'public', 'orders', ORDERS, 'f'));
    append(
      110n,
      message.update(16384, ['1', 'b', undefined], { kind: 'O', values: ['1', 'a', 'p'] }),
    );
    await until(3);
    const [first] = (await rows()) as [TransactionRow];
    expect(first).toMatchObject({ type: 'transaction', fate: 'open', changes: 1, xid: 700 });
    expect(first.single?.summary).toEqual([
      // The whole row is its identity, which names no key: the line begins with the first value.
      { column: 'id', after: { kind: 'text', text: '1', cut: false, bytes: 1 } },
      {
        column: 'total',
        before: { kind: 'text', text: 'a', cut: false, bytes: 1 },
        after: { kind: 'text', text: 'b', cut: false, bytes: 1 },
      },
    ]);
    const { generation } = head!.view;
    append(210n, message.commit(200n, 210n, 7_000_000n));
    await until(4);
    await expect.poll(() => head!.view.generation).toBeGreaterThan(generation);
    const [committed] = (await rows()) as [TransactionRow];
    expect(committed).toMatchObject({
      fate: 'committed',
      commitTime: '2000-01-01T00:00:07.000000Z',
      tables: ['orders'],
    });
  });

  it('expands, locates, and shows the detail of a change', async () => {
    await openLive(ALL);
    append(100n, message.begin(200n, 7n, 700));
    append(100n, message.relation(16384, 'shop', 'orders', ORDERS));
    append(110n, message.insert(16384, ['1', '', null]));
    append(
      120n,
      message.update(16384, ['2', 'b', undefined], { kind: 'K', values: ['1', null, null] }),
    );
    append(130n, message.delete(16384, 'K', ['2', null, null]));
    append(210n, message.commit(200n, 210n, 7n));
    append(220n, message.logical(false, 220n, 'app', 'hello'));
    writer.appendGap({ from: 0x300n as Lsn, to: 0x400n as Lsn, reason: 'connection lost' });
    await until(8);
    expect(await rows()).toMatchObject([
      { type: 'transaction', changes: 3 },
      { type: 'change', operation: 'message', table: 'app', transaction: -1 },
      {
        type: 'note',
        note: 'gap',
        text: '256 B of WAL not seen, from 0/300 to 0/400: connection lost',
      },
    ]);
    const { view } = head!.view;
    const expanded = await peer.call('expand', { view, transaction: 0, expanded: true });
    expect(expanded.rows).toBe(6);
    const nested = (await rows(1, 3)) as ChangeRow[];
    expect(nested.map(r => [r.operation, r.nested, r.key.length])).toEqual([
      ['insert', true, 1],
      ['update', true, 1],
      ['delete', true, 1],
    ]);
    expect(nested[1]?.key[0]).toMatchObject({ before: { text: '1' }, after: { text: '2' } });
    expect(nested[1]?.summary).toEqual([
      { column: 'total', after: { kind: 'text', text: 'b', cut: false, bytes: 1 } },
      { column: 'photo', after: { kind: 'unchanged' } },
    ]);
    expect(await peer.call('locate', { view, seq: 3 })).toEqual({ row: 2 });

    const detail = await peer.call('detail', { seq: 3 });
    expect(detail).toMatchObject({
      messageName: 'Update',
      schema: 'shop',
      table: 'orders',
      relation: { oid: 16384, replicaIdentity: 'default' },
      transaction: { changes: 3, byOperation: { insert: 1, update: 1, delete: 1 } },
      error: '',
    });
    expect(
      detail.columns.map(c => [c.name, c.type, c.before.kind, c.after.kind, c.changed]),
    ).toEqual([
      ['id', 'integer', 'text', 'text', true],
      ['total', 'text', 'absent', 'text', false],
      ['photo', 'text', 'absent', 'unchanged', false],
    ]);
    const insert = await peer.call('detail', { seq: 2 });
    expect(insert.columns.map(c => c.after.kind)).toEqual(['text', 'empty', 'null']);
    const { fields, error } = await peer.call('fields', { seq: 3 });
    expect(error).toBe('');
    const { bytes, total } = await peer.call('bytes', { seq: 3, offset: 0, length: 1 << 20 });
    expect(bytes.length).toBe(total);
    expect(fields.reduce((sum, f) => sum + f.length, 0)).toBe(total);
    const payload = fields.at(-1);
    expect(bytes[0]).toBe('w'.charCodeAt(0));
    expect(bytes[payload?.offset ?? 0]).toBe('U'.charCodeAt(0));
    expect(await peer.call('facets', {})).toEqual({
      tables: [{ id: 'shop.orders', schema: 'shop', table: 'orders', changes: 3 }],
      operations: { insert: 1, update: 1, delete: 1, truncate: 0, message: 1 },
    });
  });

  it('marks what a subtransaction wrote as soon as it is rolled back', async () => {
    await openLive(FLAT);
    append(100n, message.streamStart(700, true));
    append(100n, message.relation(16384, 'shop', 'orders', ORDERS, 'd', 700));
    append(110n, message.insert(16384, ['1', 'a', 'p'], 700));
    append(120n, message.insert(16384, ['2', 'b', 'p'], 701));
    append(120n, message.streamStop());
    await until(5);
    const fates = async () => ((await rows()) as ChangeRow[]).map(row => [row.xid, row.fate]);
    expect(await fates()).toEqual([
      [700, 'open'],
      [701, 'open'],
    ]);
    const { generation } = head!.view;
    append(130n, message.streamAbort(700, 701));
    await until(6);
    await expect.poll(() => head!.view.generation).toBeGreaterThan(generation);
    expect(await fates()).toEqual([
      [700, 'open'],
      [701, 'aborted'],
    ]);
    append(140n, message.streamCommit(700, 135n, 140n, 7n));
    await until(7);
    await expect.poll(async () => (await fates())[0]).toEqual([700, 'committed']);
    expect((await fates())[1]).toEqual([701, 'aborted']);
  });

  it('says nothing of a commit before there is one', async () => {
    await openLive(ALL);
    const prepared = { xid: 700, lsn: 150n, endLsn: 160n, time: 7n, gid: 'g' };
    const facts = async () => (await peer.call('detail', { seq: 0 })).transaction;
    append(100n, message.beginPrepare(prepared));
    await until(1);
    expect(await facts()).toMatchObject({
      fate: 'open',
      commitLsn: '',
      endLsn: '',
      commitTime: '',
    });
    append(160n, message.prepare(prepared));
    await until(2);
    expect(await facts()).toMatchObject({ fate: 'prepared', commitLsn: '', commitTime: '' });
    append(200n, message.commitPrepared({ ...prepared, lsn: 190n, endLsn: 200n, time: 8n }));
    await until(3);
    expect(await facts()).toMatchObject({
      fate: 'committed',
      commitLsn: '0/BE',
      endLsn: '0/C8',
      commitTime: '2000-01-01T00:00:00.000008Z',
    });
    append(210n, message.insert(16384, ['1', 'a', 'p']));
    await until(4);
    expect((await peer.call('detail', { seq: 3 })).transaction).toBeUndefined();
  });

  it('gives a long value in slices, and pages that fit the wire', async () => {
    const long = 'ä€😀'.repeat(3000);
    append(100n, message.begin(200n, 7n, 700));
    const many = Array.from({ length: 12 }, (_, i) => ({ name: `c${String(i)}`, key: i === 0 }));
    append(100n, message.relation(16384, 'public', 'wide', many));
    const insert = message.insert(16384, Array<string>(12).fill(long));
    for (let n = 0; n < 256; n++) append(110n, insert);
    await writer.close();
    // A saved capture: no counters to follow.
    await peer.call('open', { path: file });
    await setView(FLAT);
    await until(258);
    const page = (await rows()) as ChangeRow[];
    expect(page.length).toBeGreaterThan(10);
    expect(JSON.stringify(page).length).toBeLessThanOrEqual(64 * 1024);
    const next = (await rows(page.length)) as ChangeRow[];
    expect(next[0]?.seq).toBe((page.at(-1)?.seq ?? 0) + 1);
    expect(page[0]?.summary[0]?.after).toEqual({
      kind: 'text',
      text: 'ä€😀'.repeat(50),
      cut: true,
      bytes: Buffer.byteLength(long),
    });
    let text = '';
    for (;;) {
      const p = { seq: 2, column: 3, side: 'after', offset: text.length, length: 5000 } as const;
      const part = await peer.call('value', p);
      expect(part.total).toBe(long.length);
      text += part.text;
      if (part.text === '') break;
    }
    expect(text).toBe(long);
  });

  it('shows the text of an output plugin that is not known as it is', async () => {
    const source = { ...testMeta.source, plugin: 'my_decoding' };
    const other = `${file}.text`;
    const text = await CaptureWriter.create(nodeFiles, other, { ...testMeta, source });
    const line = "table public.t: INSERT: id[integer]:1 note[text]:'ä'";
    text.appendMessage(100n as Lsn, new TextEncoder().encode('BEGIN 700'));
    text.appendMessage(100n as Lsn, new TextEncoder().encode(line));
    await text.close();
    await peer.call('open', { path: other });
    await setView(ALL);
    await until(2);
    expect(await rows()).toMatchObject([
      { type: 'note', note: 'text', text: 'BEGIN 700' },
      { type: 'note', note: 'text', text: line },
    ]);
    const detail = await peer.call('detail', { seq: 1 });
    expect(detail).toMatchObject({ operation: 'other', message: { content: { text: line } } });
    const { fields, error } = await peer.call('fields', { seq: 1 });
    expect(error).toBe('');
    expect(fields.map(f => f.name)).toEqual(['type', 'walStart', 'walEnd', 'sendTime', 'message']);
    expect(fields.at(-1)?.children.map(f => [f.name, f.value])).toEqual([['text', line]]);
  });

  it('answers a wrong question with an error, and goes on', async () => {
    await expect(peer.call('facets', {})).rejects.toMatchObject({ code: 'closed' });
    await expect(peer.call('open', { path: `${file}x` })).rejects.toMatchObject({
      code: 'read-failed',
    });
    const state = await openLive(FLAT);
    await expect(peer.call('detail', { seq: 9 })).rejects.toMatchObject({ code: 'not-found' });
    const old = { view: state.view - 1, generation: 0, first: 0, count: 10 };
    expect(await peer.call('rows', old)).toEqual({ ...old, count: undefined, rows: [] });
  });
});
