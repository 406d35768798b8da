import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import '@vscode-elements/elements/dist/vscode-tabs/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { RowCommandName } from '../../src/shared/timelineApi';
import type { ChangeDetail } from '../../src/shared/changeDetail';
import { dataStyles } from '../dataStyles';
import { linkStyles } from '../linkStyles';
import { MatchMarks, matchMarkStyles } from '../matchMarks';
import './bytesDetail';
import './changeTextDetail';
import type { ChangeTextDetail } from './changeTextDetail';
import { detailPaneStyles } from './detailPaneStyles';
import './historyDetail';
import './relationTab';
import { rowDetail } from './rowDetail';
import type { DetailCopyEvent, LoadValue } from './rowDetail';
import { DETAIL_TABS } from './savedState';
import type { DetailTab } from './savedState';
import type { TimelinePeer } from './timelineModel';
import { transactionDetail } from './transactionDetail';

const TITLES: Readonly<Record<DetailTab, string>> = {
  row: 'Row',
  transaction: 'Transaction',
  bytes: 'Bytes',
  sql: 'SQL',
  json: 'JSON',
  relation: 'Relation',
  history: 'History',
};

/** How often the detail of an open transaction is asked for again, in milliseconds. */
const REFRESH_MS = 1000;

/** Where rows are run through faster than this, in milliseconds, only the one where that ends is shown. */
const REST_MS = 120;

/** What there is to know of the selected row. */
@customElement('wal-detail-pane')
export class DetailPane extends LitElement {
  @property({ attribute: false }) peer: TimelinePeer | undefined;
  @property({ attribute: false }) seq = -1;
  @property({ attribute: false }) tab: DetailTab = 'row';
  @property({ attribute: false }) beside = false;
  /** Nothing more comes. */
  @property({ attribute: false }) ended = false;
  /** Texts to mark: what is looked for, and what rows are filtered by. */
  @property({ attribute: false }) find = '';
  @property({ attribute: false }) filter = '';
  /** Rises with every snapshot: an open transaction may have got on. */
  @property({ attribute: false }) revision = 0;

  /** The row that is shown: `seq`, or the one before it while rows are run through. */
  @state() private shown = -1;
  @state() private detail: ChangeDetail | undefined;
  @state() private failure = '';
  @query('vscode-tab-header[active]') private readonly activeTab!: HTMLElement | null;
  #askedAt = 0;
  #movedAt = -Infinity;
  #runs = false;
  #rest: number | undefined;
  readonly #found = new MatchMarks('wal-find');
  readonly #passed = new MatchMarks('wal-filter');

  override focus(): void {
    this.activeTab?.focus();
  }

  /** Where the value with the focus is seen; undefined where none has it. */
  focusedBox(): DOMRect | undefined {
    return this.#focusedValue()?.getBoundingClientRect();
  }

  /** Copies the value with the focus; false where none has it. */
  copyFocused(): boolean {
    const value = this.#focusedValue();
    if (value === undefined) return false;
    this.#copyValue(value);
    return true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('copy', this.#copy);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('copy', this.#copy);
    window.clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#found.clear();
    this.#passed.clear();
  }

  protected override updated(_changed: PropertyValues): void {
    const shown = this.renderRoot.querySelector('.detail');
    this.#found.update(shown, this.find);
    this.#passed.update(shown, this.filter);
  }

  /** A snapshot changes nothing here but what is still under way, and whether more has come. */
  protected override shouldUpdate(changed: PropertyValues<this>): boolean {
    return changed.size > 1 || !changed.has('revision') || this.tab === 'history' || this.#isOpen;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { shown } = this;
    if (changed.has('seq')) this.#follow(changed.get('seq') ?? -1);
    const due = this.#isOpen && performance.now() - this.#askedAt > REFRESH_MS;
    if ((this.shown !== shown || (changed.has('revision') && due)) && this.shown >= 0) {
      void this.#load(this.shown);
    }
  }

  get #isOpen(): boolean {
    return this.detail?.transaction?.fate === 'open';
  }

