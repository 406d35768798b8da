import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import { toPgTime } from '../../../src/base/time';
import type { IndexFacts } from '../../../src/filter/decideByIndex';
import { parseFilter } from '../../../src/filter/filterExpression';
import { eventOf, rowOf } from './changes';

const leaf = fc.constantFrom(
  'op == "insert"',
  'op in ["update", "delete"]',
  'table == "orders"',
  'table != "orders"',
  'schema.startsWith("pub")',
  'xid == 763',
  'xid in [1, 763]',
  '700 < xid',
  'lsn >= "0/16B6C50"',
  'lsn < "0/16B6C51"',
  'time == null',
  'time > "2025-11-25"',
  'size > 100',
  'xid + 1 > 764',
  'new.a == 1',
  'new.a == null',
  'old.a != new.a',
  'has(new.b)',
  '"a" in changed',
  'prefix == "x"',
);
const { expression } = fc.letrec<{ expression: string }>(tie => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc
      .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
      .map(([a, o, b]) => `(${a}) ${o} (${b})`),
    tie('expression').map(a => `!(${a})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
  ),
}));

const TIME = 817_380_000_123_456n;
const change = fc.record({
  op: fc.constantFrom('insert' as const, 'update' as const, 'delete' as const, 'message' as const),
  table: fc.constantFrom('orders', 'customers', undefined),
  xid: fc.constantFrom(1, 763, 764, undefined),
  lsn: fc.constantFrom(0x16b6c50n, 0x16b6c4fn, 0x16b6c51n),
  time: fc.constantFrom(TIME, TIME - 10_000_000_000_000n, undefined),
  size: fc.constantFrom(99, 100, 101),
  a: fc.constantFrom('1', '2', null, undefined),
  before: fc.constantFrom('1', null, undefined),
});

const FIELDS = ['op', 'schema', 'table', 'xid', 'lsn', 'time', 'size'] as const;

describe('what an expression decides of the facts of a change', () => {
  it('never contradicts what it says of the change, however much is known', () => {
    fc.assert(
      fc.property(
        expression,
        change,
        fc.subarray([...FIELDS]),
        fc.subarray(['xid', 'lsn', 'time', 'size'] as const),
        fc.nat(2),
        (text, { op, table, xid, lsn, time, size, a, before }, known, ranges, width) => {
          const { filter } = parseFilter(text);
          const schema = table === undefined ? undefined : 'public';
          const isRow = op !== 'message' && table !== undefined;
          const row = rowOf({ types: { a: 'int' }, old: { a: before }, new: { a } });
          const event = eventOf({
            op,
            xid,
            lsn: toLsn(lsn),
            time: time === undefined ? undefined : toPgTime(time),
            size,
            tables: table === undefined ? [] : [{ schema: 'public', table }],
            row: isRow ? row : undefined,
          });
          const all = {
            op,
            schema: schema ?? null,
            table: table ?? null,
            xid: xid ?? null,
            lsn,
            time: time ?? null,
            size,
          };
          const facts: Record<string, unknown> = {};
          for (const field of known) facts[field] = all[field];
          for (const field of ranges) {
            const value = all[field];
            if (facts[field] === undefined || value === null) continue;
            facts[field] =
              typeof value === 'bigint'
                ? { min: value - BigInt(width), max: value + BigInt(width) }
                : { min: value - width, max: value + width };
          }
          const verdict = filter!.decide(facts);
          const result = filter!.matches(event);
          if (verdict !== 'maybe') expect([text, facts, result]).toEqual([text, facts, verdict]);
          if (filter!.byIndex) expect(filter!.decide(all)).toBe(result);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('is decided early where it can be', () => {
    const decide = (text: string, facts: IndexFacts): boolean | 'maybe' =>
      parseFilter(text).filter!.decide(facts);
    const insert = { op: 'insert', schema: 'public', table: 'orders' } as const;
    expect(decide('op == "update" && new.a > 1', insert)).toBe(false);
    expect(decide('new.a > 1 && op == "update"', insert)).toBe(false);
    expect(decide('op == "insert" || new.a > 1', insert)).toBe(true);
    expect(decide('op == "insert" && new.a > 1', insert)).toBe('maybe');
    expect(decide('!(table == "orders" || new.a > 1)', insert)).toBe(false);
    expect(decide('xid == 5', { xid: { min: 6, max: 9 } })).toBe(false);
    expect(decide('xid in [5, 10]', { xid: { min: 6, max: 9 } })).toBe(false);
    expect(decide('lsn > "0/20"', { lsn: { min: 0x10n, max: 0x20n } })).toBe(false);
    expect(decide('lsn >= "0/20"', { lsn: { min: 0x10n, max: 0x20n } })).toBe('maybe');
    expect(decide('time < "2000-01-01"', { time: { min: 0n, max: 5n } })).toBe(false);
    expect(decide('xid == 5', {})).toBe('maybe');
    expect(decide('table == "orders"', { table: null })).toBe(false);
    expect(parseFilter('op == "insert" && xid == 5').filter!.byIndex).toBe(true);
    expect(parseFilter('op == "insert" && prefix == "a"').filter!.needsValues).toBe(true);
  });
});
