import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/base/hex';
import type { Lsn } from '../../../src/base/lsn';
import { parseLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { TimelineRows } from '../../../src/capture/timelineRows';
import { View } from '../../../src/capture/view';
import { runCommandLine } from '../../../src/cli/runCommandLine';
import { copyRows } from '../../../src/export/copyRows';
import type { ExportRequest, ExportSource } from '../../../src/export/exportRows';
import { exportRows } from '../../../src/export/exportRows';
import type { TimelineRow } from '../../../src/shared/timelineRow';
import type { ViewSpec } from '../../../src/shared/viewSpec';
import { LogicalFixtures, VERSIONS } from '../../golden/logical/cases';
import { testMeta } from '../capture/captureMeta';
import { message, xlogData } from '../capture/pgoutputBytes';

const ALL: ViewSpec = { grouping: 'flat', operations: [], tables: [], text: '' };
const SPECS: readonly ViewSpec[] = [
  { ...ALL, operations: ['insert', 'message'] },
  { ...ALL, grouping: 'transactions', operations: ['update', 'delete', 'truncate'] },
  { ...ALL, grouping: 'transactions', text: 'A' },
];

let folder: string;
let number = 0;
const fresh = (extension: string): string => path.join(folder, `${String(number++)}.${extension}`);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'export-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function open(file: string, spec: ViewSpec): Promise<ExportSource> {
  const capture = await CaptureFile.open(nodeFiles, file);
  const catalog = new RelationCatalog(capture);
  const view = new View(1, spec, capture, catalog);
  while (await view.extend());
  return { path: file, file: capture, catalog, view };
}

const never = new AbortController().signal;

function run(
  source: ExportSource,
  request: Partial<ExportRequest> & Pick<ExportRequest, 'path'>,
  signal = never,
) {
  const rest = { replace: false, format: 'jsonl', scope: 'view', ...request } as const;
  return exportRows(source, rest, signal, () => undefined);
}

async function convert(file: string, out: string): Promise<Buffer> {
  const argv = ['convert', file, '--format', 'jsonl', '--out', out];
  const stderr = new PassThrough();
  const status = await runCommandLine(argv, {
    env: {},
    stdout: new PassThrough(),
    stderr,
    interactive: false,
    interrupted: never,
  });
  expect(status, String(stderr.read() ?? '')).toBe(0);
  return readFile(out);
}

type Line = Readonly<Record<string, unknown>> & { readonly kind: string };
type Row = Readonly<Record<string, string | null>>;

const linesOf = (bytes: Buffer): Line[] =>
  bytes
    .toString()
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Line);

/** Whether an event passes, from the event alone. */
function passes(line: Line, spec: ViewSpec): boolean {
  const { kind } = line;
  if (spec.operations.length > 0 && !(spec.operations as readonly string[]).includes(kind)) {
    return false;
  }
  if (spec.text === '') return true;
  const needle = spec.text.toLowerCase();
  const texts: string[] = [];
  const encoded = (line['encoding'] ?? {}) as Row;
  for (const side of ['new', 'old', 'key']) {
    for (const [name, value] of Object.entries((line[side] ?? {}) as Row)) {
      if (value !== null && encoded[name] === undefined) texts.push(value);
    }
  }
  const tables = (line['relations'] ?? [line]) as readonly Row[];
  for (const { schema, table } of kind === 'message' ? [] : tables) {
    texts.push(schema === 'public' ? (table ?? '') : `${schema ?? ''}.${table ?? ''}`);
  }
  if (kind === 'message') {
    texts.push(line['prefix'] as string);
    if (line['contentEncoding'] === 'utf8') texts.push(line['content'] as string);
  }
  return texts.some(value => value.toLowerCase().includes(needle));
}

const CHANGES = new Set(['insert', 'update', 'delete', 'truncate', 'message']);

/** Transactions with the changes that pass, without those that have none; no descriptions. */
function filtered(lines: readonly Line[], spec: ViewSpec): Line[] {
  const out: Line[] = [];
  let begin: Line | undefined;
  let open: Line[] = [];
  for (const line of lines) {
    if (line.kind === 'begin') {
      begin = line;
      open = [];
    } else if (line.kind === 'commit') {
      if (begin !== undefined && open.length > 0) out.push(begin, ...open, line);
      begin = undefined;
    } else if (CHANGES.has(line.kind)) {
      if (passes(line, spec)) (begin === undefined ? out : open).push(line);
    } else if (line.kind === 'gap') out.push(line);
  }
  return out;
}