  /** Another row was selected after `before`, which is negative where that was not loaded yet. */
  #follow(before: number): void {
    if (before >= 0) {
      const now = performance.now();
      this.#runs = now - this.#movedAt < REST_MS;
      this.#movedAt = now;
    } else if (this.#rest === undefined) {
      this.shown = this.seq;
      return;
    } else if (this.#runs) return;
    window.clearTimeout(this.#rest);
    this.#rest = undefined;
    if (!this.#runs && this.seq >= 0) this.shown = this.seq;
    else this.#rest = window.setTimeout(this.#rested, REST_MS);
  }

  readonly #rested = (): void => {
    this.#rest = undefined;
    if (this.shown === this.seq) return;
    this.shown = this.seq;
    if (this.shown >= 0) void this.#load(this.shown);
  };

  protected override render(): TemplateResult {
    return html`<vscode-tabs
      panel
      selected-index=${DETAIL_TABS.indexOf(this.tab)}
      @vsc-tabs-select=${(event: CustomEvent<{ selectedIndex: number }>) => {
        const detail = DETAIL_TABS[event.detail.selectedIndex] ?? 'row';
        this.dispatchEvent(new CustomEvent('wal-tab', { detail }));
      }}
    >
      ${DETAIL_TABS.map(
        tab => html`<vscode-tab-header slot="header">${TITLES[tab]}</vscode-tab-header>`,
      )}
      <span slot="addons" class="addons">
        ${this.#step('previousOfRow', 'arrow-up', 'Previous change of this row (Alt+Up)')}
        ${this.#step('nextOfRow', 'arrow-down', 'Next change of this row (Alt+Down)')}
        <vscode-toolbar-button
          id="copy-row"
          icon="copy"
          label="Copy row"
          title="Copy the row as text"
          @click=${() => this.dispatchEvent(new CustomEvent('wal-copy-row', { detail: 'text' }))}
        ></vscode-toolbar-button>
        <vscode-toolbar-button
          id="copy-json"
          icon="json"
          label="Copy row as JSON"
          title="Copy the row as JSON"
          @click=${() => this.dispatchEvent(new CustomEvent('wal-copy-row', { detail: 'json' }))}
        ></vscode-toolbar-button>
        <vscode-toolbar-button
          id="beside"
          icon=${this.beside ? 'split-vertical' : 'split-horizontal'}
          label=${this.beside ? 'Show below the list' : 'Show beside the list'}
          title=${this.beside ? 'Show below the list' : 'Show beside the list'}
          @click=${() => this.dispatchEvent(new CustomEvent('wal-beside'))}
        ></vscode-toolbar-button>
        <vscode-toolbar-button
          id="close"
          icon="close"
          label="Close the detail"
          title="Close the detail (Escape)"
          @click=${() => this.dispatchEvent(new CustomEvent('wal-close'))}
        ></vscode-toolbar-button>
      </span>
      ${DETAIL_TABS.map(
        tab =>
          html`<vscode-tab-panel aria-label=${TITLES[tab]}
            >${tab === this.tab ? this.#panel(tab) : nothing}</vscode-tab-panel
          >`,
      )}
    </vscode-tabs>`;
  }

  #step(name: RowCommandName, icon: string, title: string): TemplateResult {
    return html`<vscode-toolbar-button
      id=${name}
      icon=${icon}
      label=${title.replace(/ \(.*/, '')}
      title=${title}
      @click=${() => this.dispatchEvent(new CustomEvent('wal-row-command', { detail: name }))}
    ></vscode-toolbar-button>`;
  }

  #panel(tab: DetailTab): TemplateResult {
    if (this.shown < 0) return html`<p class="dim pad">This row is still being loaded.</p>`;
    if (this.failure !== '') return html`<p class="error pad" role="alert">${this.failure}</p>`;
    if (tab === 'bytes') {
      return html`<wal-bytes-detail .peer=${this.peer} .seq=${this.shown}></wal-bytes-detail>`;
    }
    if (tab === 'sql' || tab === 'json') {
      return html`<wal-change-text
        .peer=${this.peer}
        .seq=${this.shown}
        .kind=${tab}
        .inTransaction=${this.detail?.transaction !== undefined}
        .wholeOnly=${this.detail?.operation === 'other'}
      ></wal-change-text>`;
    }
    if (tab === 'relation') {
      return html`<wal-relation-detail
        .peer=${this.peer}
        .seq=${this.shown}
      ></wal-relation-detail>`;
    }
    if (tab === 'history') {
      return html`<wal-history-detail
        .peer=${this.peer}
        .seq=${this.shown}
        .revision=${this.revision}
        .ended=${this.ended}
      ></wal-history-detail>`;
    }
    if (this.detail === undefined) return html`<p class="dim pad">Loading…</p>`;
    return tab === 'row'
      ? rowDetail(this.detail, this.#loadValue(this.detail.seq))
      : transactionDetail(this.detail, this.ended, () => {
          this.#showSql();
        });
  }

  /** The SQL of the whole transaction. */
  #showSql(): void {
    this.dispatchEvent(new CustomEvent('wal-tab', { detail: 'sql' }));
    void this.updateComplete.then(async () => {
      await new Promise(requestAnimationFrame);
      await this.updateComplete;
      const shown = this.renderRoot.querySelector<ChangeTextDetail>('wal-change-text');
      shown?.choose({ scope: 'transaction' });
    });
  }

  #loadValue(seq: number): LoadValue {
    return (column, side) => (offset, length) => {
      if (this.peer === undefined) return Promise.reject(new Error('The panel is being closed.'));
      return this.peer.call('value', { seq, column, side, offset, length });
    };
  }

  /** A text that the user marked is copied by the browser. */
  readonly #copy = (event: ClipboardEvent): void => {
    const value = this.#focusedValue();
    if (value === undefined || String(document.getSelection() ?? '') !== '') return;
    event.preventDefault();
    this.#copyValue(value);
  };

  #copyValue({ dataset }: HTMLElement): void {
    const detail: DetailCopyEvent['detail'] = {
      what: 'value',
      seq: this.shown,
      column: Number(dataset.column),
      side: dataset.side === 'before' ? 'before' : 'after',
    };
    this.dispatchEvent(new CustomEvent('wal-copy-value', { detail }));
  }

  #focusedValue(): HTMLElement | undefined {
    const focused = this.shadowRoot?.activeElement?.closest('[data-side]');
    return focused instanceof HTMLElement ? focused : undefined;
  }

  async #load(seq: number): Promise<void> {
    this.#askedAt = performance.now();
    try {
      const detail = await this.peer?.call('detail', { seq });
      // A slow answer for a row that is no longer selected is dropped.
      if (seq !== this.shown) return;
      this.detail = detail;
      this.failure = '';
    } catch (error) {
      if (seq === this.shown) this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  static override styles = [dataStyles, linkStyles, matchMarkStyles, detailPaneStyles];
}
