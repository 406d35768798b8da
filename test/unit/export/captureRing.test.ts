import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { SpillFolder } from '../../../src/capture/spillFile';
import { CaptureRing } from '../../../src/export/captureRing';
import { EventDecoder } from '../../../src/logical/eventDecoder';
import { testMeta } from '../capture/captureMeta';
import { message, xlogData } from '../capture/pgoutputBytes';

const FACTS = {
  source: testMeta.source,
  serverVersionNum: 180_004,
  systemIdentifier: '7300000000000000001',
  pluginOptions: {},
};
const MAX_SIZE = 400_000;
const COLUMNS = [{ name: 'id', key: true }, { name: 'filling' }];

let folder = '';
let lsn = 100n;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-ring-'));
  lsn = 100n;
});
afterEach(() => rm(folder, { recursive: true }));

const open = (keep?: number) =>
  CaptureRing.create({
    path: path.join(folder, 'orders.walcap'),
    facts: FACTS,
    durable: false,
    maxSize: MAX_SIZE,
    ...(keep === undefined ? {} : { keep }),
  });

/** As a stream does: no more while it is full. */
async function send(ring: CaptureRing, payload: Uint8Array): Promise<void> {
  ring.append(xlogData(lsn++, payload));
  if (!ring.full) return;
  await new Promise<void>(resolve => {
    ring.onDrain(resolve);
  });
}

const relation = () => message.relation(16384, 'public', 'orders', COLUMNS);
const insert = (id: number, xid?: number) =>
  message.insert(16384, [String(id), 'x'.repeat(200)], xid);

async function transaction(ring: CaptureRing, xid: number, rows: number, from: number) {
  await send(ring, message.begin(lsn + 1000n, 7n, xid));
  for (let i = 0; i < rows; i++) await send(ring, insert(from + i));
  await send(ring, message.commit(lsn, lsn + 1n, 7n));
}

interface Found {
  readonly name: string;
  readonly size: number;
  readonly kinds: string;
  readonly ids: readonly string[];
  readonly tables: readonly string[];
  readonly open: number;
}

async function filesOf(): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const file = path.join(folder, name);
    const capture = await CaptureFile.open(nodeFiles, file);
    expect(capture.problem).toBeUndefined();
    let kinds = '';
    const ids: string[] = [];
    let committed = 0;
    for await (const batch of capture.messages()) {
      for (const { row, payload } of batch) {
        kinds += String.fromCharCode(row.kind);
        if (row.kind !== 0x49) continue;
        // Every change knows its table.
        expect(capture.relations.get(row.relation)?.oid).toBe(16384);
        ids.push(/\d+/.exec(Buffer.from(payload).toString('latin1', 12, 24))?.[0] ?? '');
      }
    }
    for (let i = 0; i < capture.transactions; i++) {
      committed += (await capture.transactionChunk(i)).fate[i] === 1 ? 1 : 0;
    }
    const tables = capture.relations.all.map(({ oid }) => String(oid));
    const { size } = await stat(file);
    found.push({ name, size, kinds, ids, tables, open: capture.transactions - committed });
    await capture.close();
  }
  return found;
}

/** What the file says as whole transactions: the kinds of its lines. */
async function eventsOf(name: string): Promise<string[]> {
  const kinds: string[] = [];
  const decoder = new EventDecoder({
    delivery: 'assembled',
    sink: ({ kind }) => kinds.push(kind),
    spill: new SpillFolder(folder),
  });
  const capture = await CaptureFile.open(nodeFiles, path.join(folder, name));
  for await (const batch of capture.messages()) {
    for (const { lsn, payload } of batch) await decoder.push(lsn, payload);
  }
  await capture.close();
  decoder.end();
  return kinds;
}
const WHOLE = new Set(['relation', 'begin', 'insert', 'commit']);

const isSequence = (ids: readonly string[], from: number): void => {
  expect(ids).toEqual(ids.map((_, i) => String(from + i)));
};

