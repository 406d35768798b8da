import { expect, it } from 'vitest';
import { matchesSynchronousStandby } from '../../../src/postgres/syncStandby';

it.each([
  ['', false],
  ['*', true],
  ['standby1, standby2', false],
  ['FIRST 2 (a, *)', true],
  ['ANY 1 (a, "PgWal_Tail")', true],
  ['pgwal_tail', true],
  ['"pgwal_tail_2"', false],
  ['"*"', true],
])('%s', (setting, matches) => {
  expect(matchesSynchronousStandby(setting, 'pgwal_tail')).toBe(matches);
});
