import { describe, expect, it, vi } from 'vitest';
import { Seats } from '../../../src/host/connections/seats';

const never = new AbortController().signal;

describe('Seats', () => {
  it('are bounded, and handed on in the order of asking', async () => {
    const seats = new Seats(1);
    const makeRoom = vi.fn();
    const first = await seats.take(makeRoom, never);
    expect(makeRoom).not.toHaveBeenCalled();
    const order: string[] = [];
    const second = seats.take(makeRoom, never).then(leave => {
      order.push('second');
      return leave;
    });
    const third = seats.take(makeRoom, never).then(leave => {
      order.push('third');
      return leave;
    });
    expect(makeRoom).toHaveBeenCalledTimes(2);
    expect(seats.isWanted).toBe(true);
    first();
    // Giving back twice is harmless.
    first();
    (await second)();
    (await third)();
    expect(order).toEqual(['second', 'third']);
    expect(seats.isWanted).toBe(false);
    await seats.take(makeRoom, never);
    expect(makeRoom).toHaveBeenCalledTimes(2);
  });

  it('are not kept by who does not wait any more', async () => {
    const seats = new Seats(1);
    const leave = await seats.take(() => undefined, never);
    const impatient = new AbortController();
    const waiting = seats.take(() => undefined, impatient.signal);
    impatient.abort();
    await expect(waiting).rejects.toThrow();
    expect(seats.isWanted).toBe(false);
    await expect(seats.take(() => undefined, impatient.signal)).rejects.toThrow();
    leave();
    await expect(seats.take(() => undefined, never)).resolves.toBeTypeOf('function');
  });
});
