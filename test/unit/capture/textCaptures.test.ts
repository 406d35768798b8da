import { describe, expect, it } from 'vitest';
import { bytesOf, positionOf, short, textCapture } from './pluginTexts';

const lsn = (i: number): string => `0/${positionOf(i).toString(16).toUpperCase()}`;

const SHOP = [
  'BEGIN 763',
  'table public.orders: INSERT: id[integer]:1 total[numeric]:12.50 note[text]:null',
  "table public.orders: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2 total[numeric]:12.50 note[text]:'a\nb'",
  'table public.orders: DELETE: id[integer]:2',
  'message: transactional: 1 prefix: app, sz: 5 content:hello',
  'COMMIT 763 (at 2026-11-20 14:00:00.123456+01)',
  'message: transactional: 0 prefix: out, sz: 2 content:of',
  'BEGIN 764',
  'table public.orders, shop."Odd, ""name"": INSERT:": TRUNCATE: restart_seqs cascade',
  'COMMIT 764 (at 2026-11-20 14:00:01+01)',
];

describe('a capture of test_decoding', () => {
  it('shows operation, table, key and values', async () => {
    const { rows } = await textCapture('test_decoding', SHOP);
    expect((await rows()).map(short)).toEqual([
      'insert public.orders id=1 total=12.50 note=(null)',
      'update public.orders *id=1→2 total=12.50 note=a\nb',
      'delete public.orders *id=2',
      'message .app content=hello',
      'message .out content=of',
      'truncate public.orders tables=public.orders, shop."Odd, ""name"": INSERT:" cascade=yes restart identity=yes',
    ]);
  });

  it('knows transactions, their commit and what they change', async () => {
    const { rows, details, totals, file } = await textCapture('test_decoding', SHOP);
    expect(totals).toMatchObject({
      messages: 10,
      changes: 6,
      transactions: 2,
      openTransactions: 0,
    });
    const shown = await rows({ grouping: 'transactions' });
    expect(shown.map(short)).toEqual([
      'committed 763 4 [orders]',
      'message .out content=of',
      'committed 764 1 [orders]',
    ]);
    expect((await details.detail(2)).transaction).toMatchObject({
      xid: 763,
      commitTime: '2026-11-20T13:00:00.123456Z',
      endLsn: lsn(5),
      byOperation: { insert: 1, update: 1, delete: 1, truncate: 0, message: 1 },
    });
    expect(file.lastCommit?.endLsn).toBe(positionOf(9));
  });

  it('filters by operation, table and text, and counts the tables', async () => {
    const { shown, details } = await textCapture('test_decoding', SHOP);
    expect(await shown({ operations: ['update', 'delete'] })).toEqual([2, 3]);
    expect(await shown({ tables: ['public.orders'] })).toEqual([1, 2, 3, 8]);
    expect(await shown({ tables: ['shop."Odd, ""name"": INSERT:"'] })).toEqual([8]);
    expect(await shown({ text: '12.5' })).toEqual([1, 2]);
    // Names of columns and types are no values.
    expect(await shown({ text: 'numeric' })).toEqual([]);
    expect(await shown({ text: 'orders' })).toEqual([1, 2, 3, 8]);
    expect(details.facets()).toEqual({
      tables: [{ id: 'public.orders', schema: 'public', table: 'orders', changes: 4 }],
      operations: { insert: 1, update: 1, delete: 1, truncate: 1, message: 2 },
    });
  });

  it('tells types, before and after, what was not changed and what was not told', async () => {
    const { details } = await textCapture('test_decoding', [
      'BEGIN 7',
      "table public.t: UPDATE: id[integer]:1 big[text]:unchanged-toast-datum tags[character varying[]]:'{a}'",
      "table public.t: UPDATE: old-key: id[integer]:1 big[text]:'x' new-tuple: id[integer]:1 big[text]:unchanged-toast-datum tags[text[]]:''",
      'table public.t: DELETE: (no-tuple-data)',
      'COMMIT 7',
    ]);
    expect((await details.detail(1)).columns).toMatchObject([
      { name: 'id', type: 'integer', key: false, before: { kind: 'absent' } },
      { name: 'big', type: 'text', after: { kind: 'unchanged' } },
      { name: 'tags', type: 'character varying[]', after: { kind: 'text', text: '{a}' } },
    ]);
    // Old columns that did not change are those of a whole row: one that it lacks was NULL.
    expect((await details.detail(2)).columns).toMatchObject([
      { name: 'id', key: false, changed: false },
      { name: 'big', before: { text: 'x' }, after: { text: 'x' }, changed: false },
      { name: 'tags', before: { kind: 'null' }, after: { kind: 'empty' }, changed: true },
    ]);
    const bare = await details.detail(3);
    expect(bare).toMatchObject({ operation: 'delete', table: 't', columns: [], error: '' });
    expect(bare.relation).toBeUndefined();
    expect(bare.transaction).toMatchObject({ xid: 7, commitTime: '', fate: 'committed' });
  });

  it('shows a line that cannot be read with its error and as it is, and goes on', async () => {
    const { rows, details } = await textCapture('test_decoding', [
      'BEGIN 7',
      "table public.t: INSERT: id[integer]:'1",
      'something else',
      Uint8Array.of(...bytesOf("table public.t: INSERT: id[text]:'"), 0xff, 0x27),
      'table public.t: INSERT: id[integer]:2',
      'COMMIT 7',
    ]);
    expect((await rows()).map(short)).toEqual([
      `error: Not readable: a closing ' expected at character 37, found "1" · table public.t: INSERT: id[integer]:'1`,
      'error: Not readable: "table " expected at character 0, found "something else" · something else',
      'insert public.t id=ff',
      'insert public.t id=2',
    ]);
    const detail = await details.detail(1);
    expect(detail.error).toContain("a closing ' expected");
    expect(detail.message?.content).toMatchObject({
      text: "table public.t: INSERT: id[integer]:'1",
    });
  });

  it('follows streamed blocks, of which the plugin tells no rows', async () => {
    const { rows, totals } = await textCapture('test_decoding', [
      'opening a streamed block for transaction TXN 900',
      'streaming change for TXN 900',
      'closing a streamed block for transaction TXN 900',
      'BEGIN 901',
      'table public.t: INSERT: id[integer]:1',
      'COMMIT 901 (at 2026-11-20 14:00:00+00)',
      'opening a streamed block for transaction TXN 900',
      'streaming change for TXN 900',
      'closing a streamed block for transaction TXN 900',
      'committing streamed transaction TXN 900 (at 2026-11-20 14:00:02+00)',
    ]);
    expect(totals).toMatchObject({ transactions: 2, openTransactions: 0, changes: 1 });
    expect((await rows()).map(short)).toMatchObject([
      expect.stringContaining('does not tell what changed while it streams a transaction'),
      'insert public.t id=1',
      expect.stringContaining('streaming change for TXN 900'),
    ]);
    const grouped = await rows({ grouping: 'transactions' });
    expect(grouped.map(short)).toEqual(['committed 900 0 []', 'committed 901 1 [t]']);
    expect(grouped[0]).toMatchObject({ streamed: true, commitTime: '2026-11-20T14:00:02.000000Z' });
  });

  it('knows prepared transactions by their names for it', async () => {
    const { rows } = await textCapture('test_decoding', [
      'BEGIN 10',
      'table public.t: INSERT: id[integer]:1',
      "PREPARE TRANSACTION 'it''s', txid 10",
      'BEGIN 11',
      "PREPARE TRANSACTION 'other', txid 11",
      "COMMIT PREPARED 'it''s', txid 10",
      "ROLLBACK PREPARED 'other', txid 11",
    ]);
    expect((await rows({ grouping: 'transactions' })).map(short)).toEqual([
      'committed 10 1 [t]',
      'aborted 11 0 []',
    ]);
  });

  it('a transaction begins where its first change stands, if its begin came without a position', async () => {
    const { rows, details } = await textCapture(
      'test_decoding',
      ['BEGIN 7', SHOP[1] ?? '', 'COMMIT 7'],
      0,
    );
    expect(await rows({ grouping: 'transactions' })).toMatchObject([{ lsn: lsn(1) }]);
    expect((await details.detail(1)).transaction).toMatchObject({ firstLsn: lsn(1) });
  });

  it('does without transaction IDs and times where they are not told', async () => {
    const { rows, totals } = await textCapture('test_decoding', [
      'BEGIN',
      'table public.t: INSERT: id[integer]:1',
      'message: transactional: 1 prefix: p, sz: 1 content:m',
      'COMMIT',
    ]);
    expect(totals).toMatchObject({ transactions: 1, openTransactions: 0, changes: 2 });
    expect((await rows({ grouping: 'transactions' })).map(short)).toEqual(['committed 0 2 [t]']);
  });
});

