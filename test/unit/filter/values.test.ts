import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPgTime, toPgTime } from '../../../src/base/time';
import { Moment, parseMoment } from '../../../src/filter/values/moment';
import { compareNumerals, computeNumerals, parseNumeral } from '../../../src/filter/values/numeral';
import { compareTexts, parseSpan } from '../../../src/filter/values/value';

const decimal = fc.tuple(fc.bigInt(-(10n ** 25n), 10n ** 25n), fc.nat(20));
const textOf = ([digits, scale]: [bigint, number]): string => {
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
};
const scaled = ([digits, scale]: [bigint, number]): bigint => digits * 10n ** BigInt(20 - scale);
const sign = (value: number | bigint): number => (value < 0 ? -1 : Number(value > 0));

describe('numerals', () => {
  it('compare and compute as whole numbers of the same scale do', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const [x, y] = [textOf(a), textOf(b)];
        expect(sign(compareNumerals(x, y))).toBe(sign(scaled(a) - scaled(b)));
        expect(compareNumerals(x, parseNumeral(x)!)).toBe(0);
        const sum = computeNumerals(x, '+', y)!;
        expect(compareNumerals(sum, textOf([scaled(a) + scaled(b), 20]))).toBe(0);
        const product = computeNumerals(x, '*', y)!;
        expect(compareNumerals(product, textOf([a[0] * b[0], a[1] + b[1]]))).toBe(0);
        expect(compareNumerals(computeNumerals(sum, '-', y)!, x)).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('are ordered as numeric orders them', () => {
    const ascending = [
      '-Infinity',
      '-10',
      '-9.5',
      '-0.01',
      '0',
      '0.001',
      '9',
      '10',
      '1e20',
      'Infinity',
      'NaN',
    ].map(text => parseNumeral(text)!);
    ascending.forEach((a, i) => {
      ascending.forEach((b, j) => {
        expect([a, b, sign(compareNumerals(a, b))]).toEqual([a, b, sign(i - j)]);
      });
    });
  });

  it('are read in every form, and no other', () => {
    const forms = {
      '1e2': '100',
      '+5': '5',
      '.5': '0.5',
      '5.': '5',
      ' 7 ': '7',
      '-0.00': '0',
      '007.10': '7.1',
      '12e-4': '0.0012',
      nan: 'NaN',
      '-inf': '-Infinity',
    };
    for (const [text, expected] of Object.entries(forms)) expect(parseNumeral(text)).toBe(expected);
    for (const text of ['', '.', 'x', '1 2', '1e', '--1', '0x10', '1e999999', '1,5']) {
      expect(parseNumeral(text)).toBeUndefined();
    }
  });
});

describe('moments', () => {
  it('are what Postgres says of the same microseconds', () => {
    fc.assert(
      fc.property(fc.bigInt(-60_000_000_000_000_000n, 250_000_000_000_000_000n), value => {
        const time = toPgTime(value);
        expect(Moment.of(time).compare(parseMoment(formatPgTime(time))!)).toBe(0);
      }),
    );
  });

  it('are read with their zone, before Christ, and not where there is no such day', () => {
    const same = (a: string, b: string): void => {
      expect([a, parseMoment(a)?.compare(parseMoment(b)!)]).toEqual([a, 0]);
    };
    same('2026-11-21 10:00:00+02', '2026-11-21T08:00:00Z');
    same('2026-11-21T10:00:00-03:30', '2026-11-21T13:30:00Z');
    same('1890-01-01 00:00:00+00:53:28', '1889-12-31T23:06:32Z');
    same('2026-11-21T24:00:00', '2026-11-22');
    same('2024-02-29', '2024-02-29T00:00Z');
    expect(parseMoment('0001-01-01 BC')!.seconds).toBe(Date.parse('0000-01-01T00:00:00Z') / 1000);
    expect(parseMoment('0044-03-15 BC')!.seconds).toBe(
      Date.parse('-000043-03-15T00:00:00Z') / 1000,
    );
    for (const text of [
      '2023-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-11-21T25:00',
      '0000-01-01',
      '2026-11-21T10',
      'now',
      '',
      '2026-11-21+02',
      '2026-11-21T10:00:00.1234567',
    ]) {
      expect([text, parseMoment(text)]).toEqual([text, undefined]);
    }
  });
});

describe('spans and texts', () => {
  it('are read and ordered', () => {
    expect(parseSpan('1h30m')!.microseconds).toBe(5_400_000_000n);
    expect(parseSpan('-2d')!.microseconds).toBe(-172_800_000_000n);
    expect(parseSpan('250ms1us')!.microseconds).toBe(250_001n);
    for (const text of ['', '1', 'h', '1 h', '1w']) expect(parseSpan(text)).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(sign(compareTexts(a, b))).toBe(bytes);
      }),
    );
  });
});
