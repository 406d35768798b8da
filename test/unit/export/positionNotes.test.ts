import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import { PositionNotes } from '../../../src/export/positionNotes';

const at = (lsn: number): Lsn => BigInt(lsn) as Lsn;

describe('positions in a file that may be continued', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are noted at once, and then not more often than every ten seconds', () => {
    const noted: Lsn[] = [];
    const notes = new PositionNotes(at(5), lsn => noted.push(lsn) > 0);
    notes.reached(at(5));
    expect(noted).toEqual([]);
    notes.reached(at(6));
    expect(noted).toEqual([at(6)]);
    for (let lsn = 7; lsn < 20; lsn++) notes.reached(at(lsn));
    expect(noted).toEqual([at(6)]);
    vi.advanceTimersByTime(10_000);
    expect(noted).toEqual([at(6), at(19)]);
    notes.close();
  });

  it('are left out where the end of a transaction says as much, and wait while one is open', () => {
    const noted: Lsn[] = [];
    let open = true;
    const notes = new PositionNotes(at(0), lsn => {
      if (open) return false;
      noted.push(lsn);
      return true;
    });
    notes.reached(at(3));
    notes.passed(at(4));
    open = false;
    notes.flush();
    expect(noted).toEqual([]);
    open = true;
    notes.reached(at(7));
    open = false;
    notes.reached(at(7));
    expect(noted).toEqual([at(7)]);
    notes.reached(at(9));
    notes.flush();
    expect(noted).toEqual([at(7), at(9)]);
    notes.reached(at(11));
    notes.close();
    vi.advanceTimersByTime(60_000);
    expect(noted).toEqual([at(7), at(9)]);
  });
});
