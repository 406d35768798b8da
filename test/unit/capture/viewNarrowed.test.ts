import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import { formatLsn, toLsn } from '../../../src/base/lsn';
import { formatPgTime, toPgTime } from '../../../src/base/time';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureReader } from '../../../src/capture/captureReader';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { gapFrame } from '../../../src/capture/frame';
import { CHUNK_ROWS } from '../../../src/capture/indexChunk';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { TimelineRows } from '../../../src/capture/timelineRows';
import { View } from '../../../src/capture/view';
import type { CommitRange, Operation, ViewSpec, ViewState } from '../../../src/shared/viewSpec';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

const ALL: ViewSpec = { grouping: 'flat', operations: [], tables: [], text: '' };
const COLUMNS = [
  { name: 'id', key: true, typeOid: 23 },
  { name: 'note', typeOid: 25 },
];
const { signal } = new AbortController();
const ORDERS = 16384;
const PARTS = 16385;
const NAMES = { [ORDERS]: 'orders', [PARTS]: 'parts' } as const;

type Step =
  | { readonly kind: 'plain'; readonly xid: number; readonly changes: readonly number[] }
  | { readonly kind: 'block'; readonly xid: number; readonly changes: readonly number[] }
  | { readonly kind: 'end'; readonly xid: number; readonly how: 'commit' | 'abort' }
  | { readonly kind: 'message' | 'gap' };

/** A change, and when it is known to be committed, or not. */
interface Change {
  readonly seq: number;
  readonly lsn: number;
  readonly op: Operation;
  readonly table: string;
  readonly id: number;
  readonly note: string;
  readonly old: string | undefined;
  readonly transaction: Transaction | undefined;
}

interface Transaction {
  readonly xid: number;
  /** What the message of this number and later ones know. */
  commit?: { readonly from: number; readonly lsn: number };
  abortedFrom?: number;
}

const changes = fc.array(fc.nat({ max: 63 }), { maxLength: 5 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('plain' as const),
      xid: fc.integer({ min: 700, max: 704 }),
      changes,
    }),
    fc.record({
      kind: fc.constant('block' as const),
      xid: fc.integer({ min: 900, max: 901 }),
      changes,
    }),
    fc.record({
      kind: fc.constant('end' as const),
      xid: fc.integer({ min: 900, max: 901 }),
      how: fc.constantFrom('commit' as const, 'commit' as const, 'abort' as const),
    }),
    fc.record({ kind: fc.constantFrom('message' as const, 'gap' as const) }),
  ),
  { maxLength: 25 },
);

