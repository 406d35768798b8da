import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type {
  ChangeRow,
  Fate,
  NoteRow,
  TimelineRow,
  TransactionRow,
} from '../../src/shared/timelineRow';
import type { Bookmark, ColorRule } from '../../src/shared/listApi';
import { formatClockOn, formatCount } from '../formats';
import type { RowView } from '../virtualList';
import { visibleText } from '../../src/base/visibleText';
import { formatBytes } from '../../src/base/quantity';
import { OPERATION_LETTERS, dataText, summaryParts } from './cellValue';
import type { ColumnDefinition, ColumnPlan } from './columns';
import { lastedCell, transactionLine, whoCell } from './transactionCells';

/** What drawing a row depends on besides the row. */
export interface RowContext {
  readonly plan: ColumnPlan;
  readonly now: Date;
  /** The day that the heading of the times names. */
  readonly day: Date;
  /** Nothing more comes: what is open stays without its end. */
  readonly ended: boolean;
  /** The rules that colour rows. */
  readonly rules: readonly ColorRule[];
  /** The bookmark of a message. */
  readonly bookmark: (seq: number) => Bookmark | undefined;
}

/** What a transaction is called that is not committed; nothing where it is. */
const FATE_WORDS: Readonly<Record<Fate, string>> = {
  open: 'tentative',
  committed: '',
  aborted: 'aborted',
  prepared: 'prepared',
  cut: 'cut off',
};

/** What a transaction is called whose end was not received before the stream ended. */
const NO_END = 'no commit seen';

function fateWord(fate: Fate, { ended }: RowContext): string {
  return fate === 'open' && ended ? NO_END : FATE_WORDS[fate];
}

export function rowView(row: TimelineRow | undefined, context: RowContext): RowView {
  switch (row?.type) {
    case undefined:
      return loadingRow(context.plan);
    case 'change':
      return { cells: changeCells(row, context), classes: changeClasses(row, context) };
    case 'transaction':
      return row.single === undefined
        ? transactionRow(row, context)
        : singleRow(row, row.single, context);
    case 'note':
      return noteRow(row, context);
  }
}

function loadingRow({ columns }: ColumnPlan): RowView {
  return {
    classes: 'loading',
    cells: html`${columns.map(({ id, key }) =>
      id === 'seq'
        ? html`<span role="gridcell" class="c seq" aria-label="Loading"></span>`
        : html`<span role="gridcell" class="c ${key}"><i class="bone"></i></span>`,
    )}`,
  };
}

function singleRow(row: TransactionRow, single: ChangeRow, context: RowContext): RowView {
  const { fate, commitTime } = row;
  const line = { ...single, fate, commitTime, nested: false };
  return {
    classes: `single ${changeClasses(line, context)}`,
    cells: changeCells(line, context, row),
  };
}

function changeClasses(row: ChangeRow, { rules }: RowContext): string {
  return `change fate-${row.fate}${row.nested ? ' nested' : ''}${ruleClass(row.rule, rules)}`;
}

/** `line`: its transaction, where this is the line of it. */
function changeCells(row: ChangeRow, context: RowContext, line?: TransactionRow): TemplateResult {
  return html`${context.plan.columns.map(column => changeCell(column, row, context, line))}`;
}

function changeCell(
  { id, key }: ColumnDefinition,
  row: ChangeRow,
  context: RowContext,
  line: TransactionRow | undefined,
): TemplateResult {
  switch (id) {
    case 'seq':
      return seqCell(row, context, nothing);
    case 'lsn':
      return lsnCell(row.lsn);
    case 'committed':
      return row.nested
        ? html`<span role="gridcell" class="c time fits"></span>`
        : timeCell(row.commitTime, row.fate, context);
    case 'lasted':
      return line === undefined
        ? html`<span role="gridcell" class="c lasted"></span>`
        : lastedCell(line.lastedMs);
    case 'xid':
      return xidCell(row.xid);
    case 'who':
      return whoCell(line?.who);
    case 'operation':
      return html`<span role="gridcell" class="c op fits op-${row.operation}" title=${row.operation}
        ><span aria-hidden="true">${OPERATION_LETTERS[row.operation]}</span
        ><span class="sr">${row.operation}</span></span
      >`;
    case 'table': {
      const table = row.operation === 'message' ? row.table : qualified(row.schema, row.table);
      return html`<span role="gridcell" class="c table" title=${visibleText(table)}
        >${dataText(table)}</span
      >`;
    }
    case 'key':
      return html`<span role="gridcell" class="c key">${summaryParts(row.key)}</span>`;
    case 'changed':
      return html`<span role="gridcell" class="c ${key}">${whatChanged(row)}</span>`;
    case 'size':
      return sizeCell(row.bytes);
  }
}

function whatChanged(row: ChangeRow): TemplateResult | readonly TemplateResult[] {
  return row.summary.length === 0 && row.operation === 'update'
    ? html`<span class="dim">no column differs</span>`
    : summaryParts(row.summary);
}

