import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WhoSample } from '../../../src/session/whoQuery';
import { WhoSampler } from '../../../src/session/whoSampler';
import { WhoSightings } from '../../../src/session/whoSightings';
import type { CaptureNote } from '../../../src/shared/captureNote';
import type { WhoCost } from '../../../src/shared/session';
import { noteTime, whoNote } from '../capture/whoNotes';

describe('sightings', () => {
  it('are noted when they are new, have changed, and have ended', () => {
    const sightings = new WhoSightings();
    expect(sightings.take([whoNote(7, 0)], noteTime(0))).toEqual([whoNote(7, 0)]);
    expect(sightings.take([whoNote(7, 250)], noteTime(250))).toEqual([]);
    const changed = sightings.take([whoNote(7, 500, { query: 'update' })], noteTime(500));
    expect(changed).toMatchObject([
      { query: 'update', firstSeen: noteTime(0), seenAt: noteTime(500) },
    ]);
    sightings.take([whoNote(7, 750, { query: 'update' })], noteTime(750));
    expect(sightings.take([], noteTime(1000))).toMatchObject([
      { xid: 7, firstSeen: noteTime(0), seenAt: noteTime(750) },
    ]);
    expect(sightings.end()).toEqual([]);
  });

  it('of a prepared transaction keep the process that prepared it', () => {
    const sightings = new WhoSightings();
    sightings.take([whoNote(7, 0)], noteTime(0));
    const prepared = whoNote(7, 250, { pid: 0, application: '', prepared: 'booking', query: '' });
    expect(sightings.take([prepared], noteTime(250))).toMatchObject([
      { application: 'checkout', pid: 812, prepared: 'booking', query: 'insert' },
    ]);
  });
});

describe('the sampler', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A sampler over a server that the test plays. */
  function start(answer: (n: number) => Partial<WhoSample>): {
    readonly sampler: WhoSampler;
    readonly notes: CaptureNote[];
    readonly costs: WhoCost[];
    readonly count: () => number;
  } {
    let n = 0;
    const notes: CaptureNote[] = [];
    const costs: WhoCost[] = [];
    const sampler = new WhoSampler({
      sample: () => {
        n++;
        const sample = { at: noteTime(n), tookMs: 0.4, lsn: String(n), standby: false, seen: [] };
        return Promise.resolve({ ...sample, ...answer(n) });
      },
      take: taken => notes.push(...taken),
      tell: cost => costs.push(cost),
    });
    sampler.start();
    return { sampler, notes, costs, count: () => n };
  }

  it('looks four times a second while something is written, and tells what it costs', async () => {
    const { sampler, notes, costs, count } = start(() => ({}));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(count()).toBeGreaterThanOrEqual(40);
    expect(count()).toBeLessThanOrEqual(41);
    expect(costs).toEqual([{ perSecond: 4, milliseconds: 0.4 }]);
    sampler.stop();
    expect(notes).toEqual([
      { kind: 'sampling', on: true, at: noteTime(1) },
      { kind: 'sampling', on: false, at: noteTime(count()) },
    ]);
    const stopped = count();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(count()).toBe(stopped);
  });

  it('looks once a second while nothing is written, save while a mark is open', async () => {
    const { sampler, costs, count } = start(() => ({ lsn: 'same' }));
    await vi.advanceTimersByTimeAsync(6_000);
    const before = count();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(count() - before).toBe(10);
    expect(costs.at(-1)?.perSecond).toBe(1);
    sampler.eager = true;
    await vi.advanceTimersByTimeAsync(1_000);
    const eager = count();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(count() - eager).toBe(40);
    sampler.stop();
  });

  it('takes a slow sample more seldom, at most a twentieth of the time', async () => {
    const { sampler, count } = start(() => ({ tookMs: 100 }));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(count()).toBeLessThanOrEqual(11);
    sampler.stop();
  });

  it('leaves an overloaded server alone, and says that nobody looked', async () => {
    const { sampler, notes, costs, count } = start(n => ({ tookMs: n < 3 ? 300 : 0.4 }));
    await vi.advanceTimersByTimeAsync(29_000);
    expect(count()).toBe(2);
    expect(costs).toEqual([{ perSecond: 0, milliseconds: 300 }]);
    expect(notes).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(notes).toMatchObject([{ kind: 'sampling', on: true }]);
    sampler.stop();
  });

  it('does not look on a standby', async () => {
    const { sampler, notes, count } = start(() => ({ standby: true, seen: [whoNote(7, 0)] }));
    await vi.advanceTimersByTimeAsync(25_000);
    expect(count()).toBe(3);
    sampler.stop();
    expect(notes).toEqual([]);
  });
});