/** Makes the frames of a capture, and says by brute force what is in them. Times are positions in seconds. */
function build(all: readonly Step[]) {
  const frames: Uint8Array[] = [];
  const found: Change[] = [];
  const gaps: { readonly seq: number; readonly from: number; readonly to: number }[] = [];
  const open = new Map<number, Transaction>();
  const described = new Set<string>();
  let lsn = 100;
  const time = (at: number) => BigInt(at) * 1_000_000n;
  const put = (payload: Uint8Array) => frames.push(xlogData(BigInt(lsn++), payload)) - 1;
  const change = (code: number, transaction: Transaction, block?: number) => {
    const oid = code % 2 === 0 ? ORDERS : PARTS;
    const table = NAMES[oid];
    const scope = `${table} ${String(block ?? 0)}`;
    if (!described.has(scope)) {
      described.add(scope);
      put(message.relation(oid, 'public', table, COLUMNS, 'f', block));
    }
    const id = (code >> 1) % 4;
    const values = [String(id), `note ${String(code % 3)}`];
    const op = (['insert', 'update', 'delete', 'insert'] as const)[(code >> 3) % 4]!;
    const old = op === 'update' ? `note ${String((code >> 4) % 3)}` : undefined;
    const at = lsn;
    const seq = put(
      op === 'insert'
        ? message.insert(oid, values, block)
        : op === 'delete'
          ? message.delete(oid, 'O', values, block)
          : message.update(oid, values, { kind: 'O', values: [String(id), old] }, block),
    );
    found.push({ seq, lsn: at, op, table, id, note: values[1]!, old, transaction });
  };
  for (const step of all) {
    switch (step.kind) {
      case 'plain': {
        const at = lsn + step.changes.length + 5;
        const transaction: Transaction = {
          xid: step.xid,
          commit: { from: frames.length, lsn: at },
        };
        put(message.begin(BigInt(at), time(at), step.xid));
        for (const code of step.changes) change(code, transaction);
        lsn = Math.max(lsn, at);
        put(message.commit(BigInt(at), BigInt(at + 1), time(at)));
        break;
      }
      case 'block': {
        const first = !open.has(step.xid);
        const transaction = open.get(step.xid) ?? { xid: step.xid };
        open.set(step.xid, transaction);
        put(message.streamStart(step.xid, first));
        for (const code of step.changes) change(code, transaction, step.xid);
        put(message.streamStop());
        break;
      }
      case 'end': {
        const transaction = open.get(step.xid);
        if (transaction === undefined) break;
        open.delete(step.xid);
        for (const table of Object.values(NAMES)) described.delete(`${table} ${String(step.xid)}`);
        const at = lsn;
        if (step.how === 'abort') {
          transaction.abortedFrom = put(message.streamAbort(step.xid, step.xid));
        } else {
          const payload = message.streamCommit(step.xid, BigInt(at), BigInt(at + 1), time(at));
          transaction.commit = { from: put(payload), lsn: at };
        }
        break;
      }
      case 'message': {
        const at = lsn;
        const seq = put(message.logical(false, BigInt(at), 'p', 'note 1'));
        found.push({
          ...{ seq, lsn: at, op: 'message', table: '', id: -1, note: '', old: undefined },
          transaction: undefined,
        });
        break;
      }
      case 'gap':
        gaps.push({ seq: frames.length, from: lsn, to: lsn + 9 });
        frames.push(
          gapFrame({ from: BigInt(lsn) as Lsn, to: BigInt(lsn + 9) as Lsn, reason: 'x' }),
        );
        lsn += 9;
        open.clear();
        described.clear();
        break;
    }
  }
  return { frames, changes: found, gaps };
}

/** An expression, and what it says of a change where `seen` messages of the capture are there. */
type Filter = readonly [text: string, passes: (change: Change, seen: number) => boolean];

const committedAt = ({ transaction }: Change, seen: number): number | undefined => {
  const { commit } = transaction ?? {};
  return commit !== undefined && commit.from < seen ? commit.lsn : undefined;
};

const FILTERS: readonly Filter[] = [
  ['', () => true],
  ['op == "update"', ({ op }) => op === 'update'],
  ['table == "orders"', ({ table }) => table === 'orders'],
  ['xid == 901 || xid == 702', ({ transaction }) => [901, 702].includes(transaction?.xid ?? 0)],
  ['lsn < lsn("0/90")', ({ lsn }) => lsn < 0x90],
  ['new.id == 2', ({ op, id }) => id === 2 && op !== 'delete' && op !== 'message'],
  ['old.note != new.note', ({ op, old, note }) => op === 'update' && old !== note],
  ['table == "parts" && key.id > 1', ({ table, id }) => table === 'parts' && id > 1],
  ['changed.contains("note")', ({ op, old, note }) => op === 'update' && old !== note],
  ['prefix == "p"', ({ op }) => op === 'message'],
  ['new.nothing == 1 || op == "delete"', ({ op }) => op === 'delete'],
  ['size < 40 && op != "message"', ({ op, old }) => op !== 'message' && old === undefined],
  [
    'time < timestamp("2000-01-01T00:02:30Z")',
    (change, seen) => (committedAt(change, seen) ?? Infinity) < 150,
  ],
  [
    'time >= timestamp("2000-01-01T00:02:30Z") && new.id > 0',
    (change, seen) =>
      (committedAt(change, seen) ?? 0) >= 150 &&
      change.id > 0 &&
      ['insert', 'update'].includes(change.op),
  ],
];

interface Range {
  readonly by: 'lsn' | 'time';
  readonly from: number | undefined;
  readonly to: number | undefined;
}

const ranges: fc.Arbitrary<Range | undefined> = fc.option(
  fc.record({
    by: fc.constantFrom('lsn' as const, 'time' as const),
    from: fc.option(fc.integer({ min: 100, max: 200 }), { nil: undefined }),
    to: fc.option(fc.integer({ min: 120, max: 240 }), { nil: undefined }),
  }),
  { nil: undefined },
);

