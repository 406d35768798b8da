import { describe, expect, it, vi } from 'vitest';
import { ChildrenCache } from '../../../src/host/sidebar/childrenCache';

interface Line {
  readonly id: string;
  readonly text: string;
  readonly extra?: string;
}

const root: Line = { id: 'a', text: '' };
const line = (id: string, text = ''): Line => ({ id, text });

function cacheOf(load: (parent: Line, signal: AbortSignal) => Promise<readonly Line[]>) {
  return new ChildrenCache<Line>({ load, looksSame: (a, b) => a.text === b.text });
}

describe('ChildrenCache', () => {
  it('reads once, however often the tree is drawn', async () => {
    const load = vi.fn(() => Promise.resolve([line('a/1')]));
    const cache = cacheOf(load);
    await Promise.all([cache.children(root), cache.children(root)]);
    await cache.children(root);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('draws only the lines again that look different, as the same objects', async () => {
    let now: readonly Line[] = [line('a/1', 'one'), { id: 'a/2', text: 'two', extra: 'x' }];
    const cache = cacheOf(() => Promise.resolve(now));
    const [first, second] = await cache.children(root);
    now = [line('a/1', 'one'), line('a/2', 'two')];
    expect(await cache.reload('a')).toEqual([]);
    // What cannot be seen is taken on all the same.
    expect(second).toEqual({ id: 'a/2', text: 'two' });
    now = [line('a/1', 'ONE'), line('a/2', 'two')];
    const drawn = await cache.reload('a');
    expect(drawn).toHaveLength(1);
    expect(drawn[0]).toBe(first);
    expect(first!.text).toBe('ONE');
    expect((await cache.children(root))[0]).toBe(first);
  });

  it('draws a node again whose lines came, went or changed places, and one with many changes', async () => {
    const many = (text: string, count: number) =>
      Array.from({ length: count }, (_, index) => line(`a/${index}`, text));
    let now = many('x', 100);
    const cache = cacheOf(() => Promise.resolve(now));
    await cache.children(root);
    now = [...many('x', 100)].reverse();
    expect(await cache.reload('a')).toEqual([root]);
    now = now.slice(1);
    expect(await cache.reload('a')).toEqual([root]);
    now = now.map(({ id }) => line(id, 'y'));
    expect(await cache.reload('a')).toEqual([root]);
  });

  it('takes the reading that began last, whichever ends last', async () => {
    const answers: ((lines: readonly Line[]) => void)[] = [];
    const cache = cacheOf(() => new Promise(resolve => answers.push(resolve)));
    const first = cache.children(root);
    answers[0]!([line('a/1')]);
    await first;
    const before = cache.reload('a');
    await Promise.resolve();
    const wanted = cache.reload('a');
    await vi.waitUntil(() => answers.length === 3);
    answers[2]!([line('a/1'), line('a/2')]);
    expect(await wanted).toEqual([root]);
    answers[1]!([line('a/1')]);
    expect(await before).toEqual([]);
    expect(await cache.children(root)).toEqual([line('a/1'), line('a/2')]);
  });

  it('forgets what was closed, with what was below it', async () => {
    const load = vi.fn((parent: Line) => Promise.resolve([line(`${parent.id}/1`)]));
    const cache = cacheOf(load);
    await cache.children(root);
    await cache.children(line('a/1'));
    await cache.children(line('ab'));
    cache.forget('a');
    expect(cache.open().map(({ parent }) => parent.id)).toEqual(['ab']);
    expect(await cache.reload('a')).toEqual([]);
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('forgets what is below a line that is gone', async () => {
    let now = [line('a/1'), line('a/2')];
    const cache = cacheOf(parent => Promise.resolve(parent.id === 'a' ? now : []));
    const [first] = await cache.children(root);
    await cache.children(first!);
    now = [line('a/2')];
    await cache.reload('a');
    expect(cache.open().map(({ parent }) => parent.id)).toEqual(['a']);
  });

  it('lets nobody wait for what is not wanted any more', async () => {
    let aborted = false;
    const cache = cacheOf(
      (_, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
    );
    const waiting = cache.children(root);
    cache.forget('a');
    expect(await waiting).toEqual([]);
    expect(aborted).toBe(true);
  });

  it('does not bring back what was closed while it was read', async () => {
    const loads: ((lines: readonly Line[]) => void)[] = [];
    const cache = cacheOf(
      () =>
        new Promise(resolve => {
          loads.push(resolve);
        }),
    );
    const first = cache.children(root);
    loads[0]?.([]);
    await first;
    const reloading = cache.reload('a');
    await vi.waitUntil(() => loads.length === 2);
    cache.forget('a');
    loads[1]?.([line('a/1', 'late')]);
    expect(await reloading).toEqual([]);
    expect(cache.open()).toEqual([]);
  });

  it('keeps the roots as they are known, and tells which of them changed', () => {
    const cache = cacheOf(() => Promise.resolve([]));
    const [a, b] = cache.roots([line('a'), line('b')]);
    expect(cache.roots([line('a'), line('b')])[1]).toBe(b);
    expect(cache.updateRoots([line('a'), line('b', 'new')])).toEqual([b]);
    expect(b!.text).toBe('new');
    expect(cache.updateRoots([line('a')])).toBeUndefined();
    expect(cache.root('a')).toBe(a);
  });
});
