import type { PgTime } from './time';
import { pgTimeOfUnixMs } from './time';

/** The time that an ISO 8601 text says, with its microseconds; undefined where it says none. */
export function parseIsoTime(text: string): PgTime | undefined {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return undefined;
  // Date knows milliseconds; what stands behind them is read by hand.
  const micros = BigInt(/\.\d{3}(\d{1,3})/.exec(text)?.[1]?.padEnd(3, '0') ?? '0');
  return (pgTimeOfUnixMs(milliseconds) + micros) as PgTime;
}
