import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UnhurriedDraw } from '../../../src/host/sidebar/unhurriedDraw';

const SERVER = { id: 'server/a' };
const DATABASE = { id: 'server/a/database/shop' };
const OTHER = { id: 'server/ab' };

interface Deferred {
  readonly promise: Promise<string>;
  readonly resolve: (value: string) => void;
  readonly reject: (error: Error) => void;
}

function deferred(): Deferred {
  let resolve: Deferred['resolve'] = () => undefined;
  let reject: Deferred['reject'] = () => undefined;
  const promise = new Promise<string>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('drawing lines again', () => {
  let drawn: string[][];
  let draw: UnhurriedDraw<{ readonly id: string }>;
  beforeEach(() => {
    vi.useFakeTimers();
    drawn = [];
    draw = new UnhurriedDraw(lines => drawn.push(lines.map(({ id }) => id)));
  });
  afterEach(() => {
    draw.dispose();
    vi.useRealTimers();
  });

  it('is done at once where nothing is being read', () => {
    draw.lines([SERVER, OTHER]);
    draw.lines([]);
    expect(drawn).toEqual([[SERVER.id, OTHER.id]]);
  });

  it('waits for what is being read below a line, and for what opens by itself then', async () => {
    const server = deferred();
    const database = deferred();
    const first = draw.whileReading(SERVER, server.promise);
    draw.lines([SERVER, OTHER]);
    draw.lines([SERVER]);
    expect(drawn).toEqual([[OTHER.id]]);
    server.resolve('databases');
    expect(await first).toBe('databases');
    const second = draw.whileReading(DATABASE, database.promise);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(drawn).toEqual([[OTHER.id]]);
    database.reject(new Error('closed'));
    await expect(second).rejects.toThrow('closed');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(drawn).toEqual([[OTHER.id], [SERVER.id]]);
  });

  it('leaves no timer behind', async () => {
    const reading = draw.whileReading(SERVER, Promise.resolve());
    draw.dispose();
    await reading;
    expect(vi.getTimerCount()).toBe(0);
  });
});
