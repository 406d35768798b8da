import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../src/base/quantity';
import {
  formatClock,
  formatClockOn,
  formatCount,
  formatDay,
  formatDuration,
} from '../../webview/formats';
import { RowSlots } from '../../webview/rowSlots';
import { clampTop, maxTop, thumbAt, topOfThumb } from '../../webview/scrollMath';
import { matchesIn } from '../../webview/matchMarks';
import { ChosenRows } from '../../webview/timeline/chosenRows';
import type { Columns } from '../../webview/timeline/columns';
import {
  DEFAULT_COLUMNS,
  inRoom,
  columnsOf,
  layoutOf,
  planColumns,
  withColumn,
} from '../../webview/timeline/columns';
import { FRESH_STATE, readSavedState } from '../../webview/timeline/savedState';
import { visibleText } from '../../src/base/visibleText';

describe('numbers for people', () => {
  it('shows bytes as everywhere else', () => {
    expect([0, 96, 1023, 1024, 4301, 29_800, 104_857_600, 1024 ** 3].map(formatBytes)).toEqual([
      '0 B',
      '96 B',
      '1023 B',
      '1 kB',
      '4.2 kB',
      '29 kB',
      '100 MB',
      '1 GB',
    ]);
  });

  it('shows counts, durations and times of day', () => {
    expect(formatCount(1_204_331)).toBe('1,204,331');
    expect([12, 3400, 120_000, -5].map(formatDuration)).toEqual([
      '12 ms',
      '3.4 s',
      '2 min',
      '0 ms',
    ]);
    const now = new Date(2026, 10, 20, 12);
    const iso = new Date(2026, 10, 20, 10, 4, 31, 221).toISOString().replace('Z', '907Z');
    expect(formatClock(iso, now)).toBe('10:04:31.221907');
    expect(formatClock(iso, new Date(2026, 10, 21))).toBe('2026-11-20 10:04:31.221907');
    expect(formatClock('not a time', now)).toBe('not a time');
    // Below a heading that names the day.
    expect(formatDay(new Date(2026, 10, 20), now)).toBe('Nov 20');
    expect(formatDay(new Date(2025, 0, 1), now)).toBe('Jan 1, 2025');
    expect(formatClockOn(now, iso, new Date(2027, 1, 1))).toBe('10:04:31.221907');
    expect(formatClockOn(new Date(2026, 10, 19), iso, now)).toBe('Nov 20 10:04:31');
    expect(formatClockOn(now, 'not a time', now)).toBe('not a time');
  });
});

describe('hidden characters', () => {
  it('are shown, and what scripts need stays', () => {
    expect(visibleText('a\nb\u202ec\u0007\u007f')).toBe('a␊b‹202E›c␇␡');
    expect(visibleText('a\n\tb', true)).toBe('a\n\tb');
    expect(visibleText('👩\u200d💻 नि\u200cश')).toBe('👩\u200d💻 नि\u200cश');
  });
});

describe('the elements of a list', () => {
  const rows = (first: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => first + i);

  it('stay with their rows where few come, and where they are where many come', () => {
    const slots = new RowSlots();
    expect(slots.of(rows(0, 5), -1)).toEqual([0, 1, 2, 3, 4]);
    expect(slots.of(rows(2, 5), -1)).toEqual([2, 3, 4, 0, 1]);
    expect(slots.of(rows(5, 5), -1)).toEqual([2, 3, 4, 0, 1]);
    expect(slots.of(rows(905, 4), -1)).toEqual([2, 3, 4, 0]);
  });

  it('are as many as there are rows, each used once, and that of the active row stays its own', () => {
    const step = fc.record({ first: fc.nat(100), count: fc.integer({ min: 1, max: 12 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 12 }), fc.nat(100), (steps, active) => {
        const slots = new RowSlots();
        let own: number | undefined;
        for (const { first, count } of steps) {
          const shown = [...new Set([...rows(first, count), active])];
          const used = slots.of(shown, active);
          expect(new Set(used).size).toBe(shown.length);
          const now = used[shown.indexOf(active)];
          own ??= now;
          expect(now).toBe(own);
        }
      }),
    );
  });
});