describe('a ring of captures', () => {
  it('ends each file between two transactions, and loses nothing', async () => {
    const ring = await open();
    await send(ring, relation());
    for (let n = 0; n < 200; n++) await transaction(ring, 700 + n, 40, n * 40);
    const written = ring.writtenLsn;
    await ring.flush();
    expect(ring.writtenLsn).toBeGreaterThanOrEqual(written);
    await ring.close();
    expect(ring.writtenLsn).toBe(lsn - 1n);
    const files = await filesOf();
    expect(files.length).toBeGreaterThan(4);
    expect(files.map(({ name }) => name).slice(0, 2)).toEqual([
      'orders-0001.walcap',
      'orders-0002.walcap',
    ]);
    for (const { name, size, kinds, tables, open } of files) {
      expect(size).toBeLessThanOrEqual(MAX_SIZE);
      expect(new Set(await eventsOf(name))).toEqual(WHOLE);
      expect(kinds).toMatch(/^R(B(I){40}C)+$/);
      expect(tables).toEqual(['16384']);
      expect(open).toBe(0);
    }
    isSequence(
      files.flatMap(({ ids }) => ids),
      0,
    );
  });

  it('keeps the newest files only', async () => {
    const ring = await open(3);
    await send(ring, relation());
    for (let n = 0; n < 200; n++) await transaction(ring, 700 + n, 40, n * 40);
    await ring.close();
    const files = await filesOf();
    expect(files).toHaveLength(3);
    const ids = files.flatMap(found => found.ids);
    isSequence(ids, Number(ids[0]));
    expect(ids.at(-1)).toBe('7999');
    expect(files[0]?.name).not.toBe('orders-0001.walcap');
  });

  it('cuts a transaction that is larger than a file, and says so', async () => {
    const ring = await open();
    await send(ring, relation());
    await transaction(ring, 700, 5000, 0);
    await ring.close();
    const files = await filesOf();
    expect(files.length).toBeGreaterThan(2);
    expect(files[0]?.kinds).toMatch(/^RB(I)+$/);
    for (const { kinds } of files.slice(1)) expect(kinds).toMatch(/^GRB(I)+C?$/);
    isSequence(
      files.flatMap(({ ids }) => ids),
      0,
    );
    const second = await CaptureFile.open(nodeFiles, path.join(folder, files[1]!.name));
    const { gap } = await second.readMessage(0);
    expect(gap?.reason).toBe('Transactions that are sent in part here began in orders-0001.walcap');
    expect(gap?.from).toBe(gap?.to);
    await second.close();
  });

  it('ends between the blocks of a streamed transaction where no other place comes', async () => {
    const ring = await open();
    for (let block = 0; block < 60; block++) {
      await send(ring, message.streamStart(701, block === 0));
      if (block === 0)
        await send(ring, message.relation(16384, 'public', 'orders', COLUMNS, 'd', 701));
      for (let i = 0; i < 50; i++) await send(ring, insert(block * 50 + i, 701));
      await send(ring, message.streamStop());
    }
    await send(ring, message.streamCommit(701, lsn, lsn + 1n, 9n));
    await ring.close();
    const files = await filesOf();
    expect(files.length).toBeGreaterThan(1);
    for (const { kinds } of files.slice(1)) expect(kinds).toMatch(/^GR(SI{50}E)+c?$/);
  });

  it('says what is wrong where the next file cannot be made', async () => {
    const ring = await open();
    const ends: string[] = [];
    ring.onEnd(end => ends.push(end.kind === 'enough' ? '' : end.failure.message));
    await rm(folder, { recursive: true });
    await send(ring, relation());
    for (let n = 0; n < 200 && ends.length === 0; n++) {
      ring.append(xlogData(lsn++, message.begin(lsn + 1000n, 7n, n)));
      for (let i = 0; i < 40; i++) ring.append(xlogData(lsn++, insert(i)));
      ring.append(xlogData(lsn++, message.commit(lsn, lsn + 1n, 7n)));
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(ends).toEqual([expect.stringContaining('The next file cannot be made') as string]);
    await ring.close();
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-ring-'));
  });
});
