import { describe, expect, it } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import { toPgTime } from '../../../src/base/time';
import type { DebeziumTable } from '../../../src/export/debeziumEvent';
import { debeziumEvents } from '../../../src/export/debeziumEvent';
import { debeziumValue } from '../../../src/export/debeziumValue';
import type { LogicalEvent } from '../../../src/logical/event';
import type { Xid } from '../../../src/base/xid';

const column = (name: string, typeOid: number, key = false) => ({
  name,
  typeOid,
  typeModifier: -1,
  key,
});
const TABLE: DebeziumTable = {
  replicaIdentity: 'default',
  columns: [column('id', 20, true), column('photo', 17), column('note', 25)],
};
const SOURCE = {
  name: 'shop',
  database: 'shopdb',
  commitTime: toPgTime(817_000_000_123_456n),
  processedTime: toPgTime(817_000_001_000_000n),
  lastCommitLsn: 0x16b6c50n as Lsn,
};
const BASE = { lsn: 0x16b6d10n as Lsn, xid: 763 as Xid, schema: 'public', table: 'orders' };
const parse = (line: string | undefined) => JSON.parse(line ?? 'null') as Record<string, unknown>;

describe('the events of Debezium', () => {
  it('have its envelope and source', () => {
    const event: LogicalEvent = {
      ...BASE,
      kind: 'insert',
      new: [
        { name: 'id', value: '9223372036854775807' },
        { name: 'photo', value: '\\x00ff' },
        { name: 'note', value: null },
      ],
    };
    const [line, ...more] = debeziumEvents(event, TABLE, SOURCE);
    expect(more).toEqual([]);
    expect(line).toBe(
      '{"before":null,"after":{"id":9223372036854775807,"photo":"AP8=","note":null},' +
        '"source":{"version":"wal-explorer","connector":"postgresql","name":"shop",' +
        '"ts_ms":1763684800123,"snapshot":"false","db":"shopdb",' +
        '"sequence":"[\\"23817296\\",\\"23817488\\"]","ts_us":1763684800123456,' +
        '"ts_ns":1763684800123456000,"schema":"public","table":"orders","txId":763,' +
        '"lsn":23817488,"xmin":null},"transaction":null,"op":"c","ts_ms":1763684801000,' +
        '"ts_us":1763684801000000,"ts_ns":1763684801000000000}',
    );
  });

  it('mark what is not in the WAL, and give null for what was not sent', () => {
    const update: LogicalEvent = {
      ...BASE,
      kind: 'update',
      new: [{ name: 'id', value: '1' }],
      unchanged: ['photo', 'note'],
    };
    const [line] = debeziumEvents(update, TABLE, SOURCE);
    expect(parse(line)).toMatchObject({
      before: null,
      after: {
        id: 1,
        photo: Buffer.from('__debezium_unavailable_value').toString('base64'),
        note: '__debezium_unavailable_value',
      },
      op: 'u',
    });
    const remove: LogicalEvent = { ...BASE, kind: 'delete', key: [{ name: 'id', value: '1' }] };
    expect(parse(debeziumEvents(remove, TABLE, SOURCE)[0])).toMatchObject({
      before: { id: 1, photo: null, note: null },
      after: null,
      op: 'd',
    });
  });

  it('are two where the key changed', () => {
    const update: LogicalEvent = {
      ...BASE,
      kind: 'update',
      key: [{ name: 'id', value: '1' }],
      new: [{ name: 'id', value: '2' }],
    };
    const lines = debeziumEvents(update, TABLE, SOURCE).map(parse);
    expect(lines.map(({ op }) => op)).toEqual(['d', 'c']);
    expect(lines[0]).toMatchObject({ before: { id: 1 }, after: null });
    expect(lines[1]).toMatchObject({ before: null, after: { id: 2 } });
  });

  it('know truncates, one for each table, and messages', () => {
    const relations = ['a', 'b'].map(table => ({ schema: 's', table }));
    const truncate: LogicalEvent = {
      ...BASE,
      kind: 'truncate',
      relations,
      cascade: false,
      restartIdentity: false,
    };
    const lines = debeziumEvents(truncate, undefined, SOURCE).map(parse);
    expect(lines.map(({ op, source }) => [op, (source as { table: string }).table])).toEqual([
      ['t', 'a'],
      ['t', 'b'],
    ]);
    const message: LogicalEvent = {
      lsn: BASE.lsn,
      kind: 'message',
      transactional: false,
      prefix: 'p',
      content: 'ü',
      contentEncoding: 'utf8',
    };
    expect(
      parse(debeziumEvents(message, undefined, { name: 'x', database: 'y' })[0]),
    ).toMatchObject({
      op: 'm',
      ts_ms: null,
      source: { txId: null, ts_ms: null, sequence: '[null,"23817488"]' },
      message: { prefix: 'p', content: 'w7w=' },
    });
    expect(debeziumEvents({ kind: 'streamStop', lsn: BASE.lsn }, undefined, SOURCE)).toEqual([]);
  });
});

describe('the values of Debezium', () => {
  it.each([
    ['t', 16, -1, 'true'],
    ['-32768', 21, -1, '-32768'],
    ['1e+100', 701, -1, '1e+100'],
    ['NaN', 701, -1, '"NaN"'],
    ['12.50', 1700, -1, '"12.50"'],
    ['1970-01-02', 1082, -1, '1'],
    ['0044-03-15 BC', 1082, -1, '-735160'],
    ['infinity', 1082, -1, '"infinity"'],
    ['00:00:01.5', 1083, -1, '1500000'],
    ['00:00:01.5', 1083, 3, '1500'],
    ['24:00:00', 1083, -1, '86400000000'],
    ['12:00:00+02', 1266, -1, '"10:00:00Z"'],
    ['2026-11-20 13:00:00.123456', 1114, -1, '1795179600123456'],
    ['2026-11-20 13:00:00.123', 1114, 3, '1795179600123'],
    ['2026-11-20 13:00:00.12+00', 1184, -1, '"2026-11-20T13:00:00.12Z"'],
    ['1969-12-31 23:59:59.999999+00', 1184, -1, '"1969-12-31T23:59:59.999999Z"'],
    ['1 mon -2 days +00:00:00.5', 1186, -1, '2457000500000'],
    ['-00:00:01', 1186, -1, '-1000000'],
    ['1', 1560, 1, 'true'],
    ['100000001', 1562, -1, '"AQE="'],
    ['{1,NULL,3}', 1007, -1, '[1,null,3]'],
    ['{{t},{f}}', 1000, -1, '[[true],[false]]'],
    ['{"a,b",NULL,"NULL"}', 1009, -1, '["a,b",null,"NULL"]'],
    ['{"a": 1}', 3802, -1, '"{\\"a\\": 1}"'],
    ['[1,5)', 3904, -1, '"[1,5)"'],
  ])('%s of type %i', (text, oid, modifier, json) => {
    expect(debeziumValue(text, oid, modifier)).toBe(json);
    if (Number.isSafeInteger(Number(json))) expect(JSON.parse(json)).toBe(Number(json));
  });
});
