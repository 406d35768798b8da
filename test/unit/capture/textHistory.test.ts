import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/base/hex';
import { parseLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { RowHistory } from '../../../src/capture/rowHistory';
import type { HistoryEntry, HistoryPage, HistoryRequest } from '../../../src/shared/historyApi';
import { LogicalFixtures, VERSIONS } from '../../golden/logical/cases';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { textCapture } from './pluginTexts';

type Direction = HistoryRequest['direction'];

function page(history: RowHistory, request: HistoryRequest): Promise<HistoryPage> {
  return history.page(request, () => Promise.resolve(), new AbortController().signal);
}

/** All there is on one side; the problem, where there is one. */
async function walk(
  history: RowHistory,
  seq: number,
  direction: Direction,
): Promise<readonly HistoryEntry[] | string> {
  const entries: HistoryEntry[] = [];
  let request: HistoryRequest = { anchor: seq, from: seq, direction, limit: 100 };
  for (;;) {
    const { problem, anchor, reached, done, entries: found } = await page(history, request);
    if (problem !== '') return problem;
    entries.push(...found);
    if (done) return entries;
    request = { ...request, anchor, from: reached };
  }
}

const seqs = (found: readonly HistoryEntry[] | string) =>
  typeof found === 'string' ? found : found.map(({ seq }) => seq);

async function historyOf(plugin: string, texts: readonly string[]) {
  const { file, catalog } = await textCapture(plugin, texts);
  const history = new RowHistory(file, catalog);
  return {
    history,
    earlier: async (seq: number) => seqs(await walk(history, seq, 'earlier')),
    later: async (seq: number) => seqs(await walk(history, seq, 'later')),
  };
}

const ORDERS = [
  'BEGIN 763',
  "table public.orders: INSERT: id[integer]:1 note[text]:'a'", // 1
  "table public.orders: INSERT: id[integer]:2 note[text]:'1'", // 2: another row
  "table public.orders: UPDATE: id[integer]:1 note[text]:'b'", // 3
  "table public.orders: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:9 note[text]:'b'", // 4
  "table public.lines: INSERT: id[integer]:9 note[text]:'b'", // 5: another table
  "table public.orders: UPDATE: id[integer]:9 note[text]:'c'", // 6
  'table public.orders: DELETE: id[integer]:9', // 7
  'table public.lines, public.orders: TRUNCATE: (no-flags)', // 8
  "table public.orders: INSERT: id[integer]:9 note[text]:'again'", // 9
  'COMMIT 763 (at 2026-11-20 14:00:00.123456+01)',
];

describe('the history of a row in texts', () => {
  it('is found by the key that a delete or a change of the key names', async () => {
    const { history, earlier, later } = await historyOf('test_decoding', ORDERS);
    expect(await later(1)).toEqual([3, 4, 6, 7, 8, 9]);
    expect(await earlier(7)).toEqual([6, 4, 3, 1]);
    expect(await later(2)).toEqual([8]);
    const moved = await page(history, { anchor: 3, from: 3, direction: 'later', limit: 1 });
    expect(moved).toMatchObject({
      byWholeRow: false,
      key: [{ column: 'id', after: { text: '9' } }],
      entries: [
        {
          operation: 'update',
          xid: 763,
          time: '2026-11-20T13:00:00.123456Z',
          key: [{ column: 'id', before: { text: '1' }, after: { text: '9' } }],
          summary: [{ column: 'note', after: { text: 'b' } }],
        },
      ],
    });
    // Of this table nothing tells the key.
    expect(await later(5)).toBe(
      'No text of this capture tells the key of public.lines, so its rows cannot be followed: test_decoding names it only where a row is deleted or its key changes.',
    );
    expect(await later(0)).toMatch(/^This message is not about one row\. Choose /);
  });

  it('learns the key when it is told', async () => {
    const { later } = await historyOf('test_decoding', ORDERS.slice(0, 4));
    expect(await later(1)).toMatch(/^No text of this capture tells the key of public\.orders/);
  });

  it('is found by all values where whole rows are told', async () => {
    const { history, earlier, later } = await historyOf('test_decoding', [
      'BEGIN 7',
      "table public.log: INSERT: a[text]:'x' b[integer]:1 c[text]:null", // 1
      "table public.log: INSERT: a[text]:'y' b[integer]:1 c[text]:null", // 2
      "table public.log: UPDATE: old-key: a[text]:'x' b[integer]:1 new-tuple: a[text]:'x' b[integer]:2 c[text]:null", // 3
      "table public.log: DELETE: a[text]:'x' b[integer]:2", // 4
      'COMMIT 7',
    ]);
    expect(await later(1)).toEqual([3, 4]);
    expect(await earlier(4)).toEqual([3, 1]);
    expect(await later(2)).toEqual([]);
    const request = { anchor: 4, from: 4, direction: 'earlier', limit: 1 } as const;
    expect(await page(history, request)).toMatchObject({ byWholeRow: true });
  });

  it('follows the identity of wal2json, or the primary key where it is named', async () => {
    const id = (value: number) => `[{"name":"id","type":"integer","value":${String(value)}}]`;
    const columns = (value: number, note: string) =>
      `[{"name":"id","type":"integer","value":${String(value)}},{"name":"note","type":"text","value":"${note}"}]`;
    const change = (action: string, rest: string, table = 'orders') =>
      `{"action":"${action}","schema":"public","table":"${table}",${rest}}`;
    const { earlier, later } = await historyOf('wal2json', [
      '{"action":"B"}',
      change('I', `"columns":${columns(1, 'a\\u00e9')}`), // 1
      change('U', `"columns":${columns(1, 'b')},"identity":${id(1)}`), // 2
      change('U', `"columns":${columns(5, 'b')},"identity":${id(1)}`), // 3
      change('D', `"identity":${id(5)}`), // 4
      change('I', `"columns":${columns(1, 'x')}`, 'plain'), // 5
      change('I', `"columns":${columns(1, 'x')},"pk":[{"name":"id","type":"integer"}]`, 'known'), // 6
      change('I', `"columns":${columns(2, 'x')},"pk":[{"name":"id","type":"integer"}]`, 'known'), // 7
      '{"action":"C"}',
    ]);
    expect(await later(1)).toEqual([2, 3, 4]);
    expect(await earlier(4)).toEqual([3, 2, 1]);
    expect(await later(5)).toMatch(/wal2json names it only in updates and deletes, or with/);
    expect(await later(6)).toEqual([]);
  });

  it('is not pieced together from whole transactions', async () => {
    const row = (id: number) =>
      `{"kind":"insert","schema":"public","table":"t","columnnames":["id"],"columntypes":["integer"],"columnvalues":[${String(id)}]}`;
    const { later } = await historyOf('wal2json', [
      `{"change":[${row(1)},${row(2)}]}`,
      `{"change":[${row(3)}]}`,
    ]);
    for (const seq of [0, 1]) {
      expect(await later(seq)).toBe(
        'Here wal2json wrote each transaction as one text (format version 1), in which rows cannot be followed. With format version 2 they can.',
      );
    }
  });
});

describe('the histories of rows that a Postgres sent', () => {
  const fixtures = new LogicalFixtures(VERSIONS.at(-1)!);

  async function recorded(name: string, plugin: string) {
    const files = new MemoryFiles();
    const source = { ...testMeta.source, plugin };
    const writer = await CaptureWriter.create(files, 'c', { ...testMeta, source });
    for (const { lsn, data } of fixtures.rows(name)) {
      const payload = plugin === 'pgoutput' ? fromHex(data)! : new TextEncoder().encode(data);
      writer.appendMessage(parseLsn(lsn)!, payload);
    }
    await writer.close();
    const file = await CaptureFile.open(files, 'c');
    return { file, history: new RowHistory(file, new RelationCatalog(file)) };
  }

  /** The same name for the same change, by its place in the capture. */
  async function namesOf(file: CaptureFile): Promise<Map<number, string>> {
    const names = new Map<number, string>();
    const times = new Map<string, number>();
    for (let seq = 0; seq < file.rows; seq++) {
      const { lsn, row } = await file.readMessage(seq);
      const letter = String.fromCharCode(row.kind);
      if (!'IUDT'.includes(letter)) continue;
      const name = `${String(lsn)} ${letter}`;
      // A truncate of several tables is one message, or one of each.
      const time = letter === 'T' ? 0 : (times.get(name) ?? 0);
      times.set(name, time + 1);
      names.set(seq, `${name} ${String(time)}`);
    }
    return names;
  }

  it.each([
    ['oracle-test_decoding', 'test_decoding'],
    ['oracle-wal2json-v2', 'wal2json'],
  ])(
    'are the same in texts as in messages that describe their tables: %s',
    async (name, plugin) => {
      const told = await recorded('v1', 'pgoutput');
      const text = await recorded(name, plugin);
      const toldNames = await namesOf(told.file);
      const textNames = await namesOf(text.file);
      const numbers = new Map([...textNames].map(([seq, change]) => [change, seq]));
      let compared = 0;
      const asked = new Map<number, number>();
      for (const [seq, change] of toldNames) {
        const number = numbers.get(change);
        const { relation } = await told.file.row(seq);
        const many = asked.get(relation) ?? 0;
        if (number === undefined || many >= 10) continue;
        asked.set(relation, many + 1);
        for (const direction of ['earlier', 'later'] as const) {
          const expected = await walk(told.history, seq, direction);
          const found = await walk(text.history, number, direction);
          if (typeof found === 'string' || typeof expected === 'string') continue;
          expect([change, direction, found.map(entry => textNames.get(entry.seq))]).toEqual([
            change,
            direction,
            expected.map(entry => toldNames.get(entry.seq)),
          ]);
          compared += found.length;
        }
      }
      expect(compared).toBeGreaterThan(50);
    },
  );
});
