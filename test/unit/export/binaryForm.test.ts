import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/base/hex';
import { parseLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { ChangeDetails } from '../../../src/capture/changeDetails';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { TimelineRows } from '../../../src/capture/timelineRows';
import { View } from '../../../src/capture/view';
import { runCommandLine } from '../../../src/cli/runCommandLine';
import { copyRows } from '../../../src/export/copyRows';
import type { ExportSource } from '../../../src/export/exportRows';
import { exportRows } from '../../../src/export/exportRows';
import type { CustomType } from '../../../src/shared/customType';
import type { ChangeDetail } from '../../../src/shared/changeDetail';
import type { TimelineRow } from '../../../src/shared/timelineRow';
import { COPY_ROWS_LIMIT } from '../../../src/shared/readerApi';
import { LogicalFixtures, VERSIONS, type RawRow } from '../../golden/logical/cases';
import { testMeta } from '../capture/captureMeta';

// What was recorded in binary form goes into a capture, and all that comes out of it must be what comes out
// of a capture of the same changes in text form.

const FLAT = { grouping: 'flat', operations: [], tables: [], text: '' } as const;
const TEXT_OF: Readonly<Record<string, string>> = {
  'v1-binary': 'v1',
  'v1-filter-binary': 'v1-filter',
  'v2-stream-binary': 'v2-stream',
  'v4-parallel-2pc-binary': 'v3-2pc-stream',
};
/** A regclass prints what only the catalog knows; what lies below a domain was not recorded. */
const BYTES_STAY: ReadonlySet<string> = new Set(['rc', 'dm']);

const never = new AbortController().signal;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'binary-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function capture(
  name: string,
  rows: readonly RawRow[],
  types: readonly CustomType[],
): Promise<ExportSource> {
  const file = path.join(folder, `${name}.walcap`);
  const binary = name.endsWith('binary');
  const pluginOptions = binary ? { proto_version: '2', binary: 'true' } : { proto_version: '2' };
  const meta = { ...testMeta, pluginOptions, types: binary ? types : [] };
  const writer = await CaptureWriter.create(nodeFiles, file, meta);
  for (const { lsn, data } of rows) writer.appendMessage(parseLsn(lsn)!, fromHex(data)!);
  await writer.close();
  return open(file);
}

async function open(file: string, text = ''): Promise<ExportSource> {
  const opened = await CaptureFile.open(nodeFiles, file);
  const catalog = new RelationCatalog(opened);
  const view = new View(1, { ...FLAT, text }, opened, catalog);
  while (await view.extend());
  return { path: file, file: opened, catalog, view };
}

async function shown({ file, catalog, view }: ExportSource): Promise<TimelineRow[]> {
  const rows: TimelineRow[] = [];
  const renderer = new TimelineRows(file, catalog);
  while (rows.length < view.rows) {
    const lines = await view.lines(rows.length, 256);
    rows.push(...(await renderer.render(view, lines, never)));
  }
  return rows;
}

/** What a line of the list says of the row, without what differs between two streams. */
function lineOf(row: TimelineRow): unknown {
  if (row.type !== 'change') return row.type;
  const part = ({ column }: { readonly column: string }): boolean => !BYTES_STAY.has(column);
  const { operation, table, key, summary } = row;
  return { operation, table, key: key.filter(part), summary: summary.filter(part) };
}

function columnsOf({ columns }: ChangeDetail): unknown[] {
  // The type's own name is known from the catalog only.
  return columns
    .filter(({ name }) => !BYTES_STAY.has(name))
    .map(({ name, key, before, after, changed }) => ({ name, key, before, after, changed }));
}

