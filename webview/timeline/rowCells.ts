import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type {
  ChangeRow,
  Fate,
  NoteRow,
  TimelineRow,
  TransactionRow,
} from '../../src/shared/timeline';
import { formatBytes, formatClock, formatCount, formatPlural } from '../formats';
import type { RowView } from '../virtualList';
import { visibleText } from '../visibleText';
import { OPERATION_LETTERS, dataText, summaryParts } from './cellValue';

/** Columns of the list: their keys name the classes of the cells. */
export const COLUMNS: readonly { readonly key: string; readonly title: string }[] = [
  { key: 'seq', title: '#' },
  { key: 'lsn', title: 'LSN' },
  { key: 'time', title: 'Committed' },
  { key: 'xid', title: 'xid' },
  { key: 'op', title: 'Op' },
  { key: 'table', title: 'Table' },
  { key: 'key', title: 'Key' },
  { key: 'what', title: 'What changed' },
];

/** What a transaction is called that is not committed; nothing where it is. */
export const FATE_WORDS: Readonly<Record<Fate, string>> = {
  open: 'tentative',
  committed: '',
  aborted: 'aborted',
  prepared: 'prepared',
  cut: 'cut off',
};

export function rowView(row: TimelineRow | undefined, now: Date): RowView {
  switch (row?.type) {
    case undefined:
      return loadingRow();
    case 'change':
      return { cells: changeCells(row, nothing, now), classes: changeClasses(row) };
    case 'transaction':
      return row.single === undefined ? transactionRow(row, now) : singleRow(row, row.single, now);
    case 'note':
      return noteRow(row);
  }
}

function loadingRow(): RowView {
  return {
    classes: 'loading',
    cells: html`<span role="gridcell" class="c seq" aria-label="Loading"></span>${COLUMNS.slice(
        1,
      ).map(
        ({ key }) => html`<span role="gridcell" class="c ${key}"><i class="bone"></i></span>`,
      )}`,
  };
}

function singleRow(row: TransactionRow, single: ChangeRow, now: Date): RowView {
  return {
    classes: `single ${changeClasses({ ...single, fate: row.fate, nested: false })}`,
    cells: changeCells(
      { ...single, fate: row.fate, commitTime: row.commitTime, nested: false },
      nothing,
      now,
    ),
  };
}

function changeClasses(row: ChangeRow): string {
  return `change fate-${row.fate}${row.nested ? ' nested' : ''}`;
}

function changeCells(
  row: ChangeRow,
  twistie: TemplateResult | typeof nothing,
  now: Date,
): TemplateResult {
  const table = row.operation === 'message' ? row.table : qualified(row.schema, row.table);
  return html`${seqCell(row.seq, twistie)}${lsnCell(row.lsn)}${timeCell(
      row.nested ? '' : row.commitTime,
      row.nested ? 'committed' : row.fate,
      now,
    )}${xidCell(row.xid)}<span
      role="gridcell"
      class="c op op-${row.operation}"
      title=${row.operation}
      ><span aria-hidden="true">${OPERATION_LETTERS[row.operation]}</span
      ><span class="sr">${row.operation}</span></span
    ><span role="gridcell" class="c table" title=${visibleText(table)}>${dataText(table)}</span
    ><span role="gridcell" class="c key">${summaryParts(row.key)}</span
    ><span role="gridcell" class="c what">${whatChanged(row)}</span>`;
}

function whatChanged(row: ChangeRow): TemplateResult | readonly TemplateResult[] {
  return row.summary.length === 0 && row.operation === 'update'
    ? html`<span class="dim">no column differs</span>`
    : summaryParts(row.summary);
}

function transactionRow(row: TransactionRow, now: Date): RowView {
  const word = FATE_WORDS[row.fate];
  const struck = row.fate === 'aborted' ? 'struck' : '';
  const twistie = html`<span class="twistie codicon ${row.expanded ? 'open' : ''}"></span>`;
  return {
    classes: `transaction fate-${row.fate}`,
    cells: html`${seqCell(row.seq, twistie, row.expanded)}${lsnCell(row.lsn)}
      ${timeCell(row.commitTime, row.fate, now)}${xidCell(row.xid)}
      <span role="gridcell" class="c line" aria-colspan="4">
        <span class=${struck}>${transactionLine(row)}</span>
        ${word === '' ? nothing : html`<span class="dim">·</span> <em>${word}</em>`}
        ${row.fate === 'cut' ? html`<span class="dim">· shown again below</span>` : nothing}
      </span>`,
  };
}

/** `12 changes · orders, items · 4.2 kB`. */
function transactionLine(row: TransactionRow): TemplateResult {
  const matched =
    row.matched === row.changes
      ? formatPlural(row.changes, 'change')
      : `${formatCount(row.matched)} of ${formatPlural(row.changes, 'change')}`;
  const tables = row.tables.join(', ') + (row.moreTables ? ', …' : '');
  return html`<b class="count">${matched}${row.fate === 'open' ? ' so far' : ''}</b>
    ${tables === '' ? nothing : html`<span class="dim">·</span> ${dataText(tables)}`}
    <span class="dim">· ${formatBytes(row.bytes)}</span>`;
}

function noteRow(row: NoteRow): RowView {
  if (row.note === 'text') return textRow(row);
  const icon = row.note === 'gap' || row.note === 'seam' ? row.note : 'warn';
  const colon = row.note === 'seam' ? '' : ':';
  return {
    classes: `note note-${row.note}`,
    cells: html`${seqCell(row.seq, nothing)}${lsnCell(row.lsn)}<span
        role="gridcell"
        class="c rest"
        aria-colspan="6"
        ><span class="codicon ${icon}"></span><b>${NOTE_WORDS[row.note]}</b>${colon}
        ${dataText(row.text)}</span
      >`,
  };
}

/** What another output plugin wrote: all that there is to show, and nothing to warn of. */
function textRow(row: NoteRow): RowView {
  return {
    classes: 'note note-text',
    cells: html`${seqCell(row.seq, nothing)}${lsnCell(row.lsn)}<span
        role="gridcell"
        class="c rest"
        aria-colspan="6"
        title=${visibleText(row.text)}
        >${dataText(row.text)}</span
      >`,
  };
}

const NOTE_WORDS: Readonly<Record<Exclude<NoteRow['note'], 'text'>, string>> = {
  gap: 'gap',
  seam: 'continued',
  unknown: 'unknown message',
  error: 'not decoded',
};

function seqCell(
  seq: number,
  twistie: TemplateResult | typeof nothing,
  expanded?: boolean,
): TemplateResult {
  return html`<span role="gridcell" class="c seq" aria-expanded=${expanded ?? nothing}
    >${twistie}<span>${formatCount(seq)}</span></span
  >`;
}

function lsnCell(lsn: string): TemplateResult {
  return html`<span role="gridcell" class="c lsn">${lsn}</span>`;
}

function xidCell(xid: number): TemplateResult {
  return html`<span role="gridcell" class="c xid">${xid === 0 ? '' : String(xid)}</span>`;
}

function timeCell(iso: string, fate: Fate, now: Date): TemplateResult {
  if (iso === '') {
    return html`<span role="gridcell" class="c time"
      ><span class="word dim">${FATE_WORDS[fate]}</span></span
    >`;
  }
  return html`<span role="gridcell" class="c time" title=${iso}>${formatClock(iso, now)}</span>`;
}

/** The usual schema says nothing; any other one is part of the name. */
export function qualified(schema: string, table: string): string {
  return schema === '' || schema === 'public' ? table : `${schema}.${table}`;
}
