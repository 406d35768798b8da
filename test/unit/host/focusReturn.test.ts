import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FocusReturn } from '../../../src/host/timeline/focusReturn';

describe('waiting for the focus of a page', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** What is asked, and whether the waiting is over. */
  function begin(focus: FocusReturn, isThere: Promise<boolean> = Promise.resolve(true)) {
    const asked = { token: 0, over: false };
    void focus
      .wait(token => {
        asked.token = token;
        return isThere;
      })
      .then(() => (asked.over = true));
    return asked;
  }
  const moments = () => vi.advanceTimersByTimeAsync(100);

  it('ends with the answer to this question', async () => {
    const focus = new FocusReturn();
    const asked = begin(focus);
    await moments();
    focus.take(asked.token - 1);
    await moments();
    expect(asked.over).toBe(false);
    focus.take(asked.token);
    await moments();
    expect(asked.over).toBe(true);
  });

  it('ends where there is no page, or one that does not answer, and for who asks next', async () => {
    const focus = new FocusReturn();
    const nobody = begin(focus, Promise.resolve(false));
    await moments();
    expect(nobody.over).toBe(true);
    const gone = begin(focus, Promise.reject(new Error('closed')));
    await moments();
    expect(gone.over).toBe(true);
    const [first, second] = [begin(focus), begin(focus)];
    await moments();
    expect([first.over, second.over]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(second.over).toBe(true);
    const last = begin(focus);
    focus.dispose();
    await moments();
    expect(last.over).toBe(true);
  });
});
