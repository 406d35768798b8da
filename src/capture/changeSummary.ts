import type { Cell, RowImage } from '../logical/rowImage';
import type { CellValue, SummaryPart } from '../shared/timelineRow';
import type { FindType } from '../logical/types/binary/binaryText';
import { cellValue } from './cellValue';

/** Most columns that a line of the list names. */
const SUMMARY_COLUMNS = 6;

type ShowValue = (cell: Cell, column: number) => CellValue;

/** The key and what changed, as a line of the list shows them; values cut to `limit` characters. */
export function changeSummary(
  image: RowImage,
  findType: FindType,
  limit: number,
): { readonly key: readonly SummaryPart[]; readonly summary: readonly SummaryPart[] } {
  const value = (cell: Cell, i: number): CellValue => {
    const typeOid = image.relation.columns[i]?.typeOid ?? 0;
    return cellValue(cell, i, { typeOid, findType }, limit);
  };
  const key: SummaryPart[] = [];
  const summary: SummaryPart[] = [];
  const width = image.relation.columns.length;
  for (let i = 0; i < width; i++) {
    if (image.isKey(i)) key.push(keyPart(image, i, value));
    else if (summary.length < SUMMARY_COLUMNS) {
      const part = summaryPart(image, i, value);
      if (part !== undefined) summary.push(part);
    }
  }
  // Of a row without a key its first value tells which one it is, as far as anything does.
  const first = key.length === 0 && image.message.kind === 'update' ? image.after(0) : undefined;
  const isTold = first === undefined || first.state === 'absent' || summary.length === 0;
  if (!isTold && summary[0]?.column !== nameOf(image, 0)) {
    summary.unshift({ column: nameOf(image, 0), after: value(first, 0) });
  }
  return { key, summary };
}

function keyPart(image: RowImage, i: number, value: ShowValue): SummaryPart {
  const column = nameOf(image, i);
  if (image.message.kind === 'delete') {
    return { column, before: value(image.before(i), i) };
  }
  const after = value(image.after(i), i);
  if (!image.changed(i)) return { column, after };
  return { column, before: value(image.before(i), i), after };
}

function summaryPart(image: RowImage, i: number, value: ShowValue): SummaryPart | undefined {
  const column = nameOf(image, i);
  const before = image.before(i);
  const after = image.after(i);
  switch (image.message.kind) {
    case 'insert':
      return { column, after: value(after, i) };
    case 'delete':
      if (before.state === 'absent') return undefined;
      return { column, before: value(before, i) };
    case 'update':
      // Without the old row what was sent is all that is known, changed or not.
      if (before.state === 'absent') return { column, after: value(after, i) };
      if (!image.changed(i)) return undefined;
      return {
        column,
        before: value(before, i),
        after: value(after, i),
      };
  }
}

function nameOf(image: RowImage, i: number): string {
  return image.relation.columns[i]?.name ?? '';
}