/** All lines of a flat list, without what numbers them in their own capture. */
async function shown(file: string, spec: ViewSpec): Promise<unknown[]> {
  const { file: capture, catalog, view } = await open(file, spec);
  const rows: TimelineRow[] = [];
  const renderer = new TimelineRows(capture, catalog);
  while (rows.length < view.rows) {
    rows.push(...(await renderer.render(view, await view.lines(rows.length, 256), never)));
  }
  await capture.close();
  return rows.map(row => ({ ...row, seq: 0, transaction: 0 }));
}

describe.each([VERSIONS[0], VERSIONS.at(-1)!])('an export of what a Postgres %i sent', version => {
  const fixtures = new LogicalFixtures(version);

  const capture = async (name: string): Promise<string> => {
    const file = fresh('walcap');
    const binary = String(name.includes('binary'));
    const pluginOptions = { ...testMeta.pluginOptions, binary };
    const writer = await CaptureWriter.create(nodeFiles, file, { ...testMeta, pluginOptions });
    for (const { lsn, data } of fixtures.rows(name)) {
      writer.appendMessage(parseLsn(lsn) as Lsn, fromHex(data) as Uint8Array);
    }
    await writer.close();
    return file;
  };

  const names = fixtures.names('sql-peek');
  it.each(names)('is what it should be: %s', { timeout: 60_000 }, async name => {
    const file = await capture(name);
    const converted = await convert(file, fresh('jsonl'));
    const all = await open(file, ALL);
    const lines = fresh('jsonl');
    const result = await run(all, { path: lines, scope: 'all' });
    const written = await readFile(lines);
    expect(written.equals(converted)).toBe(true);
    expect(result).toMatchObject({
      events: linesOf(written).length,
      bytes: written.length,
      complete: true,
      reason: '',
    });
    expect((await stat(lines)).mode & 0o777).toBe(0o600);

    const copy = fresh('walcap');
    const copied = await run(all, { path: copy, scope: 'all', format: 'capture' });
    expect(copied).toMatchObject({ events: all.file.changes, complete: true });
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    expect((await convert(copy, fresh('jsonl'))).equals(converted)).toBe(true);
    await all.file.close();

    for (const spec of SPECS) {
      const source = await open(file, spec);
      const some = fresh('jsonl');
      await run(source, { path: some });
      const got = linesOf(await readFile(some));
      const want = filtered(linesOf(converted), spec);
      expectSame(got.filter(isNoDescription), want);
      expectDescribed(got);

      const part = fresh('walcap');
      const { events } = await run(source, { path: part, format: 'capture' });
      expect(events).toBe(source.view.state.matched);
      if (spec === SPECS[names.indexOf(name) % SPECS.length]) {
        expectSame(await shown(part, ALL), await shown(file, { ...spec, grouping: 'flat' }));
      }
      expectSame(linesOf(await convert(part, fresh('jsonl'))).filter(isNoDescription), want);
      await source.file.close();
    }
  });
});

/** Thousands of lines that are the same as text need no comparison by their parts, which takes seconds. */
function expectSame(got: readonly unknown[], want: readonly unknown[]): void {
  if (JSON.stringify(got) !== JSON.stringify(want)) expect(got).toEqual(want);
  expect(got).toHaveLength(want.length);
}

const isNoDescription = ({ kind }: Line): boolean => kind !== 'relation' && kind !== 'type';

/** A table is described before its first change. */
function expectDescribed(lines: readonly Line[]): void {
  const described = new Set<unknown>();
  const missing = new Set<unknown>();
  for (const line of lines) {
    const table = line['table'];
    if (line.kind === 'relation') described.add(table);
    else if (table !== undefined && !described.has(table)) missing.add(table);
  }
  expect([...missing]).toEqual([]);
}

