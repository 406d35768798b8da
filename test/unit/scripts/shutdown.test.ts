import { describe, expect, it } from 'vitest';
import { Shutdown } from '../../../scripts/process/shutdown';

describe('Shutdown', () => {
  it('undoes in reverse order, once, whatever fails on the way', async () => {
    const shutdown = new Shutdown();
    const done: string[] = [];
    shutdown.add('first', () => {
      done.push('first');
    });
    shutdown.add('broken', () => {
      throw new Error('oops');
    });
    shutdown.add('stuck', () => new Promise(() => undefined), 10);
    shutdown.add('last', () => {
      done.push('last');
    });
    const errors = await Promise.all([shutdown.run(), shutdown.run()]);
    expect(done).toEqual(['last', 'first']);
    expect(errors[0].map(e => e.message)).toEqual([
      'stuck: Error: took longer than 10 ms',
      'broken: Error: oops',
    ]);
  });
});
