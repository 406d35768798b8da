import { describe, expect, it } from 'vitest';
import { ColumnMask, maskOf, maskPatternProblem, patternOf } from '../../../src/shared/columnMask';

const covers = (pattern: string, name: readonly [string, string, string]): boolean =>
  new ColumnMask([pattern]).has(...name);

describe('a pattern of masked columns', () => {
  it('names a column in every table, in every schema, or in one table', () => {
    expect(covers('email', ['public', 'users', 'email'])).toBe(true);
    expect(covers('email', ['crm', 'leads', 'email'])).toBe(true);
    expect(covers('email', ['public', 'email', 'id'])).toBe(false);
    expect(covers('users.email', ['crm', 'users', 'email'])).toBe(true);
    expect(covers('users.email', ['crm', 'leads', 'email'])).toBe(false);
    expect(covers('crm.users.email', ['crm', 'users', 'email'])).toBe(true);
    expect(covers('crm.users.email', ['public', 'users', 'email'])).toBe(false);
  });

  it('has * for anything, in any part', () => {
    expect(covers('crm.*.*', ['crm', 'users', 'id'])).toBe(true);
    expect(covers('crm.*.*', ['public', 'users', 'id'])).toBe(false);
    expect(covers('*_token', ['a', 'b', 'reset_token'])).toBe(true);
    expect(covers('*_token', ['a', 'b', 'tokens'])).toBe(false);
    expect(covers('*.users.p*w*d', ['a', 'users', 'password'])).toBe(true);
    expect(covers('*.users.p*w*d', ['a', 'users', 'pd'])).toBe(false);
    // The same letter cannot be the beginning and the end.
    expect(covers('ab*b', ['a', 'b', 'ab'])).toBe(false);
    expect(covers('*', ['a', 'b', 'c'])).toBe(true);
  });

  it('compares names whatever the case, unless they are quoted', () => {
    expect(covers('Users.EMAIL', ['public', 'users', 'Email'])).toBe(true);
    expect(covers('"Users"."EMAIL"', ['public', 'users', 'email'])).toBe(false);
    expect(covers('"Users"."EMAIL"', ['public', 'Users', 'EMAIL'])).toBe(true);
  });

  it('takes quoted names as SQL does, with dots, quotes and stars in them', () => {
    const odd = ['a.b', 'say "hi"', '*'] as const;
    expect(patternOf(...odd)).toBe('"a.b"."say ""hi"""."*"');
    expect(covers(patternOf(...odd), odd)).toBe(true);
    expect(covers(patternOf(...odd), ['a.b', 'say "hi"', 'other'])).toBe(false);
    expect(patternOf('public', 'users', 'Größe')).toBe('public.users."Größe"');
    expect(covers('"*"', ['a', 'b', 'c'])).toBe(false);
  });

  it('says what is wrong with one that is none', () => {
    for (const [pattern, why] of [
      ['', 'is empty'],
      ['a..b', 'empty name'],
      ['a.', 'empty name'],
      ['"a', 'empty name|not closed'],
      ['"a"b', 'not closed'],
      ['db.public.users.email', 'more than'],
      ['""', 'empty name'],
    ] as const) {
      expect(maskPatternProblem(pattern)).toMatch(new RegExp(why));
      expect(() => new ColumnMask([pattern])).toThrow();
    }
    expect(maskPatternProblem('public.users."E-mail"')).toBeUndefined();
  });

  it('masks everything where a list from elsewhere cannot be read', () => {
    const mask = maskOf(['users.email', 'a..b']);
    expect(mask.everything).toBe(true);
    expect(mask.has('any', 'table', 'column')).toBe(true);
    expect(maskOf([]).isEmpty).toBe(true);
  });
});
