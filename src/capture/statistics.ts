import { formatPgTime, toPgTime } from '../base/time';
import { OVERVIEW_SERIES } from '../shared/overviewApi';
import type {
  LagStatistics,
  LargeTransaction,
  Statistics,
  StatisticsScope,
  TableStatistics,
  WalLagStatistics,
} from '../shared/statisticsApi';
import { STATISTICS_BUCKETS, STATISTICS_LARGEST, STATISTICS_TABLES } from '../shared/statisticsApi';
import { bucketsOver } from './buckets';
import type { Buckets } from './buckets';
import type { CaptureFile } from './captureFile';
import { SERIES } from './changeRoles';
import { CommitPlaces } from './commitPlaces';
import { DATA_CLOCK_AT, frameLsn } from './frame';
import { LargestOf } from './largestOf';
import type { RelationCatalog } from './relationCatalog';
import type { LookedCommit, Part } from './statisticsScan';
import { StatisticsScan, TABLE_COLUMNS } from './statisticsScan';
import { FATE } from './transactionChunk';
import type { View } from './view';

/** How long one answer works before it says what there is. */
const ANSWER_MS = 120;
/** Streamed transactions whose first message is asked for its time, in one answer. */
const DURATIONS = 256;

type Timed = Part & { readonly milliseconds: number };

/**
 * What the statistics pane tells of a capture. What was counted stays, and what comes is added: of all the
 * capture, and of one view.
 */
