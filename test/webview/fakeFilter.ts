import { checkColumns } from '../../src/filter/checkColumns';
import type { FilterTable } from '../../src/filter/completeFilter';
import { parseFilter } from '../../src/filter/filterExpression';
import type { FilterApi } from '../../src/shared/filterApi';

/** The tables of the capture that is computed, see showcase.ts. */
export const FAKE_TABLES: readonly FilterTable[] = [
  {
    schema: 'public',
    table: 'orders',
    columns: [
      { name: 'id', type: 'bigint' },
      { name: 'status', type: 'text' },
      { name: 'total', type: 'numeric(10,2)' },
      { name: 'odd name', type: 'text' },
    ],
  },
  {
    schema: 'public',
    table: 'customers',
    columns: [
      { name: 'id', type: 'bigint' },
      { name: 'email', type: 'text' },
    ],
  },
];

/** What a reader says about an expression. */
export function checkOf(text: string): Awaited<ReturnType<FilterApi['checkFilter']>> {
  const { filter, problem } = parseFilter(text);
  if (filter === undefined) return { problem };
  const hint = checkColumns(filter.tree, FAKE_TABLES);
  return hint === undefined ? {} : { hint };
}
