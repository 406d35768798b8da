/** Contract of the statistics pane. Times are microseconds since 2000-01-01 UTC, as in overviewApi.ts. */

/** All of the capture, or what passes the filter and the range of a view. */
export type StatisticsScope = 'all' | 'view';

/** Buckets of time of the answer's charts, at most. */
export const STATISTICS_BUCKETS = 240;
export const STATISTICS_TABLES = 500;
export const STATISTICS_LARGEST = 10;

/** Changes of one table; messages, and what names no table, stand under the empty id. */
export interface TableStatistics {
  /** As the facets have it; empty for what belongs to no table. */
  readonly id: string;
  readonly schema: string;
  readonly table: string;
  /** In the order of `OVERVIEW_SERIES`. A Truncate counts for the first of its tables. */
  readonly changes: readonly number[];
  /** Of the messages as they were received, with their headers of 25 bytes. */
  readonly bytes: number;
  /** Of updates that were looked at: columns in all, and those that the WAL does not have (TOAST). */
  readonly looked?: {
    readonly updates: number;
    readonly columns: number;
    readonly unchanged: number;
  };
}

export interface LargeTransaction {
  readonly transaction: number;
  /** Its first message. */
  readonly seq: number;
  readonly xid: number;
  /** What counts of it in this scope. */
  readonly changes: number;
  readonly bytes: number;
  /** ISO 8601; empty while it is not committed. */
  readonly commitTime: string;
  /** It took at least so long: from its first message to its commit. Known of streamed ones. */
  readonly milliseconds?: number;
}

/** From the commit to when the server sent it, by the server's clock, in milliseconds. */
export interface LagStatistics {
  readonly commits: number;
  /** Fewer than `commits` where there are many: evenly spread, and `max` is the largest of these. */
  readonly looked: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
  /** The largest of each bucket of the rates, NaN where none was looked at. */
  readonly worst: Float64Array;
}

/**
 * How far the end of the server's WAL was ahead of the highest position received, in bytes, as it was sampled
 * once a second beside the stream.
 */
export interface WalLagStatistics {
  readonly samples: number;
  /** Time of the first and of the last. */
  readonly from: number;
  readonly to: number;
  readonly last: number;
  /** Half of the samples, and 95% of them, found no more. */
  readonly median: number;
  readonly p95: number;
  readonly max: number;
  /** The largest of each bucket from `from` to `to`, NaN where there was no sample. */
  readonly worst: Float64Array;
}

export interface Statistics {
  /** Of the view that was asked for. */
  readonly view: number;
  readonly scope: StatisticsScope;
  readonly changes: number;
  readonly bytes: number;
  readonly transactions: number;
  /** Changes among them whose transaction is not committed: open, rolled back or cut off. */
  readonly uncommitted: number;
  /** By commit time; absent where nothing has one. */
  readonly rates?: {
    readonly from: number;
    /** Of a bucket, in microseconds. */
    readonly width: number;
    readonly changes: Float64Array;
    readonly bytes: Float64Array;
    readonly transactions: Float64Array;
    readonly extent: { readonly first: number; readonly last: number };
  };
  /** Those with the most changes first, {@link STATISTICS_TABLES} at most. */
  readonly tables: readonly TableStatistics[];
  readonly largest: {
    readonly changes: readonly LargeTransaction[];
    readonly bytes: readonly LargeTransaction[];
    readonly duration: readonly LargeTransaction[];
  };
  /** Absent where the server's clock is not known. */
  readonly lag?: LagStatistics;
  /** Of a view while what passes it was committed, else of all the time; absent where nobody sampled it then. */
  readonly walLag?: WalLagStatistics;
  /** Share of the messages that were gone through, 0 to 1; below 1, asking again brings more. */
  readonly complete: number;
}

/** Answered by the reader worker. */
export interface StatisticsApi {
  /** Answers after a fifth of a second at most, with what is counted by then. */
  statistics(p: { readonly view: number; readonly scope: StatisticsScope }): Promise<Statistics>;
}
