import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FRAME_MS, SnapshotPusher } from '../../../src/host/timeline/snapshotPusher';

describe('SnapshotPusher', () => {
  let pushes: { settle: (error?: Error) => void }[];
  let pusher: SnapshotPusher;

  beforeEach(() => {
    vi.useFakeTimers();
    pushes = [];
    pusher = new SnapshotPusher(
      () =>
        new Promise<void>((resolve, reject) => {
          pushes.push({
            settle: error => {
              if (error === undefined) resolve();
              else reject(error);
            },
          });
        }),
    );
  });

  afterEach(() => {
    pusher.dispose();
    vi.useRealTimers();
  });

  it('pushes once for many changes in a frame', async () => {
    pusher.resume();
    for (let change = 0; change < 100; change += 1) pusher.mark();
    await vi.advanceTimersByTimeAsync(FRAME_MS);
    expect(pushes).toHaveLength(1);
  });

  it('keeps one on the way at most, and sends the newest after it', async () => {
    pusher.resume();
    pusher.mark();
    await vi.advanceTimersByTimeAsync(FRAME_MS);
    pusher.mark();
    await vi.advanceTimersByTimeAsync(1000);
    expect(pushes).toHaveLength(1);
    pushes[0]?.settle();
    await vi.advanceTimersByTimeAsync(FRAME_MS);
    expect(pushes).toHaveLength(2);
    pushes[1]?.settle();
    await vi.advanceTimersByTimeAsync(1000);
    expect(pushes).toHaveLength(2);
  });

  it('pushes nothing while paused, and what was missed afterwards', async () => {
    pusher.mark();
    await vi.advanceTimersByTimeAsync(1000);
    expect(pushes).toHaveLength(0);
    pusher.resume();
    await vi.advanceTimersByTimeAsync(FRAME_MS);
    expect(pushes).toHaveLength(1);
  });

  it('waits for the next page when the page is gone', async () => {
    pusher.resume();
    pusher.mark();
    await vi.advanceTimersByTimeAsync(FRAME_MS);
    pushes[0]?.settle(new Error('disposed'));
    pusher.mark();
    await vi.advanceTimersByTimeAsync(1000);
    expect(pushes).toHaveLength(1);
  });
});
