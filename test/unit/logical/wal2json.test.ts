import { describe, expect, it } from 'vitest';
import { parseLsn } from '../../../src/base/lsn';
import type { EventRow, LogicalEvent } from '../../../src/logical/event';
import { formatEvent } from '../../../src/logical/formatEvent';
import { parseLosslessJson } from '../../../src/logical/textPlugins/losslessJson';
import { itemEvent } from '../../../src/logical/textPlugins/textChange';
import { TextError } from '../../../src/logical/textPlugins/textLine';
import { Wal2jsonReader } from '../../../src/logical/textPlugins/wal2json';
import { wal2jsonTexts } from '../../fixtures/wal2jsonTexts';

// What wal2json 2.5 wrote on PostgreSQL 15 for one workload, in its forms.
function eventsOf(name: string): LogicalEvent[] {
  const reader = new Wal2jsonReader();
  const { rows } = wal2jsonTexts().find(texts => texts.name === `wal2json ${name}`)!;
  return rows.flatMap(row =>
    reader.items(row.data, { lsn: parseLsn(row.lsn)!, xid: Number(row.xid) }).map(itemEvent),
  );
}

const values = (row: EventRow | undefined): unknown => row?.map(({ name, value }) => [name, value]);

describe('wal2json', () => {
  it.each(['v1', 'v1-facts', 'v1-chunks', 'v1-chunks-pretty', 'v2'])(
    '%s: rows and values',
    name => {
      const events = eventsOf(name).filter(
        event => event.kind !== 'begin' && event.kind !== 'commit',
      );
      const kinds = events.map(event => event.kind).filter(kind => kind !== 'truncate');
      expect(kinds).toEqual(['insert', 'insert', 'update', 'delete', 'message']);
      const [first, second, update, remove, message] = events;
      expect(first?.kind === 'insert' && values(first.new)).toEqual([
        ['id', '1'],
        ['n', '12345678901234567890.0123'],
        ['big', '9223372036854775807'],
        ['b', 't'],
        ['by', '\\xdead'],
        ['f', null], // NaN, which JSON has no word for
        ['q "x', 'a"b\\c\n[]},'],
        ['j', '{"a": 1}'],
        ['ts', '2024-01-01 00:00:00+00'],
      ]);
      expect(second?.kind === 'insert' && values(second.new)).toContainEqual([
        'q "x',
        '"change":[',
      ]);
      expect(second?.kind === 'insert' && values(second.new)).toContainEqual(['f', '1e+300']);
      expect(update?.kind === 'update' && values(update.key)).toContainEqual([
        'n',
        '12345678901234567890.0123',
      ]);
      expect(update?.kind === 'update' && values(update.new)).toContainEqual(['n', '1']);
      expect(remove?.kind === 'delete' && values(remove.key)).toContainEqual(['big', '-5']);
      expect(message).toMatchObject({
        prefix: 'p',
        content: 'hello',
        transactional: true,
        xid: 727,
      });
    },
  );

  it.each(['v1', 'v1-facts', 'v1-chunks', 'v1-chunks-pretty', 'v2'])('%s: transactions', name => {
    const edges = eventsOf(name).filter(event => event.kind === 'begin' || event.kind === 'commit');
    expect(edges.map(event => [event.kind, 'xid' in event ? event.xid : 0])).toEqual(
      [725, 726, 727].flatMap(xid => [
        ['begin', xid],
        ['commit', xid],
      ]),
    );
  });

  it('tells the time and the end of a commit where the plugin does', () => {
    const commit = eventsOf('v1-facts').findLast(event => event.kind === 'commit');
    expect(formatEvent(commit!)).toMatch(
      /"endLsn":"0\/[0-9A-F]+","commitTime":"2026-11-21T09:\d\d:\d\d\.\d{6}Z"}$/,
    );
    const silent = eventsOf('v1').findLast(event => event.kind === 'commit');
    expect(formatEvent(silent!)).not.toContain('commitTime');
  });

  it('refuses what is not of the plugin', () => {
    const place = { lsn: parseLsn('0/1')!, xid: 0 };
    for (const text of ['', '{', '[]', '{"a":1}', '{"action":"X"}', '{"action":"I"}', 'BEGIN 1']) {
      expect(() => new Wal2jsonReader().items(text, place)).toThrow(TextError);
    }
  });

  it('keeps the digits of numbers, and nothing else', () => {
    expect(parseLosslessJson('{"a":12345678901234567890.10,"b":"1,2","c":[-1e5,"\\"3"]}')).toEqual({
      a: '12345678901234567890.10',
      b: '1,2',
      c: ['-1e5', '"3'],
    });
    expect(() => parseLosslessJson('{"a":1-2}')).toThrow(SyntaxError);
  });
});
