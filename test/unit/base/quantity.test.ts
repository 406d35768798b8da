import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatPlural, formatSpan } from '../../../src/base/quantity';

describe('quantities', () => {
  it.each([
    [0, '0 B'],
    [176, '176 B'],
    [1023, '1023 B'],
    [1024, '1 kB'],
    [36_900, '36 kB'],
    [1.2 * 1024 ** 3, '1.2 GB'],
    [-2048, '-2 kB'],
    [Number.NaN, 'unknown'],
  ])('formats %s bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('counts', () => {
    expect(formatCount(1_204_331)).toBe('1,204,331');
    expect(formatCount(-1000)).toBe('-1,000');
    expect(formatPlural(1, 'table')).toBe('1 table');
    expect(formatPlural(0, 'table')).toBe('0 tables');
  });

  it('spans', () => {
    expect([5, 90, 7300, 86_400, 3 * 86_400].map(formatSpan)).toEqual([
      '5 s',
      '1 min',
      '2 h',
      '1 day',
      '3 days',
    ]);
  });
});
