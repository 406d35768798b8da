import { formatLsn } from '../base/lsn';
import { formatBytes } from '../base/quantity';
import type { Gap } from './frame';
import { gapBytes } from './frame';

/**
 * A gap in one line, the figures first, because a line may be cut:
 * `3.1 MB of WAL not seen, from 0/1A to 0/2B, 12 s without a stream: The connection was lost`.
 */
export function gapText(gap: Gap): string {
  const { from, to, reason, seconds } = gap;
  const bytes = gapBytes(gap);
  const range =
    bytes === undefined
      ? `the server went back, from ${formatLsn(from)} to ${formatLsn(to)}`
      : `${formatBytes(bytes)} of WAL not seen, from ${formatLsn(from)} to ${formatLsn(to)}`;
  const duration = seconds === undefined ? '' : `, ${formatSeconds(seconds)} without a stream`;
  return `${range}${duration}: ${reason}`;
}

/** `0.4 s`, `12 s`, `4 min 5 s`, `3 h 10 min`. */
function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${String(Math.round(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(Math.floor(seconds % 60))} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
