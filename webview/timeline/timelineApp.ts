import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { RpcPeer } from '../../src/shared/rpc';
import type { TimelineApi, TimelineEvents } from '../../src/shared/timeline';
import { formatCount } from '../formats';
import { webviewPort } from '../port';
import type { VsCodeApi } from '../port';
import '../splitView';
import type { ActiveEvent, ScrolledEvent, ToggleEvent } from '../virtualList';
import { visibleText } from '../visibleText';
import './detailPane';
import type { DetailPane } from './detailPane';
import { panelState } from './panelState';
import type { PanelAction, PanelState } from './panelState';
import { readSavedState } from './savedState';
import type { DetailTab, SavedState } from './savedState';
import { fullState, strip } from './panelStateView';
import './statusLine';
import { timelineAppStyles } from './timelineAppStyles';
import './timelineGrid';
import type { TimelineGrid } from './timelineGrid';
import { TimelineModel } from './timelineModel';
import './timelineToolbar';

/** State is kept this long after the last change of it, in milliseconds. */
const SAVE_AFTER_MS = 300;

/** The timeline: toolbar, list, detail and status line. Drawn at most once a frame. */
@customElement('wal-timeline')
export class TimelineApp extends LitElement {
  readonly #api: VsCodeApi;
  readonly #model: TimelineModel;
  #tab: DetailTab;
  #split: SavedState['split'];
  #revision = 0;
  #saveTimer: number | undefined;
  #restoring = true;

  @query('wal-timeline-grid') private readonly grid!: TimelineGrid | null;
  @query('wal-detail-pane') private readonly pane!: DetailPane | null;

  constructor(api: VsCodeApi) {
    super();
    this.#api = api;
    const saved = readSavedState(api.getState(), captureOfPage());
    this.#tab = saved.tab;
    this.#split = saved.split;
    const peer = new RpcPeer<TimelineApi, TimelineEvents>(webviewPort(api));
    this.#model = new TimelineModel(peer, saved, () => {
      this.requestUpdate();
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#model.start();
    window.addEventListener('focus', this.#windowFocus);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('focus', this.#windowFocus);
  }

  /** VS Code gives the focus to the page; the keyboard belongs to the list. */
  readonly #windowFocus = (): void => {
    if (document.activeElement === document.body) this.grid?.focus();
  };

  /** Many changes a frame are drawn once. */
  protected override async scheduleUpdate(): Promise<void> {
    await new Promise(requestAnimationFrame);
    await super.scheduleUpdate();
  }

