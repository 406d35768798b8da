import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatClock, formatCount, formatDuration } from '../../webview/formats';
import { clampTop, maxTop, thumbAt, topOfThumb } from '../../webview/scrollMath';
import { FRESH_STATE, readSavedState } from '../../webview/timeline/savedState';
import { visibleText } from '../../webview/visibleText';

describe('numbers for people', () => {
  it('shows bytes in three digits', () => {
    expect([0, 96, 1023, 1024, 4301, 104_857_600, 1024 ** 3].map(formatBytes)).toEqual([
      '0 B',
      '96 B',
      '1023 B',
      '1 kB',
      '4.2 kB',
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
  });
});

describe('hidden characters', () => {
  it('are shown, and what scripts need stays', () => {
    expect(visibleText('a\nb\u202ec\u0007\u007f')).toBe('a␊b‹202E›c␇␡');
    expect(visibleText('a\n\tb', true)).toBe('a\n\tb');
    expect(visibleText('👩\u200d💻 नि\u200cश')).toBe('👩\u200d💻 नि\u200cश');
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
    const state = { ...FRESH_STATE, capture: 'c', follow: false, selected: 7, anchor: 3 };
    expect(readSavedState(structuredClone(state), 'c')).toEqual(state);
    expect(readSavedState(state, 'other')).toEqual({ ...FRESH_STATE, capture: 'other' });
    fc.assert(
      fc.property(fc.anything(), value => {
        const read = readSavedState(value, '');
        return read.capture === '' && read.split.size > 0 && read.split.size < 1;
      }),
    );
  });
});
