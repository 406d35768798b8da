import { describe, expect, it } from 'vitest';
import type { FilterTable } from '../../../src/filter/completeFilter';
import { completeFilter } from '../../../src/filter/completeFilter';
import { checkColumns } from '../../../src/filter/checkColumns';
import { parseFilter } from '../../../src/filter/filterExpression';
import { COMPLETIONS_LIMIT } from '../../../src/shared/filterApi';

const TABLES: readonly FilterTable[] = [
  {
    schema: 'public',
    table: 'orders',
    columns: [
      { name: 'id', type: 'bigint' },
      { name: 'total', type: 'numeric(10,2)' },
      { name: 'status', type: 'text' },
      { name: 'odd name', type: 'text' },
    ],
  },
  {
    schema: 'sales',
    table: 'customers',
    columns: [
      { name: 'id', type: 'integer' },
      { name: 'email', type: 'text' },
    ],
  },
];

/** `¦` is the caret. What is offered, and the text when the first of it is chosen. */
function complete(marked: string, tables = TABLES): { labels: string[]; chosen: string } {
  const caret = marked.indexOf('¦');
  const text = marked.replace('¦', '');
  const { from, to, items } = completeFilter(text, caret, tables);
  expect(from).toBeLessThanOrEqual(caret);
  expect(to).toBeGreaterThanOrEqual(caret);
  const chosen = `${text.slice(0, from)}${items[0]?.insert ?? ''}${text.slice(to)}`;
  return { labels: items.map(({ label }) => label), chosen };
}

describe('completion', () => {
  it('offers fields where a value begins', () => {
    for (const place of ['¦', 'op == "insert" && ¦', '(¦', '!¦', 'xid in [1] || (¦']) {
      expect(complete(place).labels).toEqual(expect.arrayContaining(['op', 'table', 'new', 'has']));
    }
    expect(complete('ta¦').chosen).toBe('table');
    expect(complete('ta¦ble == "x"').chosen).toBe('table == "x"');
    expect(complete('ne¦').chosen).toBe('new.');
    expect(complete('tot¦').chosen).toBe('new.total');
  });

  it('offers columns after a side, with their types', () => {
    const { labels } = complete('new.¦');
    expect(labels).toEqual(['id', 'total', 'status', 'email']);
    expect(complete('new.st¦').chosen).toBe('new.status');
    expect(complete('op == "x" && old.tot¦ > 5').chosen).toBe('op == "x" && old.total > 5');
    expect(complete('new.odd¦').chosen).toBe('new["odd name"]');
    expect(complete('new["od¦').chosen).toBe('new["odd name"');
    expect(completeFilter('new.', 4, TABLES).items[1]).toMatchObject({
      detail: 'numeric(10,2), orders',
    });
  });

  it('knows the table that the expression names', () => {
    expect(complete('table == "customers" && new.¦').labels).toEqual(['id', 'email']);
    expect(complete('new.¦ == 1 && table == "customers"').labels).toEqual(['id', 'email']);
    expect(complete('table in ["customers"] && new.¦').labels).toEqual(['id', 'email']);
    expect(complete('schema == "sales" && new.¦').labels).toEqual(['id', 'email']);
    expect(complete('table == "nobody" && new.¦').labels).toContain('total');
  });

  it('offers the values of a field, quoted', () => {
    expect(complete('op == ¦').chosen).toBe('op == "insert"');
    expect(complete('op == "¦').chosen).toBe('op == "insert"');
    expect(complete('op == "up¦').chosen).toBe('op == "update"');
    expect(complete('op == "up¦date" && xid == 1').chosen).toBe('op == "update" && xid == 1');
    expect(complete('op in ["insert", "¦').labels).toContain('delete');
    expect(complete('table == "¦').labels).toEqual(['orders', 'customers']);
    expect(complete("table != 'cu¦").chosen).toBe("table != 'customers'");
    expect(complete('schema == "¦').labels).toEqual(['public', 'sales']);
    expect(complete('changed.contains("st¦').chosen).toBe('changed.contains("status"');
    expect(complete('"st¦" in changed').chosen).toBe('"status" in changed');
    expect(complete('new.status == "¦').labels).toEqual([]);
  });

  it('offers operators behind a value, and methods behind its point', () => {
    expect(complete('op ¦').chosen).toBe('op == ');
    expect(complete('new.id ¦').labels).toEqual(expect.arrayContaining(['==', 'in', '>=']));
    expect(complete('new.id == 5 ¦').labels).toEqual(['&&', '||']);
    expect(complete('new.id == "a" ¦').labels).toEqual(['&&', '||']);
    expect(complete('op.sta¦').chosen).toBe('op.startsWith(');
    expect(complete('new.status.con¦').chosen).toBe('new.status.contains(');
    expect(complete('changed.¦').labels).toEqual(
      expect.arrayContaining(['contains', 'exists', 'all']),
    );
    expect(complete('changed.¦').labels).not.toContain('matches');
  });

  it('quotes what a name holds, and offers a bounded number', () => {
    const tables = [{ schema: 'public', table: 'a"b\\c', columns: [] }];
    expect(complete('table == "¦', tables).chosen).toBe('table == "a\\"b\\\\c"');
    expect(parseFilter(complete('table == "¦', tables).chosen).filter?.tree).toMatchObject({
      right: { value: 'a"b\\c' },
    });
    const columns = Array.from({ length: 1600 }, (_, i) => ({
      name: `c${String(i)}`,
      type: 'text',
    }));
    const wide = [{ schema: 'public', table: 'wide', columns }];
    expect(complete('new.¦', wide).labels.length).toBe(COMPLETIONS_LIMIT);
  });

  it('answers at every place of every text', () => {
    const text =
      'op == "insert" && new["odd name"].contains("x\\"") || !(changed.exists(c, c in ["a", \'b\'])) // end';
    for (let end = 0; end <= text.length; end++) {
      for (let caret = 0; caret <= end; caret++) completeFilter(text.slice(0, end), caret, TABLES);
    }
  });
});

describe('a hint', () => {
  const hint = (text: string): string | undefined =>
    checkColumns(parseFilter(text).filter!.tree, TABLES)?.message;

  it('names what no table has', () => {
    expect(hint('new.totl > 5')).toBe(
      'No table here has a column totl so far. Did you mean total?',
    );
    expect(hint('table == "order"')).toBe(
      'There is no table order here so far. Did you mean orders?',
    );
    expect(hint('table == "sales.customers"')).toBe(
      'A table is named without its schema: schema == "sales" && table == "customers".',
    );
    expect(hint('new.total > 5 && table == "orders" && schema == "public"')).toBeUndefined();
    // Nothing is wrong with these.
    expect(hint('table != "log"')).toBeUndefined();
    expect(hint('!has(new.deleted_at) || new.total > 3')).toBeUndefined();
    expect(checkColumns(parseFilter('new.x == 1').filter!.tree, [])).toBeUndefined();
    const undescribed = [{ schema: 'public', table: 'orders', columns: [] }];
    expect(checkColumns(parseFilter('new.x == 1').filter!.tree, undescribed)).toBeUndefined();
  });
});
