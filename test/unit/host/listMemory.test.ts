import { describe, expect, it } from 'vitest';
import { BookmarkMemory } from '../../../src/host/timeline/bookmarkMemory';
import { FilterMemory } from '../../../src/host/timeline/filterMemory';
import { checkColorRules, checkTypedFilter } from '../../../src/host/timeline/listRequests';

class Store {
  readonly values = new Map<string, unknown>();
  get<T>(key: string, byDefault?: T): T | undefined {
    return (this.values.get(key) as T | undefined) ?? byDefault;
  }
  update(key: string, value: unknown): Promise<void> {
    this.values.set(key, structuredClone(value));
    return Promise.resolve();
  }
  keys(): readonly string[] {
    return [...this.values.keys()];
  }
}

describe('filters that are kept', () => {
  it('keeps each used one once, the latest first, fifty at most', async () => {
    const memory = new FilterMemory(new Store(), new Store());
    for (let i = 0; i < 60; i++) await memory.remember({ kind: 'text', value: String(i) });
    await memory.remember({ kind: 'text', value: '30' });
    await memory.remember({ kind: 'expression', value: '30' });
    const { history } = memory.get();
    expect(history).toHaveLength(50);
    expect(history.slice(0, 3)).toEqual([
      { kind: 'expression', value: '30' },
      { kind: 'text', value: '30' },
      { kind: 'text', value: '59' },
    ]);
  });

  it('keeps named ones for every workspace or for one, where the nearer one counts', async () => {
    const everywhere = new Store();
    const memory = new FilterMemory(everywhere, new Store());
    await memory.storeNamed([
      { kind: 'text', value: 'a', name: 'far', everywhere: true },
      { kind: 'text', value: 'b', name: 'near', everywhere: false },
    ]);
    const elsewhere = new FilterMemory(everywhere, new Store());
    expect(memory.get().named.map(({ name }) => name)).toEqual(['far', 'near']);
    expect(elsewhere.get().named.map(({ name }) => name)).toEqual(['far']);
    await elsewhere.storeNamed([
      ...elsewhere.get().named,
      { kind: 'text', value: 'c', name: 'near', everywhere: true },
    ]);
    expect(memory.get().named.find(({ name }) => name === 'near')?.value).toBe('b');
    expect(elsewhere.get().named.find(({ name }) => name === 'near')?.value).toBe('c');
  });

  it('takes what cannot be read as nothing', () => {
    const store = new Store();
    store.values.set('timeline.filterHistory', [{ kind: 'other' }]);
    store.values.set('timeline.namedFilters', 'nonsense');
    expect(new FilterMemory(store, store).get()).toEqual({ history: [], named: [] });
  });
});

describe('bookmarks that are kept', () => {
  const bookmark = { seq: 3, lsn: '0/1', label: 'insert orders', note: '' };

  it('belong to their capture, and go along with its copy', async () => {
    const memory = new BookmarkMemory(new Store());
    await memory.store('a', [bookmark]);
    await memory.copy('a', 'b');
    await memory.store('a', []);
    expect(memory.get('a')).toEqual([]);
    expect(memory.get('b')).toEqual([bookmark]);
    for (let i = 0; i < 120; i++) await memory.store(`c${String(i)}`, [bookmark]);
    expect(memory.get('b')).toEqual([]);
    expect(memory.get('c119')).toEqual([bookmark]);
  });
});

describe('what the page wants kept', () => {
  it('is checked', () => {
    expect(() => checkTypedFilter({ kind: 'text', value: ' ' })).toThrow('value');
    expect(() => checkTypedFilter({ kind: 'sql', value: 'x' })).toThrow('kind');
    expect(() => checkColorRules([{ name: 'a', expression: 'b', color: 'url(x)' }])).toThrow(
      'color',
    );
    expect(() => checkColorRules(Array.from({ length: 21 }, () => ({})))).toThrow('rules');
    const rule = { name: 'a', expression: 'op == "insert"', color: 'red' };
    expect(checkColorRules([{ ...rule, more: 1 }])).toEqual([rule]);
  });
});
