import type { RowImage } from '../logical/rowImage';
import type { SummaryPart } from '../shared/timeline';
import { cellValue } from './cellValue';

/** Most columns that a line of the list names. */
const SUMMARY_COLUMNS = 6;

/** The key and what changed, as a line of the list shows them; values cut to `limit` characters. */
export function changeSummary(
  image: RowImage,
  limit: number,
): { readonly key: readonly SummaryPart[]; readonly summary: readonly SummaryPart[] } {
  const key: SummaryPart[] = [];
  const summary: SummaryPart[] = [];
  const width = image.relation.columns.length;
  for (let i = 0; i < width; i++) {
    if (image.isKey(i)) key.push(keyPart(image, i, limit));
    else if (summary.length < SUMMARY_COLUMNS) {
      const part = summaryPart(image, i, limit);
      if (part !== undefined) summary.push(part);
    }
  }
  return { key, summary };
}

function keyPart(image: RowImage, i: number, limit: number): SummaryPart {
  const column = nameOf(image, i);
  if (image.message.kind === 'delete') {
    return { column, before: cellValue(image.before(i), i, limit) };
  }
  const after = cellValue(image.after(i), i, limit);
  if (!image.changed(i)) return { column, after };
  return { column, before: cellValue(image.before(i), i, limit), after };
}

function summaryPart(image: RowImage, i: number, limit: number): SummaryPart | undefined {
  const column = nameOf(image, i);
  const before = image.before(i);
  const after = image.after(i);
  switch (image.message.kind) {
    case 'insert':
      return { column, after: cellValue(after, i, limit) };
    case 'delete':
      if (before.state === 'absent') return undefined;
      return { column, before: cellValue(before, i, limit) };
    case 'update':
      // Without the old row what was sent is all that is known, changed or not.
      if (before.state === 'absent') return { column, after: cellValue(after, i, limit) };
      if (!image.changed(i)) return undefined;
      return {
        column,
        before: cellValue(before, i, limit),
        after: cellValue(after, i, limit),
      };
  }
}

function nameOf(image: RowImage, i: number): string {
  return image.relation.columns[i]?.name ?? '';
}
