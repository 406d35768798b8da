import { parseIsoTime } from '../base/isoTime';
import { parseLsn } from '../base/lsn';
import type { LagNote } from '../shared/captureNote';
import type { WalLagStatistics } from '../shared/statisticsApi';
import { STATISTICS_BUCKETS } from '../shared/statisticsApi';
import { bucketsOver } from './buckets';

/** Runs that are kept: where there are more, neighbours become one. */
const MOST_RUNS = 16_384;
const SECOND = 1_000_000;
/** Runs that lie further apart have a time between them in which nobody looked. */
const APART = 5 * SECOND;
/** A sample so soon after the last commit of a selection tells how far behind that commit was received. */
const SOON = 2 * SECOND;

/** Samples in a row that found the same; times in microseconds since 2000. */
interface LagRun {
  readonly since: number;
  readonly at: number;
  readonly samples: number;
  /** Bytes. */
  readonly behind: number;
}

/** How far the server was ahead of what was received, as it was sampled beside a stream. */
export class WalLag {
  #runs: LagRun[] = [];

  add(note: LagNote): void {
    const run = runOf(note);
    // Somebody else may have written the file.
    if (run === undefined) return;
    this.#runs.push(run);
    if (this.#runs.length <= MOST_RUNS) return;
    const merged: LagRun[] = [];
    for (let i = 0; i < this.#runs.length; i += 2) {
      const [run, next] = this.#runs.slice(i, i + 2);
      if (run !== undefined) merged.push(next === undefined ? run : mergeOf(run, next));
    }
    this.#runs = merged;
  }

  /** What was found, all of it or from the first to the last time, both included; undefined where nobody looked. */
  statistics(within?: {
    readonly first: number;
    readonly last: number;
  }): WalLagStatistics | undefined {
    const runs = within === undefined ? this.#runs : cutTo(this.#runs, within);
    const newest = runs.at(-1);
    if (newest === undefined) return undefined;
    const from = runs.reduce((least, { since }) => Math.min(least, since), Infinity);
    const to = runs.reduce((most, { at }) => Math.max(most, at), -Infinity);
    const samples = runs.reduce((sum, run) => sum + run.samples, 0);
    const sorted = [...runs].sort((a, b) => a.behind - b.behind);
    const upTo = (share: number): number => {
      let seen = 0;
      const wanted = Math.max(1, samples * share);
      return sorted.find(run => (seen += run.samples) >= wanted)?.behind ?? 0;
    };
    return {
      samples,
      from,
      to,
      last: newest.behind,
      median: upTo(0.5),
      p95: upTo(0.95),
      max: sorted.at(-1)?.behind ?? 0,
      worst: worstOf(runs, from, to),
    };
  }
}

function runOf({ since, at, samples, current, received }: LagNote): LagRun | undefined {
  const [first, last] = [parseIsoTime(since), parseIsoTime(at)];
  const [end, got] = [parseLsn(current), parseLsn(received)];
  if (first === undefined || last === undefined || end === undefined || got === undefined) {
    return undefined;
  }
  // A clock may be set back between two samples.
  const times = { since: Number(first < last ? first : last), at: Number(last) };
  return { ...times, samples, behind: end > got ? Number(end - got) : 0 };
}

/** The larger distance counts for both, so that none is told smaller than it was. */
function mergeOf(one: LagRun, next: LagRun): LagRun {
  const larger = one.behind > next.behind ? one : next;
  if (Math.abs(next.since - one.at) > APART) return larger;
  return {
    since: Math.min(one.since, next.since),
    at: Math.max(one.at, next.at),
    samples: one.samples + next.samples,
    behind: larger.behind,
  };
}

/** What lies within, and the one sample that follows soon. */
function cutTo(
  runs: readonly LagRun[],
  { first, last }: { readonly first: number; readonly last: number },
): readonly LagRun[] {
  const cut: LagRun[] = [];
  let following: LagRun | undefined;
  for (const run of runs) {
    const { since, at, samples, behind } = run;
    if (since > last) {
      const isNext = since <= last + SOON && (following === undefined || since < following.since);
      if (isNext) following = { since, at: since, samples: 1, behind };
    } else if (at >= first) {
      const [from, to] = [Math.max(since, first), Math.min(at, last)];
      const share = at === since ? 1 : (to - from) / (at - since);
      cut.push({ since: from, at: to, samples: Math.max(1, Math.round(samples * share)), behind });
    }
  }
  return following === undefined ? cut : [...cut, following];
}

/** The largest distance of each bucket, NaN where nobody looked. */
function worstOf(runs: readonly LagRun[], from: number, to: number): Float64Array {
  const wide = bucketsOver({ from, to: to + 1 }, STATISTICS_BUCKETS, SECOND);
  const worst = new Float64Array(wide.buckets).fill(NaN);
  const bucketOf = (time: number): number => Math.floor((time - wide.from) / wide.width);
  for (const { since, at, behind } of runs) {
    for (let bucket = bucketOf(since); bucket <= bucketOf(at); bucket++) {
      const before = worst[bucket] ?? NaN;
      worst[bucket] = Number.isNaN(before) ? behind : Math.max(before, behind);
    }
  }
  return worst;
}
