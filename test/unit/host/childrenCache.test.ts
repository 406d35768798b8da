import { describe, expect, it, vi } from 'vitest';
import { ChildrenCache } from '../../../src/host/sidebar/childrenCache';

interface Line {
  readonly id: string;
  readonly text: string;
}

const root: Line = { id: 'a', text: '' };
const line = (id: string, text = ''): Line => ({ id, text });
const never = () => false;

describe('ChildrenCache', () => {
  it('reads once, however often the tree is drawn', async () => {
    const load = vi.fn(() => Promise.resolve([line('a/1')]));
    const cache = new ChildrenCache<Line>(load);
    await Promise.all([cache.children(root), cache.children(root)]);
    await cache.children(root);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('tells whether a refresh changed anything', async () => {
    let text = 'one';
    const cache = new ChildrenCache<Line>(() => Promise.resolve([line('a/1', text)]));
    await cache.children(root);
    expect(await cache.refresh(never)).toBe(false);
    text = 'two';
    expect(await cache.refresh(never)).toBe(true);
    expect(await cache.children(root)).toEqual([line('a/1', 'two')]);
  });

  it('reads again what was closed, with what was below it', async () => {
    const load = vi.fn((parent: Line) => Promise.resolve([line(`${parent.id}/1`)]));
    const cache = new ChildrenCache<Line>(load);
    await cache.children(root);
    await cache.children(line('a/1'));
    await cache.children(line('ab'));
    cache.forget('a');
    expect(await cache.refresh(never)).toBe(false);
    expect(load).toHaveBeenCalledTimes(4);
    await cache.children(line('a/1'));
    expect(load).toHaveBeenCalledTimes(5);
  });

  it('leaves alone what it is told to skip', async () => {
    const load = vi.fn(() => Promise.resolve([line('a/1', 'failed')]));
    const cache = new ChildrenCache<Line>(load);
    await cache.children(root);
    await cache.refresh(children => children.some(child => child.text === 'failed'));
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('does not bring back what was closed while it was read', async () => {
    const loads: ((lines: readonly Line[]) => void)[] = [];
    const cache = new ChildrenCache<Line>(
      () =>
        new Promise(resolve => {
          loads.push(resolve);
        }),
    );
    const first = cache.children(root);
    loads[0]?.([]);
    await first;
    const refreshing = cache.refresh(never);
    await vi.waitUntil(() => loads.length === 2);
    cache.forget('a');
    loads[1]?.([line('a/1', 'late')]);
    expect(await refreshing).toBe(false);
    void cache.children(root);
    expect(loads).toHaveLength(3);
  });
});