describe('the scrollbar', () => {
  const space = fc.record({
    content: fc.integer({ min: 1, max: 1e12 }),
    viewport: fc.integer({ min: 50, max: 2000 }),
  });

  it('keeps its thumb on the track, and gives back the place it was dragged to', () => {
    fc.assert(
      fc.property(space, fc.double({ min: 0, max: 1, noNaN: true }), (s, part) => {
        const top = part * maxTop(s);
        const thumb = thumbAt(top, s, s.viewport);
        if (thumb === undefined) return maxTop(s) === 0;
        expect(thumb.position).toBeGreaterThanOrEqual(0);
        expect(thumb.position + thumb.size).toBeLessThanOrEqual(s.viewport + 1e-6);
        const back = topOfThumb(thumb.position, s, s.viewport);
        expect(Math.abs(back - top)).toBeLessThanOrEqual(Math.max(1e-3, top * 1e-9));
        return true;
      }),
    );
  });

  it('never scrolls beyond an end', () => {
    fc.assert(
      fc.property(space, fc.double({ noNaN: true }), (s, top) => {
        const clamped = clampTop(top, s);
        return clamped >= 0 && clamped <= maxTop(s);
      }),
    );
  });
});

describe('the saved state', () => {
  it('is read back, and whatever else is there is the default', () => {
    const state = {
      ...FRESH_STATE,
      capture: 'c',
      spec: { ...FRESH_STATE.spec, text: 'ada' },
      follow: false,
      selected: 7,
      chosen: [{ from: 3, to: 7 }],
      opened: [2, 1],
      anchor: 3,
    };
    const shown = { capture: 'c', isFile: false };
    expect(readSavedState(structuredClone(state), shown)).toEqual(state);
    expect(readSavedState(state, { ...shown, capture: 'other' })).toEqual({
      ...FRESH_STATE,
      capture: 'other',
      spec: state.spec,
    });
    fc.assert(
      fc.property(fc.anything(), value => {
        const read = readSavedState(value, { capture: '', isFile: false });
        return read.capture === '' && read.split.size > 0 && read.split.size < 1;
      }),
    );
  });
});

describe('a capture that nobody has looked at', () => {
  it('is followed as a stream, and read from its beginning as a file', () => {
    const stream = { capture: 'c', isFile: false };
    const file = { capture: 'c', isFile: true };
    const left = { ...FRESH_STATE, capture: 'other' };
    for (const value of [undefined, left]) {
      expect(readSavedState(value, stream).follow).toBe(true);
      expect(readSavedState(value, file).follow).toBe(false);
    }
    expect(readSavedState({ ...left, capture: 'c' }, file).follow).toBe(true);
  });
});

describe('matches in a text', () => {
  it('are found whatever the case, at the places where they stand', () => {
    expect(matchesIn('Ada and ADA', 'ada')).toEqual([
      [0, 3],
      [8, 11],
    ]);
    expect(matchesIn('aaaa', 'aa')).toEqual([
      [0, 2],
      [2, 4],
    ]);
    expect(matchesIn('text', '')).toEqual([]);
    // Its lower case is longer than itself.
    expect(matchesIn('İİx YZ', 'yz')).toEqual([[4, 6]]);
    expect(matchesIn('aİb', 'i\u0307')).toEqual([[1, 2]]);
  });

  it('never lie outside the text, and a text is found in itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        const found = matchesIn(`${a}${b}${a}`, b.toLowerCase());
        for (const [start, end] of found) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(2 * a.length + b.length);
        }
      }),
    );
  });
});

