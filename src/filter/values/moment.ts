import type { PgTime } from '../../base/time';
import { toPgTime, unixMsOfPgTime } from '../../base/time';

/**
 * A point in time with microseconds, as date, timestamp and timestamptz hold it: what has no zone counts
 * as UTC. Two numbers, since microseconds in one would be more than a double holds exactly.
 */
export class Moment {
  /** Since 1970-01-01 00:00 UTC, rounded down; infinite for `infinity` and `-infinity`. */
  readonly seconds: number;
  /** 0 to 999,999. */
  readonly microseconds: number;

  constructor(seconds: number, microseconds: number) {
    this.seconds = seconds;
    this.microseconds = microseconds;
  }

  static of(time: PgTime): Moment {
    const microseconds = Number(((time % MILLION) + MILLION) % MILLION);
    const start = toPgTime(time - BigInt(microseconds));
    return new Moment(Math.round(unixMsOfPgTime(start) / 1000), microseconds);
  }

  compare(other: Moment): number {
    if (this.seconds !== other.seconds) return this.seconds < other.seconds ? -1 : 1;
    return this.microseconds - other.microseconds;
  }
}

const MILLION = 1_000_000n;

/**
 * `2026-11-21`, `2026-11-21T10:00:00Z`, `2026-11-21 10:00:00.123456+02`, `0044-03-15 BC`, `infinity`: what
 * ISO 8601 and Postgres (DateStyle ISO) write. Undefined for anything else, and for days that are none.
 */
export function parseMoment(text: string): Moment | undefined {
  return parseUsual(text) ?? parseAny(text);
}

const ZERO = 0x30;
const MINUS = 0x2d;
const COLON = 0x3a;

/**
 * What nearly all timestamps look like: `2026-11-21 10:00:00.123456+00`, in UTC or without a zone, on days
 * that every month has. Undefined for all others; they are read by {@link parseAny}.
 */
function parseUsual(text: string): Moment | undefined {
  const { length } = text;
  if (length < 19 || text.charCodeAt(4) !== MINUS || text.charCodeAt(7) !== MINUS) return undefined;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  // What is no digit makes NaN, which no comparison lets pass.
  if (!(year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return undefined;
  if (!(hour < 24 && minute < 60 && second < 60)) return undefined;
  if (text.charCodeAt(10) !== 0x20 && text.charCodeAt(10) !== 0x54) return undefined;
  let at = 19;
  let microseconds = 0;
  if (at < length && text.charCodeAt(at) === 0x2e) {
    let scale = 100_000;
    for (at++; at < length; at++, scale /= 10) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit < 0 || digit > 9) break;
      if (scale < 1) return undefined;
      microseconds += digit * scale;
    }
    if (at === 20) return undefined;
  }
  if (at < length && text.slice(at) !== '+00' && text.slice(at) !== 'Z') return undefined;
  const seconds = dayNumber(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  return new Moment(seconds, microseconds);
}

/** The number that the digits are; NaN where one is none. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

function parseAny(text: string): Moment | undefined {
  const match = FORM.exec(text);
  if (match === null) return parseInfinity(text);
  const [, year = '', month = '', day = '', hour = '0', minute = '0', second = '0'] = match;
  const [, , , , , , , fraction = '', zone = 'Z', bc] = match;
  const y = bc === undefined ? Number(year) : 1 - Number(year);
  const m = Number(month);
  const d = Number(day);
  if (m < 1 || m > 12 || d < 1 || d > daysOf(y, m) || Number(year) === 0) return undefined;
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const offset = offsetOf(zone);
  if (offset === undefined) return undefined;
  const seconds =
    dayNumber(y, m, d) * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return new Moment(seconds - offset, Number(fraction.padEnd(6, '0')));
}

const FORM =
  /^(\d{4,7})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?( BC)?$/;

function parseInfinity(text: string): Moment | undefined {
  if (text === 'infinity') return new Moment(Infinity, 0);
  return text === '-infinity' ? new Moment(-Infinity, 0) : undefined;
}

/** Seconds east of UTC. */
function offsetOf(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const [hours = 0, minutes = 0, seconds = 0] = (zone.match(/\d\d/g) ?? []).map(Number);
  if (hours > 15 || minutes > 59 || seconds > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01 in the Gregorian calendar, which Postgres uses for all times. */
function dayNumber(year: number, month: number, day: number): number {
  // Years begin in March, so that the day of a leap year comes last.
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
