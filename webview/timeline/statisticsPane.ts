import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { formatBytes } from '../../src/base/quantity';
import type { LargeTransaction, Statistics, StatisticsScope } from '../../src/shared/statisticsApi';
import { COPY_TEXT_LIMIT } from '../../src/shared/timelineApi';
import { dataStyles } from '../dataStyles';
import { formatCount, formatPlural } from '../formats';
import { largestTransactions } from './largestTransactions';
import type { LargestBy } from './largestTransactions';
import { isNarrowed } from './narrowing';
import { smallChart } from './smallChart';
import { chartsOf } from './statisticsCharts';
import { statisticsPaneStyles } from './statisticsPaneStyles';
import { statisticsTable } from './statisticsTable';
import { tablesText } from './statisticsText';
import type { Sorting } from './statisticsText';
import type { TimelineModel } from './timelineModel';

/** While more comes it is asked for so often at most, and while it is being counted, in milliseconds. */
const GROWING_MS = 1000;
const COUNTING_MS = 60;
/** A stream without changes falls behind, or catches up, too. */
const LIVE_MS = 2000;

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
    else if (model.snapshot?.session?.phase === 'streaming') this.#askSoon(LIVE_MS);
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
        ${statisticsTable(answer.tables, this.sorting, {
          sort: sorting => {
            this.sorting = sorting;
          },
          choose: ({ id }) => {
            const { model } = this;
            if (model !== undefined) void model.setSpec({ ...model.spec, tables: [id] });
          },
        })}
      </div>
      ${largestTransactions(answer.largest, this.largestBy, {
        choose: by => {
          this.largestBy = by;
        },
        goTo: large => void this.#goTo(large),
      })}`;
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
