import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { visibleText } from '../../src/base/visibleText';
import { formatBytes } from '../../src/base/quantity';
import type { TransactionRow } from '../../src/shared/timelineRow';
import { OPERATIONS } from '../../src/shared/viewSpec';
import { formatCount, formatDuration, formatPlural } from '../formats';
import { OPERATION_LETTERS, dataText } from './cellValue';
import type { ColumnPlan } from './columns';

/** `12 changes I 3 U 9 · orders, items · 4.2 kB · checkout-service`: what has no column of its own. */
export function transactionLine(
  row: TransactionRow,
  plan: ColumnPlan,
  growing: boolean,
): TemplateResult {
  const tables = row.tables.join(', ') + (row.moreTables ? ', …' : '');
  return html`<b class="count">${countOf(row)}${growing ? ' so far' : ''}</b
    >${operations(row)}${part(
      tables === '' ? nothing : html`${dataText(tables)}`,
    )}${part(plan.hasSize ? nothing : html`<span class="dim">${formatBytes(row.bytes)}</span>`)}${part(
      plan.hasLasted || row.lastedMs === undefined
        ? nothing
        : html`<span class="dim" title=${LASTED}>took ${lasted(row.lastedMs)}</span>`,
    )}${part(
      plan.hasWho || row.who === undefined || row.who === ''
        ? nothing
        : html`<span class="who-part" title=${`Written by ${visibleText(row.who)}`}
            >${dataText(row.who)}</span
          >`,
    )}${part(
      row.origin === undefined
        ? nothing
        : html`<span class="dim">origin ${dataText(row.origin)}</span>`,
    )}`;
}

export function lastedCell(ms: number | undefined): TemplateResult {
  return html`<span
    role="gridcell"
    class="c lasted"
    title=${ms === undefined ? 'Not known: WAL does not tell when a transaction began' : LASTED}
    >${ms === undefined ? '' : lasted(ms)}</span
  >`;
}

/** Nobody looked: nothing stands there. Looked for and not seen: it says so, and guesses nothing. */
export function whoCell(who: string | undefined): TemplateResult {
  if (who === undefined) return html`<span role="gridcell" class="c who"></span>`;
  return who === ''
    ? html`<span role="gridcell" class="c who dim" title="It was too short to be seen"
        >not seen</span
      >`
    : html`<span role="gridcell" class="c who" title=${visibleText(who)}>${dataText(who)}</span>`;
}

const LASTED = 'At least: WAL does not tell when a transaction began';

/** It took at least so long. */
function lasted(ms: number): string {
  return `> ${formatDuration(ms)}`;
}

/** `12 changes`, `3 of 12 changes`. */
function countOf({ matched, changes }: TransactionRow): string {
  const all = formatPlural(changes, 'change');
  return matched === changes ? all : `${formatCount(matched)} of ${all}`;
}

/** How many of each operation; the letter alone where all are of a kind. */
function operations({ operations: counts = {} }: TransactionRow): TemplateResult | typeof nothing {
  const kinds = OPERATIONS.filter(operation => counts[operation] !== undefined);
  return html`${kinds.map(
    kind =>
      html`<span class="tally" title=${kind}
        ><span class="op op-${kind}" aria-hidden="true">${OPERATION_LETTERS[kind]}</span
        ><span class="sr">${kind} </span
        >${kinds.length > 1 ? formatCount(counts[kind] ?? 0) : ''}</span
      >`,
  )}`;
}

function part(content: TemplateResult | typeof nothing): TemplateResult | typeof nothing {
  return content === nothing ? nothing : html` <span class="dim">·</span> ${content}`;
}
