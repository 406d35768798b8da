/**
 * Dates and times in their binary form: 64-bit integers of microseconds, days from 2000-01-01
 * (src/backend/utils/adt/timestamp.c, date.c); printed with DateStyle ISO, IntervalStyle postgres and
 * TimeZone UTC, as our sessions pin them (src/backend/utils/adt/datetime.c).
 */
import type { ValueReader } from './valueReader';

const US_PER_DAY = 86_400_000_000n;
const US_PER_SECOND = 1_000_000n;
const MIN_I64 = -(2n ** 63n);
const MAX_I64 = 2n ** 63n - 1n;
const MIN_I32 = -(2 ** 31);
const MAX_I32 = 2 ** 31 - 1;

export function dateText(days: number): string {
  if (days === MAX_I32) return 'infinity';
  if (days === MIN_I32) return '-infinity';
  const { year, month, day } = civil(days);
  return `${yearText(year)}-${two(month)}-${two(day)}${year <= 0 ? ' BC' : ''}`;
}

/** `zone` is printed behind the time and before `BC`: `+00`, or nothing without time zone. */
export function timestampText(us: bigint, zone: '' | '+00'): string {
  if (us === MAX_I64) return 'infinity';
  if (us === MIN_I64) return '-infinity';
  let days = us / US_PER_DAY;
  let rest = us % US_PER_DAY;
  if (rest < 0n) {
    rest += US_PER_DAY;
    days -= 1n;
  }
  const { year, month, day } = civil(Number(days));
  const date = `${yearText(year)}-${two(month)}-${two(day)}`;
  return `${date} ${clockText(rest)}${zone}${year <= 0 ? ' BC' : ''}`;
}

/** `timetz_send`: the time, and the zone in seconds west of Greenwich. */
export function timetzText(reader: ValueReader): string {
  const time = clockText(reader.i64());
  const west = reader.i32();
  const size = Math.abs(west);
  const minutes = Math.trunc(size / 60) % 60;
  const seconds = size % 60;
  let zone = `${west <= 0 ? '+' : '-'}${two(Math.trunc(size / 3600))}`;
  if (minutes !== 0 || seconds !== 0) zone += `:${two(minutes)}`;
  if (seconds !== 0) zone += `:${two(seconds)}`;
  return time + zone;
}

/** `interval_send`: microseconds, days, months; all three at their ends mean infinity (17 and later). */
export function intervalText(reader: ValueReader): string {
  const us = reader.i64();
  const days = reader.i32();
  const months = reader.i32();
  if (us === MAX_I64 && days === MAX_I32 && months === MAX_I32) return 'infinity';
  if (us === MIN_I64 && days === MIN_I32 && months === MIN_I32) return '-infinity';
  const fields = [
    { value: Math.trunc(months / 12), unit: 'year' },
    { value: months % 12, unit: 'mon' },
    { value: days, unit: 'day' },
  ].filter(({ value }) => value !== 0);
  // A part that follows a negative one says its plus.
  const parts = fields.map(({ value, unit }, i) => {
    const sign = value > 0 && (fields[i - 1]?.value ?? 0) < 0 ? '+' : '';
    return `${sign}${value} ${unit}${value === 1 ? '' : 's'}`;
  });
  if (parts.length === 0 || us !== 0n) {
    const plus = (fields.at(-1)?.value ?? 0) < 0 ? '+' : '';
    parts.push(`${us < 0n ? '-' : plus}${clockText(us < 0n ? -us : us)}`);
  }
  return parts.join(' ');
}

/** Hours of any number, minutes, seconds and their fraction; since midnight up to `24:00:00`. */
export function clockText(us: bigint): string {
  const seconds = us / US_PER_SECOND;
  const hours = String(seconds / 3600n).padStart(2, '0');
  const minutes = two(Number((seconds / 60n) % 60n));
  return `${hours}:${minutes}:${two(Number(seconds % 60n))}${fractionText(us % US_PER_SECOND)}`;
}

function fractionText(us: bigint): string {
  return us === 0n ? '' : `.${us.toString().padStart(6, '0').replace(/0+$/, '')}`;
}

/** A year before 1 is counted from 1 BC, which is year 0. */
function yearText(year: number): string {
  return String(year > 0 ? year : 1 - year).padStart(4, '0');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Days from 0000-03-01, where the 400 years of the calendar begin, to 2000-01-01. */
const DAYS_TO_2000 = 730_425;
const DAYS_PER_400_YEARS = 146_097;

/** The day of the Gregorian calendar, carried back before its introduction as the server does. */
function civil(days: number): {
  readonly year: number;
  readonly month: number;
  readonly day: number;
} {
  // Years that begin in March: a leap day is then the last day of its year.
  const shifted = days + DAYS_TO_2000;
  const era = Math.floor(shifted / DAYS_PER_400_YEARS);
  const ofEra = shifted - era * DAYS_PER_400_YEARS;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) /
      365,
  );
  const ofYear =
    ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
