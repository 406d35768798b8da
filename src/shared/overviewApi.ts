import type { Operation } from './viewSpec';

/**
 * Contract of the overview strip: how many changes were committed when, or where in the WAL.
 *
 * A _place_ is a whole number: microseconds since 2000-01-01 UTC, or bytes since the start of WAL. It is
 * exact up to 2^53, which is the year 2285, or 8 PB of WAL. Changes stand where their transaction was
 * committed: at its commit time, or where its commit record begins. Messages outside transactions stand
 * at their own position, and where the server's clock was when it sent them.
 */
export type OverviewAxis = 'time' | 'lsn';

/** What is counted apart; `other`: texts of output plugins that say no single change. */
export type OverviewSeries = Operation | 'other';

export const OVERVIEW_SERIES: readonly OverviewSeries[] = [
  'insert',
  'update',
  'delete',
  'truncate',
  'message',
  'other',
];

export const OVERVIEW_BUCKETS_LIMIT = 1000;

export interface OverviewRequest {
  readonly by: OverviewAxis;
  /** What is looked at, from `from` up to but not including `to`; absent: all there is. */
  readonly window?: { readonly from: number; readonly to: number };
  /** Most buckets of the answer. */
  readonly buckets: number;
  /** Of this view, what passes is counted too. */
  readonly view: number;
}

/** A place where WAL was not seen. */
export interface OverviewGap {
  /** Where it begins; by time, the commit that came before it. */
  readonly from: number;
  /** Where it ends; by time, it has no width. */
  readonly to: number;
  readonly seq: number;
}

export interface Overview {
  readonly by: OverviewAxis;
  /** Where the first bucket begins; a multiple of `width`, so that buckets stay while the window moves. */
  readonly from: number;
  /** Of a bucket: a power of two. */
  readonly width: number;
  readonly buckets: number;
  /** Changes: all buckets of the first of {@link OVERVIEW_SERIES}, then of the next. */
  readonly counts: Uint32Array;
  /** Those of them that pass the filter; absent where everything does. */
  readonly passing?: Uint32Array;
  /** First and last place that anything was committed at; absent while nothing was. */
  readonly extent?: { readonly first: number; readonly last: number };
  /** At most {@link OVERVIEW_GAPS_LIMIT}. */
  readonly gaps: readonly OverviewGap[];
  /** Changes in all the capture that stand nowhere: not committed yet, rolled back or cut off, place unknown. */
  readonly open: number;
  readonly dropped: number;
  readonly unplaced: number;
  /** Share of what was to be counted, 0 to 1; below 1, asking again brings more. */
  readonly complete: number;
}

export const OVERVIEW_GAPS_LIMIT = 500;

/** Most messages whose places are asked for at once. */
export const OVERVIEW_PLACES_LIMIT = 16;

/** Answered by the reader worker. */
export interface OverviewApi {
  /** Answers after a fifth of a second at most, with what is counted by then. */
  overview(p: OverviewRequest): Promise<Overview>;
  /** Where messages stand; null where their transaction is not committed. */
  overviewPlaces(p: {
    readonly by: OverviewAxis;
    readonly seqs: readonly number[];
  }): Promise<{ readonly places: readonly (number | null)[] }>;
}
