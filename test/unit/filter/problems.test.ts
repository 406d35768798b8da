import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../src/filter/filterExpression';
import { FILTER_LIMIT } from '../../../src/shared/viewSpec';

/** An expression, with what is wrong between brackets of its own, and what is said about it. */
const PROBLEMS: readonly (readonly [string, string])[] = [
  ['⟦opp⟧ == "insert"', 'There is no field opp. Did you mean op?'],
  ['⟦name⟧ == "x"', 'There is no field name. Columns are written new.name or old.name'],
  ['⟦tabel⟧ == "orders"', 'There is no field tabel. Did you mean table?'],
  ['op == "insert" && ⟦total⟧ > 5', 'There is no field total. Columns are written new.total'],
  ['op == ⟦"inserted"⟧', 'Did you mean "insert"?'],
  ['op in ["insert", ⟦"I"⟧]', 'Did you mean "insert"?'],
  ['op ⟦=⟧ "insert"', 'Write == to compare.'],
  ['op == "insert" ⟦and⟧ xid == 5', 'Write && for and.'],
  ['new.a ⟦is⟧ null', 'Write == null.'],
  ['new.a ⟦like⟧ "x"', '.contains('],
  ['new.id IN ⟦⟧', ''],
  ['⟦xid⟧', 'This is a number. Say what it is to be, such as xid == 5.'],
  ['xid == ⟦"abc"⟧', 'xid is a number'],
  ['lsn > ⟦"x"⟧', 'lsn is a position in the WAL, such as "0/16B6C50".'],
  ['time > ⟦"yesterday"⟧', 'time is a time'],
  ['time > ⟦"2026-02-30"⟧', 'time is a time'],
  ['⟦time > 5⟧', 'cannot be compared'],
  ['⟦op + 1⟧ == "x"', 'cannot be computed'],
  ['⟦new⟧ == 1', 'Name a column'],
  ['⟦new[op]⟧ == 1', 'text in quotes'],
  ['new.a.⟦b⟧ == 1', 'A column has no parts'],
  ['new.gr⟦ö⟧ße == 1', 'new["größe"]'],
  ['⟦foo⟧(1) == 1', 'There is no function foo'],
  ['⟦decimel⟧("1") == 1', 'Did you mean decimal?'],
  ['new.a.⟦containz⟧("x")', 'Did you mean contains?'],
  ['new.a.⟦contains⟧()', 'takes one value'],
  ['decimal(⟦"x"⟧) > 1', 'This is not a number'],
  ['timestamp(⟦"x"⟧) < time', 'This is not a time'],
  ['new.a.matches("a⟦(b"⟧)', 'not closed'],
  ['new.a.matches(⟦op⟧)', 'one regular expression'],
  ['new.a > ⟦3.14159265358979323846⟧', 'decimal("3.14159265358979323846")'],
  ['op == ⟦"insert⟧', 'no closing quote'],
  ['(op == "insert"⟦⟧', ') is missing'],
  ['op == "insert" &&⟦⟧', 'where a value is missing'],
  ['"a" in ⟦op⟧', 'no list'],
  ['new.a == ⟦⟧', ''],
  ['⟦null⟧ < new.a', 'NULL is tested'],
  ['new.a.matches("⟦\\d⟧")', 'a backslash is written twice'],
  ['has(⟦1⟧)', 'has() takes a column'],
  ['⟦if⟧ == 1', 'keeps this word'],
  ['new.id == 5 ⟦new⟧.id == 6', 'Is an operator missing'],
];

describe('what is wrong with an expression', () => {
  it.each(PROBLEMS)('%s', (marked, message) => {
    const text = marked.replace(/[⟦⟧]/g, '');
    const { problem } = parseFilter(text);
    expect(problem?.message).toContain(message);
    if (marked.startsWith('⟦null⟧') || marked.startsWith('has(')) return;
    if (message !== '') {
      const from = marked.indexOf('⟦');
      expect([problem!.from, problem!.to]).toEqual([from, marked.indexOf('⟧') - 1]);
    }
  });

  it('stands in the text, whatever the text', () => {
    const pieces = [
      'op',
      '==',
      '"insert"',
      '(',
      ')',
      '[',
      ']',
      '.',
      'new',
      'x',
      '&&',
      '!',
      '-',
      '1',
      '"',
      "'",
      '\\',
      'ö',
      '?',
      ':',
      ',',
      'in',
      'null',
      '{',
      '}',
      '/',
      '//',
      '\n',
    ];
    let seed = 7;
    const next = (n: number): number =>
      (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % n;
    for (let i = 0; i < 20_000; i++) {
      let text = '';
      for (let n = next(9); n >= 0; n--)
        text += pieces[next(pieces.length)]! + (next(2) === 0 ? ' ' : '');
      const { problem } = parseFilter(text);
      if (problem === undefined) continue;
      expect(problem.message).toMatch(/^[\p{Lu}"a-z(!\-[].*[.?]$/su);
      expect(problem.from).toBeGreaterThanOrEqual(0);
      expect(problem.to).toBeGreaterThanOrEqual(problem.from);
      expect(problem.to).toBeLessThanOrEqual(text.length);
    }
  });

  it('is told of what is too long or nested too deeply', () => {
    const long = `op == "${'x'.repeat(FILTER_LIMIT)}"`;
    expect(parseFilter(long).problem).toMatchObject({ from: FILTER_LIMIT, to: long.length });
    for (const deep of ['(', '!', '-', '[']) {
      const { problem } = parseFilter(`${deep.repeat(FILTER_LIMIT - 10)}true`);
      expect(problem?.message).toMatch(/nested too deeply|ends/);
    }
    const chain = Array.from({ length: 400 }, () => 'xid==1').join('||');
    expect(parseFilter(chain).problem).toBeUndefined();
  });
});
