import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { CellValue, ChangeDetail, DetailColumn } from '../../src/shared/timeline';
import './longValue';
import type { LoadSlice } from './longValue';
import { OPERATION_LETTERS, cellValue, dataText } from './cellValue';
import { qualified } from './rowCells';

/** Fetches a slice of a value; see `value` of the timeline's contract. */
export type LoadValue = (column: number, side: 'before' | 'after') => LoadSlice;

/** What a message says about rows: the row before and after, a logical message, or a truncate. */
export function rowDetail(detail: ChangeDetail, load: LoadValue): TemplateResult {
  return html`<div class="detail">
    ${heading(detail)}
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
  return html`<table class="columns">
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
  const cell = (side: 'before' | 'after'): TemplateResult =>
    valueCell(column[side], `${String(detail.seq)}/${String(index)}/${side}`, load(index, side));
  return html`<tr class=${column.changed ? 'changed' : ''}>
    <th scope="row" class="data">${dataText(column.name)}</th>
    <td class="type dim">
      ${dataText(column.type)}${column.key ? html` <span class="keyMark">key</span>` : nothing}
    </td>
    ${cell('before')} ${cell('after')}
    <td class="mark">${column.changed ? 'changed' : ''}</td>
  </tr>`;
}

function valueCell(value: CellValue, owner: string, load: LoadSlice): TemplateResult {
  if (value.kind === 'absent') return html`<td class="value absent" title="not sent"></td>`;
  if (value.kind === 'unchanged') {
    return html`<td class="value">
      <span class="unchanged">unchanged: stored out of line, not in the WAL</span>
    </td>`;
  }
  if ((value.kind !== 'text' && value.kind !== 'binary') || !value.cut) {
    return html`<td class="value data">${cellValue(value)}</td>`;
  }
  return html`<td class="value">
    <wal-long-value .value=${value} .owner=${owner} .load=${load}></wal-long-value>
  </td>`;
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
    <dd>
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
