import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { gapFrame } from '../../../src/capture/frame';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { View } from '../../../src/capture/view';
import type { Lsn } from '../../../src/base/lsn';
import type { Operation, ViewSpec } from '../../../src/shared/viewSpec';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { message, xlogData } from './pgoutputBytes';

const COLUMNS = [{ name: 'id', key: true }];
const TABLES = [16384, 16385, 16386];

/** A Kelvin sign and a dotted capital I have letters of ASCII as their lower case. */
const VALUES = ['1', 'a Kite', '300 \u212A', '\u0130', 'STRASSE', 'STRAẞE', ''];

/** What the model knows of a message: enough to say by brute force what a view shows. */
interface ModelRow {
  readonly transaction: number;
  readonly operation: Operation | 'note' | 'gap' | 'none';
  readonly tables: readonly string[];
  /** What a text filter looks at. */
  readonly texts: readonly string[];
}

type Step =
  | { readonly kind: 'plain'; readonly changes: readonly number[] }
  | { readonly kind: 'block'; readonly xid: number; readonly changes: readonly number[] }
  | { readonly kind: 'end'; readonly xid: number; readonly abort: boolean }
  | { readonly kind: 'message' | 'gap' | 'unknown' };

const changesArb = fc.array(fc.nat({ max: 20 }), { maxLength: 6 });
const stepArb: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('plain' as const), changes: changesArb }),
  fc.record({
    kind: fc.constant('block' as const),
    xid: fc.integer({ min: 900, max: 902 }),
    changes: changesArb,
  }),
  fc.record({
    kind: fc.constant('end' as const),
    xid: fc.integer({ min: 900, max: 902 }),
    abort: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('message' as const, 'gap' as const, 'unknown' as const) }),
);

/** Makes the frames of a random capture, and the model of it. */
function build(steps: readonly Step[]): { frames: Uint8Array[]; rows: ModelRow[] } {
  const frames: Uint8Array[] = [];
  const rows: ModelRow[] = [];
  let lsn = 100n;
  let next = 0;
  const open = new Map<number, number>();
  const described = new Set<string>();
  const put = (bytes: Uint8Array, row: Partial<ModelRow>) => {
    frames.push(xlogData(lsn++, bytes));
    rows.push({ transaction: -1, operation: 'none', tables: [], texts: [], ...row });
  };
  const change = (code: number, transaction: number, xid?: number) => {
    const oid = TABLES[code % 3]!;
    const tables = [`public.t${String(oid)}`];
    const scope = `${String(oid)} ${String(xid ?? 0)}`;
    if (!described.has(scope)) {
      described.add(scope);
      const relation = message.relation(oid, 'public', `t${String(oid)}`, COLUMNS, 'd', xid);
      put(relation, { transaction });
    }
    const value = VALUES[code % VALUES.length]!;
    const texts = [`t${String(oid)}`, value];
    switch (Math.floor(code / 3) % 4) {
      case 0:
        put(message.insert(oid, [value], xid), { transaction, operation: 'insert', tables, texts });
        break;
      case 1:
        put(message.update(oid, [value], { kind: 'K', values: ['old'] }, xid), {
          transaction,
          operation: 'update',
          tables,
          texts: [...texts, 'old'],
        });
        break;
      case 2:
        put(message.delete(oid, 'K', [value], xid), {
          transaction,
          operation: 'delete',
          tables,
          texts,
        });
        break;
      default:
        put(message.logical(true, lsn, 'p', value, xid), {
          transaction,
          operation: 'message',
          texts: ['p', value],
        });
    }
  };
  for (const step of steps) {
    switch (step.kind) {
      case 'plain': {
        const transaction = next++;
        put(message.begin(lsn, 5n, 700), { transaction });
        for (const code of step.changes) change(code, transaction);
        put(message.commit(lsn, lsn + 1n, 5n), { transaction });
        break;
      }
      case 'block': {
        const first = !open.has(step.xid);
        if (first) open.set(step.xid, next++);
        const transaction = open.get(step.xid)!;
        put(message.streamStart(step.xid, first), { transaction });
        for (const code of step.changes) change(code, transaction, step.xid);
        put(message.streamStop(), { transaction });
        break;
      }
      case 'end': {
        const transaction = open.get(step.xid);
        const bytes = step.abort
          ? message.streamAbort(step.xid, step.xid)
          : message.streamCommit(step.xid, lsn, lsn + 1n, 5n);
        if (transaction === undefined) put(bytes, { operation: 'note' });
        else put(bytes, { transaction });
        open.delete(step.xid);
        // What was described inside its blocks is forgotten with it.
        for (const oid of TABLES) described.delete(`${String(oid)} ${String(step.xid)}`);
        break;
      }
      case 'message':
        put(message.logical(false, lsn, 'p', 'x'), { operation: 'message', texts: ['p', 'x'] });
        break;
      case 'unknown':
        put(new TextEncoder().encode('?who'), { operation: 'note', texts: ['?who'] });
        break;
      case 'gap':
        frames.push(gapFrame({ from: lsn as Lsn, to: (lsn + 9n) as Lsn, reason: 'lost' }));
        rows.push({ transaction: -1, operation: 'gap', tables: [], texts: [] });
        open.clear();
        // Another connection describes its tables again.
        described.clear();
        break;
    }
  }
  return { frames, rows };
}