describe('chosen rows', () => {
  /** What a set of rows would do. */
  const model = (steps: readonly (readonly [number, 'only' | 'toggle' | 'extend'])[]) => {
    let rows = new Set<number>();
    let anchor = -1;
    for (const [index, kind] of steps) {
      if (kind === 'extend' && anchor >= 0) {
        const [first, last] = [Math.min(anchor, index), Math.max(anchor, index)];
        rows = new Set(Array.from({ length: last - first + 1 }, (_, i) => first + i));
        continue;
      }
      anchor = index;
      if (kind === 'toggle') {
        if (!rows.delete(index)) rows.add(index);
      } else rows = new Set([index]);
    }
    return rows;
  };

  it('are what a set of rows would be, in few ranges with their messages', () => {
    const step = fc.tuple(fc.nat(30), fc.constantFrom('only', 'toggle', 'extend'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const chosen = new ChosenRows(index => index * 10);
        for (const [index, kind] of steps) chosen.choose(index, kind);
        const expected = model(steps);
        expect(chosen.count).toBe(expected.size);
        for (let row = 0; row <= 30; row++) expect(chosen.has(row)).toBe(expected.has(row));
        let before = -2;
        for (const { first, last, from, to } of chosen.ranges) {
          expect(first).toBeGreaterThan(before + 1);
          expect([from, to]).toEqual([first * 10, last * 10]);
          before = last;
        }
      }),
    );
  });
});

describe('the layout of the columns', () => {
  it('is stored and read back, and what makes no sense is as it is by default', () => {
    const changed = withColumn(withColumn(DEFAULT_COLUMNS, 'size', { shown: true }), 'key', {
      width: 333.4,
    });
    expect(columnsOf(layoutOf(changed))).toEqual(changed);
    expect(columnsOf(undefined)).toEqual(DEFAULT_COLUMNS);
    const hidden = withColumn(DEFAULT_COLUMNS, 'seq', { shown: false });
    expect(hidden).toEqual(DEFAULT_COLUMNS);
    expect(columnsOf({ version: 1, columns: [{ id: 'lsn', shown: true, width: 1e9 }] })[1]).toEqual(
      { ...DEFAULT_COLUMNS[1], width: 2000 },
    );
  });

  it('leaves out positions and ids where a narrow list has no room, unless columns were chosen', () => {
    const shownIn = (columns: Columns, width: number) =>
      inRoom(columns, { width, character: 8 })
        .filter(({ shown }) => shown)
        .map(({ column }) => column.id as string);
    const all = shownIn(DEFAULT_COLUMNS, 1000);
    expect(all).toContain('lsn');
    expect(shownIn(DEFAULT_COLUMNS, 750)).toEqual(all.filter(id => id !== 'lsn'));
    expect(shownIn(DEFAULT_COLUMNS, 500)).toEqual(all.filter(id => id !== 'lsn' && id !== 'xid'));
    expect(shownIn(DEFAULT_COLUMNS, 0)).toEqual(all);
    expect(shownIn(withColumn(DEFAULT_COLUMNS, 'size', { shown: true }), 500)).toContain('lsn');
    expect(shownIn(withColumn(DEFAULT_COLUMNS, 'changed', { width: 900 }), 1000)).toEqual(
      all.filter(id => id !== 'lsn' && id !== 'xid'),
    );
  });

  it('gives lines about more than one column the place that is left', () => {
    expect(planColumns(DEFAULT_COLUMNS).line).toEqual({ place: '5 / -1', span: 4 });
    expect(planColumns(DEFAULT_COLUMNS).note).toEqual({ place: '3 / -1', span: 6 });
    const sized = withColumn(DEFAULT_COLUMNS, 'size', { shown: true });
    expect(planColumns(sized).line).toEqual({ place: '5 / -2', span: 4 });
    const few = withColumn(sized, 'xid', { shown: false });
    expect(planColumns(few).line).toEqual({ place: '4 / -2', span: 4 });
  });
});
