import { describe, expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import type { WatchSample } from '../../../src/postgres/shutdownWatch';
import { LagNotes } from '../../../src/session/lagNotes';
import type { LagNote } from '../../../src/shared/captureNote';
import { noteTime } from '../capture/whoNotes';

const at = (second: number): string => noteTime(second * 1000);

function sampleOf(second: number, lsn: bigint): WatchSample {
  return {
    at: at(second),
    slotExists: true,
    retainedBytes: 0,
    walStatus: 'reserved',
    confirmedFlushLsn: undefined,
    currentLsn: toLsn(lsn),
    synchronousStandbyNames: '',
    maxSlotWalKeepBytes: undefined,
  };
}

describe('how far the server is ahead', () => {
  const start = (): { readonly lag: LagNotes; readonly notes: LagNote[] } => {
    const notes: LagNote[] = [];
    return { notes, lag: new LagNotes(note => notes.push(note)) };
  };

  it('is noted at once where it has changed, and what stays the same in one note', () => {
    const { lag, notes } = start();
    lag.sample(sampleOf(0, 0x100n), toLsn(0x100n));
    expect(notes).toEqual([
      { kind: 'lag', since: at(0), at: at(0), samples: 1, current: '0/100', received: '0/100' },
    ]);
    // Both move on, equally far.
    for (let second = 1; second <= 10; second++) {
      lag.sample(sampleOf(second, 0x100n + BigInt(second)), toLsn(0x100n + BigInt(second)));
    }
    expect(notes).toHaveLength(1);
    lag.sample(sampleOf(11, 0x200n), toLsn(0x110n));
    expect(notes.slice(1)).toEqual([
      { kind: 'lag', since: at(1), at: at(10), samples: 10, current: '0/10A', received: '0/10A' },
      { kind: 'lag', since: at(11), at: at(11), samples: 1, current: '0/200', received: '0/110' },
    ]);
    lag.sample(sampleOf(12, 0x200n), toLsn(0x110n));
    lag.end();
    expect(notes.at(-1)).toMatchObject({ since: at(12), at: at(12), samples: 1 });
    lag.end();
    expect(notes).toHaveLength(4);
  });

  it('is noted once a minute where nothing changes', () => {
    const { lag, notes } = start();
    for (let second = 0; second <= 600; second++) {
      lag.sample(sampleOf(second, 0x100n), toLsn(0x100n));
    }
    expect(notes.map(({ samples }) => samples)).toEqual([1, ...Array<number>(10).fill(60)]);
    expect(notes.at(-1)).toMatchObject({ since: at(541), at: at(600) });
  });

  it('is nothing where the stream has passed the answer, and not known where nothing came yet', () => {
    const { lag, notes } = start();
    lag.sample(sampleOf(0, 0x100n), toLsn(0n));
    lag.sample(sampleOf(1, 0n), toLsn(0x100n));
    lag.end();
    expect(notes).toEqual([]);
    lag.sample(sampleOf(2, 0x100n), toLsn(0x180n));
    lag.sample(sampleOf(3, 0x200n), toLsn(0x200n));
    lag.end();
    // One run: neither was ahead.
    expect(notes.map(({ samples }) => samples)).toEqual([1, 1]);
    expect(notes[0]).toMatchObject({ current: '0/100', received: '0/180' });
  });
});
