import { visibleText } from '../../src/base/visibleText';
import type { CellValue, SummaryPart, TimelineRow } from '../../src/shared/timelineRow';
import { formatPlural } from '../formats';
import { qualified } from './rowCells';

/** A row in a few words, such as `update orders id 918`. */
export function rowWords(row: TimelineRow): string {
  switch (row.type) {
    case 'note':
      return visibleText(row.text);
    case 'transaction': {
      if (row.single !== undefined) return rowWords(row.single);
      const tables = row.tables.join(', ');
      const words = [`transaction ${String(row.xid)}`, formatPlural(row.changes, 'change'), tables];
      return visibleText(words.filter(word => word !== '').join(' · '));
    }
    case 'change': {
      const table = row.operation === 'message' ? row.table : qualified(row.schema, row.table);
      return visibleText([row.operation, table, ...row.key.map(keyWords)].join(' '));
    }
  }
}

function keyWords({ column, before, after }: SummaryPart): string {
  return `${column} ${valueWords(after ?? before)}`;
}

function valueWords(value: CellValue | undefined): string {
  if (value === undefined) return '';
  return 'text' in value ? value.text : value.kind;
}