describe('a large capture', () => {
  let file: string;
  let writer: CaptureWriter;
  const COLUMNS = [{ name: 'id', key: true }, { name: 'note' }];
  let lsn = 100n;

  /** Transactions of ten changes; the last one is left open where `commit` is false. */
  const append = async (transactions: number, commit = true): Promise<void> => {
    for (let n = 0; n < transactions; n++) {
      writer.append(xlogData(lsn, message.begin(lsn + 20n, 5n, 700 + n)));
      if (lsn === 100n) {
        writer.append(xlogData(0n, message.relation(16384, 'public', 'orders', COLUMNS)));
      }
      for (let i = 0; i < 10; i++) {
        const row = message.insert(16384, [String(i), `value ${String(n)} ${'x'.repeat(60)}`]);
        writer.append(xlogData(lsn + BigInt(i), row));
      }
      lsn += 30n;
      if (commit) writer.append(xlogData(lsn - 5n, message.commit(lsn - 10n, lsn - 5n, 5n)));
      if (writer.full) await writer.flush();
    }
    await writer.flush();
  };

  beforeEach(async () => {
    file = fresh('walcap');
    lsn = 100n;
    writer = await CaptureWriter.create(nodeFiles, file, testMeta);
    await append(5000);
  });

  afterEach(() => writer.close());

  it('is exported up to the moment of the click while it grows, and ends where it is cancelled', async () => {
    const capture = await CaptureFile.open(nodeFiles, file, writer.header);
    const catalog = new RelationCatalog(capture);
    const source = { path: file, file: capture, catalog, view: new View(1, ALL, capture, catalog) };
    const out = fresh('jsonl');
    const exporting = run(source, { path: out, scope: 'all' });
    await append(300);
    while (await capture.follow());
    const result = await exporting;
    expect(result).toMatchObject({ events: 1 + 5000 * 12, complete: true, lastLsn: '0/24A4F' });
    const lines = linesOf(await readFile(out));
    expect(lines.at(-1)).toMatchObject({ kind: 'commit', endLsn: result.lastLsn });

    for (const format of ['jsonl', 'capture'] as const) {
      const cancelled = fresh(format === 'jsonl' ? 'jsonl' : 'walcap');
      const abort = new AbortController();
      const request = { path: cancelled, replace: false, scope: 'all', format } as const;
      const exporting = exportRows(source, request, abort.signal, () => undefined);
      const size = async () => (await stat(cancelled).catch(() => ({ size: 0 }))).size;
      while ((await size()) < 300_000) await new Promise(resolve => setImmediate(resolve));
      abort.abort();
      const partial = await exporting;
      expect(partial).toMatchObject({ complete: false, reason: '' });
      expect(partial.events).toBeGreaterThan(100);
      expect(partial.events).toBeLessThan(50_000);
      await expectHolds(cancelled, format, partial.events);
    }
    await capture.close();
  });

  it('leaves nothing behind when it is called off before it wrote', async () => {
    const source = await open(file, { ...ALL, operations: ['insert'] });
    const out = fresh('jsonl');
    await writeFile(out, 'precious');
    const before = await readdir(folder);
    const result = await run(source, { path: out, replace: true }, AbortSignal.abort());
    expect(result).toMatchObject({ events: 0, complete: false, reason: '' });
    expect(await readFile(out, 'utf8')).toBe('precious');
    expect(await readdir(folder)).toEqual(before);
    await source.file.close();
  });

  it('is never written over, nor anything else that nobody agreed to', async () => {
    const source = await open(file, ALL);
    const itself = { path: file, replace: true, format: 'capture' } as const;
    await expect(run(source, itself)).rejects.toThrow('is being exported');
    const link = fresh('walcap');
    await symlink(file, link);
    await expect(run(source, { ...itself, path: link })).rejects.toThrow('is being exported');
    const other = fresh('jsonl');
    await writeFile(other, 'precious');
    await expect(run(source, { path: other })).rejects.toThrow('exists already');
    expect(await readFile(other, 'utf8')).toBe('precious');
    const folderPath = folder;
    await expect(run(source, { path: folderPath, replace: true })).rejects.toThrow('is a folder');
    const nowhere = path.join(folder, 'no', 'such.jsonl');
    await expect(run(source, { path: nowhere })).rejects.toThrow(/Cannot write .*does not exist/s);
    const replaced = await run(source, { path: other, replace: true, scope: 'all' });
    expect(linesOf(await readFile(other)).length).toBe(replaced.events);
    expect((await stat(other)).mode & 0o777).toBe(0o600);
    await source.file.close();
  });

  it('ends at a full disk with what fits, whole, and says so', async () => {
    const source = await open(file, ALL);
    await withDisk('size=1m', async disk => {
      for (const format of ['jsonl', 'capture'] as const) {
        const out = path.join(disk, `out.${format}`);
        const result = await run(source, { path: out, scope: 'all', format });
        expect(result.complete).toBe(false);
        expect(result.reason).toMatch(/no space|disk is full/i);
        expect(result.events).toBeGreaterThan(100);
        await expectHolds(out, format, result.events);
        await rm(out);
      }
      // A file that was to be replaced stays where not a line of the new one could be written.
      const full = path.join(disk, 'filler');
      await writeFile(full, Buffer.alloc(1024 * 1024)).catch(() => undefined);
      const precious = path.join(disk, 'filler');
      await run(source, { path: precious, replace: true, scope: 'all' }).then(
        result => {
          expect(result).toMatchObject({ events: 0, complete: false });
        },
        (error: unknown) => {
          expect(String(error)).toMatch(/no space/i);
        },
      );
      expect((await stat(precious)).size).toBeGreaterThan(1000);
      expect(await readdir(disk)).toEqual(['filler']);
    });
    await source.file.close();
  });

  it('gives what was selected: rows, and transactions for all their changes', async () => {
    const source = await open(file, { ...ALL, grouping: 'transactions' });
    const lines = await source.view.lines(10, 3);
    const [first, , last] = lines.map(({ seq }) => seq);
    const out = fresh('jsonl');
    const selection = { ranges: [{ from: first!, to: last! }] };
    expect(await run(source, { path: out, scope: 'selection', selection })).toMatchObject({
      events: 1 + 3 * 12,
    });
    const begun = linesOf(await readFile(out)).filter(({ kind }) => kind === 'begin');
    expect(begun.map(({ xid }) => xid)).toEqual([710, 711, 712]);
    const text = await copyRows(source, selection, 'json', () => Promise.resolve());
    expect(text).toMatchObject({ rows: 30, cut: false });
    expect(linesOf(Buffer.from(text.text))).toEqual(
      linesOf(await readFile(out)).filter(({ kind }) => kind === 'insert'),
    );
    await source.view.expand(lines[0]!.transaction!, true);
    const [, one] = await source.view.lines(10, 2);
    const single = { ranges: [{ from: one!.seq, to: one!.seq }] };
    const copied = await copyRows(source, single, 'text', () => Promise.resolve());
    expect(copied.text).toBe(
      `0/190\t2000-01-01T00:00:00.000005Z\t710\tinsert\tpublic.orders\tid=0\tnote=value 10 ${'x'.repeat(60)}\n`,
    );
    const everything = { ranges: [{ from: 1, to: source.file.rows - 1 }] };
    expect(await copyRows(source, everything, 'text', () => Promise.resolve())).toMatchObject({
      cut: true,
    });
    await source.file.close();
  });
});

/** Whole lines, or a capture that opens; and as many as was said. */
async function expectHolds(file: string, format: 'jsonl' | 'capture', events: number) {
  if (format === 'jsonl') {
    const bytes = await readFile(file);
    expect(bytes.at(-1)).toBe(0x0a);
    expect(linesOf(bytes).length).toBe(events);
    return;
  }
  const capture = await CaptureFile.open(nodeFiles, file);
  expect(capture.changes).toBe(events);
  expect(capture.problem).toBeUndefined();
  await capture.close();
}

/** A small disk in memory, for as long as `work` takes. */
async function withDisk(options: string, work: (disk: string) => Promise<void>): Promise<void> {
  const disk = await mkdtemp(path.join(tmpdir(), 'export-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
  try {
    await work(disk);
  } finally {
    execFileSync('umount', [disk]);
    await rm(disk, { recursive: true });
  }
}
