import { describe, expect, it } from 'vitest';
import { ServerClock } from '../../../src/postgres/serverClock';
import { SilenceWatch } from '../../../src/postgres/silenceWatch';

describe('the silence of a server', () => {
  const options = { askMs: 5_000, answerMs: 5_000 };
  /** What the looks of so many seconds say, one a second. */
  function looks(watch: SilenceWatch, from: number, seconds: number): string[] {
    return Array.from({ length: seconds }, (_, i) => watch.look(from + (i + 1) * 1000, 1000));
  }

  it('is asked about before it means anything, and again after that', () => {
    const watch = new SilenceWatch(options, 0);
    expect(
      looks(watch, 0, 15).flatMap((state, i) => (state === 'fine' ? [] : [[i + 1, state]])),
    ).toEqual([
      [5, 'ask'],
      [10, 'silent'],
      [15, 'silent'],
    ]);
  });

  it('is over with any byte', () => {
    const watch = new SilenceWatch(options, 0);
    expect(looks(watch, 0, 9)).toContain('ask');
    watch.heard(9_500);
    expect(looks(watch, 9_000, 5)).toEqual(Array(5).fill('fine'));
  });

  it('means nothing while we do not read', () => {
    const watch = new SilenceWatch(options, 0);
    watch.hold();
    expect(looks(watch, 0, 100)).toEqual(Array(100).fill('fine'));
    watch.release(100_000);
    expect(looks(watch, 100_000, 4)).toEqual(Array(4).fill('fine'));
    expect(watch.look(105_000, 1000)).toBe('ask');
  });

  it('is asked about at once after the machine slept', () => {
    const watch = new SilenceWatch(options, 0);
    watch.heard(1_500);
    expect(watch.look(2_000, 1000)).toBe('fine');
    watch.heard(3_600_000);
    expect(watch.look(3_600_500, 1000)).toBe('ask');
  });

  it('began when the last byte came, or when the machine fell asleep', () => {
    const watch = new SilenceWatch(options, 0);
    looks(watch, 0, 4);
    expect(watch.silentSince(4_900)).toBeUndefined();
    watch.heard(4_900);
    looks(watch, 4_000, 9);
    expect(watch.silentSince(13_000)).toBe(4_900);
    // It wakes: what waited in the socket is read first, or after our timer.
    watch.heard(3_600_000);
    expect(watch.silentSince(3_600_000)).toBe(13_000);
    watch.look(3_600_100, 1000);
    watch.heard(3_600_200);
    expect(watch.silentSince(3_600_300)).toBe(13_000);
    // The server went on answering: whatever ends it later is another matter.
    looks(watch, 3_600_100, 10);
    watch.heard(3_610_500);
    expect(watch.silentSince(3_610_600)).toBeUndefined();
    watch.hold();
    expect(watch.silentSince(3_700_000)).toBeUndefined();
  });

  it('is not longer because our clock was set back', () => {
    const watch = new SilenceWatch(options, 1_000_000);
    expect(looks(watch, 0, 6)).toContain('ask');
  });
});

describe("the server's clock", () => {
  it('is known from the fastest of the last answers', () => {
    const clock = new ServerClock();
    expect(clock.skewMs).toBeUndefined();
    // The server is 3 s ahead; the first answer waits behind other data, after the server gave it its time.
    clock.asked(0);
    clock.heard(4_000, 3_010);
    clock.asked(10_000);
    clock.heard(10_020, 13_010);
    clock.asked(20_000);
    clock.heard(22_000, 23_010);
    expect(clock.skewMs).toBe(3_000);
  });

  it('forgets old answers: a clock is set, or drifts', () => {
    const clock = new ServerClock();
    clock.asked(0);
    clock.heard(2, 60_001);
    for (let i = 1; i <= 8; i++) {
      clock.asked(i * 60_000);
      clock.heard(i * 60_000 + 10, i * 60_000 + 5);
    }
    expect(clock.skewMs).toBe(0);
  });

  it('takes no keepalive for an answer that was not asked for', () => {
    const clock = new ServerClock();
    clock.heard(1_000, 99_000);
    expect(clock.skewMs).toBeUndefined();
  });

  it('is asked soon again until an answer came fast, and seldom after that', () => {
    const clock = new ServerClock();
    expect(clock.wants(0)).toBe(true);
    clock.asked(0);
    expect(clock.wants(1_000)).toBe(false);
    expect(clock.wants(5_000)).toBe(true);
    clock.heard(5, 5);
    expect(clock.wants(5_000)).toBe(false);
    expect(clock.wants(60_000)).toBe(true);
  });
});