function rangeOf({ by, from, to }: Range): CommitRange {
  const text = (at: number) =>
    by === 'lsn' ? formatLsn(toLsn(BigInt(at))) : formatPgTime(toPgTime(BigInt(at) * 1_000_000n));
  return {
    by,
    ...(from === undefined ? {} : { from: text(from) }),
    ...(to === undefined ? {} : { to: text(to) }),
  };
}

function isInRange(change: Change, range: Range, seen: number): boolean {
  const holds = (at: number) =>
    (range.from === undefined || at >= range.from) && (range.to === undefined || at < range.to);
  const { transaction } = change;
  // The clock of a message outside transactions says a microsecond after 2000 began.
  if (transaction === undefined) return holds(range.by === 'lsn' ? change.lsn : 0);
  if (transaction.abortedFrom !== undefined && transaction.abortedFrom < seen) return false;
  const at = committedAt(change, seen);
  return at === undefined ? range.to === undefined : holds(at);
}

const specs = fc.record({
  grouping: fc.constantFrom('flat' as const, 'transactions' as const),
  filter: fc.constantFrom(...FILTERS),
  range: ranges,
  operations: fc.subarray<Operation>(['insert', 'update'], { maxLength: 1 }),
  text: fc.constantFrom('', '', '', 'NOTE 1'),
});

async function growing(frames: readonly Uint8Array[]) {
  const files = new MemoryFiles();
  const writer = await CaptureWriter.create(files, 'c', testMeta);
  const file = await CaptureFile.open(files, 'c', writer.header);
  let at = 0;
  return {
    files,
    file,
    writer,
    append: async (count: number) => {
      for (const frame of frames.slice(at, at + count)) writer.append(frame);
      at += count;
      await writer.flush();
      while (await file.follow());
      return Math.min(at, frames.length);
    },
  };
}

async function shownBy(view: View): Promise<number[]> {
  while (await view.extend());
  const seqs: number[] = [];
  for (let seq = view.nextVisible(0); seq >= 0; seq = view.nextVisible(seq + 1)) seqs.push(seq);
  return seqs;
}

describe('a view that is narrowed', () => {
  it('shows what a brute-force evaluation of all changes shows, while the capture grows', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        specs,
        fc.integer({ min: 1, max: 30 }),
        async (all, spec, portion) => {
          const { frames, changes: model, gaps } = build(all);
          const { files, file, writer, append } = await growing(frames);
          const [filter, passes] = spec.filter;
          const { grouping, operations, range, text } = spec;
          const given: ViewSpec = {
            ...{ ...ALL, grouping, operations, text, filter },
            ...(range === undefined ? {} : { range: rangeOf(range) }),
          };
          const view = new View(1, given, file, new RelationCatalog(file));
          let before = { generation: 0, lines: [] as unknown[] };
          for (let seen = 0; seen < frames.length;) {
            seen = await append(portion);
            const isShown = (change: Change) =>
              change.seq < seen &&
              passes(change, seen) &&
              (operations.length === 0 || operations.includes(change.op)) &&
              (text === '' ||
                [change.note, change.old, change.op === 'message' ? 'note 1' : ''].includes(
                  'note 1',
                )) &&
              (range === undefined || isInRange(change, range, seen));
            const shownGaps = gaps.filter(
              ({ seq, from, to }) =>
                seq < seen &&
                (range?.by !== 'lsn' || (to >= (range.from ?? 0) && from < (range.to ?? Infinity))),
            );
            const shown = model.filter(isShown);
            const want = [...shown, ...shownGaps].map(({ seq }) => seq).sort((a, b) => a - b);
            expect(await shownBy(view)).toEqual(want);
            expect(view.state).toMatchObject({ matched: shown.length, complete: true });
            const transactions = new Set(shown.map(({ transaction }) => transaction));
            transactions.delete(undefined);
            if (grouping === 'transactions' && (filter !== '' || range !== undefined)) {
              const alone = shown.filter(({ transaction }) => transaction === undefined);
              expect(view.rows).toBe(transactions.size + alone.length + shownGaps.length);
            }
            // A view that is made now says the same.
            const anew = new View(2, given, file, new RelationCatalog(file));
            expect(await shownBy(anew)).toEqual(want);
            const lines = await view.lines(0, 10_000);
            expect(await anew.lines(0, 10_000)).toEqual(lines);
            if (view.generation === before.generation) {
              expect(lines.slice(0, before.lines.length)).toEqual(before.lines);
            }
            before = { generation: view.generation, lines };
          }
          await writer.close();
          if (grouping === 'flat') return;
          // What the view has met on its way is not read again for the rows, which are the same.
          const lines = await view.lines(0, 10_000);
          const unmet = await CaptureFile.open(files, 'c');
          const [rows, want] = await Promise.all(
            [file, unmet].map(from =>
              new TimelineRows(from, new RelationCatalog(from)).render(view, lines, signal),
            ),
          );
          expect(rows).toEqual(want);
          await unmet.close();
        },
      ),
      { numRuns: 300 },
    );
  }, 120_000);
});

