import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import '@vscode-elements/elements/dist/vscode-tabs/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { ChangeDetail } from '../../src/shared/timeline';
import { dataStyles } from '../dataStyles';
import './bytesDetail';
import { rowDetail } from './rowDetail';
import type { LoadValue } from './rowDetail';
import { DETAIL_TABS } from './savedState';
import type { DetailTab } from './savedState';
import type { TimelinePeer } from './timelineModel';
import { transactionDetail } from './transactionDetail';

const TITLES: Readonly<Record<DetailTab, string>> = {
  row: 'Row',
  transaction: 'Transaction',
  bytes: 'Bytes',
};

/** How often the detail of an open transaction is asked for again, in milliseconds. */
const REFRESH_MS = 1000;

/** What there is to know of the selected row. */
@customElement('wal-detail-pane')
export class DetailPane extends LitElement {
  @property({ attribute: false }) peer: TimelinePeer | undefined;
  @property({ attribute: false }) seq = -1;
  @property({ attribute: false }) tab: DetailTab = 'row';
  @property({ attribute: false }) beside = false;
  /** Rises with every snapshot: an open transaction may have got on. */
  @property({ attribute: false }) revision = 0;

  @state() private detail: ChangeDetail | undefined;
  @state() private failure = '';
  @query('vscode-tab-header[active]') private readonly activeTab!: HTMLElement | null;
  #askedAt = 0;

  override focus(): void {
    this.activeTab?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const open = this.detail?.transaction?.fate === 'open';
    const due = open && performance.now() - this.#askedAt > REFRESH_MS;
    if ((changed.has('seq') || (changed.has('revision') && due)) && this.seq >= 0) {
      void this.#load(this.seq);
    }
  }

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

  #panel(tab: DetailTab): TemplateResult {
    if (this.seq < 0) return html`<p class="dim pad">This row is still being loaded.</p>`;
    if (this.failure !== '') return html`<p class="error pad" role="alert">${this.failure}</p>`;
    if (tab === 'bytes') {
      return html`<wal-bytes-detail .peer=${this.peer} .seq=${this.seq}></wal-bytes-detail>`;
    }
    if (this.detail === undefined) return html`<p class="dim pad">Loading…</p>`;
    return tab === 'row'
      ? rowDetail(this.detail, this.#loadValue(this.detail.seq))
      : transactionDetail(this.detail);
  }

  #loadValue(seq: number): LoadValue {
    return (column, side) => (offset, length) => {
      if (this.peer === undefined) return Promise.reject(new Error('The panel is being closed.'));
      return this.peer.call('value', { seq, column, side, offset, length });
    };
  }

  async #load(seq: number): Promise<void> {
    this.#askedAt = performance.now();
    try {
      const detail = await this.peer?.call('detail', { seq });
      // A slow answer for a row that is no longer selected is dropped.
      if (seq !== this.seq) return;
      this.detail = detail;
      this.failure = '';
    } catch (error) {
      if (seq === this.seq) this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  static override styles = [
    dataStyles,
    css`
      :host {
        background: var(--vscode-editor-background);
        display: block;
        flex: 1;
        min-height: 0;
      }
      vscode-tabs {
        --vscode-panel-background: var(--vscode-editor-background);
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      vscode-tab-panel {
        flex: 1;
        min-height: 0;
        overflow: auto;
      }
      vscode-tab-panel[hidden] {
        display: none;
      }
      .addons {
        display: inline-flex;
        gap: 2px;
      }
      .pad,
      .detail {
        margin: 0;
        padding: 6px 14px 14px;
      }
      .error {
        color: var(--vscode-errorForeground);
      }
      .heading {
        align-items: baseline;
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin: 2px 0 8px;
      }
      h2 {
        color: var(--vscode-descriptionForeground);
        font-size: 1em;
        font-weight: 600;
        margin: 14px 0 4px;
      }
      .columns {
        border-collapse: collapse;
        min-width: min(100%, 640px);
      }
      .columns th,
      .columns td {
        border-bottom: 1px solid color-mix(in srgb, var(--vscode-foreground) 9%, transparent);
        font-weight: normal;
        max-width: 48ch;
        padding: 3px 18px 3px 0;
        text-align: left;
        vertical-align: top;
      }
      .columns thead th {
        color: var(--vscode-descriptionForeground);
        font-size: 0.92em;
      }
      .changed .value:nth-child(4) {
        background: var(
          --vscode-diffEditor-insertedTextBackground,
          color-mix(in srgb, var(--vscode-charts-green) 15%, transparent)
        );
      }
      .changed .value:nth-child(3):not(.absent) {
        background: var(
          --vscode-diffEditor-removedTextBackground,
          color-mix(in srgb, var(--vscode-charts-red) 15%, transparent)
        );
      }
      .columns .value bdi {
        overflow-wrap: anywhere;
        white-space: pre-wrap;
      }
      /* Dimmed text is too faint on the colours that mark a change. */
      .changed .value :is(.null, .nothing, .unchanged) {
        color: inherit;
      }
      .columns .value {
        min-width: 10ch;
        padding-left: 6px;
      }
      .changed th[scope='row'] {
        font-weight: 600;
      }
      .mark {
        color: var(--vscode-gitDecoration-modifiedResourceForeground);
      }
      .keyMark {
        border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border, currentColor));
        border-radius: 3px;
        font-size: 0.85em;
        padding: 0 4px;
      }
      .facts {
        display: grid;
        gap: 3px 18px;
        grid-template-columns: max-content 1fr;
        margin: 0;
      }
      dt {
        color: var(--vscode-descriptionForeground);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      .tally {
        margin-left: 12px;
      }
      @media (forced-colors: active) {
        .changed .value {
          outline: 1px solid;
          outline-offset: -1px;
        }
      }
    `,
  ];
}
