import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../src/filter/filterExpression';
import type { ChangeDetail } from '../../src/shared/changeDetail';
import type { CellValue } from '../../src/shared/timelineRow';
import { rowFilter } from '../../webview/timeline/rowFilter';
import type { Side } from '../unit/filter/changes';
import { eventOf, rowOf } from '../unit/filter/changes';
import { detailOf } from './fakeCapture';

const text = (value: string): CellValue =>
  value === '' ? { kind: 'empty' } : { kind: 'text', text: value, cut: false, bytes: value.length };

function detail(table: string, key: readonly (readonly [string, string, string])[]): ChangeDetail {
  const columns = key.map(([name, before, after]) => ({
    name,
    type: 'text',
    key: true,
    before: text(before),
    after: text(after),
    changed: before !== after,
  }));
  return { ...detailOf(5), schema: 'public', table, columns };
}

/** Whether the expression lets a change of such a row through. */
function passes(filter: unknown, table: string, sides: { old?: Side; new?: Side }): boolean {
  expect(typeof filter).toBe('string');
  const parsed = parseFilter(filter as string);
  expect(parsed.problem).toBeUndefined();
  const names = Object.keys(sides.new ?? sides.old ?? {});
  const types = Object.fromEntries(names.map(name => [name, 'text' as const]));
  const row = rowOf({ types, keys: names, ...sides });
  return parsed.filter?.matches(eventOf({ tables: [{ schema: 'public', table }], row })) === true;
}

describe('the filter of a row', () => {
  it('lets its changes through, under both names of a key that changes', () => {
    const filter = rowFilter(detail('orders', [['id', '1', '2']]));
    expect(passes(filter, 'orders', { new: { id: '1' } })).toBe(true);
    expect(passes(filter, 'orders', { old: { id: '1' } })).toBe(true);
    expect(passes(filter, 'orders', { old: { id: '7' }, new: { id: '2' } })).toBe(true);
    expect(passes(filter, 'orders', { new: { id: '3' } })).toBe(false);
    expect(passes(filter, 'others', { new: { id: '1' } })).toBe(false);
  });

  it('takes names and values of any kind', () => {
    const odd = `a"b\\c\n\u0001d' 😀`;
    const key = [
      ['odd "name"', odd, odd],
      ['second', '', ''],
    ] as const;
    const filter = rowFilter(detail('t"1', key));
    expect(passes(filter, 't"1', { new: { 'odd "name"': odd, second: '' } })).toBe(true);
    expect(passes(filter, 't"1', { new: { 'odd "name"': odd, second: 'x' } })).toBe(false);
  });

  it('says why there is none', () => {
    const nameless = detail('orders', [['id', '1', '1']]);
    const masked = {
      ...nameless,
      columns: nameless.columns.map(column => ({
        ...column,
        before: { kind: 'masked' } as const,
        after: { kind: 'masked' } as const,
      })),
    };
    expect(rowFilter(masked)).toMatchObject({
      problem: expect.stringContaining('masked') as string,
    });
    expect(rowFilter({ ...nameless, columns: [] })).toHaveProperty('problem');
  });
});