describe('a large capture', () => {
  it('is narrowed by what its zones tell, and shows the same as without them', async () => {
    const all: Step[] = [];
    for (let i = 0; i < CHUNK_ROWS / 4; i++) {
      all.push({ kind: 'plain', xid: 1000 + i, changes: [i % 64, (i * 7) % 64, (i * 13) % 64, 1] });
    }
    const { frames, changes: model } = build(all);
    expect(frames.length).toBeGreaterThan(CHUNK_ROWS);
    const { file, writer, append } = await growing(frames);
    while ((await append(20_000)) < frames.length);
    await writer.close();
    const xid = 1000 + 1234;
    const last = model.at(-1)!.lsn - 500;
    const lastLsn = formatLsn(toLsn(BigInt(last)));
    const cases: readonly (readonly [Partial<ViewSpec>, (change: Change) => boolean])[] = [
      [{ filter: `xid == ${String(xid)}` }, ({ transaction }) => transaction?.xid === xid],
      [{ filter: `lsn > lsn("${lastLsn}")` }, ({ lsn }) => lsn > last],
      [
        { range: { by: 'lsn', from: lastLsn } },
        ({ transaction }) => (transaction?.commit?.lsn ?? 0) >= last,
      ],
      [
        { filter: 'new.id == 3', operations: ['update'] },
        ({ op, id }) => op === 'update' && id === 3,
      ],
      [{ filter: 'new.missing == 3' }, () => false],
    ];
    for (const [spec, passes] of cases) {
      const view = new View(1, { ...ALL, ...spec }, file, new RelationCatalog(file));
      expect(await shownBy(view)).toEqual(model.filter(passes).map(({ seq }) => seq));
    }
    await file.close();
  }, 30_000);

  it('is not looked through any more for a view that another one has replaced', async () => {
    const all = Array.from({ length: 20_000 }, (_, i): Step => ({
      ...{ kind: 'plain', xid: 1000 + i },
      changes: [0, 1, 2, 3],
    }));
    const { frames } = build(all);
    const { files, writer, append } = await growing(frames);
    while ((await append(20_000)) < frames.length);
    await writer.close();
    const heads: ViewState[] = [];
    const reader = new CaptureReader(files, ({ view }) => heads.push(view));
    await reader.open({ path: 'c' });
    const { signal } = new AbortController();
    const { view } = reader.current.setView({ ...ALL, filter: 'new.id == 99' });
    const jump = reader.current.jump({ view, to: { kind: 'seq', seq: frames.length - 1 } }, signal);
    const next = reader.current.setView({ ...ALL, filter: 'new.id == 0' });
    expect(await jump).toMatchObject({ row: -1, message: '' });
    await vi.waitFor(() => {
      expect(heads.at(-1)).toMatchObject({ view: next.view, complete: true });
    });
    expect(heads.some(head => head.view === view && head.complete)).toBe(false);
    await reader.close();
  });

  it('says in one sentence what is wrong with an expression or a range', async () => {
    const { file, writer } = await growing([]);
    const view = (spec: Partial<ViewSpec>) => () =>
      new View(1, { ...ALL, ...spec }, file, new RelationCatalog(file));
    expect(view({ filter: 'new.id ==' })).toThrow(expect.objectContaining({ code: 'bad-view' }));
    expect(view({ range: { by: 'lsn', from: 'x' } })).toThrow(
      'The range ends at "x": that is no LSN.',
    );
    await writer.close();
  });
});
