import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../../src/base/base64';
import { fromHex, toHex } from '../../../src/base/hex';
import { formatLsn, formatLsnHalves, lsnDistance, parseLsn, toLsn } from '../../../src/base/lsn';
import { formatPgTime, pgTimeOfUnixMs, toPgTime, unixMsOfPgTime } from '../../../src/base/time';

describe('LSN', () => {
  it('reads what it writes, over all 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), value => {
        const lsn = toLsn(value);
        expect(parseLsn(formatLsn(lsn))).toBe(lsn);
        expect(formatLsnHalves(Number(value >> 32n), Number(value & 0xffffffffn))).toBe(
          formatLsn(lsn),
        );
      }),
    );
  });

  it('reads the padded form of 19 and either case, and writes the short one', () => {
    expect(formatLsn(parseLsn('0/0E419E28')!)).toBe('0/E419E28');
    expect(formatLsn(parseLsn('ab/cdef0')!)).toBe('AB/CDEF0');
  });

  it.each(['', '0', '0/', '/0', '0/123456789', 'g/0', ' 0/0', '0/0 ', '0x0/0'])(
    'refuses %j',
    text => {
      expect(parseLsn(text)).toBeUndefined();
    },
  );

  it('measures forwards and backwards', () => {
    expect(lsnDistance(toLsn(16n), toLsn(6n))).toBe(-10n);
    expect(() => toLsn(-1n)).toThrow(RangeError);
    expect(() => toLsn(2n ** 64n)).toThrow(RangeError);
  });
});

describe('time', () => {
  it.each([
    [0n, '2000-01-01T00:00:00.000000Z'],
    [-1n, '1999-12-31T23:59:59.999999Z'],
    [848_494_800_123_456n, '2026-11-20T13:00:00.123456Z'],
    [-946_684_800_000_001n, '1969-12-31T23:59:59.999999Z'],
    [2n ** 63n - 1n, String(2n ** 63n - 1n)],
    [-(2n ** 63n), String(-(2n ** 63n))],
  ])('%d is %s', (value, text) => {
    expect(formatPgTime(toPgTime(value))).toBe(text);
  });

  it('knows the clock of this machine', () => {
    const now = 1_795_179_600_123;
    expect(unixMsOfPgTime(pgTimeOfUnixMs(now))).toBe(now);
  });
});

describe('hexadecimal and base64', () => {
  it('are those of everybody else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        const buffer = Buffer.from(bytes);
        expect(toHex(bytes)).toBe(buffer.toString('hex'));
        expect(toBase64(bytes)).toBe(buffer.toString('base64'));
        expect(fromHex(toHex(bytes).toUpperCase())).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it.each(['0', '0g', 'x0', '0/', '  '])('%j is not hexadecimal', text => {
    expect(fromHex(text)).toBeUndefined();
  });
});
