import { OVERVIEW_SERIES } from '../../src/shared/overviewApi';
import type { Overview, OverviewSeries } from '../../src/shared/overviewApi';
import { formatCount, formatPlural } from '../formats';
import type { Span } from './stripPaint';
import { peakOf } from './stripPaint';
import { showPlace, showWidth } from './places';

const SECOND = 1_000_000;

const NOUNS: Readonly<Record<OverviewSeries, string>> = {
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  truncate: 'truncate',
  message: 'message',
  other: 'text',
};

/** How many of each series there are in a part of the overview: whole buckets that begin in it. */
function totalsOf({ from, width, buckets }: Overview, counts: Uint32Array, span: Span): number[] {
  return OVERVIEW_SERIES.map((_, series) => {
    let sum = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const start = from + bucket * width;
      if (start + width > span.from && start < span.to)
        sum += counts[series * buckets + bucket] ?? 0;
    }
    return sum;
  });
}

/** `1,240 changes: 800 inserts, 440 updates`. */
function countText(totals: readonly number[]): string {
  const sum = totals.reduce((a, b) => a + b, 0);
  const parts = OVERVIEW_SERIES.flatMap((series, i) => {
    const count = totals[i] ?? 0;
    return count === 0 ? [] : [formatPlural(count, NOUNS[series])];
  });
  return parts.length < 2 && sum === 0
    ? 'no changes'
    : `${formatPlural(sum, 'change')}: ${parts.join(', ')}`;
}

/** What stands in the bucket at a place. */
export function bucketText(overview: Overview, place: number): string {
  const { by, from, width, buckets, counts, passing } = overview;
  const bucket = Math.floor((place - from) / width);
  const start = from + bucket * width;
  const span = { from: start, to: start + width };
  const where = `${showPlace(by, start, width)} + ${showWidth(by, width)}`;
  if (bucket < 0 || bucket >= buckets) return `${where}: no changes`;
  const all = totalsOf(overview, counts, span);
  if (passing === undefined) return `${where}: ${countText(all)}`;
  const sum = all.reduce((a, b) => a + b, 0);
  const passed = countText(totalsOf(overview, passing, span));
  return `${where}: ${passed}, of ${formatCount(sum)}`;
}

/**
 * All of what is in sight in a sentence, for who cannot see it: `12,304 committed changes between
 * 10:00:01 and 10:05:00, most 1,240 a second at 10:03:02`.
 */
export function summaryText(overview: Overview, domain: Span): string {
  const { by, from, width, counts, passing, extent, open } = overview;
  const sum = totalsOf(overview, counts, domain).reduce((a, b) => a + b, 0);
  const waiting = open > 0 ? `; ${formatCount(open)} more not committed` : '';
  // First: where the line is cut, the numbers behind it would pass for the last ones.
  const counting =
    overview.complete < 1
      ? `Still counting, ${String(Math.floor(overview.complete * 100))}% done: `
      : '';
  if (extent === undefined || sum === 0) {
    return `${counting}${counting === '' ? 'No' : 'no'} committed changes here${waiting}`;
  }
  const start = Math.max(domain.from, extent.first);
  const end = Math.min(domain.to, extent.last);
  const step = Math.max(1, end - start) / 100;
  const peak = peakOf(overview, domain);
  const at = showPlace(by, from + peak.bucket * width, width);
  const most =
    by === 'time' && width >= SECOND
      ? `${formatCount(Math.round((peak.count * SECOND) / width))} a second`
      : `${formatCount(peak.count)} in ${showWidth(by, width)}`;
  const passes =
    passing === undefined
      ? ''
      : `, ${formatCount(totalsOf(overview, passing, domain).reduce((a, b) => a + b, 0))} pass the filter`;
  const first = showPlace(by, start, step);
  const last = showPlace(by, end, step);
  // The day is said once.
  const day = /^\S+ /.exec(first)?.[0] ?? ' ';
  const between = `between ${first} and ${last.startsWith(day) ? last.slice(day.length) : last}`;
  const when = at.startsWith(day) ? at.slice(day.length) : at;
  return `${counting}${formatPlural(sum, 'committed change')} ${between}${passes}, most ${most} at ${when}${waiting}`;
}