  protected override render(): TemplateResult {
    const model = this.#model;
    const revision = ++this.#revision;
    const { rows } = model;
    const panel = panelState(model.snapshot, {
      failure: model.failure,
      filtered: model.filtered,
      rows,
    });
    return html`<main>
      <wal-timeline-toolbar .model=${model} .revision=${revision}></wal-timeline-toolbar>
      <wal-split-view
        class="body"
        .beside=${this.#split.beside}
        .size=${this.#split.size}
        .open=${model.selection !== undefined && rows > 0}
        @wal-split=${(event: CustomEvent<{ size: number }>) => {
          this.#split = { ...this.#split, size: event.detail.size };
          this.#saveSoon();
        }}
      >
        <section slot="start" class="start" aria-label="Changes">
          <wal-timeline-grid
            class=${rows === 0 ? 'hidden' : ''}
            .cache=${model.cache}
            .revision=${revision}
            .rowCount=${model.drawnRows}
            .newest=${rows}
            .active=${model.selection?.index ?? -1}
            .follow=${model.follow}
            .label=${'Changes, in the order in which they arrived'}
            @wal-active=${(event: ActiveEvent) => {
              model.select(event.detail.index);
            }}
            @wal-toggle=${(event: ToggleEvent) =>
              void this.#toggle(event.detail.index, event.detail.open)}
            @wal-scroll=${(event: ScrolledEvent) => {
              this.#scrolled(event.detail.up, event.detail.atEnd);
            }}
            @keydown=${this.#gridKey}
          ></wal-timeline-grid>
          ${this.#pill(rows)}
          ${panel === undefined ? nothing : rows === 0 ? fullState(panel, this.#act) : nothing}
        </section>
        <section slot="end" class="end" aria-label="Detail">
          ${
            model.selection === undefined
              ? nothing
              : html`<wal-detail-pane
                  .peer=${model.peer}
                  .seq=${model.selection.seq}
                  .tab=${this.#effectiveTab()}
                  .beside=${this.#split.beside}
                  .revision=${revision}
                  @wal-tab=${(event: CustomEvent<DetailTab>) => {
                    this.#tab = event.detail;
                    this.#tabChosenFor = model.selection?.seq ?? -1;
                    this.requestUpdate();
                  }}
                  @wal-beside=${() => {
                    this.#split = { ...this.#split, beside: !this.#split.beside };
                    this.requestUpdate();
                  }}
                  @wal-close=${this.#closeDetail}
                  @keydown=${this.#detailKey}
                ></wal-detail-pane>`
          }
        </section>
      </wal-split-view>
      ${panel === undefined || rows === 0 ? nothing : strip(panel, this.#act)}
      <wal-status-line
        .snapshot=${model.snapshot}
        .view=${model.view}
        .filtered=${model.filtered}
        .selected=${model.selection !== undefined}
      ></wal-status-line>
      <div class="sr" role="status" aria-live="polite">${this.#spoken(panel)}</div>
    </main>`;
  }

  protected override updated(_changed: PropertyValues): void {
    const model = this.#model;
    const { grid } = this;
    if (grid === null) return;
    void grid.updateComplete.then(() => {
      model.span = grid.visibleCount;
      const row = model.revealRow;
      if (row >= 0 && grid.visibleCount > 1) {
        model.revealRow = -1;
        const seen = row >= grid.firstVisible && row < grid.firstVisible + grid.visibleCount - 1;
        if (!seen || this.#restoring) grid.scrollToTop(row * grid.rowHeight);
      }
      if (model.view !== undefined && model.revealRow < 0) this.#restoring = false;
      const first = model.cache.row(grid.firstVisible);
      if (first !== undefined && !this.#restoring) model.setAnchor(first.seq);
      this.#saveSoon();
    });
  }

  /** A transaction's line is about the transaction, unless another tab was chosen while on it. */
  #effectiveTab(): DetailTab {
    const { selection } = this.#model;
    const row = selection === undefined ? undefined : this.#model.cache.row(selection.index);
    const line = row?.type === 'transaction' && row.single === undefined;
    if (line && this.#tab === 'row' && this.#tabChosenFor !== row.seq) return 'transaction';
    return this.#tab;
  }

  #tabChosenFor = -1;

  #pill(rows: number): TemplateResult | typeof nothing {
    const model = this.#model;
    if (rows === 0) return nothing;
    if (model.paused && model.held > 0) {
      return html`<button
        type="button"
        class="pill"
        title="The view is paused; recording goes on. Resume"
        @click=${() => {
          model.setPaused(false);
        }}
      >
        ${formatCount(model.held)} new
      </button>`;
    }
    return nothing;
  }

  /** What a screen reader hears: only when the state changes, never for a change of a row. */
  #spoken(panel: PanelState | undefined): string {
    if (panel !== undefined) return visibleText(panel.sentence);
    return this.#model.paused ? 'The view is paused' : 'Changes are shown as they arrive';
  }

  #scrolled(up: boolean, atEnd: boolean): void {
    if (up) this.#model.setFollow(false);
    else if (atEnd) this.#model.setFollow(true);
    this.requestUpdate();
  }

  readonly #act = (action: PanelAction): void => {
    const model = this.#model;
    if (action === 'retry') void model.start();
    else if (action === 'clearFilter') {
      void model.setSpec({ ...model.spec, operations: [], tables: [] });
    } else model.act(action);
  };

  async #toggle(index: number, open: boolean | undefined): Promise<void> {
    const model = this.#model;
    if (await model.toggle(index, open)) return;
    const row = model.cache.row(index);
    if (open === undefined) this.pane?.focus();
    else if (open && row?.type === 'transaction' && row.expanded) this.#go(index + 1);
    else if (!open && row?.type === 'change' && row.nested) this.#go(this.#lineOf(index));
  }

  #go(index: number): void {
    this.#model.select(index);
    this.grid?.reveal(index);
  }

  /** The line of the transaction that a nested row belongs to, as far as it is loaded. */
  #lineOf(index: number): number {
    for (let above = index - 1; above >= 0; above--) {
      const row = this.#model.cache.row(above);
      if (row === undefined) break;
      if (row.type === 'transaction') return above;
    }
    return index;
  }

  readonly #gridKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.#model.selection !== undefined) this.#closeDetail();
  };

  readonly #detailKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.grid?.focus();
  };

  readonly #closeDetail = (): void => {
    this.#model.closeDetail();
    this.grid?.focus();
  };

  #saveSoon(): void {
    if (this.#saveTimer !== undefined) return;
    this.#saveTimer = window.setTimeout(() => {
      this.#saveTimer = undefined;
      const { spec, follow, selection, anchor } = this.#model;
      const selected = selection?.seq ?? -1;
      const state: SavedState = {
        version: 1,
        capture: captureOfPage(),
        spec,
        follow,
        selected,
        anchor,
        tab: this.#tab,
        split: this.#split,
      };
      const text = JSON.stringify(state);
      if (text === this.#saved) return;
      this.#saved = text;
      this.#api.setState(state);
    }, SAVE_AFTER_MS);
  }

  #saved = '';

  static override styles = timelineAppStyles;
}

/** The host names the capture in the page itself: it is part of what the page is, not data. */
function captureOfPage(): string {
  return document.body.dataset.capture ?? '';
}
