import { describe, expect, it } from 'vitest';
import { ChildrenCache } from '../../../src/host/sidebar/childrenCache';
import { PLACES_PER_ROUND, RefreshRounds } from '../../../src/host/sidebar/refreshRounds';

interface Line {
  readonly id: string;
  readonly text: string;
}

const line = (id: string): Line => ({ id, text: '' });
const wordOf = (node: Line, index: number): string => node.id.split('/')[index] ?? '';

/** A tree of `server/database` lines; what `hangs` names never answers a second time. */
async function scene(ids: readonly string[], hangs = '') {
  const reads: string[] = [];
  let count = 0;
  const cache = new ChildrenCache<Line>({
    load: parent => {
      reads.push(parent.id);
      const isSecond = reads.filter(id => id === parent.id).length > 1;
      if (parent.id === hangs && isSecond) return new Promise(() => undefined);
      return Promise.resolve([{ id: `${parent.id}/x`, text: String(count++) }]);
    },
    looksSame: (a, b) => a.text === b.text,
  });
  const drawn: string[] = [];
  const rounds = new RefreshRounds(cache, {
    groupOf: node => wordOf(node, 0),
    placeOf: node => (wordOf(node, 1).startsWith('db') ? wordOf(node, 1) : undefined),
    isDue: () => true,
    draw: lines => drawn.push(...lines.map(each => each.id)),
  });
  for (const id of ids) await cache.children(line(id));
  reads.length = 0;
  return { cache, rounds, reads, drawn };
}

describe('a round', () => {
  it('reads what is open again and draws what changed', async () => {
    const { rounds, reads, drawn } = await scene(['a', 'a/slots', 'b']);
    await rounds.start();
    expect([...reads].sort()).toEqual(['a', 'a/slots', 'b']);
    expect([...drawn].sort()).toEqual(['a/slots/x', 'a/x', 'b/x']);
  });

  it('waits for no server that does not answer, and presses none', async () => {
    const { cache, rounds, reads } = await scene(['a', 'b'], 'a');
    // The first reading of `a` was before: the next one hangs.
    reads.push('a');
    void rounds.start();
    await expect.poll(() => reads.filter(id => id === 'b').length).toBe(1);
    await Promise.resolve();
    void rounds.start();
    await expect.poll(() => reads.filter(id => id === 'b').length).toBe(2);
    expect(reads.filter(id => id === 'a')).toHaveLength(2);
    cache.clear();
  });

  it('reads a few databases at a time, and comes to all of them', async () => {
    const databases = Array.from({ length: 10 }, (_, index) => `a/db${index}`);
    const { rounds, reads } = await scene(['a', ...databases]);
    await rounds.start();
    expect(reads).toHaveLength(1 + PLACES_PER_ROUND);
    await rounds.start();
    await rounds.start();
    expect(new Set(reads).size).toBe(11);
    expect(reads.filter(id => id === 'a')).toHaveLength(3);
  });

  it('ends when nobody looks any more', async () => {
    const { rounds, reads } = await scene(['a', 'a/slots', 'a/more']);
    const round = rounds.start();
    rounds.stop();
    await round;
    expect(reads).toEqual(['a']);
  });
});
