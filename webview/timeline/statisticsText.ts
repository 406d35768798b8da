import { OVERVIEW_SERIES } from '../../src/shared/overviewApi';
import type { Statistics, TableStatistics } from '../../src/shared/statisticsApi';
import { visibleText } from '../../src/base/visibleText';

/** Columns of the table of tables, for sorting and copying. */
export type TableColumn =
  | 'table'
  | 'insert'
  | 'update'
  | 'delete'
  | 'truncate'
  | 'message'
  | 'changes'
  | 'bytes'
  | 'average'
  | 'unchanged';

export const TABLE_COLUMNS: readonly {
  readonly id: TableColumn;
  readonly label: string;
  /** In what it is measured, for the heading of a column that is copied. */
  readonly unit: string;
}[] = [
  { id: 'table', label: 'Table', unit: '' },
  { id: 'insert', label: 'Inserts', unit: '' },
  { id: 'update', label: 'Updates', unit: '' },
  { id: 'delete', label: 'Deletes', unit: '' },
  { id: 'truncate', label: 'Truncates', unit: '' },
  { id: 'message', label: 'Messages', unit: '' },
  { id: 'changes', label: 'Changes', unit: '' },
  { id: 'bytes', label: 'Received', unit: 'bytes' },
  { id: 'average', label: 'Average', unit: 'bytes a change' },
  { id: 'unchanged', label: 'Unchanged', unit: '% of the values of updates, not in the WAL' },
];

/** Every change of a table. */
export function changesOf({ changes }: TableStatistics): number {
  return changes.reduce((sum, count) => sum + count, 0);
}

/** The number that a cell stands for; NaN where it is not known. */
export function amountOf(table: TableStatistics, column: TableColumn): number {
  switch (column) {
    case 'table':
      return NaN;
    case 'changes':
      return changesOf(table);
    case 'bytes':
      return table.bytes;
    case 'average':
      return table.bytes / Math.max(1, changesOf(table));
    case 'unchanged': {
      const { looked } = table;
      return looked === undefined || looked.columns === 0
        ? NaN
        : (100 * looked.unchanged) / looked.columns;
    }
    default:
      return table.changes[OVERVIEW_SERIES.indexOf(column)] ?? 0;
  }
}

/** What stands for a table: messages, and what names none, have no table. */
export function nameOf({ id }: TableStatistics): string {
  return id === '' ? 'no table' : visibleText(id);
}

export interface Sorting {
  readonly column: TableColumn;
  readonly descending: boolean;
}

export function sortedTables(
  tables: readonly TableStatistics[],
  { column, descending }: Sorting,
): TableStatistics[] {
  const sign = descending ? -1 : 1;
  return [...tables].sort((a, b) => {
    if (column === 'table') return sign * nameOf(a).localeCompare(nameOf(b));
    // What is not known comes last either way.
    const [left, right] = [amountOf(a, column), amountOf(b, column)];
    if (Number.isNaN(left) || Number.isNaN(right)) {
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    }
    return sign * (left - right);
  });
}

/** The tables as a person pastes them: with tabs, or as CSV. */
export function tablesText(
  { tables }: Statistics,
  sorting: Sorting,
  format: 'text' | 'csv',
): string {
  const head = TABLE_COLUMNS.map(({ label, unit }) => (unit === '' ? label : `${label} (${unit})`));
  const lines = sortedTables(tables, sorting).map(table =>
    TABLE_COLUMNS.map(({ id }) => {
      if (id === 'table') return nameOf(table);
      const amount = amountOf(table, id);
      return Number.isNaN(amount) ? '' : String(Math.round(amount * 10) / 10);
    }),
  );
  const cell = format === 'csv' ? csvCell : (text: string): string => text;
  const separator = format === 'csv' ? ',' : '\t';
  return [head, ...lines].map(line => line.map(cell).join(separator)).join('\n') + '\n';
}

/** Quoted where it must be; what a spreadsheet would take for a formula is kept from being one. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** In microseconds. */
const SECOND = 1_000_000;

/** The most that came within a second, or, of wider buckets, within one, for each second of it. */
export function mostASecond(values: Float64Array, width: number): number {
  const together = Math.max(1, Math.round(SECOND / width));
  let sum = 0;
  let most = 0;
  values.forEach((value, i) => {
    sum += value - (values[i - together] ?? 0);
    most = Math.max(most, sum);
  });
  return (most * SECOND) / (together * width);
}
