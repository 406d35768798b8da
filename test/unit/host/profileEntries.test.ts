import { describe, expect, it } from 'vitest';
import type { ConnectionProfile } from '../../../src/host/connections/profile';
import {
  entryOf,
  withAdded,
  withDropped,
  withNudged,
  withoutServer,
  withReplaced,
  type Entries,
} from '../../../src/host/connections/profileEntries';

const profile = (name: string): ConnectionProfile => ({
  name,
  url: `host=${name}`,
  readOnly: false,
  label: '',
  color: '',
});
const BROKEN = { name: 'broken' };
/** a, something that cannot be read, b, c and a second b. */
const ENTRIES: Entries = [
  { name: 'a', url: 'x' },
  BROKEN,
  { name: 'b', url: 'x' },
  { name: 'c', url: 'x' },
  { name: 'b', url: 'again' },
];
const order = (entries: Entries): string =>
  entries.map(entry => (entry as { readonly name: string }).name).join(' ');

describe('the entries of the setting', () => {
  it('say only what is not as by default', () => {
    expect(entryOf(profile('a'))).toEqual({ name: 'a', url: 'host=a' });
    const marked = { ...profile('a'), readOnly: true, label: 'prod', color: 'red' as const };
    expect(entryOf(marked)).toEqual({ ...marked });
  });

  it('get a server at the end, or below another one', () => {
    expect(order(withAdded(ENTRIES, profile('n')))).toBe('a broken b c b n');
    expect(order(withAdded(ENTRIES, profile('n'), 'b'))).toBe('a broken b n c b');
    expect(order(withAdded(ENTRIES, profile('n'), 'gone'))).toBe('a broken b c b n');
  });

  it('are replaced in their place, and only the first of a name', () => {
    expect(order(withReplaced(ENTRIES, 'b', profile('n')) ?? [])).toBe('a broken n c b');
    expect(withReplaced(ENTRIES, 'gone', profile('n'))).toBeUndefined();
    expect(withReplaced(ENTRIES, 'broken', profile('n'))).toBeUndefined();
  });

  it('lose a server, and only the first of a name', () => {
    expect(order(withoutServer(ENTRIES, 'b'))).toBe('a broken c b');
    expect(withoutServer(ENTRIES, 'gone')).toEqual(ENTRIES);
  });

  it.each([
    ['a', -1, 'a broken b c b'],
    ['a', 1, 'b a broken c b'],
    ['b', -1, 'b a broken c b'],
    ['b', 1, 'a broken c b b'],
    ['c', 1, 'a broken b c b'],
    ['gone', 1, 'a broken b c b'],
  ] as const)('move %s by %i', (name, by, result) => {
    expect(order(withNudged(ENTRIES, name, by))).toBe(result);
  });

  it.each([
    [['a'], 'c', 'broken b c b a'],
    [['a'], 'b', 'broken b a c b'],
    [['c'], 'a', 'c a broken b b'],
    [['b'], 'b', 'a broken b c b'],
    [['a'], undefined, 'broken b c b a'],
    [['a', 'c'], 'b', 'broken b b a c'],
    [['gone'], 'a', 'a broken b c b'],
  ] as const)('drop %j onto %s', (names, onto, result) => {
    expect(order(withDropped(ENTRIES, names, onto))).toBe(result);
  });
});
