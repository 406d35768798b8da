import type { Brand } from './brand';

/**
 * Microseconds since 2000-01-01 00:00 UTC, the server's `TimestampTz`
 * (src/include/datatype/timestamp.h). Signed 64 bits.
 */
export type PgTime = Brand<bigint, 'PgTime'>;

/** Microseconds from 1970-01-01 to 2000-01-01: `POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE` days. */
const EPOCH_OFFSET_US = 946_684_800_000_000n;

export function toPgTime(microseconds: bigint): PgTime {
  return microseconds as PgTime;
}

/** The time of this machine's clock; its resolution is a millisecond. */
export function pgTimeOfUnixMs(milliseconds: number): PgTime {
  return (BigInt(Math.round(milliseconds * 1000)) - EPOCH_OFFSET_US) as PgTime;
}

/** Milliseconds since 1970, cut to what a double holds; for arithmetic on durations, not display. */
export function unixMsOfPgTime(time: PgTime): number {
  return Number(time + EPOCH_OFFSET_US) / 1000;
}

/** Microseconds since 1970-01-01. */
export function unixMicroseconds(time: PgTime): bigint {
  return time + EPOCH_OFFSET_US;
}

const MAX_DATE_MS = 8_640_000_000_000_000n;

/** ISO 8601 in UTC with microseconds, as in the event format: `2026-11-20T13:00:00.123456Z`. */
export function formatPgTime(time: PgTime): string {
  const unix = time + EPOCH_OFFSET_US;
  let ms = unix / 1000n;
  let us = unix % 1000n;
  if (us < 0n) {
    us += 1000n;
    ms -= 1n;
  }
  // A damaged message may hold any 64 bits; such a time is shown as the number it is.
  if (ms > MAX_DATE_MS || ms < -MAX_DATE_MS) return String(time);
  return new Date(Number(ms)).toISOString().replace('Z', `${String(us).padStart(3, '0')}Z`);
}
