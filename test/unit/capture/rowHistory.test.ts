import { afterEach, describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/base/hex';
import type { Lsn } from '../../../src/base/lsn';
import { parseLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { decodeCaptured } from '../../../src/capture/decodedMessage';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { RowHistory } from '../../../src/capture/rowHistory';
import { valueText } from '../../../src/logical/valueText';
import type { HistoryEntry, HistoryRequest } from '../../../src/shared/historyApi';
import { LogicalFixtures, VERSIONS } from '../../golden/logical/cases';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import type { Value } from './pgoutputBytes';
import { message, xlogData } from './pgoutputBytes';

const open: CaptureFile[] = [];
afterEach(async () => {
  for (const file of open.splice(0)) await file.close();
});

async function captureOf(write: (writer: CaptureWriter) => void | Promise<void>) {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  await write(writer);
  await writer.close();
  const file = await CaptureFile.open(files, 'c');
  open.push(file);
  const catalog = new RelationCatalog(file);
  return { file, catalog, history: new RowHistory(file, catalog) };
}

const captureOfPayloads = (payloads: readonly Uint8Array[]) =>
  captureOf(async writer => {
    for (const [i, payload] of payloads.entries()) {
      writer.append(xlogData(BigInt(100 + i), payload));
      if (writer.full) await writer.flush();
    }
  });

/** All there is on one side, in as many calls as it takes. */
async function walk(
  history: RowHistory,
  seq: number,
  direction: HistoryRequest['direction'],
  limit = 3,
): Promise<readonly HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  let request: HistoryRequest = { anchor: seq, from: seq, direction, limit };
  for (let calls = 0; calls < 100_000; calls++) {
    const page = await history.page(request, () => Promise.resolve(), new AbortController().signal);
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    expect(page.problem).toBe('');
    entries.push(...page.entries);
    if (page.done) return entries;
    request = { ...request, anchor: page.anchor, from: page.reached };
  }
  throw new Error('without end');
}

const seqs = (entries: readonly HistoryEntry[]) => entries.map(({ seq }) => seq);

const ORDERS = [{ name: 'id', key: true }, { name: 'note' }];
const insert = (oid: number, ...values: Value[]) => message.insert(oid, values);

describe('the history of a row', () => {
  it('follows the key where it changes, both ways', async () => {
    const { history } = await captureOfPayloads([
      message.begin(200n, 1n, 7),
      message.relation(1, 'public', 'orders', ORDERS),
      insert(1, '1', 'a'), // 2
      insert(1, '2', '1'), // 3: another row that has the text of the key elsewhere
      message.update(1, ['1', 'b']), // 4
      message.update(1, ['9', 'b'], { kind: 'K', values: ['1', null] }), // 5
      message.update(1, ['9', 'c']), // 6
      insert(1, '1', 'new'), // 7: the name is taken again, by another row
      message.delete(1, 'K', ['9', null]), // 8
      message.truncate([1]), // 9
      insert(1, '9', 'again'), // 10
      message.commit(200n, 201n, 1n),
    ]);
    expect(seqs(await walk(history, 8, 'earlier'))).toEqual([6, 5, 4, 2]);
    expect(seqs(await walk(history, 2, 'later'))).toEqual([4, 5, 6, 8, 9, 10]);
    // What has the name now is not what had it: its row moved away and is told so.
    expect(seqs(await walk(history, 7, 'earlier'))).toEqual([5, 4, 2]);
    expect(seqs(await walk(history, 7, 'later'))).toEqual([9]);
    expect(seqs(await walk(history, 3, 'later'))).toEqual([9]);
    const [moved] = await walk(history, 4, 'later');
    expect(moved).toMatchObject({
      seq: 5,
      operation: 'update',
      xid: 7,
      key: [{ column: 'id', before: { text: '1' }, after: { text: '9' } }],
    });
  });

  it('follows a row without a key by all its values', async () => {
    const columns = [{ name: 'a' }, { name: 'b' }];
    const { history } = await captureOfPayloads([
      message.begin(200n, 1n, 7),
      message.relation(1, 'public', 'log', columns, 'f'),
      insert(1, 'x', '1'), // 2
      insert(1, 'y', '1'), // 3
      message.update(1, ['x', '2'], { kind: 'O', values: ['x', '1'] }), // 4
      message.update(1, ['x', null], { kind: 'O', values: ['x', '2'] }), // 5
      message.delete(1, 'O', ['x', null]), // 6
      message.commit(200n, 201n, 1n),
    ]);
    expect(seqs(await walk(history, 2, 'later'))).toEqual([4, 5, 6]);
    expect(seqs(await walk(history, 6, 'earlier'))).toEqual([5, 4, 2]);
    expect(seqs(await walk(history, 3, 'later'))).toEqual([]);
  });

  it('goes on through changes of the table', async () => {
    const { history } = await captureOfPayloads([
      message.begin(200n, 1n, 7),
      message.relation(1, 'public', 'orders', ORDERS),
      insert(1, '1', 'a'), // 2
      message.relation(1, 'public', 'orders', [{ name: 'more' }, ...ORDERS]),
      message.update(1, ['m', '1', 'b']), // 4
      message.relation(1, 'public', 'renamed', [{ name: 'id' }], 'f'),
      message.update(1, ['1'], { kind: 'O', values: ['1'] }), // 6
      message.relation(2, 'public', 'orders', ORDERS),
      insert(2, '1', 'other table'), // 8
      message.commit(200n, 201n, 1n),
    ]);
    expect(seqs(await walk(history, 2, 'later'))).toEqual([4, 6]);
    expect(seqs(await walk(history, 6, 'earlier'))).toEqual([4, 2]);
    expect(seqs(await walk(history, 8, 'earlier'))).toEqual([]);
  });

  it('shows what was rolled back and is not led astray by it', async () => {
    const { history } = await captureOfPayloads([
      message.streamStart(7, true),
      message.relation(1, 'public', 'orders', ORDERS, 'd', 7),
      message.insert(1, ['1', 'a'], 7), // 2
      message.update(1, ['5', 'a'], { kind: 'K', values: ['1', null] }, 8), // 3, rolled back
      message.update(1, ['1', 'b'], undefined, 7), // 4
      message.streamStop(),
      message.streamAbort(7, 8),
      message.streamCommit(7, 200n, 201n, 1n),
    ]);
    const later = await walk(history, 2, 'later');
    expect(later.map(({ seq, fate }) => [seq, fate])).toEqual([
      [3, 'aborted'],
      [4, 'committed'],
    ]);
  });

  it('finds the row in a large capture, over the edges of chunks and blocks', async () => {
    const many = 150_000;
    const { history } = await captureOf(async writer => {
      writer.append(xlogData(100n, message.begin(200n, 1n, 7)));
      writer.append(xlogData(100n, message.relation(1, 'public', 'orders', ORDERS)));
      writer.append(xlogData(100n, message.relation(2, 'public', 'other', ORDERS)));
      for (let i = 0; i < many; i++) {
        const big = i % 50_000 === 49_999 ? 'x'.repeat(400_000) : 'n';
        const id = i % 25_000 === 0 || big.length > 1 ? 'wanted' : String(i);
        writer.append(xlogData(BigInt(101 + i), insert(i % 3 === 1 ? 2 : 1, id, big)));
        if (writer.full) await writer.flush();
      }
    });
    const expected: number[] = [];
    for (let i = 0; i < many; i++) {
      if ((i % 25_000 === 0 || i % 50_000 === 49_999) && i % 3 !== 1) expected.push(i + 3);
    }
    const [first, ...rest] = expected;
    expect(seqs(await walk(history, first!, 'later'))).toEqual(rest);
    expect(seqs(await walk(history, expected.at(-1)!, 'earlier'))).toEqual(
      expected.slice(0, -1).reverse(),
    );
  });

  it('says why there is none', async () => {
    const { history } = await captureOfPayloads([
      message.begin(200n, 1n, 7),
      message.relation(1, 'public', 'orders', ORDERS),
      message.truncate([1]),
      message.commit(200n, 201n, 1n),
    ]);
    const page = await history.page(
      { anchor: 2, from: 2, direction: 'later', limit: 5 },
      () => Promise.resolve(),
      new AbortController().signal,
    );
    expect(page.done).toBe(true);
    expect(page.problem).toMatch(/^This message is not about one row\. Choose /);
  });
});

describe.each(VERSIONS)('the histories of rows that a Postgres %i sent', version => {
  const fixtures = new LogicalFixtures(version);

  it.each(fixtures.names('sql-peek'))('are those that a plain search finds: %s', async name => {
    const { file, catalog, history } = await captureOf(writer => {
      for (const { lsn, data } of fixtures.rows(name)) {
        writer.appendMessage(parseLsn(lsn) as Lsn, fromHex(data) as Uint8Array);
      }
    });
    // One table after the other: rows by the text of their keys, linked where an update changes it.
    const names = new Map<string, number[]>();
    const asked: number[] = [];
    for (let seq = 0; seq < file.rows; seq++) {
      const { image } = decodeCaptured(await file.readMessage(seq), catalog);
      if (image === undefined || image.relation.replicaIdentity === 'full') continue;
      if (file.isSubAborted((await file.row(seq)).transaction, (await file.row(seq)).xid)) return;
      const keys = (['before', 'after'] as const).flatMap(side => {
        const parts = image.relation.columns.flatMap(({ key, typeOid }, i) => {
          if (!key) return [];
          const { tuple } = image[side](i);
          const text = tuple && valueText(tuple, i, typeOid, catalog.findType);
          return [text];
        });
        return parts.length === 0 || parts.includes(undefined) ? [] : [JSON.stringify(parts)];
      });
      if (keys.length === 0) continue;
      asked.push(seq);
      for (const key of new Set(keys)) {
        const id = `${String(image.relation.oid)} ${key}`;
        names.set(id, [...(names.get(id) ?? []), seq]);
      }
    }
    const versionsOf = new Set(file.relations.all.map(({ oid }) => oid)).size;
    expect(versionsOf).toBeGreaterThan(0);
    for (const seq of asked.slice(0, 40)) {
      const found = new Set([
        ...seqs(await walk(history, seq, 'earlier', 50)),
        seq,
        ...seqs(await walk(history, seq, 'later', 50)),
      ]);
      // Whoever shares a name with it at its own place is there.
      for (const [, sharing] of [...names].filter(([, list]) => list.includes(seq))) {
        const at = sharing.indexOf(seq);
        for (const neighbour of [sharing[at - 1], sharing[at + 1]]) {
          if (neighbour !== undefined)
            expect({ seq, found: [...found] }).toEqual({
              seq,
              found: expect.arrayContaining([neighbour]) as number[],
            });
        }
      }
    }
  });
});
