import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import { SpillFolder } from '../../../src/capture/spillFile';
import type { Delivery } from '../../../src/logical/event';
import type { EventDecoderOptions } from '../../../src/logical/eventDecoder';
import { EventDecoder } from '../../../src/logical/eventDecoder';
import { formatEvent } from '../../../src/logical/formatEvent';
import * as build from './messageBuilder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'events-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The events as objects of the JSON they are written as. */
async function events(
  delivery: Delivery,
  messages: readonly Uint8Array[],
  more: Partial<EventDecoderOptions> = {},
): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const decoder = new EventDecoder({
    delivery,
    spill: new SpillFolder(folder),
    sink: event => lines.push(JSON.parse(formatEvent(event)) as Record<string, unknown>),
    ...more,
  });
  for (const { lsn, payload } of build.sentFrom(0x100n, messages)) await decoder.push(lsn, payload);
  decoder.end();
  return lines;
}

const COLUMNS = [
  { name: 'id', typeOid: 23, key: true },
  { name: 'v', typeOid: 25 },
];
const T = 16400;
const table = (xid?: number, columns: readonly build.ColumnSpec[] = COLUMNS) =>
  build.relation({ xid, oid: T, name: 't', columns });
const row = (id: string, v: build.CellSpec = 'x', xid?: number) =>
  build.insert({ xid, oid: T, row: [id, v] });
const ends = (lsn: bigint) => ({ commitLsn: lsn, endLsn: lsn + 8n, time: 0n });
const begin = (xid: number, finalLsn = 0x900n) => build.begin({ xid, finalLsn, time: 0n });
const prepared = { xid: 9, lsn: 0x500n, endLsn: 0x508n, time: 0n, gid: 'g' };

/** kind, xid and the id of the row: enough to see order and belonging. */
const brief = (lines: readonly Record<string, unknown>[]): string[] =>
  lines
    .filter(line => line['kind'] !== 'relation')
    .map(line => {
      const values = (line['new'] ?? line['key'] ?? line['old']) as { id?: string } | undefined;
      const parts = [line['kind'], line['xid'], values?.id] as (string | number | undefined)[];
      return parts.filter(part => part !== undefined).join(' ');
    });

