import { formatLsn, parseLsn, toLsn } from '../../src/base/lsn';
import { formatBytes } from '../../src/base/quantity';
import { formatPgTime, toPgTime } from '../../src/base/time';
import type { OverviewAxis } from '../../src/shared/overviewApi';
import { formatClock } from '../formats';

/** Milliseconds from 1970 to 2000, UTC. */
const EPOCH_MS = 946_684_800_000;

/** As ranges and jumps have it: `X/X`, or ISO 8601 with microseconds. */
export function writePlace(by: OverviewAxis, place: number): string {
  const whole = BigInt(Math.round(place));
  return by === 'lsn' ? formatLsn(toLsn(whole < 0n ? 0n : whole)) : formatPgTime(toPgTime(whole));
}

/** Reads it again; undefined where it is none. */
export function readPlace(by: OverviewAxis, text: string): number | undefined {
  if (by === 'lsn') {
    const lsn = parseLsn(text);
    return lsn === undefined ? undefined : Number(lsn);
  }
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const micros = /\.\d{3}(\d{1,3})/.exec(text)?.[1]?.padEnd(3, '0') ?? '0';
  return (Math.floor(ms) - EPOCH_MS) * 1000 + Number(micros);
}

/** For a person: this machine's clock as exactly as a step of `width` needs it, or `X/X`. */
export function showPlace(by: OverviewAxis, place: number, width: number): string {
  const text = writePlace(by, place);
  if (by === 'lsn') return text;
  const clock = formatClock(text, new Date());
  if (width >= 1_000_000) return clock.slice(0, -7);
  return width >= 1000 ? clock.slice(0, -3) : clock;
}

/** How wide something is: `1.5 s`, `250 ms`, `64 kB of WAL`. */
export function showWidth(by: OverviewAxis, width: number): string {
  if (by === 'lsn') return `${formatBytes(width)} of WAL`;
  if (width < 1000) return `${String(width)} µs`;
  if (width < 1_000_000) return `${(width / 1000).toPrecision(3)} ms`;
  if (width < 120_000_000) return `${(width / 1_000_000).toPrecision(3)} s`;
  if (width < 7_200_000_000) return `${(width / 60_000_000).toPrecision(3)} min`;
  if (width < 172_800_000_000) return `${(width / 3_600_000_000).toPrecision(3)} h`;
  return `${(width / 86_400_000_000).toPrecision(3)} days`;
}

const SECOND = 1_000_000;
/** Steps between ticks of the clock, in microseconds. */
const TIME_STEPS: readonly number[] = [
  ...[1, 10, 100, 1000, 10_000, 100_000].flatMap(unit => [unit, 2 * unit, 5 * unit]),
  ...[1, 2, 5, 10, 15, 30].map(seconds => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * 60 * SECOND),
  ...[1, 2, 3, 6, 12].map(hours => hours * 3600 * SECOND),
];
const DAY = 86_400 * SECOND;

export interface Tick {
  readonly place: number;
  readonly label: string;
}

/** Round places in a window, `most` of them at most: of this machine's clock, or of hexadecimal positions. */
export function ticksOf(
  by: OverviewAxis,
  { from, to }: { readonly from: number; readonly to: number },
  most: number,
): Tick[] {
  const least = (to - from) / Math.max(1, most);
  let step = 1;
  let shift = 0;
  if (by === 'lsn') {
    while (step < least) step *= 2;
  } else {
    step = TIME_STEPS.find(known => known >= least) ?? DAY;
    while (step < least) step *= 2;
    // Midnight of this machine's clock, not of UTC.
    shift = new Date(from / 1000 + EPOCH_MS).getTimezoneOffset() * 60 * SECOND;
  }
  const ticks: Tick[] = [];
  const first = Math.ceil((from - shift) / step) * step + shift;
  for (let place = first; place < to && ticks.length <= most; place += step) {
    ticks.push({ place, label: tickLabel(by, place, step) });
  }
  return ticks;
}

function tickLabel(by: OverviewAxis, place: number, step: number): string {
  const text = showPlace(by, place, step);
  if (by === 'lsn') return text;
  // The day stands in the summary; ticks that are days apart are days.
  const [day = '', clock = ''] = text.includes(' ') ? text.split(' ') : ['', text];
  if (step >= DAY && day !== '') return day;
  return step >= 60 * SECOND ? clock.slice(0, 5) : clock;
}
