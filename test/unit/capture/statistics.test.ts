import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPgTime, toPgTime } from '../../../src/base/time';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { LargestOf } from '../../../src/capture/largestOf';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { Sampler } from '../../../src/capture/sampler';
import { CaptureStatistics } from '../../../src/capture/statistics';
import { View } from '../../../src/capture/view';
import { OVERVIEW_SERIES } from '../../../src/shared/overviewApi';
import type { Statistics } from '../../../src/shared/statisticsApi';
import type { ViewSpec } from '../../../src/shared/viewSpec';
import { testMeta } from './captureMeta';
import { placesAfter, script, stepArb } from './commitScript';
import type { Placed } from './commitScript';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

const EVERYTHING: ViewSpec = { grouping: 'flat', operations: [], tables: [], text: '' };

async function ask(
  statistics: CaptureStatistics,
  view: View,
  scope: 'all' | 'view',
): Promise<Statistics> {
  for (;;) {
    const answer = await statistics.answer(scope, view, () => Promise.resolve());
    if (answer.complete === 1) return answer;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function groupBy<K>(changes: readonly Placed[], keyOf: (change: Placed) => K): Map<K, Placed[]> {
  const groups = new Map<K, Placed[]>();
  for (const change of changes) {
    const key = keyOf(change);
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return groups;
}

/** Compares an answer with what going through all changes says. */
function check(answer: Statistics, changes: readonly Placed[]): void {
  const inside = changes.filter(({ transaction }) => transaction >= 0);
  expect(answer.changes).toBe(changes.length);
  expect(answer.bytes).toBe(sum(changes.map(({ bytes }) => bytes)));
  const transactions = groupBy(inside, ({ transaction }) => transaction);
  expect(answer.transactions).toBe(transactions.size);
  const committed = inside.filter(({ time }) => time !== undefined);
  expect(answer.uncommitted).toBe(inside.length - committed.length);
  const { rates } = answer;
  expect(rates === undefined).toBe(committed.length === 0);
  if (rates !== undefined) {
    const count = (of: (change: Placed) => number): Float64Array => {
      const sums = new Float64Array(rates.changes.length);
      for (const change of committed) {
        sums[Math.floor((change.time! - rates.from) / rates.width)]! += of(change);
      }
      return sums;
    };
    expect(rates.changes).toEqual(count(() => 1));
    expect(rates.bytes).toEqual(count(({ bytes }) => bytes));
    const firsts = new Set(inside.map(({ transaction }) => transactions.get(transaction)![0]!));
    expect(rates.transactions).toEqual(count(change => (firsts.has(change) ? 1 : 0)));
  }
  const tables = groupBy(changes, ({ table }) => table);
  expect(answer.tables.map(({ id }) => id).sort()).toEqual([...tables.keys()].sort());
  for (const { id, changes: counts, bytes } of answer.tables) {
    const own = tables.get(id)!;
    expect(counts).toEqual(
      OVERVIEW_SERIES.map(series => own.filter(change => change.series === series).length),
    );
    expect(bytes).toBe(sum(own.map(change => change.bytes)));
  }
  const amounts = [...transactions.values()].map(own => own.length).sort((a, b) => b - a);
  expect(answer.largest.changes.map(large => large.changes)).toEqual(amounts.slice(0, 10));
  const sizes = [...transactions.values()].map(own => sum(own.map(({ bytes }) => bytes)));
  expect(answer.largest.bytes.map(large => large.bytes)).toEqual(
    sizes.sort((a, b) => b - a).slice(0, 10),
  );
  for (const large of answer.largest.changes) {
    expect(transactions.get(large.transaction)!.length).toBe(large.changes);
  }
}

describe('the statistics', () => {
  it('tell what going through all changes tells, while the capture grows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepArb, { maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        async (steps, portion) => {
          const frames = script(steps);
          const files = new MemoryFiles();
          const writer = await CaptureWriter.create(files, 'c', testMeta);
          const file = await CaptureFile.open(files, 'c', writer.header);
          const catalog = new RelationCatalog(file);
          const spec: ViewSpec = { ...EVERYTHING, tables: ['public.t16384', 'public.t16385'] };
          const view = new View(1, spec, file, catalog);
          const statistics = new CaptureStatistics(file, catalog);
          for (let at = 0; at <= frames.length; at += portion) {
            for (const { frame } of frames.slice(at, at + portion)) writer.append(frame);
            await writer.flush();
            while (await file.follow());
            while (await view.extend());
            const placed = placesAfter(frames.slice(0, at + portion));
            check(await ask(statistics, view, 'all'), placed);
            const passing = placed.filter(({ table }) => spec.tables.includes(table));
            check(await ask(statistics, view, 'view'), passing);
          }
          await writer.close();
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('tell the lag of commits, how long streamed transactions took, and what updates left out', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    let lsn = 1000n;
    const put = (bytes: Uint8Array, clock: bigint): void => {
      const frame = xlogData((lsn += 8n), bytes);
      Buffer.from(frame.buffer, frame.byteOffset).writeBigInt64BE(clock, 17);
      writer.append(frame);
    };
    const columns = [{ name: 'id', key: true }, { name: 'photo' }];
    put(message.relation(16384, 'public', 't', columns), 1n);
    for (let n = 1; n <= 100; n++) {
      const time = BigInt(n) * 1_000_000n;
      put(message.begin(lsn + 16n, time, n), time);
      // Every fourth leaves the photo out.
      put(message.update(16384, ['1', n % 4 === 0 ? undefined : 'p']), time);
      put(message.commit(lsn + 8n, lsn + 16n, time), time + BigInt(n) * 1000n);
    }
    put(message.streamStart(900, true), 50_000_000n);
    put(message.relation(16384, 'public', 't', columns, 'd', 900), 50_000_000n);
    put(message.insert(16384, ['1', 'p'], 900), 50_000_000n);
    put(message.streamStop(), 50_000_000n);
    put(message.streamCommit(900, lsn, lsn + 8n, 110_000_000n), 110_000_000n);
    await writer.close();
    const file = await CaptureFile.open(files, 'c');
    const catalog = new RelationCatalog(file);
    const view = new View(1, EVERYTHING, file, catalog);
    const answer = await ask(new CaptureStatistics(file, catalog), view, 'all');
    expect(answer.lag).toMatchObject({ commits: 101, looked: 101, median: 50, max: 100 });
    expect(answer.lag!.p99).toBeGreaterThanOrEqual(99);
    expect(Math.max(...answer.lag!.worst.filter(lag => !Number.isNaN(lag)))).toBe(100);
    expect(answer.largest.duration).toMatchObject([{ xid: 900, milliseconds: 60_000 }]);
    const inserts = new View(2, { ...EVERYTHING, operations: ['insert'] }, file, catalog);
    while (await inserts.extend());
    const some = await ask(new CaptureStatistics(file, catalog), inserts, 'view');
    expect(some.lag).toMatchObject({ commits: 1, median: 0 });
    expect(answer.tables[0]!.looked).toEqual({ updates: 100, columns: 200, unchanged: 25 });
  });

  it('tell how far the server was ahead, of all the time or while what is shown was committed', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    writer.append(xlogData(1000n, message.relation(16384, 'public', 't', [{ name: 'id' }])));
    const times = [10, 20, 30].map(second => BigInt(second) * 1_000_000n);
    times.forEach((time, n) => {
      writer.append(xlogData(2000n, message.begin(2100n, time, 700 + n)));
      writer.append(xlogData(2050n, message.insert(16384, [String(n)])));
      writer.append(xlogData(2100n, message.commit(2100n, 2200n, time)));
      writer.appendNotes([
        {
          kind: 'lag',
          since: formatPgTime(toPgTime(time)),
          at: formatPgTime(toPgTime(time + 500_000n)),
          samples: 3,
          current: '0/2000',
          received: ['0/2000', '0/1000', '0/1F00'][n]!,
        },
      ]);
    });
    await writer.close();
    const file = await CaptureFile.open(files, 'c');
    const catalog = new RelationCatalog(file);
    const view = new View(1, EVERYTHING, file, catalog);
    const statistics = new CaptureStatistics(file, catalog);
    // Before the notes are read nothing is complete.
    const early = await statistics.answer('all', view, () => Promise.resolve());
    expect(early.complete).toBe(0.99);
    expect(early.walLag).toBeUndefined();
    while (await file.readNotes());
    const all = await ask(statistics, view, 'all');
    expect(all.walLag).toMatchObject({ samples: 9, last: 0x100, median: 0x100, max: 0x1000 });
    const range: ViewSpec['range'] = {
      by: 'time',
      from: formatPgTime(toPgTime(15_000_000n)),
      to: formatPgTime(toPgTime(25_000_000n)),
    };
    const middle = new View(2, { ...EVERYTHING, range }, file, catalog);
    while (await middle.extend());
    const some = await ask(statistics, middle, 'view');
    expect(some.changes).toBe(1);
    expect(some.walLag).toMatchObject({ from: 20_000_000, last: 0x1000, median: 0x1000 });
    const none = new View(3, { ...EVERYTHING, operations: ['delete'] }, file, catalog);
    while (await none.extend());
    expect((await ask(statistics, none, 'view')).walLag).toBeUndefined();
  });

  it('look at few of many, evenly spread', () => {
    const sampler = new Sampler<number>(100);
    for (let n = 0; n < 10_000; n++) if (sampler.next()) sampler.add(n);
    const taken = sampler.values;
    expect(sampler.seen).toBe(10_000);
    expect(taken.length).toBeGreaterThan(49);
    expect(taken.length).toBeLessThanOrEqual(100);
    const steps = new Set(taken.slice(1).map((n, i) => n - taken[i]!));
    expect(steps.size).toBe(1);
    expect(taken.at(-1)).toBeGreaterThan(9_800);
  });

  it('keep the largest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 })), amounts => {
        const largest = new LargestOf<number>(5);
        for (const amount of amounts) largest.offer(amount, amount);
        expect(largest.items).toEqual([...amounts].sort((a, b) => b - a).slice(0, 5));
      }),
    );
  });
});
