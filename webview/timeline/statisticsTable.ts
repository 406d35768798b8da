import { html } from 'lit';
import type { TemplateResult } from 'lit';
import { formatBytes } from '../../src/base/quantity';
import type { TableStatistics } from '../../src/shared/statisticsApi';
import { formatCount } from '../formats';
import { dataText } from './cellValue';
import { TABLE_COLUMNS, amountOf, nameOf, sortedTables } from './statisticsText';
import type { Sorting, TableColumn } from './statisticsText';

/** What a click in the table of tables asks for. */
interface TableActions {
  readonly sort: (sorting: Sorting) => void;
  /** Shows only changes of a table. */
  readonly choose: (table: TableStatistics) => void;
}

/** Each table with its changes by operation and what they amount to. */
export function statisticsTable(
  tables: readonly TableStatistics[],
  sorting: Sorting,
  actions: TableActions,
): TemplateResult {
  return html`<table id="tables">
    <thead>
      <tr>
        ${TABLE_COLUMNS.map(column => columnHead(column, sorting, actions))}
      </tr>
    </thead>
    <tbody>
      ${sortedTables(tables, sorting).map(
        table =>
          html`<tr>
            <td>${tableName(table, actions)}</td>
            ${TABLE_COLUMNS.slice(1).map(({ id }) => html`<td>${cellText(table, id)}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function columnHead(
  { id, label, unit }: (typeof TABLE_COLUMNS)[number],
  { column: by, descending }: Sorting,
  { sort }: TableActions,
): TemplateResult {
  return html`<th
    scope="col"
    aria-sort=${by !== id ? 'none' : descending ? 'descending' : 'ascending'}
    title=${unit}
  >
    <button
      type="button"
      id="sort-${id}"
      @click=${() => {
        sort({ column: id, descending: by === id ? !descending : id !== 'table' });
      }}
    >
      ${label}${by === id ? (descending ? ' ↓' : ' ↑') : ''}
    </button>
  </th>`;
}

function tableName(table: TableStatistics, { choose }: TableActions): TemplateResult {
  if (table.id === '') return html`<span class="dim">no table (logical messages)</span>`;
  const name = nameOf(table);
  return html`<button
    type="button"
    class="data"
    title="Show only changes of this table"
    aria-label=${`Show only changes of ${name}`}
    @click=${() => {
      choose(table);
    }}
  >
    ${dataText(table.id)}
  </button>`;
}

function cellText(table: TableStatistics, column: TableColumn): string {
  const amount = amountOf(table, column);
  if (Number.isNaN(amount)) return '';
  switch (column) {
    case 'bytes':
    case 'average':
      return formatBytes(amount);
    case 'unchanged':
      return `${String(Math.round(amount))}%`;
    default:
      return formatCount(amount);
  }
}
