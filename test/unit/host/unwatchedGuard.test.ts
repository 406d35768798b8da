import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UnwatchedGuard } from '../../../src/host/timeline/unwatchedGuard';

describe('UnwatchedGuard', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const start = (poll: () => PromiseLike<unknown>) => {
    const unwatched = vi.fn();
    const guard = new UnwatchedGuard({ poll, minutes: () => 10, onUnwatched: unwatched });
    return { guard, unwatched };
  };
  const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);

  it('stays quiet while a window answers, even when the panel is hidden', async () => {
    const { guard, unwatched } = start(() => Promise.resolve(false));
    await minutes(600);
    expect(unwatched).not.toHaveBeenCalled();
    guard.dispose();
  });

  it('tells once when nobody answered for the time', async () => {
    const poll = vi.fn(() => new Promise<never>(() => undefined));
    const { unwatched } = start(poll);
    await minutes(10);
    expect(unwatched).not.toHaveBeenCalled();
    await minutes(1);
    expect(unwatched).toHaveBeenCalledTimes(1);
    await minutes(600);
    expect(unwatched).toHaveBeenCalledTimes(1);
    // Questions do not pile up while nobody answers them.
    expect(poll).toHaveBeenCalledTimes(1);
  });

  it('begins again when somebody came back in time', async () => {
    let answer: () => void = () => undefined;
    const { guard, unwatched } = start(
      () =>
        new Promise<void>(resolve => {
          answer = resolve;
        }),
    );
    await minutes(9);
    answer();
    await minutes(9);
    expect(unwatched).not.toHaveBeenCalled();
    await minutes(2);
    expect(unwatched).toHaveBeenCalledTimes(1);
    guard.dispose();
  });

  it('takes a rejected question for an answer: the panel is gone, not the window', async () => {
    const { guard, unwatched } = start(() => Promise.reject(new Error('disposed')));
    await minutes(60);
    expect(unwatched).not.toHaveBeenCalled();
    guard.dispose();
  });
});
