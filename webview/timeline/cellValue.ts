import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { CellValue, SummaryPart } from '../../src/shared/timelineRow';
import type { Operation } from '../../src/shared/viewSpec';
import { MASKED_TEXT } from '../../src/shared/columnMask';
import { visibleText } from '../../src/base/visibleText';

/** The letters that stand for the operations: colour is never the only sign. */
export const OPERATION_LETTERS: Readonly<Record<Operation, string>> = {
  insert: 'I',
  update: 'U',
  delete: 'D',
  truncate: 'T',
  message: 'M',
};

/** Text of the database, isolated so that its direction of writing ends with it. */
export function dataText(text: string): TemplateResult {
  return html`<bdi>${visibleText(text)}</bdi>`;
}

/** The name or type of a column: a search does not look into it, so nothing is marked in it. */
export function columnText(text: string): TemplateResult {
  return html`<bdi class="unsearched">${visibleText(text)}</bdi>`;
}

/** A value in a cell. The four kinds of nothing look different. */
export function cellValue(value: CellValue): TemplateResult | typeof nothing {
  switch (value.kind) {
    case 'text':
    case 'binary':
      return html`${dataText(value.text)}${value.cut ? '…' : nothing}`;
    case 'null':
      return html`<span class="null" title="NULL">null</span>`;
    case 'empty':
      return html`<span class="nothing" title="empty text">''</span>`;
    case 'unchanged':
      return html`<span class="unchanged" title="unchanged: stored out of line, not in the WAL"
        >unchanged</span
      >`;
    case 'masked':
      return html`<span class="masked" title="masked: in the list of masked columns"
        >${MASKED_TEXT}</span
      >`;
    case 'absent':
      return nothing;
  }
}

/** `total 12.50 · note null`, or for an update `qty 7 → 6`. */
export function summaryParts(parts: readonly SummaryPart[]): TemplateResult[] {
  return parts.map((part, index) => {
    const separator = index === 0 ? nothing : html`<span class="dim"> · </span>`;
    const name =
      part.column === '' ? nothing : html`<span class="dim">${columnText(part.column)} </span>`;
    return html`${separator}${name}${change(part)}`;
  });
}

/** The value says whose it is, for the menu of the row. */
function valueOf(column: string, of: 'before' | 'after', value: CellValue): TemplateResult {
  return html`<span data-of=${of} data-name=${column}>${cellValue(value)}</span>`;
}

function change({ column, before, after }: SummaryPart): TemplateResult | typeof nothing {
  if (before === undefined) return after === undefined ? nothing : valueOf(column, 'after', after);
  if (after === undefined) return valueOf(column, 'before', before);
  return html`${valueOf(column, 'before', before)}<span class="dim"> → </span>${valueOf(
      column,
      'after',
      after,
    )}`;
}