describe('rows', () => {
  it('tells apart NULL, the empty string, unchanged and absent', async () => {
    const lines = await events('raw', [
      begin(1),
      table(),
      row('1', null),
      row('2', ''),
      build.update({ oid: T, row: ['1', { unchanged: true }] }),
      build.update({ oid: T, key: ['1', null], row: ['3', 'y'] }),
      build.remove({ oid: T, key: ['3', null] }),
    ]);
    expect(lines.slice(2)).toMatchObject([
      { new: { id: '1', v: null } },
      { new: { id: '2', v: '' } },
      { new: { id: '1' }, unchanged: ['v'] },
      { key: { id: '1' }, new: { id: '3', v: 'y' } },
      { kind: 'delete', key: { id: '3' } },
    ]);
    expect(lines[4]!['new']).not.toHaveProperty('v');
    expect(lines[5]!['key']).not.toHaveProperty('v');
    expect(lines[6]!['key']).toEqual({ id: '3' });
  });

  it('takes an unchanged value from the old row where that was sent', async () => {
    const full = build.relation({ oid: T, name: 't', identity: 'full', columns: COLUMNS });
    const [, , update] = await events('raw', [
      begin(1),
      full,
      build.update({ oid: T, old: ['1', 'long'], row: ['2', { unchanged: true }] }),
    ]);
    expect(update).toMatchObject({ old: { id: '1', v: 'long' }, new: { id: '2', v: 'long' } });
    expect(update).not.toHaveProperty('unchanged');
  });

  it('writes bytes that are not text as base64, on both sides of a change', async () => {
    const full = build.relation({ oid: T, name: 't', identity: 'full', columns: COLUMNS });
    const [, , update] = await events('raw', [
      begin(1),
      full,
      build.update({ oid: T, old: ['1', 'abc'], row: ['1', { text: Uint8Array.of(0xff) }] }),
    ]);
    expect(update).toMatchObject({
      old: { id: '1', v: 'YWJj' },
      new: { id: '1', v: '/w==' },
      encoding: { v: 'base64' },
    });
  });

  it('keeps the order and the names of hostile columns', async () => {
    const names = ['10', '__proto__', '1', 'a"b\\\n', 'constructor', '', '\u2028', 'é🐘'];
    const lines: string[] = [];
    const decoder = new EventDecoder({
      delivery: 'raw',
      spill: new SpillFolder(folder),
      sink: event => lines.push(formatEvent(event)),
    });
    const columns = names.map(name => ({ name }));
    const payloads = [begin(1), table(undefined, columns), build.insert({ oid: T, row: names })];
    for (const { lsn, payload } of build.sentFrom(1n, payloads)) await decoder.push(lsn, payload);
    const pairs = names.map(name => `${JSON.stringify(name)}:${JSON.stringify(name)}`);
    expect(lines[2]).toContain(`"new":{${pairs.join(',')}}}`);
  });

  it('decodes a row by the description that was current when it came', async () => {
    const wider = [...COLUMNS, { name: 'late', typeOid: 25 }];
    const lines = await events('assembled', [
      build.streamStart({ xid: 5 }),
      table(5),
      row('1', 'a', 5),
      build.streamStop(),
      build.streamStart({ xid: 5, first: false }),
      table(5, wider),
      build.insert({ xid: 5, oid: T, row: ['2', 'b', 'c'] }),
      build.streamStop(),
      build.streamCommit({ xid: 5, ...ends(0x900n) }),
      begin(6),
      build.insert({ oid: T, row: ['3', 'd', 'e'] }),
      build.commit(ends(0x910n)),
    ]);
    expect(lines.filter(line => line['kind'] === 'insert').map(line => line['new'])).toEqual([
      { id: '1', v: 'a' },
      { id: '2', v: 'b', late: 'c' },
      { id: '3', v: 'd', late: 'e' },
    ]);
  });

  it('forgets the description of a streamed transaction that is rolled back', async () => {
    const lines = await events('assembled', [
      begin(4),
      table(),
      build.commit(ends(0x10n)),
      build.streamStart({ xid: 5 }),
      table(5, [...COLUMNS, { name: 'never' }]),
      build.streamStop(),
      build.streamAbort({ xid: 5 }),
      begin(6),
      row('1'),
      build.commit(ends(0x20n)),
    ]);
    expect(lines.find(line => line['kind'] === 'insert')!['new']).toEqual({ id: '1', v: 'x' });
  });
});

