import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/base/hex';
import type { Lsn } from '../../../src/base/lsn';
import { parseLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { gapFrame } from '../../../src/capture/frame';
import { CaptureOverview } from '../../../src/capture/overview';
import { operationOf } from '../../../src/capture/operations';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { FATE, TX_MASK } from '../../../src/capture/transactionChunk';
import { View } from '../../../src/capture/view';
import { OVERVIEW_SERIES } from '../../../src/shared/overviewApi';
import type { Overview, OverviewAxis } from '../../../src/shared/overviewApi';
import type { ViewSpec } from '../../../src/shared/viewSpec';
import { LogicalFixtures, VERSIONS } from '../../golden/logical/cases';
import { testMeta } from './captureMeta';
import { placesAfter, script, stepArb } from './commitScript';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

const EVERYTHING: ViewSpec = { grouping: 'flat', operations: [], tables: [], text: '' };

const pause = (): Promise<void> => Promise.resolve();

interface Change {
  readonly series: string;
  readonly place: number | undefined;
}

/** The counts of an answer's buckets, found by going through all changes. */
function bruteForce(answer: Overview, changes: readonly Change[]): Uint32Array {
  const counts = new Uint32Array(answer.buckets * OVERVIEW_SERIES.length);
  for (const { series, place } of changes) {
    if (place === undefined || Number.isNaN(place)) continue;
    const bucket = Math.floor((place - answer.from) / answer.width);
    if (bucket < 0 || bucket >= answer.buckets) continue;
    counts[OVERVIEW_SERIES.findIndex(name => name === series) * answer.buckets + bucket]!++;
  }
  return counts;
}

/** Asks until everything is counted. */
async function ask(
  overview: CaptureOverview,
  view: View,
  by: OverviewAxis,
  buckets: number,
  window?: { readonly from: number; readonly to: number },
): Promise<Overview> {
  for (;;) {
    const request = { by, buckets, view: view.id, ...(window === undefined ? {} : { window }) };
    const answer = await overview.answer(request, view, pause);
    if (answer.complete === 1) return answer;
  }
}

/** Any part of what there is, down to a single place. */
function windowOf(
  places: readonly number[],
  from: number,
  span: number,
): { readonly from: number; readonly to: number } | undefined {
  if (places.length === 0) return undefined;
  const low = Math.min(...places);
  const high = Math.max(...places) + 1;
  const start = Math.floor(low + (high - low) * from);
  return { from: start, to: start + Math.max(1, Math.ceil((high - low) * span ** 4)) };
}

const unit = () => fc.double({ min: 0, max: 1, noNaN: true });

describe('the overview', () => {
  it('counts what a brute-force model counts, at any zoom, while the capture grows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepArb, { maxLength: 40 }),
        fc.constantFrom<OverviewAxis>('time', 'lsn'),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.tuple(unit(), unit()), { minLength: 1, maxLength: 4 }),
        async (steps, by, portion, buckets, windows) => {
          const frames = script(steps);
          const files = new MemoryFiles();
          const writer = await CaptureWriter.create(files, 'c', testMeta);
          const file = await CaptureFile.open(files, 'c', writer.header);
          const catalog = new RelationCatalog(file);
          const all = new View(1, EVERYTHING, file, catalog);
          const some = new View(2, { ...EVERYTHING, operations: ['update'] }, file, catalog);
          const range = { by: 'lsn', to: '0/60000' } as const;
          const early = new View(
            3,
            { ...EVERYTHING, operations: ['insert'], range },
            file,
            catalog,
          );
          const overview = new CaptureOverview(file);
          for (let at = 0; at <= frames.length; at += portion) {
            for (const { frame } of frames.slice(at, at + portion)) writer.append(frame);
            await writer.flush();
            while (await file.follow());
            while ((await all.extend()) || (await some.extend()) || (await early.extend()));
            const placed = placesAfter(frames.slice(0, at + portion));
            const changes = placed.map(change => ({ ...change, place: change[by] }));
            const places = changes.flatMap(({ place }) =>
              place === undefined || Number.isNaN(place) ? [] : [place],
            );
            for (const [from, span] of [[0, 1] as const, ...windows]) {
              const window = windowOf(places, from, span);
              const answer = await ask(overview, all, by, buckets, window);
              expect(answer.counts).toEqual(bruteForce(answer, changes));
              expect(answer.passing).toBeUndefined();
              expect(answer.buckets).toBeLessThanOrEqual(buckets);
              const { from: first, width } = answer;
              expect(first % width).toBe(0);
              if (window === undefined) continue;
              expect(first).toBeLessThanOrEqual(window.from);
              expect(first + width * answer.buckets).toBeGreaterThanOrEqual(window.to);
              // No narrower buckets would have been few enough.
              const finer =
                Math.ceil(window.to / (width / 2)) - Math.floor(window.from / (width / 2));
              if (width > 1) expect(finer).toBeGreaterThan(buckets);
              const filtered = await ask(overview, some, by, buckets, window);
              const updates = changes.filter(({ series }) => series === 'update');
              expect(filtered.counts).toEqual(answer.counts);
              expect(filtered.passing).toEqual(bruteForce(filtered, updates));
              // What commits late passes late, or no longer.
              const ranged = await ask(overview, early, by, buckets, window);
              const inserts = changes.filter(
                ({ series, lsn }) => series === 'insert' && lsn !== undefined && lsn < 0x60000,
              );
              expect(ranged.passing).toEqual(bruteForce(ranged, inserts));
            }
            const answer = await ask(overview, all, by, buckets);
            expect(answer.extent).toEqual(
              places.length === 0
                ? undefined
                : { first: Math.min(...places), last: Math.max(...places) },
            );
            expect(answer.dropped).toBe(placed.filter(({ dropped }) => dropped).length);
            expect(answer.open).toBe(
              placed.filter(({ time, dropped }) => time === undefined && !dropped).length,
            );
            const seqs = placed.map(({ seq }) => seq).slice(-16);
            expect(await overview.places('lsn', seqs)).toEqual(
              placed.slice(-16).map(({ lsn }) => lsn ?? null),
            );
          }
          await writer.close();
        },
      ),
      { numRuns: 80 },
    );
  }, 60_000);

  describe.each(VERSIONS)('of what a Postgres %i sent', version => {
    const fixtures = new LogicalFixtures(version);

    it.each(fixtures.names('sql-peek'))('counts every committed change: %s', async name => {
      const files = new MemoryFiles();
      const writer = await CaptureWriter.create(files, 'c', testMeta);
      for (const { lsn, data } of fixtures.rows(name)) {
        writer.appendMessage(parseLsn(lsn) as Lsn, fromHex(data) as Uint8Array);
      }
      await writer.close();
      const file = await CaptureFile.open(files, 'c');
      const view = new View(1, EVERYTHING, file, new RelationCatalog(file));
      while (await view.extend());
      const changes: { series: string; lsn: number; committed: boolean }[] = [];
      for (let seq = 0; seq < file.rows; seq++) {
        const row = await file.row(seq);
        const series = operationOf(row.kind);
        if (series === undefined || row.flags > 1) continue;
        if (row.transaction === 0xffff_ffff) {
          changes.push({ series, lsn: Number(row.lsn), committed: true });
          continue;
        }
        const chunk = await file.transactionChunk(row.transaction);
        const i = row.transaction & TX_MASK;
        const committed = chunk.fate[i] === FATE.committed;
        changes.push({ series, lsn: Number(chunk.commitLsn[i]), committed });
      }
      const answer = await ask(new CaptureOverview(file), view, 'lsn', 1000);
      const placed = changes.filter(({ committed }) => committed);
      expect(answer.counts).toEqual(
        bruteForce(
          answer,
          placed.map(({ series, lsn }) => ({ series, place: lsn })),
        ),
      );
      expect(answer.counts.reduce((a, b) => a + b, 0)).toBe(placed.length);
      expect(answer.open + answer.dropped).toBe(changes.length - placed.length);
    });
  });

  it('goes close to a place far away in a capture of several chunks, and tells the gaps', async () => {
    const files = new MemoryFiles();
    const writer = await CaptureWriter.create(files, 'c', testMeta);
    const columns = [{ name: 'id', key: true }];
    writer.append(xlogData(8n, message.relation(16384, 'public', 't', columns)));
    const places: number[] = [];
    let lsn = 1_000_000n;
    // A transaction that is committed at the very end has its changes in the first chunk.
    writer.append(xlogData(lsn, message.streamStart(900, true)));
    writer.append(xlogData(lsn, message.insert(16384, ['1'], 900)));
    writer.append(xlogData(lsn, message.streamStop()));
    for (let n = 0; n < 70_000; n++) {
      lsn += n % 1000 === 0 ? 50_000_000n : 100n;
      writer.append(xlogData(lsn, message.begin(lsn + 60n, lsn, n + 1000)));
      writer.append(xlogData(lsn, message.insert(16384, ['1'])));
      writer.append(xlogData(lsn, message.commit(lsn + 60n, lsn + 70n, lsn)));
      places.push(Number(lsn) + 60);
      if (!writer.full) continue;
      await new Promise<void>(resolve => {
        writer.onDrain = resolve;
      });
    }
    const gap = { from: lsn as Lsn, to: (lsn + 500n) as Lsn };
    lsn += 600n;
    writer.append(xlogData(lsn, message.streamCommit(900, lsn, lsn + 8n, lsn)));
    places.push(Number(lsn));
    writer.append(gapFrame({ ...gap, reason: 'lost' }));
    await writer.close();
    const file = await CaptureFile.open(files, 'c');
    expect(file.rows).toBeGreaterThan(3 * 65_536);
    const view = new View(1, EVERYTHING, file, new RelationCatalog(file));
    const overview = new CaptureOverview(file);
    const changes = places.map(place => ({ series: 'insert', place }));
    const whole = await ask(overview, view, 'lsn', 1000);
    expect(whole.counts).toEqual(bruteForce(whole, changes));
    const seq = file.rows - 1;
    expect(whole.gaps).toEqual([{ from: Number(gap.from), to: Number(gap.to), seq }]);
    const { gaps } = await ask(overview, view, 'time', 10);
    expect(gaps).toEqual([{ from: Number(lsn), to: Number(lsn), seq }]);
    for (const n of [10, 34_567, 69_990]) {
      const from = places[n]! - 500;
      const close = await ask(overview, view, 'lsn', 1000, { from, to: from + 2000 });
      expect(close.width).toBeLessThanOrEqual(4);
      expect(close.counts).toEqual(bruteForce(close, changes));
      expect(close.counts.reduce((a, b) => a + b, 0)).toBeGreaterThan(5);
    }
  }, 60_000);
});
