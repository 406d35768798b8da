import { expect, it } from 'vitest';
import { parseIsoTime } from '../../../src/base/isoTime';
import { formatPgTime, toPgTime } from '../../../src/base/time';

it('reads a time to the microsecond, as it is written', () => {
  for (const micros of [0n, 1n, 999_999n, -1n, 812_345_678_901_234n, -5_000_001n]) {
    const text = formatPgTime(toPgTime(micros));
    expect([text, parseIsoTime(text)]).toEqual([text, micros]);
  }
  expect(parseIsoTime('2000-01-01T00:00:00.1Z')).toBe(100_000n);
  expect(parseIsoTime('2000-01-01T01:00:00.000001+01:00')).toBe(1n);
  expect(parseIsoTime('yesterday')).toBeUndefined();
});