describe('assembled delivery', () => {
  const interleaved = [
    build.streamStart({ xid: 5 }),
    table(5),
    row('51', 'x', 5),
    build.streamStop(),
    build.streamStart({ xid: 6 }),
    table(6),
    row('61', 'x', 6),
    row('62', 'x', 7), // a subtransaction of 6
    build.streamStop(),
    begin(8),
    table(),
    row('81'),
    build.commit(ends(0x800n)),
    build.streamStart({ xid: 5, first: false }),
    row('52', 'x', 5),
    build.streamStop(),
    build.streamAbort({ xid: 6, subxid: 7 }),
    build.streamStart({ xid: 6, first: false }),
    row('63', 'x', 6),
    build.streamStop(),
    build.streamCommit({ xid: 6, ...ends(0x900n) }),
    build.streamAbort({ xid: 5 }),
  ];

  it('delivers streamed transactions at their commit, without what was aborted', async () => {
    const expected = [
      'begin 8',
      'insert 8 81',
      'commit 8',
      'begin 6',
      'insert 6 61',
      'insert 6 63',
      'commit 6',
    ];
    expect(brief(await events('assembled', interleaved))).toEqual(expected);
    expect(brief(await events('assembled', interleaved, { memoryLimit: 1 }))).toEqual(expected);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('gives a streamed transaction the same begin and commit as any other', async () => {
    const lines = await events('assembled', [
      build.streamStart({ xid: 5 }),
      build.streamStop(),
      build.streamCommit({ xid: 5, ...ends(0x900n) }),
    ]);
    const commitTime = '2000-01-01T00:00:00.000000Z';
    expect(lines).toEqual([
      { kind: 'begin', lsn: '0/100', xid: 5, commitLsn: '0/900', commitTime },
      { kind: 'commit', lsn: '0/110', xid: 5, endLsn: '0/908', commitTime },
    ]);
  });

  it('delivers a prepared transaction at its commit, and never one that is rolled back', async () => {
    const rolledBack = { ...prepared, xid: 10, gid: 'h' };
    const lines = await events('assembled', [
      build.beginPrepare(prepared),
      table(),
      row('91'),
      build.prepare(prepared),
      build.beginPrepare(rolledBack),
      row('101'),
      build.prepare(rolledBack),
      begin(11),
      row('111'),
      build.commit(ends(0x600n)),
      build.rollbackPrepared({
        xid: 10,
        prepareEndLsn: 1n,
        rollbackEndLsn: 2n,
        prepareTime: 0n,
        rollbackTime: 0n,
        gid: 'h',
      }),
      build.commitPrepared({ ...prepared, lsn: 0x700n, endLsn: 0x708n }),
    ]);
    expect(brief(lines)).toEqual([
      'begin 11',
      'insert 11 111',
      'commit 11',
      'begin 9',
      'insert 9 91',
      'commit 9',
    ]);
    expect(lines.at(-1)).toMatchObject({ endLsn: '0/708' });
  });

  it('delivers once what the server sends from its beginning again', async () => {
    const block = (first: boolean, id: string) => [
      build.streamStart({ xid: 5, first }),
      table(5),
      row(id, 'x', 5),
      build.streamStop(),
    ];
    const again = [build.beginPrepare(prepared), table(), row('3', 'x'), build.prepare(prepared)];
    const lines = await events('assembled', [
      ...block(true, '1'),
      ...block(true, '1'),
      ...block(false, '2'),
      build.streamCommit({ xid: 5, ...ends(0x900n) }),
      ...again,
      ...again,
      build.commitPrepared(prepared),
    ]);
    const inserts = lines.filter(line => line['kind'] === 'insert');
    expect(inserts.map(line => (line['new'] as { id: string }).id)).toEqual(['1', '2', '3']);
  });

  it('delivers a streamed and then prepared transaction at its commit', async () => {
    const lines = await events('assembled', [
      build.streamStart({ xid: 9 }),
      table(9),
      row('1', 'x', 9),
      build.streamStop(),
      build.streamPrepare(prepared),
      build.commitPrepared(prepared),
    ]);
    expect(brief(lines)).toEqual(['begin 9', 'insert 9 1', 'commit 9']);
  });

  it('passes messages outside transactions on at once', async () => {
    const message = (transactional: boolean, xid?: number) =>
      build.message({ xid, transactional, lsn: 1n, prefix: 'p', content: Buffer.from('c') });
    const lines = await events('assembled', [
      build.streamStart({ xid: 5 }),
      message(true, 5),
      build.streamStop(),
      message(false),
      build.streamCommit({ xid: 5, ...ends(0x900n) }),
    ]);
    expect(brief(lines)).toEqual(['message', 'begin 5', 'message 5', 'commit 5']);
  });

  it('leaves out what committed before the start', async () => {
    const lines = await events(
      'assembled',
      [
        begin(1, 0x10n),
        table(),
        row('1'),
        build.commit(ends(0x10n)),
        build.streamStart({ xid: 2 }),
        row('2', 'x', 2),
        build.streamStop(),
        build.streamCommit({ xid: 2, ...ends(0x18n) }),
        begin(3, 0x20n),
        row('3'),
        build.commit(ends(0x20n)),
      ],
      { startAfter: 0x20n as Lsn },
    );
    expect(brief(lines)).toEqual(['begin 3', 'insert 3 3', 'commit 3']);
  });

  it('keeps memory and disk within bounds and waits for a slow reader', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => row(String(i), 'y'.repeat(1000), 5));
    let waits = 0;
    const lines = await events(
      'assembled',
      [
        build.streamStart({ xid: 5 }),
        table(5),
        ...many,
        build.streamStop(),
        build.streamCommit({ xid: 5, ...ends(0x900n) }),
      ],
      {
        memoryLimit: 300_000,
        drain: () => {
          waits++;
          return Promise.resolve();
        },
      },
    );
    expect(lines.length).toBe(3003);
    expect(lines.at(-2)).toMatchObject({ new: { id: '2999' } });
    expect(waits).toBeGreaterThan(5);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('raw delivery', () => {
  it('gives each message as it came, with its subtransaction', async () => {
    const lines = await events('raw', [
      build.streamStart({ xid: 6 }),
      table(6),
      row('1', 'x', 7),
      build.streamStop(),
      build.streamAbort({ xid: 6, subxid: 7, lsn: 0x99n, time: 0n }),
      build.streamPrepare(prepared),
    ]);
    expect(lines[0]).toEqual({ kind: 'streamStart', lsn: '0/100', xid: 6, first: true });
    expect(lines[2]).toMatchObject({ kind: 'insert', xid: 6, subxid: 7 });
    expect(lines[4]).toMatchObject({ kind: 'streamAbort', xid: 6, subxid: 7, abortLsn: '0/99' });
    expect(lines[5]).toMatchObject({ kind: 'streamPrepare', xid: 9, gid: 'g', endLsn: '0/508' });
  });
});

describe('messages that should not be there', () => {
  const stray = [
    ['an unknown letter', build.MessageBuilder.of('z').u8(1).build()],
    ['a row of a table never described', build.insert({ oid: 1, row: [] })],
    ['a row that does not fit its table', build.insert({ oid: T, row: ['1'] })],
    ['half a row', row('1').subarray(0, 12)],
    ['nothing', new Uint8Array()],
    ['half a Stream Commit', build.streamCommit({ xid: 5, ...ends(1n) }).subarray(0, 9)],
  ] as const;

  it.each(stray)('%s becomes an unknown event, and the stream goes on', async (_, bytes) => {
    for (const delivery of ['raw', 'assembled'] as const) {
      const lines = await events(delivery, [
        begin(1),
        table(),
        bytes,
        row('1'),
        build.commit(ends(0x10n)),
      ]);
      expect(brief(lines)).toEqual([
        'begin 1',
        expect.stringContaining('unknown'),
        'insert 1 1',
        'commit 1',
      ]);
      expect(lines[2]!['data']).toBe(Buffer.from(bytes).toString('hex'));
    }
  });

  it('a stray Stream Abort of 18 at protocol 1 is nothing but an abort', async () => {
    const messages = [
      build.streamAbort({ xid: 77 }),
      begin(1),
      table(),
      row('1'),
      build.commit(ends(1n)),
    ];
    expect(brief(await events('assembled', messages))).toEqual([
      'begin 1',
      'insert 1 1',
      'commit 1',
    ]);
    expect(brief(await events('raw', messages))[0]).toBe('streamAbort 77');
  });

  it('the end of a transaction that was prepared before the stream began comes alone', async () => {
    const lines = await events('assembled', [build.commitPrepared(prepared)]);
    expect(lines).toMatchObject([{ kind: 'commitPrepared', xid: 9, gid: 'g' }]);
  });

  it('changes without a transaction are not passed off as committed', async () => {
    const lines = await events('assembled', [table(), row('1'), build.commit(ends(1n))]);
    // What describes a table is true wherever it stands.
    expect(lines.map(({ kind }) => kind)).toEqual(['relation', 'unknown', 'unknown']);
  });
});