describe.each(VERSIONS)('what a Postgres %i sent in binary form', version => {
  const fixtures = new LogicalFixtures(version);
  const types = JSON.parse(fixtures.files.get('types.json')!.toString()) as CustomType[];
  const names = fixtures.names('sql-peek').filter(name => name.endsWith('binary'));

  it.each(names)('%s: is shown, copied, exported and found as its text form', async name => {
    const binary = await capture(`${String(version)}-${name}`, fixtures.rows(name), types);
    const textName = TEXT_OF[name]!;
    const text = await capture(`${String(version)}-${textName}`, fixtures.rows(textName), []);
    expect([binary.file.holdsBinary, text.file.holdsBinary]).toEqual([true, false]);

    const [ours, theirs] = [await shown(binary), await shown(text)];
    expect(ours.map(lineOf)).toEqual(theirs.map(lineOf));

    const details = [binary, text].map(({ file, catalog }) => new ChangeDetails(file, catalog));
    for (const [i, row] of theirs.entries()) {
      if (row.type !== 'change' || i % 7 !== 0) continue;
      const mine = await details[0]!.detail(ours[i]!.seq);
      const other = await details[1]!.detail(row.seq);
      expect(columnsOf(mine)).toEqual(columnsOf(other));
      for (const side of ['before', 'after'] as const) {
        const at = other.columns.findIndex(
          column => column[side].kind === 'text' && !BYTES_STAY.has(column.name),
        );
        if (at < 0) continue;
        const whole = await details[0]!.value(ours[i]!.seq, at, side, 0, 10_000);
        expect(whole).toEqual(await details[1]!.value(row.seq, at, side, 0, 10_000));
      }
    }

    for (const format of ['text', 'json'] as const) {
      const [mine, other] = await Promise.all([copied(binary, format), copied(text, format)]);
      expect(mine).toEqual(other);
    }
    expect(await exported(binary)).toEqual(await exported(text));

    // A text is found where it stands in the rows that can be compared.
    const comparable = await Promise.all(theirs.map(row => isComparable(text, row.seq)));
    let foundRows = 0;
    for (const needle of needles(theirs)) {
      const hits = await Promise.all(
        [binary, text].map(async source => {
          const found = await open(source.path, needle);
          const seqs = new Set((await shown(found)).map(({ seq }) => seq));
          await found.file.close();
          return seqs;
        }),
      );
      const at = (rows: readonly TimelineRow[], seqs: ReadonlySet<number>): number[] =>
        rows.flatMap(({ seq }, i) => (comparable[i] === true && seqs.has(seq) ? [i] : []));
      expect({ needle, rows: at(ours, hits[0]!) }).toEqual({
        needle,
        rows: at(theirs, hits[1]!),
      });
      foundRows += at(theirs, hits[1]!).length;
    }
    expect(foundRows).toBeGreaterThan(0);
    await Promise.all([binary.file.close(), text.file.close()]);
  });
});

describe('types of a file', () => {
  const fixtures = new LogicalFixtures(18);

  it('serve the conversion of a capture that knows none, and a copy keeps them', async () => {
    const { path: bare, file } = await capture('bare-binary', fixtures.rows('v1-binary'), []);
    await file.close();
    const types = path.join(folder, 'types.json');
    await writeFile(types, fixtures.files.get('types.json')!);
    const copy = path.join(folder, 'typed.walcap');
    await pgwal('convert', bare, '--types', types, '--format', 'capture', '--out', copy);
    const named = await pgwal('convert', bare, '--types', types);
    expect(await pgwal('decode', '--types', types, bare)).toBe(named);
    expect(await pgwal('convert', copy)).toBe(named);
    const base64 = (lines: string): number => lines.split('"encoding":{').length;
    expect(base64(await pgwal('convert', bare))).toBeGreaterThan(base64(named));
  });
});

async function pgwal(...argv: string[]): Promise<string> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const lines = stdout.toArray();
  const terminal = { env: {}, stdout, stderr, interactive: false, interrupted: never };
  const status = await runCommandLine(argv, terminal);
  stdout.end();
  const printed = Buffer.concat((await lines) as Buffer[]).toString();
  expect({ status, stderr: String(stderr.read() ?? '') }).toEqual({ status: 0, stderr: '' });
  return printed;
}

/** Whether all values of the row can be rendered. */
async function isComparable({ file, catalog }: ExportSource, seq: number): Promise<boolean> {
  const relation = catalog.relation((await file.row(seq)).relation);
  return relation?.columns.every(({ name }) => !BYTES_STAY.has(name)) ?? false;
}

/** Values that stand in the list, some of each kind. */
function needles(rows: readonly TimelineRow[]): string[] {
  const values = new Set<string>();
  for (const row of rows) {
    if (row.type !== 'change') continue;
    for (const { after, before } of [...row.key, ...row.summary]) {
      const value = after ?? before;
      if (value?.kind === 'text' && !value.cut) values.add(value.text);
    }
  }
  const all = [...values].sort();
  return all.filter((_, i) => i % Math.ceil(all.length / 25) === 0);
}

/** Lines of the chosen rows that can be compared. */
async function copied(source: ExportSource, format: 'text' | 'json'): Promise<string[]> {
  const count = Math.min(source.view.rows, COPY_ROWS_LIMIT);
  const { text } = await copyRows(source, { ranges: [{ from: 0, to: count - 1 }] }, format, () =>
    Promise.resolve(),
  );
  return text.split('\n').filter(line => !/\b(?:rc|dm)(?:=|")/.test(line));
}

async function exported(source: ExportSource): Promise<string[]> {
  const file = `${source.path}.jsonl`;
  await exportRows(
    source,
    { path: file, replace: false, format: 'jsonl', scope: 'all' },
    never,
    () => undefined,
  );
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.filter(line => !/"(?:rc|dm)":|"kind":"(?:type|relation|begin|commit)"/.test(line));
}