function transactionRow(row: TransactionRow, context: RowContext): RowView {
  const { plan } = context;
  const word = fateWord(row.fate, context);
  const struck = row.fate === 'aborted' ? 'struck' : '';
  const twistie = html`<span class="twistie codicon ${row.expanded ? 'open' : ''}"></span>`;
  return {
    classes: `transaction fate-${row.fate}${ruleClass(row.rule, context.rules)}`,
    cells: html`${plan.columns.map(({ id }) => {
        if (id === 'seq') return seqCell(row, context, twistie, row.expanded);
        if (id === 'lsn') return lsnCell(row.lsn);
        if (id === 'committed') return timeCell(row.commitTime, row.fate, context);
        if (id === 'lasted') return lastedCell(row.lastedMs);
        if (id === 'who') return whoCell(row.who);
        return id === 'xid' ? xidCell(row.xid) : nothing;
      })}<span role="gridcell" class="c line" aria-colspan=${plan.line.span}>
        <span class=${struck}
          >${transactionLine(row, plan, row.fate === 'open' && !context.ended)}</span
        >
        ${word === '' ? nothing : html`<span class="dim">·</span> <em>${word}</em>`}
        ${row.fate === 'cut' ? html`<span class="dim">· shown again below</span>` : nothing} </span
      >${plan.hasSize ? sizeCell(row.bytes) : nothing}`,
  };
}

function noteRow(row: NoteRow, context: RowContext): RowView {
  const { plan } = context;
  const before = html`${plan.columns.map(({ id }) => {
    if (id === 'seq') return seqCell(row, context, nothing);
    return id === 'lsn' ? lsnCell(row.lsn) : nothing;
  })}`;
  return {
    classes: `note note-${row.note}`,
    cells: html`${before}<span
        role="gridcell"
        class="c rest"
        aria-colspan=${plan.note.span}
        title=${row.note === 'text' || row.note === 'gap' ? visibleText(row.text) : nothing}
        >${row.note === 'text' ? nothing : noteSign(row.note)}${dataText(row.text)}</span
      >`,
  };
}

/** What stands before the text of a note; what another output plugin wrote needs nothing. */
function noteSign(note: Exclude<NoteRow['note'], 'text'>): TemplateResult {
  const icon = note === 'gap' || note === 'seam' ? note : 'warn';
  const colon = note === 'seam' ? ' ' : ': ';
  return html`<span class="codicon ${icon}"></span><b>${NOTE_WORDS[note]}</b>${colon}`;
}

const NOTE_WORDS: Readonly<Record<Exclude<NoteRow['note'], 'text'>, string>> = {
  gap: 'gap',
  seam: 'continued',
  unknown: 'unknown message',
  error: 'not decoded',
};

/** The number of the row; before it, what was done with it: bookmarked, coloured, opened. */
function seqCell(
  row: TimelineRow,
  { rules, bookmark }: RowContext,
  twistie: TemplateResult | typeof nothing,
  expanded?: boolean,
): TemplateResult {
  const marked = bookmark(row.seq);
  const rule = row.type === 'note' || row.rule === undefined ? undefined : rules[row.rule];
  const number = formatCount(row.seq);
  return html`<span
    role="gridcell"
    class="c seq ${fits(number, FITTING.seq)}"
    aria-expanded=${expanded ?? nothing}
    >${
      rule === undefined
        ? nothing
        : html`<span class="stripe" title=${`Rule: ${visibleText(rule.name)}`}
            ><span class="sr">${visibleText(rule.name)} </span></span
          >`
    }${twistie}${
      marked === undefined
        ? nothing
        : html`<span
            class="bookmark codicon"
            title=${marked.note === '' ? 'Bookmark' : `Bookmark: ${visibleText(marked.note)}`}
            ><span class="sr">bookmarked </span></span
          >`
    }<span>${number}</span></span
  >`;
}

/** Only rules that are there: they may have changed since the row was asked for. */
function ruleClass(rule: number | undefined, rules: readonly ColorRule[]): string {
  const color = rule === undefined ? undefined : rules[rule]?.color;
  return color === undefined ? '' : ` rule rule-${color}`;
}

function lsnCell(lsn: string): TemplateResult {
  return html`<span role="gridcell" class="c lsn ${fits(lsn, FITTING.lsn)}">${lsn}</span>`;
}

function xidCell(xid: number): TemplateResult {
  return html`<span role="gridcell" class="c xid fits">${xid === 0 ? '' : String(xid)}</span>`;
}

/** Characters that the column of a number, an LSN or a time has room for as long as nobody made it narrower. */
const FITTING = { seq: 10, lsn: 12, time: 15 };

/** What fits needs no edge of its own to be cut at; drawing an edge costs more than the text in it. */
function fits(text: string, most: number): 'fits' | '' {
  return text.length <= most ? 'fits' : '';
}

function sizeCell(bytes: number): TemplateResult {
  return html`<span role="gridcell" class="c size">${formatBytes(bytes)}</span>`;
}

function timeCell(iso: string, fate: Fate, context: RowContext): TemplateResult {
  if (iso === '') {
    return html`<span role="gridcell" class="c time"
      ><span class="word dim">${fateWord(fate, context)}</span></span
    >`;
  }
  const clock = formatClockOn(context.day, iso, context.now);
  return html`<span role="gridcell" class="c time ${fits(clock, FITTING.time)}" title=${iso}
    >${clock}</span
  >`;
}

/** The usual schema says nothing; any other one is part of the name. */
export function qualified(schema: string, table: string): string {
  return schema === '' || schema === 'public' ? table : `${schema}.${table}`;
}
