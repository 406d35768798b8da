import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureReader } from '../../../src/capture/captureReader';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import type { FileAccess } from '../../../src/capture/fileAccess';
import { Jump } from '../../../src/capture/jump';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { findText } from '../../../src/capture/textFind';
import { TextSearch } from '../../../src/capture/textSearch';
import { View } from '../../../src/capture/view';
import type { JumpTarget, ViewSpec } from '../../../src/shared/viewSpec';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

const FLAT: ViewSpec = { grouping: 'flat', operations: [], tables: [], text: '' };
const GROUPED: ViewSpec = { ...FLAT, grouping: 'transactions' };
const COLUMNS = [{ name: 'id', key: true }, { name: 'note' }];
const pause = () => Promise.resolve();
const { signal } = new AbortController();

/**
 * 30,000 transactions of two changes at positions 1000 n to 1000 n + 900, in more than one index chunk;
 * in the midst of it a streamed one whose first block stands far before its commit.
 */
async function capture() {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  const put = (lsn: number, payload: Uint8Array) => {
    writer.append(xlogData(BigInt(lsn), payload));
  };
  put(0, message.begin(1n, 1n, 1));
  put(0, message.relation(16384, 'public', 'orders', COLUMNS));
  put(2, message.commit(1n, 2n, 1n));
  for (let n = 1; n <= 30_000; n++) {
    const at = 1000 * n;
    if (n === 100) {
      put(at - 10, message.streamStart(999_999, true));
      put(at - 10, message.relation(16384, 'public', 'orders', COLUMNS, 'd', 999_999));
      put(at - 9, message.insert(16384, ['s', 'Streamed'], 999_999));
      put(at - 8, message.insert(16384, ['s', 'Sub'], 1_000_001));
      put(at - 8, message.streamStop());
    }
    put(at, message.begin(BigInt(at + 800), BigInt(n) * 1_000_000n, 1000 + n));
    put(at + 100, message.insert(16384, [String(n), `note ${String(n)}`]));
    put(at + 200, message.delete(16384, 'K', [String(n), null]));
    put(at + 900, message.commit(BigInt(at + 800), BigInt(at + 900), BigInt(n) * 1_000_000n));
    if (n === 20_000) {
      put(at + 950, message.streamCommit(999_999, BigInt(at + 940), BigInt(at + 950), 1n));
    }
    if (writer.full) await writer.flush();
  }
  await writer.close();
  const file = await CaptureFile.open(files, 'c');
  const catalog = new RelationCatalog(file);
  return { files, file, catalog };
}

const opened = await capture();

function shown(spec: ViewSpec) {
  const { file, catalog } = opened;
  const view = new View(1, spec, file, catalog);
  const jump = (to: JumpTarget) => new Jump(file, view, pause).to(to);
  /** The whole way, as a webview goes it. */
  const find = async (text: string, from: number, direction: 'next' | 'previous') => {
    const search = new TextSearch(file, catalog, text);
    for (let at = from; ;) {
      const found = await findText(file, view, search, { from: at, direction }, pause, signal);
      if (found.done) return found;
      expect(found.reached).not.toBe(at);
      at = found.reached;
    }
  };
  return { file, view, jump, find, line: async (row: number) => (await view.lines(row, 1))[0] };
}

describe('finding a text', () => {
  it('goes to the next and the previous change that has it, and no further', async () => {
    const { find, file, line } = shown(FLAT);
    const first = await find('NOTE 25000', -1, 'next');
    const { rows } = file;
    expect(first).toMatchObject({ done: true });
    expect((await line(first.row))?.seq).toBe(first.seq);
    expect(await find('note 25000', first.seq, 'next')).toMatchObject({ row: -1, done: true });
    expect(await find('note 25000', rows, 'previous')).toEqual(first);
    expect(await find('note 25000', first.seq, 'previous')).toMatchObject({ row: -1, done: true });
    const some = await find('note 2999', -1, 'next');
    const more = await find('note 2999', some.seq, 'next');
    expect(more.seq).toBeGreaterThan(some.seq);
    expect(await find('note 2999', more.seq, 'previous')).toEqual(some);
  });

  it('leads to the line of a collapsed transaction, and passes over what is filtered out', async () => {
    const { find, view, line } = shown({ ...GROUPED, operations: ['delete'] });
    expect(await find('note', -1, 'next')).toMatchObject({ row: -1, done: true });
    const found = await find('12345', -1, 'next');
    expect(await line(found.row)).toMatchObject({ transaction: found.transaction });
    await view.expand(found.transaction, true);
    const again = await find('12345', -1, 'next');
    expect(await line(again.row)).toMatchObject({ seq: found.seq, nested: true });
  });
});