interface ModelLine {
  readonly seq: number;
  readonly transaction?: number;
  readonly nested: boolean;
}

function modelLines(
  rows: readonly ModelRow[],
  spec: ViewSpec,
  expanded: ReadonlySet<number>,
): ModelLine[] {
  const byColumns = spec.operations.length + spec.tables.length > 0;
  const filtered = byColumns || spec.text !== '';
  const isVisible = ({ operation, tables, texts }: ModelRow): boolean => {
    if (operation === 'gap') return true;
    if (operation === 'none') return false;
    const hit =
      spec.text === '' || texts.some(t => t.toLowerCase().includes(spec.text.toLowerCase()));
    if (operation === 'note') return !byColumns && hit;
    return (
      hit &&
      (spec.operations.length === 0 || spec.operations.includes(operation)) &&
      (spec.tables.length === 0 || tables.some(t => spec.tables.includes(t)))
    );
  };
  const lines: ModelLine[] = [];
  const seen = new Set<number>();
  rows.forEach((row, seq) => {
    if (spec.grouping === 'flat' || row.transaction < 0) {
      if (isVisible(row)) lines.push({ seq, nested: false });
      return;
    }
    if (seen.has(row.transaction)) return;
    seen.add(row.transaction);
    const own = rows
      .map((r, s) => ({ r, s }))
      .filter(({ r }) => r.transaction === row.transaction && isVisible(r));
    if (filtered && own.length === 0) return;
    lines.push({ seq, transaction: row.transaction, nested: false });
    if (!expanded.has(row.transaction)) return;
    for (const { s } of own) lines.push({ seq: s, nested: true });
  });
  return lines;
}

const specArb: fc.Arbitrary<ViewSpec> = fc.record({
  grouping: fc.constantFrom('flat' as const, 'transactions' as const),
  operations: fc.subarray<Operation>(['insert', 'update', 'delete', 'message'], { maxLength: 3 }),
  tables: fc.subarray(
    TABLES.map(oid => `public.t${String(oid)}`),
    { maxLength: 2 },
  ),
  text: fc.constantFrom('', '', 'T16384', 'k', 'i', 'old', 'straße', 'x', 'nowhere', 'WHO'),
});

describe('a view', () => {
  it('shows what a brute-force model of the capture shows, while it grows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepArb, { maxLength: 30 }),
        specArb,
        fc.array(fc.nat({ max: 12 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        async (steps, spec, toggles, portion) => {
          const { frames, rows } = build(steps);
          const files = new MemoryFiles();
          const writer = await CaptureWriter.create(files, 'c', testMeta);
          const file = await CaptureFile.open(files, 'c', writer.header);
          const view = new View(1, spec, file, new RelationCatalog(file));
          const expanded = new Set<number>();
          let toggle = 0;
          for (let at = 0; at <= frames.length; at += portion) {
            for (const frame of frames.slice(at, at + portion)) writer.append(frame);
            await writer.flush();
            while (await file.follow());
            while (await view.extend());
            const ordinal = toggles[toggle++];
            if (ordinal !== undefined && ordinal < file.transactions) {
              if (!expanded.delete(ordinal)) expanded.add(ordinal);
              await view.expand(ordinal, expanded.has(ordinal));
            }
            const want = modelLines(rows.slice(0, at + portion), spec, expanded);
            expect(view.rows).toBe(want.length);
            expect(await view.lines(0, 10_000)).toEqual(want);
            const first = Math.floor(want.length / 3);
            expect(await view.lines(first, 5)).toEqual(want.slice(first, first + 5));
            for (const [row, line] of want.entries()) {
              if (line.nested || line.transaction === undefined) {
                expect(await view.locate(line.seq)).toBe(row);
              }
            }
          }
          await writer.close();
        },
      ),
      { numRuns: 150 },
    );
  }, 30_000);

  it('keeps its rows within a generation', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepArb, { maxLength: 30 }), specArb, async (steps, spec) => {
        const { frames } = build(steps);
        const files = new MemoryFiles();
        const writer = await CaptureWriter.create(files, 'c', testMeta);
        const file = await CaptureFile.open(files, 'c', writer.header);
        const view = new View(1, spec, file, new RelationCatalog(file));
        let before: { generation: number; lines: unknown[] } = { generation: 0, lines: [] };
        for (const frame of frames) {
          writer.append(frame);
          await writer.flush();
          while (await file.follow());
          while (await view.extend());
          if (file.transactions > 0 && !view.isExpanded(0)) await view.expand(0, true);
          const lines = await view.lines(0, 10_000);
          if (view.generation === before.generation) {
            expect(lines.slice(0, before.lines.length)).toEqual(before.lines);
          }
          before = { generation: view.generation, lines };
        }
        await writer.close();
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});
