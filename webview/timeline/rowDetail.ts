import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { ChangeDetail, DetailColumn } from '../../src/shared/changeDetail';
import type { ValueForm } from '../../src/base/prettyValue';
import { formOfType } from '../../src/base/prettyValue';
import type { CellValue } from '../../src/shared/timelineRow';
import './longValue';
import type { LoadSlice } from './longValue';
import { OPERATION_LETTERS, cellValue, columnText, dataText } from './cellValue';
import { qualified } from './rowCells';
import { becomeTabStop, moveAmongValues } from './valueCells';

/** Fetches a slice of a value; see `value` of the timeline's contract. */
export type LoadValue = (column: number, side: 'before' | 'after') => LoadSlice;

/** The user copies a value of the detail. */
export type DetailCopyEvent = CustomEvent<{
  readonly what: 'value';
  readonly seq: number;
  readonly column: number;
  readonly side: 'before' | 'after';
}>;

/** What a message says about rows: the row before and after, a logical message, or a truncate. */
export function rowDetail(detail: ChangeDetail, load: LoadValue): TemplateResult {
  return html`<div class="detail">
    ${heading(detail)}
    ${
      detail.damage === undefined
        ? nothing
        : html`<p class="error" role="alert">${detail.damage}</p>`
    }
    ${
      detail.error === ''
        ? nothing
        : html`<p class="error" role="alert">Not decoded: ${dataText(detail.error)}</p>`
    }
    ${body(detail, load)}
  </div>`;
}

function heading(detail: ChangeDetail): TemplateResult {
  const { operation } = detail;
  const letter = operation === 'other' ? nothing : OPERATION_LETTERS[operation];
  const what = detail.message === undefined ? qualified(detail.schema, detail.table) : detail.table;
  const identity = detail.relation?.replicaIdentity;
  return html`<p class="heading">
    <b class="op op-${operation} data">${letter}</b>
    <span>${detail.messageName}</span>
    <b class="data">${dataText(what)}</b>
    ${
      identity === undefined || identity === 'default'
        ? nothing
        : html`<span class="dim">replica identity ${identity}</span>`
    }
  </p>`;
}

function body(detail: ChangeDetail, load: LoadValue): TemplateResult {
  if (detail.message !== undefined) return messageBody(detail, detail.message, load);
  if (detail.truncate !== undefined) return truncateBody(detail.truncate);
  if (detail.columns.length > 0) return columnTable(detail, load);
  return html`<p class="dim">This message carries no row.</p>`;
}

function columnTable(detail: ChangeDetail, load: LoadValue): TemplateResult {
  return html`<table
    class="columns"
    role="grid"
    aria-label="Values: arrow keys move, Ctrl+C copies"
    @keydown=${(event: KeyboardEvent) => {
      if (event.currentTarget instanceof HTMLElement) moveAmongValues(event, event.currentTarget);
    }}
    @focusin=${(event: FocusEvent) => {
      if (event.currentTarget instanceof HTMLElement) becomeTabStop(event, event.currentTarget);
    }}
  >
    <thead>
      <tr>
        <th scope="col">column</th>
        <th scope="col">type</th>
        <th scope="col">before</th>
        <th scope="col">after</th>
        <th scope="col"><span class="sr">changed</span></th>
      </tr>
    </thead>
    <tbody>
      ${detail.columns.map((column, index) => columnRow(detail, column, index, load))}
    </tbody>
  </table>`;
}

function columnRow(
  detail: ChangeDetail,
  column: DetailColumn,
  index: number,
  load: LoadValue,
): TemplateResult {
  const form = formOfType(column.type);
  const cell = (side: 'before' | 'after'): TemplateResult =>
    valueCell(
      column[side],
      { column: index, side },
      `${String(detail.seq)}/${String(index)}/${side}`,
      load(index, side),
      form,
    );
  return html`<tr class=${column.changed ? 'changed' : ''}>
    <th scope="row" class="data">${columnText(column.name)}</th>
    <td class="type dim">
      ${columnText(column.type)}${column.key ? html` <span class="keyMark">key</span>` : nothing}
    </td>
    ${cell('before')} ${cell('after')}
    <td class="mark">${column.changed ? 'changed' : ''}</td>
  </tr>`;
}

/** Which value of the row a cell shows; the first one is where Tab stops until another is. */
interface CellPlace {
  readonly column: number;
  readonly side: 'before' | 'after';
}

function valueCell(
  value: CellValue,
  place: CellPlace,
  owner: string,
  load: LoadSlice,
  form: ValueForm | undefined,
): TemplateResult {
  const first = place.column === 0 && place.side === 'before';
  const absent = value.kind === 'absent';
  return html`<td
    class="value ${absent ? 'absent' : ''}"
    role="gridcell"
    tabindex=${first ? '0' : '-1'}
    title=${absent ? 'not sent' : nothing}
    data-column=${place.column}
    data-side=${place.side}
    ?data-masked=${value.kind === 'masked'}
  >
    ${valueIn(value, owner, load, form)}
  </td>`;
}

function valueIn(
  value: CellValue,
  owner: string,
  load: LoadSlice,
  form: ValueForm | undefined,
): TemplateResult | typeof nothing {
  switch (value.kind) {
    case 'absent':
      return nothing;
    case 'unchanged':
      return html`<span class="unchanged">unchanged: stored out of line, not in the WAL</span>`;
    case 'text':
    case 'binary':
      return value.cut || form !== undefined
        ? html`<wal-long-value
            .value=${value}
            .owner=${owner}
            .load=${load}
            .form=${form}
          ></wal-long-value>`
        : html`<span class="data">${cellValue(value)}</span>`;
    case 'null':
    case 'empty':
    case 'masked':
      return html`<span class="data">${cellValue(value)}</span>`;
  }
}

function messageBody(
  detail: ChangeDetail,
  message: NonNullable<ChangeDetail['message']>,
  load: LoadValue,
): TemplateResult {
  return html`<dl class="facts">
    <dt>prefix</dt>
    <dd class="data">${dataText(message.prefix)}</dd>
    <dt>transactional</dt>
    <dd>${message.transactional ? 'yes' : 'no: written even when its transaction rolls back'}</dd>
    <dt>content</dt>
    <dd tabindex="0" data-column="0" data-side="after">
      ${
        'cut' in message.content && message.content.cut
          ? html`<wal-long-value
              .value=${message.content}
              .owner=${String(detail.seq)}
              .load=${load(0, 'after')}
            ></wal-long-value>`
          : html`<span class="data">${cellValue(message.content)}</span>`
      }
    </dd>
  </dl>`;
}

function truncateBody(truncate: NonNullable<ChangeDetail['truncate']>): TemplateResult {
  return html`<dl class="facts">
    <dt>tables</dt>
    <dd class="data">${truncate.tables.map(table => html`<div>${dataText(table)}</div>`)}</dd>
    <dt>cascade</dt>
    <dd>${truncate.cascade ? 'yes' : 'no'}</dd>
    <dt>restart identity</dt>
    <dd>${truncate.restartIdentity ? 'yes' : 'no'}</dd>
  </dl>`;
}
