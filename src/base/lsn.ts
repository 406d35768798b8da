import type { Brand } from './brand';

/**
 * A position in the write-ahead log: bytes since the start of WAL, unsigned 64 bits.
 * Postgres: `XLogRecPtr`, src/include/access/xlogdefs.h.
 */
export type Lsn = Brand<bigint, 'Lsn'>;

const MAX_LSN = 0xffff_ffff_ffff_ffffn;

/** `InvalidXLogRecPtr`: no position. In a status update it means "nothing confirmed". */
export const INVALID_LSN = 0n as Lsn;

/** Makes an LSN of a number of bytes. Throws RangeError outside 0 .. 2^64-1. */
export function toLsn(bytes: bigint): Lsn {
  if (bytes < 0n || bytes > MAX_LSN) throw new RangeError(`LSN out of range: ${String(bytes)}`);
  return bytes as Lsn;
}

/** Makes an LSN of its two 32-bit halves, both unsigned. */
export function lsnOfHalves(high: number, low: number): Lsn {
  return ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) as Lsn;
}

/**
 * Reads `X/X` in hexadecimal, either case, with or without the zero padding that 19 prints
 * (`pg_lsn_in`, src/backend/utils/adt/pg_lsn.c). Returns undefined for anything else.
 */
export function parseLsn(text: string): Lsn | undefined {
  const match = /^([0-9a-fA-F]{1,8})\/([0-9a-fA-F]{1,8})$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return lsnOfHalves(Number.parseInt(match[1], 16), Number.parseInt(match[2], 16));
}

/** `X/X` in upper-case hexadecimal without padding, as every version up to 18 prints it. */
export function formatLsn(lsn: Lsn): string {
  return formatLsnHalves(Number(lsn >> 32n), Number(lsn & 0xffff_ffffn));
}

/** As {@link formatLsn}, for a hot path that has the two 32-bit halves and wants no bigint. */
export function formatLsnHalves(high: number, low: number): string {
  return `${(high >>> 0).toString(16).toUpperCase()}/${(low >>> 0).toString(16).toUpperCase()}`;
}

/** Bytes of WAL from `from` to `to`; negative when `to` lies before `from`. */
export function lsnDistance(from: Lsn, to: Lsn): bigint {
  return to - from;
}
