import { formatBytes } from '../../src/base/quantity';
import type { LagStatistics, Statistics, WalLagStatistics } from '../../src/shared/statisticsApi';
import { formatCount, formatDuration, formatPlural } from '../formats';
import type { SmallChart } from './smallChart';
import { mostASecond } from './statisticsText';

const SECOND = 1_000_000;

/** Small charts over time, each with what it amounts to; what is not known says so. */
export function chartsOf(answer: Statistics): SmallChart[] {
  const { rates, lag, walLag } = answer;
  if (rates === undefined) return walLag === undefined ? [] : [walLagChart(answer)];
  return [...rateCharts(rates), lagChart(lag), walLagChart(answer)];
}

function rateCharts({
  width,
  extent,
  changes,
  bytes,
  transactions,
}: NonNullable<Statistics['rates']>): SmallChart[] {
  const seconds = Math.max(1, extent.last - extent.first) / SECOND;
  const rate = (
    id: string,
    title: string,
    values: Float64Array,
    show: (amount: number) => string,
  ): SmallChart => {
    const sum = values.reduce((a, b) => a + b, 0);
    // What came within less than a second is no rate of a second.
    const summary =
      seconds < 1
        ? `${show(sum)} within ${formatDuration(seconds * 1000)}`
        : `${show(sum / seconds)}/s on average, at most ${show(mostASecond(values, width))}/s`;
    return { id, title, values, summary };
  };
  return [
    rate('changes', 'Changes', changes, roundText),
    rate('bytes', 'Received', bytes, formatBytes),
    rate('transactions', 'Transactions', transactions, roundText),
  ];
}

function lagChart(lag: LagStatistics | undefined): SmallChart {
  const chart = { id: 'lag', title: 'Lag from commit to sending' };
  if (lag === undefined) {
    return {
      ...chart,
      summary: 'Not known: no commit here came with both its own time and the time of its sending.',
    };
  }
  const { commits, looked, median, p99, max, worst } = lag;
  const sampled =
    looked < commits ? `; of ${formatCount(looked)} of ${formatCount(commits)} commits` : '';
  return {
    ...chart,
    values: worst,
    summary: `half within ${lagText(median)}, 99% within ${lagText(p99)}, at most ${lagText(max)}${sampled}`,
  };
}

function walLagChart({ scope, walLag }: Statistics): SmallChart {
  const chart = { id: 'wal-lag', title: 'WAL not received yet' };
  if (walLag !== undefined) {
    return { ...chart, values: walLag.worst, summary: walLagText(walLag) };
  }
  const summary =
    scope === 'view'
      ? 'Not known: nobody sampled it while this was committed.'
      : 'Not known: it is sampled once a second while a tail or a consume runs.';
  return { ...chart, summary };
}

function walLagText({ samples, from, to, last, median, p95, max }: WalLagStatistics): string {
  if (samples === 1) return `${formatBytes(last)}, sampled once`;
  const within = formatDuration((to - from) / 1000);
  return `${formatBytes(last)} at last, half of the samples at most ${formatBytes(median)}, 95% at most ${formatBytes(p95)}, none above ${formatBytes(max)}; ${formatPlural(samples, 'sample')} within ${within}`;
}

function roundText(amount: number): string {
  return amount > 0 && amount < 10 ? amount.toFixed(1) : formatCount(Math.round(amount));
}

function lagText(milliseconds: number): string {
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : formatDuration(milliseconds);
}