/** A disk that says late what it has read, and not in the order of the questions. */
function slow(files: MemoryFiles): FileAccess {
  const open = async (path: string) => {
    const file = await files.open(path);
    let turn = 0;
    return {
      read: async (into: Uint8Array, position: number) => {
        const length = await file.read(into, position);
        await sleep(turn++ % 2 === 0 ? 3 : 1);
        return length;
      },
      write: file.write.bind(file),
      size: file.size.bind(file),
      stamp: file.stamp.bind(file),
      truncate: file.truncate.bind(file),
      sync: file.sync.bind(file),
      close: file.close.bind(file),
    };
  };
  return { open, create: files.create.bind(files) };
}

describe('finding several times at once', () => {
  it('answers each search as if it were alone', async () => {
    let complete = -1;
    const reader = new CaptureReader(slow(opened.files), head => {
      if (head.view.complete) complete = head.view.view;
    });
    await reader.open({ path: 'c' });
    const { view } = reader.current.setView(FLAT);
    while (complete !== view) await sleep(5);
    const find = async (from: number) => {
      for (let at = from; ;) {
        const p = { view, text: 'note 7', from: at, direction: 'next' } as const;
        const found = await reader.current.find(p, signal);
        if (found.done) return found;
        at = found.reached;
      }
    };
    const starts = [-1, 400, 5_000, 9_000, 20_000, 30_000];
    const alone = [];
    for (const from of starts) alone.push(await find(from));
    expect(await Promise.all(starts.map(find))).toEqual(alone);
    await reader.close();
  });
});

describe('going to a place', () => {
  it.each([FLAT, GROUPED])('finds positions, times and transactions: $grouping', async spec => {
    const { jump, file, line } = shown(spec);
    const lsn = (position: number) => `0/${position.toString(16)}`;
    const exact = await jump({ kind: 'lsn', lsn: lsn(25_000_200) });
    expect(exact.message).toBe('');
    const { lsn: there } = await file.row(exact.seq);
    expect(there).toBe(25_000_200n);
    const row = await line(exact.row);
    if (spec.grouping === 'flat') expect(row?.seq).toBe(exact.seq);
    else expect(row?.transaction).toBe(exact.transaction);

    const between = await jump({ kind: 'lsn', lsn: lsn(25_000_150) });
    expect(between.message).toMatch(/^Nothing stands at/);
    expect(between.seq).toBe(exact.seq);

    // Its change stands far before transactions that were committed before it.
    const streamed = await jump({ kind: 'lsn', lsn: lsn(99_991) });
    expect(streamed.message).toBe('');
    expect(await jump({ kind: 'xid', xid: 999_999 })).toMatchObject({
      transaction: streamed.transaction,
      message: '',
    });
    expect(await jump({ kind: 'xid', xid: 1_000_001 })).toMatchObject({
      transaction: streamed.transaction,
      message: '1000001 is a subtransaction.',
    });
    const xid = await jump({ kind: 'xid', xid: 26_000 });
    expect(xid).toMatchObject({ transaction: exact.transaction, message: '' });

    const time = await jump({ kind: 'time', time: '2000-01-01T06:56:40.000000Z' });
    expect(time).toMatchObject({ transaction: exact.transaction, message: '' });
    const later = await jump({ kind: 'time', time: '2000-01-01T06:56:40.000001Z' });
    expect(later.transaction).toBe(exact.transaction + 1);
    expect((await jump({ kind: 'time', time: '1999-01-01T00:00:00Z' })).row).toBe(0);

    const end = await jump({ kind: 'lsn', lsn: 'FFFF/0' });
    expect(end.message).toMatch(/^Nothing in this capture was committed/);
    expect(end.row).toBeGreaterThan(0);
    expect(await jump({ kind: 'xid', xid: 7 })).toMatchObject({
      row: -1,
      message: 'No transaction 7 in this capture.',
    });
    expect((await jump({ kind: 'seq', seq: exact.seq })).row).toBe(exact.row);
  });

  it('says that a place is filtered out, and goes to the next', async () => {
    const { jump, file, line } = shown({ ...FLAT, operations: ['delete'] });
    const near = await jump({ kind: 'lsn', lsn: `0/${(25_000_100).toString(16)}` });
    expect(near.message).toBe('That is filtered out: this is what comes next.');
    expect((await file.row(near.seq)).lsn).toBe(25_000_200n);
    expect((await line(near.row))?.seq).toBe(near.seq);
    const none = shown({ ...FLAT, text: 'nowhere to be found' });
    expect(await none.jump({ kind: 'seq', seq: 5 })).toMatchObject({
      row: -1,
      message: 'The filter lets nothing through.',
    });
  });
});
