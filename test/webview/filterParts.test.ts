import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../src/filter/filterExpression';
import type { ChangeDetail } from '../../src/shared/changeDetail';
import type { CellValue } from '../../src/shared/timelineRow';
import { looksLikeExpression } from '../../webview/timeline/looksLikeExpression';
import { narrowingsOf, unfiltered, withRange } from '../../webview/timeline/narrowing';
import { conditionOf, withCondition } from '../../webview/timeline/valueFilter';

const text = (value: string, cut = false): CellValue => ({
  kind: 'text',
  text: value,
  cut,
  bytes: value.length,
});

const DETAIL: ChangeDetail = {
  seq: 7,
  operation: 'update',
  messageName: 'Update',
  lsn: '0/1',
  serverTime: '',
  xid: 763,
  schema: 'public',
  table: 'or"ders',
  columns: [
    {
      name: 'id',
      type: 'bigint',
      key: true,
      before: { kind: 'absent' },
      after: text('918'),
      changed: false,
    },
    {
      name: 'odd name',
      type: 'text',
      key: false,
      before: { kind: 'null' },
      after: text('a "quoted"\n\\ text'),
      changed: true,
    },
    {
      name: 'long',
      type: 'text',
      key: false,
      before: { kind: 'unchanged' },
      after: text('x', true),
      changed: true,
    },
  ],
  length: 1,
  error: '',
};

const value = (column: string | number, side: 'before' | 'after', exclude = false) =>
  conditionOf(DETAIL, { seq: 7, of: 'value', column, side }, exclude);

describe('what is typed into the filter', () => {
  it.each([
    'op == "update"',
    'op=="update"',
    '!(op != "x")',
    'table in ["orders"]',
    'xid == 763',
    'size > 1000',
    'changed.contains("status")',
    'new.total > 100',
    'old["odd name"] != "x"',
    'key.id == 1',
    'table.startsWith("or")',
    'has(new.total)',
  ])('is an expression: %s', typed => {
    expect(looksLikeExpression(typed)).toBe(true);
  });

  it.each([
    'orders',
    'time',
    'new.total',
    'op',
    'a == b',
    'old news > new news',
    'size matters',
    'select * from t where x >= 1',
    'content of a message',
  ])('is text: %s', typed => {
    expect(looksLikeExpression(typed)).toBe(false);
  });
});

describe('filtering by what a menu was opened on', () => {
  const conditions = [
    conditionOf(DETAIL, { seq: 7, of: 'operation' }, false),
    conditionOf(DETAIL, { seq: 7, of: 'table' }, false),
    conditionOf(DETAIL, { seq: 7, of: 'table' }, true),
    conditionOf(DETAIL, { seq: 7, of: 'transaction' }, false),
    value('id', 'after'),
    value(1, 'after'),
    value('odd name', 'after', true),
    value('odd name', 'before'),
    value('odd name', 'before', true),
  ];

  it('gives expressions that can be read', () => {
    for (const condition of conditions) {
      const expression = typeof condition === 'string' ? condition : condition.problem;
      expect(parseFilter(expression).problem, expression).toBeUndefined();
    }
    expect(conditions[0]).toBe('op == "update"');
    expect(conditions[1]).toBe('schema == "public" && table == "or\\"ders"');
    expect(conditions[3]).toBe('xid == 763');
    expect(conditions[4]).toBe('new.id == "918"');
    expect(conditions[7]).toBe('old["odd name"] == null');
  });

  it('says why there is none', () => {
    expect(value('long', 'after')).toEqual({ problem: 'This value is too long to filter by.' });
    expect(value('long', 'before')).toHaveProperty('problem');
    expect(value('no such', 'after')).toHaveProperty('problem');
  });

  it('comes on top of the filter that there is', () => {
    expect(withCondition('', 'xid == 1')).toBe('xid == 1');
    expect(withCondition('op == "a"', 'xid == 1')).toBe('op == "a" && xid == 1');
    expect(withCondition('op == "a" || op == "b"', 'xid == 1')).toBe(
      '(op == "a" || op == "b") && xid == 1',
    );
    expect(withCondition('x'.repeat(4000), 'xid == 1')).toHaveProperty('problem');
  });
});

describe('what narrows the list', () => {
  it('is told part by part, each with the list without it', () => {
    const everything = unfiltered({ grouping: 'flat', operations: [], tables: [], text: 'x' });
    expect(everything).toEqual({ grouping: 'flat', operations: [], tables: [], text: '' });
    const spec = withRange(
      { ...everything, text: 'ada', operations: ['insert'], filter: 'xid == 1' },
      { by: 'lsn', from: '0/1', to: '0/2' },
    );
    const parts = narrowingsOf(spec, undefined, new Date());
    expect(parts.map(({ id }) => id)).toEqual(['filter', 'text', 'operations', 'range']);
    expect(parts.at(-1)?.label).toBe('committed 0/1 – 0/2');
    let rest = spec;
    for (const { id } of parts) {
      rest = narrowingsOf(rest, undefined, new Date()).find(p => p.id === id)?.without ?? rest;
    }
    expect(rest).toEqual(everything);
  });
});