describe('a capture of wal2json', () => {
  const insert = (table: string, id: string): string =>
    `{"action":"I","xid":763,"schema":"public","table":"${table}","columns":[{"name":"id","type":"integer","value":${id}},{"name":"note","type":"text","value":"say \\"hi\\"\\n"}]}`;

  it('format version 2: a message is a change', async () => {
    const { rows, shown, details } = await textCapture('wal2json', [
      '{"action":"B","xid":763,"timestamp":"2026-11-20 14:00:00.5+01","lsn":"0/100","nextlsn":"0/700"}',
      insert('orders', '9007199254740993'),
      '{"action":"U","schema":"public","table":"orders","columns":[{"name":"id","type":"integer","value":1}],"identity":[{"name":"id","type":"integer","value":1},{"name":"big","type":"text","value":"kept"}],"pk":[{"name":"id","type":"integer"}]}',
      '{"action":"T","schema":"public","table":"orders"}',
      '{"action":"M","transactional":false,"prefix":"p","content":"c"}',
      '{"action":"C","xid":763,"timestamp":"2026-11-20 14:00:00.5+01","lsn":"0/600","nextlsn":"0/700"}',
    ]);
    expect((await rows()).map(short)).toEqual([
      'insert public.orders id=9007199254740993 note=say "hi"',
      'update public.orders *id=1',
      'truncate public.orders',
      'message .p content=c',
    ]);
    expect((await details.detail(2)).columns).toMatchObject([
      { name: 'id', key: true, type: 'integer' },
      { name: 'big', key: false, before: { text: 'kept' }, after: { text: 'kept' } },
    ]);
    expect((await details.detail(1)).transaction).toMatchObject({
      xid: 763,
      endLsn: '0/700',
      commitTime: '2026-11-20T13:00:00.500000Z',
    });
    // As the value has it, not as JSON writes it.
    expect(await shown({ text: 'say "hi"' })).toEqual([1]);
    expect(await shown({ text: '\\"hi' })).toEqual([]);
    expect(await shown({ text: 'public.orders' })).toEqual([1, 2, 3]);
  });

  const CHANGE = (kind: string, table: string): string =>
    kind === 'delete'
      ? `{"kind":"delete","schema":"public","table":"${table}","oldkeys":{"keynames":["id"],"keytypes":["integer"],"keyvalues":[1]}}`
      : `{"kind":"${kind}","schema":"public","table":"${table}","columnnames":["id"],"columntypes":["integer"],"columnvalues":[1]}`;
  const transaction = (xid: number, changes: readonly string[]): string =>
    `{"xid":${String(xid)},"nextlsn":"0/900","timestamp":"2026-11-20 14:00:00+00","change":[${changes.join(',')}]}`;

  it('format version 1: a message is a transaction; with one change it is that change', async () => {
    const { rows, totals, shown, details } = await textCapture('wal2json', [
      transaction(1, [CHANGE('insert', 'a')]),
      transaction(2, [CHANGE('insert', 'a'), CHANGE('insert', 'a'), CHANGE('delete', 'b')]),
      transaction(3, []),
      '{"change":[{"kind":"message","transactional":false,"prefix":"p","content":"c"}]}',
    ]);
    expect(totals).toMatchObject({ messages: 4, transactions: 3, openTransactions: 0 });
    expect((await rows()).map(short)).toEqual([
      'insert public.a id=1',
      'text: 3 changes in one message: insert public.a × 2, delete public.b',
      expect.stringMatching(/^text: .*"change":\[\]/),
      'message .p content=c',
    ]);
    expect((await rows({ grouping: 'transactions' })).map(short)).toEqual([
      'committed 1 1 [a]',
      'committed 2 3 [a, b]',
      'committed 3 0 []',
      'message .p content=c',
    ]);
    // A filter looks into the message.
    expect(await shown({ operations: ['delete'] })).toEqual([1]);
    expect(await shown({ tables: ['public.a'] })).toEqual([0, 1]);
    expect(await shown({ tables: ['public.b'], operations: ['insert'] })).toEqual([]);
    expect(await shown({ text: 'public.b' })).toEqual([1]);
    const several = await details.detail(1);
    expect(several.message?.content).toMatchObject({
      text: [
        '{"kind":"insert","lsn":"0/200","xid":2,"schema":"public","table":"a","new":{"id":"1"}}',
        '{"kind":"insert","lsn":"0/200","xid":2,"schema":"public","table":"a","new":{"id":"1"}}',
        '{"kind":"delete","lsn":"0/200","xid":2,"schema":"public","table":"b","key":{"id":"1"}}',
      ].join('\n'),
    });
    expect(details.facets().tables.map(({ id, changes }) => [id, changes])).toEqual([
      ['public.a', 3],
      ['public.b', 1],
    ]);
  });

  it('format version 1 in chunks: each piece is a change', async () => {
    const { rows, totals, details } = await textCapture('wal2json', [
      '{"xid":5,"nextlsn":"0/900","timestamp":"2026-11-20 14:00:00+00","change":[',
      CHANGE('insert', 'a'),
      `,${CHANGE('delete', 'b')}`,
      ']}',
    ]);
    expect(totals).toMatchObject({ changes: 2, transactions: 1, openTransactions: 0 });
    expect((await rows()).map(short)).toEqual(['insert public.a id=1', 'delete public.b *id=1']);
    expect((await details.detail(2)).transaction).toMatchObject({
      xid: 5,
      endLsn: lsn(3),
      commitTime: '2026-11-20T14:00:00.000000Z',
    });
  });

  it('a table without its schema is named alone', async () => {
    const { rows } = await textCapture('wal2json', [
      '{"action":"B"}',
      '{"action":"I","table":"t","columns":[]}',
      '{"action":"C"}',
    ]);
    expect((await rows({ grouping: 'transactions' })).map(short)).toEqual(['committed 0 1 [t]']);
  });
});

describe('a capture of another plugin', () => {
  it('shows its messages as they are', async () => {
    const { rows, totals } = await textCapture('decoderbufs', [
      'BEGIN 7',
      'table public.t: INSERT:',
    ]);
    expect(totals).toMatchObject({ changes: 0, transactions: 0 });
    expect((await rows()).map(short)).toEqual(['text: BEGIN 7', 'text: table public.t: INSERT:']);
  });
});
