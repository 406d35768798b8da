import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { ChangeDetails } from '../../../src/capture/changeDetails';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { TimelineRows } from '../../../src/capture/timelineRows';
import { View } from '../../../src/capture/view';
import type { TimelineRow } from '../../../src/shared/timelineRow';
import type { Operation, ViewSpec } from '../../../src/shared/viewSpec';
import { testMeta } from './captureMeta';
import { MemoryFiles } from './memoryFiles';
import { xlogData } from './pgoutputBytes';

export const FLAT: ViewSpec = { grouping: 'flat', operations: [], tables: [], text: '' };

/** The position of each text: the end of a commit stands there too. */
export const positionOf = (i: number): bigint => BigInt(0x100 * (i + 1));

/** A capture of the texts of a plugin, opened again. */
export async function textCapture(
  plugin: string,
  texts: readonly (string | Uint8Array)[],
  /** The number of a text that comes without a position. */
  nowhere = -1,
) {
  const files = new MemoryFiles();
  const source = { ...testMeta.source, plugin };
  const writer = await CaptureWriter.create(files, 'c', { ...testMeta, source });
  texts.forEach((text, i) => {
    writer.append(xlogData(i === nowhere ? 0n : positionOf(i), bytesOf(text)));
  });
  const { totals } = writer;
  await writer.close();
  const file = await CaptureFile.open(files, 'c');
  const catalog = new RelationCatalog(file);
  const rows = new TimelineRows(file, catalog);
  const viewOf = async (spec: Partial<ViewSpec> = {}): Promise<View> => {
    const view = new View(1, { ...FLAT, ...spec }, file, catalog);
    while (await view.extend());
    return view;
  };
  return {
    file,
    totals,
    catalog,
    details: new ChangeDetails(file, catalog),
    viewOf,
    rows: async (spec: Partial<ViewSpec> = {}): Promise<TimelineRow[]> => {
      const view = await viewOf(spec);
      return rows.render(view, await view.lines(0, 1000), new AbortController().signal);
    },
    /** The numbers of the texts that a view shows. */
    shown: async (spec: Partial<ViewSpec>): Promise<number[]> => {
      const view = await viewOf(spec);
      return (await view.lines(0, 1000)).map(({ seq }) => seq);
    },
  };
}

export function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text;
}

/** A row of the list in short: operation, table, key and what changed; a note as its text. */
export function short(row: TimelineRow): string {
  if (row.type === 'note') return `${row.note}: ${row.text}`;
  if (row.type === 'transaction') {
    return `${row.fate} ${String(row.xid)} ${String(row.changes)} [${row.tables.join(', ')}]`;
  }
  const operation: Operation = row.operation;
  const parts = [...row.key.map(part => `*${partOf(part)}`), ...row.summary.map(partOf)];
  return `${operation} ${row.schema}.${row.table} ${parts.join(' ')}`.trim();
}

function partOf({
  column,
  before,
  after,
}: Extract<TimelineRow, { type: 'change' }>['key'][number]) {
  const value = (cell: typeof before): string =>
    cell === undefined ? '' : 'text' in cell ? cell.text : `(${cell.kind})`;
  if (before === undefined) return `${column}=${value(after)}`;
  return after === undefined
    ? `${column}=${value(before)}`
    : `${column}=${value(before)}→${value(after)}`;
}
