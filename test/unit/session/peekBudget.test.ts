import { describe, expect, it } from 'vitest';
import { continuedBudget, reachedLimit } from '../../../src/session/peekBudget';

const BASE = { events: 10, bytes: 1000, seconds: 30 };

describe('the budget of a peek', () => {
  it('is reached by changes or by bytes', () => {
    expect(reachedLimit(BASE, { changes: 9, bytes: 999 })).toBeUndefined();
    expect(reachedLimit(BASE, { changes: 10, bytes: 0 })).toBe('10 changes');
    expect(reachedLimit(BASE, { changes: 0, bytes: 1000 })).toBe('1000 B');
  });

  it('does not count what comes again', () => {
    const cut = { changes: 4, bytes: 300 };
    expect(continuedBudget(BASE, { budget: BASE, progressed: true, cut })).toEqual({
      events: 14,
      bytes: 1300,
      seconds: 30,
    });
    // What had grown for a large transaction does not stay so.
    const grown = { events: 160, bytes: 16_000, seconds: 480 };
    const none = { changes: 0, bytes: 0 };
    expect(continuedBudget(BASE, { budget: grown, progressed: true, cut: none })).toEqual(BASE);
  });

  it('is at least doubled until a transaction is complete', () => {
    let budget = BASE;
    let looks = 1;
    for (; budget.events < 1_000_000; looks++) {
      const cut = { changes: budget.events, bytes: 100 };
      budget = continuedBudget(BASE, { budget, progressed: false, cut });
    }
    expect(looks).toBe(18);
    expect(budget.seconds).toBeGreaterThan(30);
    expect(budget.bytes).toBeGreaterThan(1000);
  });
});