export class CaptureStatistics {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #all: StatisticsScan;
  #viewed:
    { readonly view: View; readonly recounts: number; readonly scan: StatisticsScan } | undefined;
  /** How long streamed transactions took, in milliseconds; NaN where that is not known. */
  readonly #durations = new Map<number, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(file: CaptureFile, catalog: RelationCatalog) {
    this.#file = file;
    this.#catalog = catalog;
    this.#all = new StatisticsScan(file, catalog);
  }

  /** One answer after the other: they share what they count in. */
  answer(scope: StatisticsScope, view: View, pause: () => Promise<void>): Promise<Statistics> {
    const answer = this.#turn.then(() => this.#answer(scope, view, pause));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #answer(
    scope: StatisticsScope,
    view: View,
    pause: () => Promise<void>,
  ): Promise<Statistics> {
    const scan = this.#scan(scope, view);
    await scan.advance(performance.now() + ANSWER_MS, pause);
    const { min, max } = scan.rates;
    const extent = max >= min ? { first: min, last: max } : undefined;
    const buckets =
      extent === undefined
        ? undefined
        : bucketsOver(
            { from: extent.first, to: extent.last + 1 },
            STATISTICS_BUCKETS,
            scan.rates.quantum,
          );
    const lag = lagOf(scan.commits.values, scan.commits.seen, buckets);
    const walLag = this.#walLag(scan, extent);
    return {
      view: view.id,
      scope,
      changes: scan.changes,
      bytes: scan.bytes,
      transactions: scan.transactions,
      uncommitted: scan.dropped + scan.waiting,
      ...(extent === undefined || buckets === undefined
        ? {}
        : { rates: { ...ratesOf(scan, buckets), extent } }),
      tables: this.#tables(scan),
      largest: await this.#largest(scan),
      ...(lag === undefined ? {} : { lag }),
      ...(walLag === undefined ? {} : { walLag }),
      complete: this.#complete(scan),
    };
  }

  #complete({ evaluated }: StatisticsScan): number {
    const { rows, hasUnreadNotes } = this.#file;
    if (evaluated < rows) return evaluated / rows;
    // They may tell of the lag.
    return hasUnreadNotes ? 0.99 : 1;
  }

  #walLag(
    scan: StatisticsScan,
    extent: { readonly first: number; readonly last: number } | undefined,
  ): WalLagStatistics | undefined {
    const { walLag } = this.#file.notes;
    if (scan === this.#all) return walLag.statistics();
    return extent === undefined ? undefined : walLag.statistics(extent);
  }

  #scan(scope: StatisticsScope, view: View): StatisticsScan {
    if (scope === 'all' || view.isWhole) return this.#all;
    const { recounts } = view;
    if (this.#viewed?.view !== view || this.#viewed.recounts !== recounts) {
      const scan = new StatisticsScan(this.#file, this.#catalog, view);
      this.#viewed = { view, recounts, scan };
    }
    return this.#viewed.scan;
  }

  #tables(scan: StatisticsScan): TableStatistics[] {
    const looked = new Map<string, { updates: number; columns: number; unchanged: number }>();
    for (const { relation, columns, unchanged } of scan.updates.values) {
      const id = this.#catalog.tableId(relation);
      const sum = looked.get(id) ?? { updates: 0, columns: 0, unchanged: 0 };
      sum.updates++;
      sum.columns += columns;
      sum.unchanged += unchanged;
      looked.set(id, sum);
    }
    const tables = new Map<string, TableStatistics & { changes: number[]; bytes: number }>();
    for (let at = 0; at < scan.tables.length; at += TABLE_COLUMNS) {
      const row = scan.tables.subarray(at, at + TABLE_COLUMNS);
      const bytes = row[SERIES] ?? 0;
      if (bytes === 0) continue;
      const version = at / TABLE_COLUMNS - 1;
      const id = version < 0 ? '' : this.#catalog.tableId(version);
      const sampled = looked.get(id);
      const relation = version < 0 ? undefined : this.#catalog.relation(version);
      const table = tables.get(id) ?? {
        id,
        schema: relation?.schema ?? '',
        table: relation?.name ?? '',
        changes: OVERVIEW_SERIES.map(() => 0),
        bytes: 0,
        ...(sampled === undefined ? {} : { looked: sampled }),
      };
      for (let s = 0; s < SERIES; s++) table.changes[s] = (table.changes[s] ?? 0) + (row[s] ?? 0);
      tables.set(id, { ...table, bytes: table.bytes + bytes });
    }
    const sum = ({ changes }: TableStatistics): number => changes.reduce((a, b) => a + b, 0);
    return [...tables.values()].sort((a, b) => sum(b) - sum(a)).slice(0, STATISTICS_TABLES);
  }

  async #largest(scan: StatisticsScan): Promise<Statistics['largest']> {
    const changes = new LargestOf<Part>(STATISTICS_LARGEST);
    const bytes = new LargestOf<Part>(STATISTICS_LARGEST);
    for (const part of scan.byChanges.items) changes.offer(part.changes, part);
    for (const part of scan.byBytes.items) bytes.offer(part.bytes, part);
    const duration = new LargestOf<Timed>(STATISTICS_LARGEST);
    let asked = 0;
    for (const part of scan.openParts) {
      changes.offer(part.changes, part);
      bytes.offer(part.bytes, part);
      let milliseconds = this.#durations.get(part.transaction);
      if (milliseconds === undefined && asked < DURATIONS) {
        asked++;
        milliseconds = await this.#duration(part.transaction);
      }
      if (milliseconds !== undefined && milliseconds > 0) {
        duration.offer(milliseconds, { ...part, milliseconds });
      }
    }
    const facts = (parts: readonly (Part | Timed)[]): Promise<LargeTransaction[]> =>
      Promise.all(parts.map(part => this.#facts(part)));
    return {
      changes: await facts(changes.items),
      bytes: await facts(bytes.items),
      duration: await facts(duration.items),
    };
  }

  /** From when the server sent its first message to its commit, where it was sent before that. */
  async #duration(transaction: number): Promise<number | undefined> {
    const places = new CommitPlaces(this.#file);
    await places.load(transaction);
    const { fate, isStreamed, time, firstSeq } = places;
    if (fate === FATE.open || fate === FATE.prepared) return undefined;
    let milliseconds = NaN;
    if (fate === FATE.committed && isStreamed) {
      const row = await this.#file.row(firstSeq);
      const clock = frameLsn(await this.#file.readFrame(row, DATA_CLOCK_AT, 8), 0);
      if (clock !== 0n) milliseconds = (time - Number(BigInt.asIntN(64, clock))) / 1000;
    }
    this.#durations.set(transaction, milliseconds);
    return milliseconds;
  }

  async #facts(part: Part | Timed): Promise<LargeTransaction> {
    const places = new CommitPlaces(this.#file);
    const { transaction, changes, bytes } = part;
    await places.load(transaction);
    const { fate, time } = places;
    const isKnown = fate === FATE.committed && !Number.isNaN(time);
    return {
      transaction,
      seq: places.firstSeq,
      xid: places.xid,
      changes,
      bytes,
      commitTime: isKnown ? formatPgTime(toPgTime(BigInt(time))) : '',
      ...('milliseconds' in part ? { milliseconds: part.milliseconds } : {}),
    };
  }
}

function ratesOf(
  scan: StatisticsScan,
  wide: Buckets,
): Omit<NonNullable<Statistics['rates']>, 'extent'> {
  const { from, width, buckets } = wide;
  const sums = scan.rates.sums(from, width, buckets);
  const column = (i: number): Float64Array => sums.slice(i * buckets, (i + 1) * buckets);
  return { from, width, changes: column(0), bytes: column(1), transactions: column(2) };
}

function lagOf(
  looked: readonly LookedCommit[],
  commits: number,
  wide: Buckets | undefined,
): LagStatistics | undefined {
  if (looked.length === 0 || wide === undefined) return undefined;
  const sorted = Float64Array.from(looked, ({ lag }) => lag / 1000).sort();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const worst = new Float64Array(wide.buckets).fill(NaN);
  for (const { time, lag } of looked) {
    const bucket = Math.floor((time - wide.from) / wide.width);
    if (bucket < 0 || bucket >= wide.buckets) continue;
    const before = worst[bucket] ?? NaN;
    worst[bucket] = Number.isNaN(before) ? lag / 1000 : Math.max(before, lag / 1000);
  }
  return {
    commits,
    looked: looked.length,
    median: at(0.5),
    p99: at(0.99),
    max: at(1),
    worst,
  };
}
