import { gapText } from '../capture/gapText';
import type { CaptureFile } from '../capture/captureFile';
import type { CapturedMessage } from '../capture/capturedMessage';
import { decodeCaptured } from '../capture/decodedMessage';
import { OPAQUE_KIND } from '../capture/frameIndexer';
import { NONE, ROW } from '../capture/indexChunk';
import { operationOf } from '../capture/operations';
import type { RelationCatalog } from '../capture/relationCatalog';
import { selectedRows } from '../capture/selectedRows';
import { transactionRecord } from '../capture/transactionRecord';
import type { View } from '../capture/view';
import { toHex } from '../base/hex';
import { formatLsn } from '../base/lsn';
import { formatEvent } from '../logical/formatEvent';
import { decodeUtf8, tupleBytes } from '../logical/pgoutput/tuple';
import type { Cell, RowImage } from '../logical/rowImage';
import type { FindType } from '../logical/types/binary/binaryText';
import { valueText } from '../logical/valueText';
import { capturedEvents } from './capturedEvents';
import type { CopyFormat } from '../shared/readerApi';
import type { RowSelection } from '../shared/viewSpec';
import { COPY_BYTES_LIMIT, COPY_ROWS_LIMIT } from '../shared/readerApi';

export interface CopySource {
  readonly file: CaptureFile;
  readonly catalog: RelationCatalog;
  readonly view: View;
}

/**
 * The chosen rows as text for the clipboard, a line each. `json`: the events of the native format, as an
 * export writes them. `text`: position, commit time, xid, operation, table and a cell for each column,
 * separated by tabs; what would break a cell is escaped as COPY does it.
 */
export async function copyRows(
  { file, catalog, view }: CopySource,
  selection: RowSelection,
  format: CopyFormat,
  pause: () => Promise<void>,
): Promise<{ readonly text: string; readonly rows: number; readonly cut: boolean }> {
  const lines: string[] = [];
  let bytes = 0;
  for await (const seq of selectedRows(file, view, selection, pause)) {
    if (lines.length >= COPY_ROWS_LIMIT) return { ...joined(lines), cut: true };
    const row = await file.row(seq);
    // A message that alone is more than fits is not read.
    if (row.length > COPY_BYTES_LIMIT) return { ...joined(lines), cut: true };
    const message = await file.readMessage(seq);
    const line =
      format === 'json'
        ? capturedEvents(message, catalog, await topXid(file, message))
            .map(formatEvent)
            .join('\n')
        : await textLine(message, file, catalog);
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > COPY_BYTES_LIMIT) return { ...joined(lines), cut: true };
    lines.push(line);
    await pause();
  }
  return { ...joined(lines), cut: false };
}

function joined(lines: readonly string[]): { readonly text: string; readonly rows: number } {
  return { text: lines.map(line => `${line}\n`).join(''), rows: lines.length };
}

async function topXid(file: CaptureFile, { row }: CapturedMessage): Promise<number> {
  if (row.transaction === NONE) return 0;
  return transactionRecord(await file.transactionChunk(row.transaction), row.transaction).xid;
}

async function textLine(
  message: CapturedMessage,
  file: CaptureFile,
  catalog: RelationCatalog,
): Promise<string> {
  const { row, payload } = message;
  const lsn = formatLsn(message.lsn);
  const operation = operationOf(row.kind);
  if (operation === undefined || (row.flags & (ROW.ownFrame | ROW.unknown)) !== 0) {
    const { changes } = decodeCaptured(message, catalog);
    if (changes !== undefined) {
      return changes.map(change => cells(lsn, '', '', 'note', '', formatEvent(change))).join('\n');
    }
    const text = new TextDecoder().decode(payload);
    return cells(lsn, '', '', 'note', '', row.kind === OPAQUE_KIND ? text : noteText(message));
  }
  const record =
    row.transaction === NONE
      ? undefined
      : transactionRecord(await file.transactionChunk(row.transaction), row.transaction);
  const head = [lsn, record?.commitTime ?? '', row.xid === 0 ? '' : String(row.xid), operation];
  const decoded = decodeCaptured(message, catalog);
  if (decoded.error !== '') return cells(...head, '', `not readable: ${decoded.error}`);
  if (decoded.image !== undefined) {
    const { schema, name } = decoded.image.relation;
    return cells(...head, `${schema}.${name}`, ...columnCells(decoded.image, catalog.findType));
  }
  if (decoded.message?.kind === 'message') {
    const { prefix, content } = decoded.message;
    return cells(...head, prefix, decodeUtf8(content) ?? `\\x${toHex(content)}`);
  }
  const names =
    decoded.truncated ??
    (decoded.message?.kind === 'truncate'
      ? decoded.message.relationOids.map(oid => {
          const relation = catalog.relationAt(oid, message.seq);
          return relation === undefined
            ? `oid ${String(oid)}`
            : `${relation.schema}.${relation.name}`;
        })
      : []);
  return cells(...head, names.join(', '));
}

function columnCells(image: RowImage, findType: FindType): string[] {
  return image.relation.columns.flatMap(({ name, typeOid }, i) => {
    const cellText = (cell: Cell): string => copiedValue(cell, i, typeOid, findType);
    const before = image.before(i);
    const after = image.after(i);
    if (image.message.kind === 'delete') {
      return before.state === 'absent' ? [] : [`${name}=${cellText(before)}`];
    }
    const now = cellText(after);
    return image.changed(i) ? [`${name}=${cellText(before)} → ${now}`] : [`${name}=${now}`];
  });
}

function copiedValue(
  { state, tuple }: Cell,
  column: number,
  typeOid: number,
  findType: FindType,
): string {
  if (state === 'null') return 'NULL';
  if (tuple === undefined || state === 'unchanged' || state === 'absent') return `(${state})`;
  return valueText(tuple, column, typeOid, findType) ?? `\\x${toHex(tupleBytes(tuple, column))}`;
}

function noteText({ gap, seam, row }: CapturedMessage): string {
  if (gap !== undefined) return gapText(gap);
  if (seam !== undefined) return `continued after ${formatLsn(seam.after)}`;
  return `message '${String.fromCharCode(row.kind)}'`;
}

function cells(...values: readonly string[]): string {
  return values.map(escaped).join('\t');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

function escaped(value: string): string {
  return value.replace(/[\\\t\n\r]/g, letter => ESCAPES[letter] ?? letter);
}
