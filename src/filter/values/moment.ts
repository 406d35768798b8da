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
