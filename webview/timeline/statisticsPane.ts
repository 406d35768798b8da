import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { formatBytes } from '../../src/base/quantity';
import type {
  LargeTransaction,
  Statistics,
  StatisticsScope,
  TableStatistics,
} from '../../src/shared/statisticsApi';
import { COPY_TEXT_LIMIT } from '../../src/shared/timelineApi';
import { dataStyles } from '../dataStyles';
import { formatClock, formatCount, formatDuration, formatPlural } from '../formats';
import { dataText } from './cellValue';
import { isNarrowed } from './narrowing';
import { smallChart } from './smallChart';
import type { SmallChart } from './smallChart';
import { statisticsPaneStyles } from './statisticsPaneStyles';
import {
  TABLE_COLUMNS,
  amountOf,
  mostASecond,
  nameOf,
  sortedTables,
  tablesText,
} from './statisticsText';
import type { Sorting, TableColumn } from './statisticsText';
import type { TimelineModel } from './timelineModel';

/** While more comes it is asked for so often at most, and while it is being counted, in milliseconds. */
const GROWING_MS = 1000;
const COUNTING_MS = 60;
const SECOND = 1_000_000;

type LargestBy = keyof Statistics['largest'];

const LARGEST: readonly { readonly by: LargestBy; readonly label: string }[] = [
  { by: 'changes', label: 'by changes' },
  { by: 'bytes', label: 'by bytes' },
  { by: 'duration', label: 'by duration' },
];

/** Rates, tables, the largest transactions and the lag: of the whole capture, or of what the list shows. */
@customElement('wal-statistics')
export class StatisticsPane extends LitElement {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;

  @state() private answer: Statistics | undefined;
  @state() private failure = '';
  @state() private sorting: Sorting = { column: 'changes', descending: true };
  @state() private largestBy: LargestBy = 'changes';
  /** What somebody chose; else what the list shows, where it is narrowed. */
  @state() private chosenScope: StatisticsScope | undefined;
  @state() private copied = '';

