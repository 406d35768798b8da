import { describe, expect, it } from 'vitest';
import { parseIsoTime } from '../../../src/base/isoTime';
import { formatLsn, toLsn } from '../../../src/base/lsn';
import { WalLag } from '../../../src/capture/walLag';
import type { LagNote } from '../../../src/shared/captureNote';
import { noteTime } from './whoNotes';

const iso = (second: number): string => noteTime(second * 1000);
/** As the statistics have times. */
const place = (second: number): number => Number(parseIsoTime(iso(second)));

function note(second: number, behind: number, samples = 1): LagNote {
  return {
    kind: 'lag',
    since: iso(second - samples + 1),
    at: iso(second),
    samples,
    current: formatLsn(toLsn(BigInt(0x1000 + behind))),
    received: '0/1000',
  };
}

function lagOf(...notes: readonly LagNote[]): WalLag {
  const lag = new WalLag();
  for (const each of notes) lag.add(each);
  return lag;
}

describe('how far the server was ahead', () => {
  it('is told of all samples, each counted', () => {
    // 90 s nothing, then 1, 2, … 9 bytes, a second each, and 1000 at last.
    const lag = lagOf(
      note(89, 0, 90),
      ...Array.from({ length: 9 }, (_, i) => note(90 + i, i + 1)),
      note(99, 1000),
    );
    const found = lag.statistics()!;
    expect(found).toMatchObject({
      samples: 100,
      from: place(0),
      to: place(99),
      last: 1000,
      median: 0,
      p95: 5,
      max: 1000,
    });
    expect(found.worst.length).toBeGreaterThanOrEqual(100);
    expect(found.worst.length).toBeLessThanOrEqual(102);
    expect([...found.worst].filter(value => value === 0)).toHaveLength(90);
    expect(Math.max(...found.worst)).toBe(1000);
    expect(new WalLag().statistics()).toBeUndefined();
  });

  it('of a selection is what was sampled while it was committed, and right after', () => {
    const lag = lagOf(note(9, 7, 10), note(10, 500), note(11, 20), note(40, 9, 20));
    const within = (first: number, last: number) =>
      lag.statistics({ first: place(first), last: place(last) });
    // Half of a run, and the next sample.
    expect(within(5, 9.5)).toMatchObject({ samples: 5, median: 7, max: 500, last: 500 });
    // Between two samples.
    expect(within(9.2, 9.4)).toMatchObject({ samples: 1, max: 500 });
    expect(within(10, 11)).toMatchObject({ samples: 2, last: 20, max: 500 });
    // Nobody looked: from 11 s to 21 s.
    expect(within(13, 14)).toBeUndefined();
    expect(within(50, 60)).toBeUndefined();
    expect(within(30, 60)).toMatchObject({ max: 9, to: place(40) });
  });

  it('stays small however long it was sampled, and forgets no largest one', () => {
    const lag = new WalLag();
    for (let second = 0; second < 100_000; second++) {
      lag.add(note(second, second === 54_321 ? 1_000_000 : second % 2));
    }
    expect(lag.statistics()).toMatchObject({ samples: 100_000, max: 1_000_000, last: 1 });
    expect(lag.statistics()!.worst.length).toBeLessThanOrEqual(240);
    const around = lag.statistics({ first: place(54_300), last: place(54_340) });
    expect(around).toMatchObject({ max: 1_000_000 });
  });

  it('does not tell of a time between two streams when runs become one', () => {
    const lag = new WalLag();
    // Two samples, then an hour without any, again and again.
    for (let n = 0; n < 20_000; n++) {
      lag.add(note(n * 3600, n));
      lag.add(note(n * 3600 + 1, n));
    }
    expect(lag.statistics({ first: place(1800), last: place(1900) })).toBeUndefined();
    expect(lag.statistics()!.max).toBe(19_999);
  });

  it('passes over what says no time or no position', () => {
    const bad = [
      { ...note(1, 5), at: 'yesterday' },
      { ...note(1, 5), current: 'far' },
      { ...note(1, 5), received: '' },
    ];
    expect(lagOf(...bad).statistics()).toBeUndefined();
    // The clock was set back.
    expect(lagOf({ ...note(1, 5), since: iso(60) }).statistics()).toMatchObject({ samples: 1 });
  });
});
