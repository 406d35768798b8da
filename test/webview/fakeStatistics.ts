import { OVERVIEW_SERIES } from '../../src/shared/overviewApi';
import type { Statistics, StatisticsApi, TableStatistics } from '../../src/shared/statisticsApi';
import type { FakeCapture } from './fakeCapture';
import { BLOCK, timePlaceOf } from './fakeCapture';
import { shopChange } from './showcase';

const CHANGE_BYTES = 351;
const BUCKETS = 120;

/** What a reader would answer, of a capture that is computed. */
export function statisticsOf(
  { view, scope }: Parameters<StatisticsApi['statistics']>[0],
  capture: FakeCapture,
): Statistics {
  const counts = (residue: number): boolean => scope === 'all' || capture.passes(residue);
  const blocks = capture.changes / BLOCK;
  const tables = new Map<string, TableStatistics & { changes: number[]; bytes: number }>();
  for (let residue = 0; residue < BLOCK; residue++) {
    if (!counts(residue)) continue;
    const { operation, schema, table } = shopChange(BLOCK * 1000 + residue);
    const isMessage = operation === 'message';
    const id = isMessage ? '' : `${schema}.${table}`;
    const found = tables.get(id) ?? {
      id,
      schema: isMessage ? '' : schema,
      table: isMessage ? '' : table,
      changes: OVERVIEW_SERIES.map(() => 0),
      bytes: 0,
      looked: { updates: 10, columns: 40, unchanged: table === 'items' ? 10 : 0 },
    };
    const series = OVERVIEW_SERIES.indexOf(operation);
    found.changes[series] = (found.changes[series] ?? 0) + blocks;
    tables.set(id, { ...found, bytes: found.bytes + blocks * CHANGE_BYTES });
  }
  const sum = ({ changes }: TableStatistics): number => changes.reduce((a, b) => a + b, 0);
  const list = [...tables.values()].sort((a, b) => sum(b) - sum(a));
  const changes = list.reduce((total, table) => total + sum(table), 0);
  const first = timePlaceOf(0);
  const last = timePlaceOf(Math.max(0, capture.changes - 1));
  const width = Math.max(1, Math.ceil((last - first + 1) / BUCKETS));
  const wave = (of: number): Float64Array =>
    Float64Array.from({ length: BUCKETS }, (_, i) =>
      Math.round((of / BUCKETS) * (1 + Math.sin(i / 9))),
    );
  const large = (transaction: number, milliseconds?: number) => ({
    transaction,
    seq: transaction * 5,
    xid: 7630 + transaction,
    changes: 12,
    bytes: 12 * CHANGE_BYTES,
    commitTime: '2026-11-20T09:00:00.012345Z',
    ...(milliseconds === undefined ? {} : { milliseconds }),
  });
  const some = [2, 7, 12].map(transaction => large(transaction));
  return {
    view,
    scope,
    changes,
    bytes: changes * CHANGE_BYTES,
    transactions: blocks * 5,
    uncommitted: 15,
    ...(capture.changes === 0
      ? {}
      : {
          rates: {
            from: first,
            width,
            changes: wave(changes),
            bytes: wave(changes * CHANGE_BYTES),
            transactions: wave(blocks * 5),
            extent: { first, last },
          },
          lag: {
            commits: blocks * 5,
            looked: 8000,
            median: 1.25,
            p99: 48,
            max: 1312,
            worst: wave(9000),
          },
          // Nobody looked while what is chosen was committed.
          ...(scope === 'view'
            ? {}
            : {
                walLag: {
                  samples: 240,
                  from: first,
                  to: first + 240_000_000,
                  last: 0,
                  median: 0,
                  p95: 12_400,
                  max: 3_250_586,
                  worst: wave(3_000_000),
                },
              }),
        }),
    tables: list,
    largest: { changes: some, bytes: some, duration: [large(2, 62_000)] },
    complete: 1,
  };
}