  #asked = '';
  #askedAt = -Infinity;
  #asking = false;
  #timer: number | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asked = '';
  }

  get #scope(): StatisticsScope {
    const { model } = this;
    if (model === undefined || !isNarrowed(model.spec)) return 'all';
    return this.chosenScope ?? 'view';
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const { model } = this;
    const view = model?.view;
    if (model === undefined || view === undefined) return;
    const about = `${this.#scope} ${this.#scope === 'all' ? '' : String(view.view)}`;
    const key = `${about} | ${String(model.snapshot?.capture.messages)} ${String(view.complete)}`;
    if (key === this.#asked) return;
    const isOther = !this.#asked.startsWith(`${about} |`);
    this.#asked = key;
    this.#askSoon(isOther ? COUNTING_MS : GROWING_MS);
  }

  #askSoon(spacing: number): void {
    if (this.#asking) return;
    window.clearTimeout(this.#timer);
    const wait = Math.max(0, this.#askedAt + spacing - performance.now());
    this.#timer = window.setTimeout(() => void this.#ask(), wait);
  }

  async #ask(): Promise<void> {
    const { model } = this;
    const view = model?.view?.view;
    if (model === undefined || view === undefined) return;
    this.#asking = true;
    this.#askedAt = performance.now();
    const about = this.#asked;
    const scope = this.#scope;
    try {
      this.answer = await model.peer.call('statistics', { view, scope });
      this.failure = '';
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    } finally {
      this.#asking = false;
    }
    if (!this.isConnected) return;
    if (this.answer !== undefined && this.answer.complete < 1) this.#askSoon(COUNTING_MS);
    else if (about !== this.#asked) this.#askSoon(GROWING_MS);
  }

  protected override render(): TemplateResult {
    const { answer } = this;
    if (answer === undefined) {
      return html`<p class="bar">${this.failure === '' ? 'Counting…' : this.failure}</p>`;
    }
    return html`${this.#bar(answer)}
      <div class="charts">${chartsOf(answer).map(smallChart)}</div>
      <h3 id="tables-title">Tables</h3>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="tables-title">
        ${this.#tables(answer)}
      </div>
      ${this.#largest(answer)}`;
  }

  #bar(answer: Statistics): TemplateResult {
    const { model } = this;
    const scope = this.#scope;
    const option = (of: StatisticsScope, label: string): TemplateResult =>
      html`<button
        type="button"
        id="scope-${of}"
        aria-pressed=${scope === of ? 'true' : 'false'}
        @click=${() => {
          this.chosenScope = of;
        }}
      >
        ${label}
      </button>`;
    const counting =
      answer.complete < 1 ? `Counting, ${String(Math.floor(answer.complete * 100))}% done. ` : '';
    const { changes, bytes, transactions, uncommitted } = answer;
    const waiting = uncommitted > 0 ? `, ${formatCount(uncommitted)} of them not committed` : '';
    return html`<div class="bar">
      <span class="total"
        >${counting}${formatPlural(changes, 'change')}${waiting} ·
        ${formatPlural(transactions, 'transaction')} · ${formatBytes(bytes)} received</span
      >
      ${
        model !== undefined && isNarrowed(model.spec)
          ? html`<span role="group" aria-label="Statistics of"
              >${option('view', 'What the list shows')} ${option('all', 'The whole capture')}</span
            >`
          : nothing
      }
      <button type="button" id="copy-text" @click=${() => void this.#copy('text')}>
        Copy table
      </button>
      <button type="button" id="copy-csv" @click=${() => void this.#copy('csv')}>
        Copy as CSV
      </button>
      <span role="status" class="dim">${this.copied}</span>
    </div>`;
  }

  #tables(answer: Statistics): TemplateResult {
    const { column: by, descending } = this.sorting;
    const head = ({ id, label, unit }: (typeof TABLE_COLUMNS)[number]): TemplateResult =>
      html`<th
        scope="col"
        aria-sort=${by !== id ? 'none' : descending ? 'descending' : 'ascending'}
        title=${unit}
      >
        <button
          type="button"
          id="sort-${id}"
          @click=${() => {
            this.sorting = { column: id, descending: by === id ? !descending : id !== 'table' };
          }}
        >
          ${label}${by === id ? (descending ? ' ↓' : ' ↑') : ''}
        </button>
      </th>`;
    return html`<table id="tables">
      <thead>
        <tr>
          ${TABLE_COLUMNS.map(head)}
        </tr>
      </thead>
      <tbody>
        ${sortedTables(answer.tables, this.sorting).map(
          table =>
            html`<tr>
              <td>${this.#tableName(table)}</td>
              ${TABLE_COLUMNS.slice(1).map(({ id }) => html`<td>${cellText(table, id)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  #tableName(table: TableStatistics): TemplateResult {
    if (table.id === '') return html`<span class="dim">no table (logical messages)</span>`;
    const name = nameOf(table);
    return html`<button
      type="button"
      class="data"
      title="Show only changes of this table"
      aria-label=${`Show only changes of ${name}`}
      @click=${() => {
        const { model } = this;
        if (model !== undefined) void model.setSpec({ ...model.spec, tables: [table.id] });
      }}
    >
      ${dataText(table.id)}
    </button>`;
  }

  #largest(answer: Statistics): TemplateResult {
    const option = ({ by, label }: (typeof LARGEST)[number]): TemplateResult =>
      html`<button
        type="button"
        id="largest-${by}"
        aria-pressed=${this.largestBy === by ? 'true' : 'false'}
        @click=${() => {
          this.largestBy = by;
        }}
      >
        ${label}
      </button>`;
    const found = answer.largest[this.largestBy];
    return html`<div class="bar">
        <h3 id="largest-title">Largest transactions</h3>
        <span role="group" aria-labelledby="largest-title">${LARGEST.map(option)}</span>
      </div>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="largest-title">
        ${
          found.length === 0
            ? html`<p class="dim">
                ${
                  this.largestBy === 'duration'
                    ? 'How long a transaction took is known of those that were sent before their commit: there are none.'
                    : 'There are none yet.'
                }
              </p>`
            : html`<table id="largest">
                <thead>
                  <tr>
                    <th scope="col">xid</th>
                    <th scope="col">Changes</th>
                    <th scope="col">Received</th>
                    <th scope="col">Took at least</th>
                    <th scope="col">Committed</th>
                  </tr>
                </thead>
                <tbody>
                  ${found.map(large => this.#largeRow(large))}
                </tbody>
              </table>`
        }
      </div>`;
  }

  #largeRow(large: LargeTransaction): TemplateResult {
    const { xid, changes, bytes, milliseconds, commitTime } = large;
    return html`<tr>
      <td>
        <button
          type="button"
          title="Go to this transaction"
          aria-label=${`Go to transaction ${String(xid)}`}
          @click=${() => void this.#goTo(large)}
        >
          ${xid}
        </button>
      </td>
      <td>${formatCount(changes)}</td>
      <td>${formatBytes(bytes)}</td>
      <td>${milliseconds === undefined ? '' : formatDuration(milliseconds)}</td>
      <td>${commitTime === '' ? 'not committed' : formatClock(commitTime, new Date())}</td>
    </tr>`;
  }

  async #goTo({ seq }: LargeTransaction): Promise<void> {
    const { model } = this;
    const view = model?.view?.view;
    if (model === undefined || view === undefined) return;
    try {
      const found = await model.peer.call('jump', { view, to: { kind: 'seq', seq } });
      if (found.row >= 0) await model.show(found);
    } catch {
      // The view was replaced meanwhile: the next click goes there.
    }
  }

  async #copy(format: 'text' | 'csv'): Promise<void> {
    const { answer, model } = this;
    if (answer === undefined || model === undefined) return;
    try {
      const all = tablesText(answer, this.sorting, format);
      // Whole lines of what the clipboard takes.
      const text =
        all.length <= COPY_TEXT_LIMIT
          ? all
          : all.slice(0, all.lastIndexOf('\n', COPY_TEXT_LIMIT - 1) + 1);
      await model.peer.call('copy', { what: 'text', text });
      const cut = text === all ? '' : 'the first of ';
      this.copied = `Copied ${cut}${formatPlural(answer.tables.length, 'table')}`;
    } catch (error) {
      this.copied = error instanceof Error ? error.message : String(error);
    }
  }

  static override styles = [dataStyles, statisticsPaneStyles];
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

/** Small charts over commit time, each with what it amounts to. */
function chartsOf({ rates, lag }: Statistics): SmallChart[] {
  if (rates === undefined) return [];
  const { width, extent } = rates;
  const seconds = Math.max(1, extent.last - extent.first) / SECOND;
  const rate = (
    id: string,
    title: string,
    values: Float64Array,
    show: (amount: number) => string,
  ): SmallChart => {
    const sum = values.reduce((a, b) => a + b, 0);
    // What came within less than a second is no rate of a second.
    const summary =
      seconds < 1
        ? `${show(sum)} within ${formatDuration(seconds * 1000)}`
        : `${show(sum / seconds)}/s on average, at most ${show(mostASecond(values, width))}/s`;
    return { id, title, values, summary };
  };
  const round = (amount: number): string =>
    amount > 0 && amount < 10 ? amount.toFixed(1) : formatCount(Math.round(amount));
  const charts = [
    rate('changes', 'Changes', rates.changes, round),
    rate('bytes', 'Received', rates.bytes, formatBytes),
    rate('transactions', 'Transactions', rates.transactions, round),
  ];
  if (lag === undefined) return charts;
  const { commits, looked, median, p99, max, worst } = lag;
  const sampled =
    looked < commits ? `; of ${formatCount(looked)} of ${formatCount(commits)} commits` : '';
  return [
    ...charts,
    {
      id: 'lag',
      title: 'Lag from commit to sending',
      values: worst,
      summary: `half within ${lagText(median)}, 99% within ${lagText(p99)}, at most ${lagText(max)}${sampled}`,
    },
  ];
}

function lagText(milliseconds: number): string {
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : formatDuration(milliseconds);
}
