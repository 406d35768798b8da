import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { RpcPeer } from '../../src/shared/rpc';
import type { ExportScope } from '../../src/shared/readerApi';
import type { RowCommandName, TimelineApi, TimelineEvents } from '../../src/shared/timelineApi';
import type { ColumnId } from '../../src/shared/timelineLayout';
import { formatCount } from '../formats';
import '../overview/overviewStrip';
import type { OverviewStrip } from '../overview/overviewStrip';
import { webviewPort } from '../port';
import type { VsCodeApi } from '../port';
import '../splitView';
import type { ActiveEvent, ScrolledEvent, ToggleEvent } from '../virtualList';
import { visibleText } from '../../src/base/visibleText';
import { columnsOf, layoutOf, DEFAULT_COLUMNS } from './columns';
import type { Columns } from './columns';
import { ContextMenus } from './contextMenus';
import type { PanelParts } from './contextMenus';
import './detailPane';
import type { DetailPane } from './detailPane';
import './findBar';
import type { FindBar } from './findBar';
import { BookmarkActions } from './bookmarkActions';
import { DrawPace } from './drawPace';
import { FilterModel } from './filterModel';
import { FindModel } from './findModel';
import { focusSettled } from './focusSettled';
import { PanelCommands, commandOfListKey } from './panelCommands';
import type { CommandParts } from './panelCommands';
import './markBanner';
import { canMark } from './marksModel';
import { panelState, unreadable } from './panelState';
import type { PanelAction, PanelState } from './panelState';
import { readSavedState } from './savedState';
import type { DetailTab, SavedState, ShownCapture } from './savedState';
import { unfiltered } from './narrowing';
import { MenuFilters } from './menuFilters';
import './narrowingBar';
import './paneFrame';
import { fullState, strip } from './panelStateView';
import { DETAIL_PANE, paneOf } from './panes';
import type { Pane } from './panes';
import { RowActions } from './rowActions';
import { RowNavigation } from './rowNavigation';
import type { DetailCopyEvent } from './rowDetail';
import { ShownTab } from './shownTab';
import './statusLine';
import { timelineAppStyles } from './timelineAppStyles';
import './timelineGrid';
import type { ColumnsEvent, TimelineGrid } from './timelineGrid';
import { StateKeeper } from './stateKeeper';
import { TimelineModel } from './timelineModel';
import type { Reveal } from './timelineModel';
import './timelineToolbar';
import type { TimelineToolbar, ToolbarCommand } from './timelineToolbar';

type Parts = PanelParts & CommandParts;

/** Ranges of chosen rows that are kept. */
const KEPT_RANGES = 100;
/** The strip is told so often at most where the list is while it is scrolled, in milliseconds. */
const SIGHT_MS = 100;
/** The first rows come before the toolbar, where they come so soon, in milliseconds. */
const TOOLBAR_MS = 500;

/** The timeline: toolbar, list, detail and status line. Drawn at most once a frame. */
@customElement('wal-timeline')
export class TimelineApp extends LitElement {
  readonly #model: TimelineModel;
  readonly #find: FindModel;
  readonly #filter: FilterModel;
  readonly #actions: RowActions;
  readonly #navigation: RowNavigation;
  readonly #commands: PanelCommands;
  readonly #menus: ContextMenus;
  readonly #keeper: StateKeeper;
  #columns: Columns = DEFAULT_COLUMNS;
  readonly #tab: ShownTab;
  readonly #pace = new DrawPace();
  #split: SavedState['split'];
  #revision = 0;
  #restoring = true;
  #hadRows = false;
  #sightTimer: number | undefined;
  /** Its many parts take as long as all before the first row. */
  #hasToolbar = false;
  #toolbarTimer: number | undefined;

  @query('wal-timeline-grid') private readonly grid!: TimelineGrid | null;
  @query('wal-detail-pane') private readonly pane!: DetailPane | null;
  @query('wal-find-bar') private readonly findBar!: FindBar | null;
  @query('wal-overview') private readonly overview!: OverviewStrip | null;
  @query('wal-timeline-toolbar') private readonly toolbar!: TimelineToolbar | null;

  constructor(api: VsCodeApi) {
    super();
    this.#keeper = new StateKeeper(api, () => this.#state());
    const saved = readSavedState(api.getState(), shownCapture());
    this.#split = saved.split;
    const peer = new RpcPeer<TimelineApi, TimelineEvents>(webviewPort(api));
    const rowsArrived = (): void => {
      this.grid?.requestUpdate();
    };
    const changed = (): void => {
      this.requestUpdate();
      rowsArrived();
    };
    const told = (): void => {
      this.#pace.drawSoon(changed);
    };
    this.#model = new TimelineModel(peer, saved, { changed, told, rowsArrived });
    this.#tab = new ShownTab(this.#model, saved.tab);
    this.#find = new FindModel(this.#model, changed);
    this.#filter = new FilterModel(this.#model, changed, saved.expression);
    this.#actions = new RowActions(this.#model, changed);
    const parts = (): Parts => ({ grid: this.grid, pane: this.pane, findBar: this.findBar });
    const tell = (notice: string): void => {
      this.#actions.tell(notice);
    };
    this.#navigation = new RowNavigation(this.#model, tell);
    const marking = new BookmarkActions(this.#model, tell);
    this.#model.marking = marking;
    this.#commands = new PanelCommands(
      this.#model,
      this.#find,
      this.#actions,
      this.#navigation,
      {
        filters: new MenuFilters(this.#model, tell),
        bookmarks: marking,
        target: () => this.#menus.target,
      },
      parts,
    );
    this.#menus = new ContextMenus(this, this.#model, parts, () => {
      this.#withToolbar(toolbar => {
        toolbar.showColumns();
      });
    });
    peer.on('settle', ({ token }) => {
      void focusSettled().then(() => peer.call('settled', { token }));
    });
    peer.on('firstPaint', first => {
      if (first.load === Number(document.body.dataset.load)) this.#model.paintFirst(first);
    });
    peer.on('command', command => {
      this.#commands.run(command);
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#model.start();
    void this.#loadColumns();
    this.#toolbarTimer = window.setTimeout(this.#drawToolbar, TOOLBAR_MS);
    this.addEventListener('contextmenu', this.#menus.open);
    this.addEventListener('keydown', this.#commands.key);
    window.addEventListener('focus', this.#windowFocus);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('contextmenu', this.#menus.open);
    this.removeEventListener('keydown', this.#commands.key);
    window.removeEventListener('focus', this.#windowFocus);
    window.clearTimeout(this.#sightTimer);
    this.#pace.stop();
    window.clearTimeout(this.#toolbarTimer);
    this.#sightTimer = undefined;
  }

  async #loadColumns(): Promise<void> {
    try {
      const { layout } = await this.#model.peer.call('layout', {});
      this.#columns = columnsOf(layout);
      this.requestUpdate();
    } catch {
      // The columns stay as they are by default: no reason to disturb anybody.
    }
  }

  /** VS Code gives the focus to the page; the keyboard belongs to the list. */
  readonly #windowFocus = (): void => {
    if (document.activeElement === document.body) this.grid?.focus();
  };

  /** Many changes a frame are drawn once. */
  protected override async scheduleUpdate(): Promise<void> {
    await new Promise(requestAnimationFrame);
    await this.#pace.measure(() => super.scheduleUpdate());
  }

  protected override render(): TemplateResult {
    const model = this.#model;
    const revision = ++this.#revision;
    const { rows } = model;
    const pane = paneOf(model.pane);
    const panel = panelState(model.snapshot, {
      failure: model.failure,
      filtered: model.filtered,
      rows,
    });
    return html`<main>
      ${this.#hasToolbar ? this.#toolbarView(revision) : html`<div class="toolbar-place"></div>`}
      <wal-narrowing-bar
        .model=${model}
        .revision=${revision}
        @wal-leave=${() => this.grid?.focus()}
      ></wal-narrowing-bar>
      ${
        model.overview.shown && !unreadable(model.snapshot)
          ? html`<wal-overview .model=${model} .revision=${revision}></wal-overview>`
          : nothing
      }
      <wal-split-view
        class="body"
        .beside=${this.#split.beside}
        .size=${this.#split.size}
        .open=${pane !== undefined || (model.selection !== undefined && rows > 0)}
        @wal-split=${(event: CustomEvent<{ size: number }>) => {
          this.#split = { ...this.#split, size: event.detail.size };
          this.#keeper.saveSoon();
        }}
      >
        <section slot="start" class="start" aria-label="Changes">
          <wal-mark-banner .model=${model} .revision=${revision}></wal-mark-banner>
          ${this.#gridView(rows)}
          <wal-find-bar
            .find=${this.#find}
            .revision=${revision}
            ?hidden=${!this.#find.open}
            @wal-close=${this.#closeFind}
          ></wal-find-bar>
          ${this.#pill(rows)}
          ${panel === undefined ? nothing : rows === 0 ? fullState(panel, this.#act) : nothing}
        </section>
        <section slot="end" class="end" aria-label=${pane?.label ?? 'Detail'}>
          ${pane === undefined ? this.#detailView(revision) : this.#paneView(pane, revision)}
        </section>
      </wal-split-view>
      ${panel === undefined || rows === 0 ? nothing : strip(panel, this.#act)}
      <wal-status-line
        .snapshot=${model.snapshot}
        .view=${model.view}
        .chosen=${model.chosen.count}
        .notice=${this.#actions.notice}
      ></wal-status-line>
      <div class="sr" role="status" aria-live="polite">${this.#spoken(panel)}</div>
    </main>`;
  }

  #toolbarView(revision: number): TemplateResult {
    const model = this.#model;
    return html`<wal-timeline-toolbar
      .model=${model}
      .filter=${this.#filter}
      .revision=${revision}
      .columns=${this.#columns}
      .widthOf=${this.#widthOf}
      @wal-columns=${this.#setColumns}
      @wal-export=${(event: CustomEvent<ExportScope>) => void this.#actions.export(event.detail)}
      @wal-command=${(event: CustomEvent<ToolbarCommand>) => {
        this.#commands.run({ name: event.detail });
      }}
      @wal-leave=${() => this.grid?.focus()}
    ></wal-timeline-toolbar>`;
  }

  #gridView(rows: number): TemplateResult {
    const model = this.#model;
    return html`<wal-timeline-grid
      class=${rows === 0 ? 'hidden' : ''}
      .cache=${model.cache}
      .chosen=${model.chosen}
      .columns=${this.#columns}
      .rowCount=${model.drawnRows}
      .newest=${rows}
      .active=${model.selection?.index ?? -1}
      .follow=${model.follow}
      .ended=${model.ended}
      .find=${this.#find.marked}
      .filter=${model.spec.text}
      .rules=${model.rules}
      .bookmarks=${model.bookmarks}
      .drawn=${this.#drawn}
      .label=${'Changes, in the order in which they arrived'}
      @wal-active=${({ detail }: ActiveEvent) => {
        model.select(detail.index, detail.kind);
      }}
      @wal-toggle=${({ detail }: ToggleEvent) => void this.#toggle(detail.index, detail.open)}
      @wal-choose-all=${() => {
        model.chooseAll();
      }}
      @wal-copy=${() => void this.#actions.copyRows('text')}
      @wal-columns=${this.#setColumns}
      @wal-scroll=${({ detail }: ScrolledEvent) => {
        this.#scrolled(detail.up, detail.atEnd);
      }}
      @keydown=${this.#gridKey}
    ></wal-timeline-grid>`;
  }

  #paneView(pane: Pane, revision: number): TemplateResult {
    return html`<wal-pane-frame
      .pane=${pane}
      .model=${this.#model}
      .beside=${this.#split.beside}
      .revision=${revision}
      @wal-beside=${this.#flipBeside}
      @wal-close=${this.#closePane}
      @keydown=${this.#paneKey}
    ></wal-pane-frame>`;
  }

  #detailView(revision: number): TemplateResult | typeof nothing {
    const model = this.#model;
    if (model.selection === undefined) return nothing;
    return html`<wal-detail-pane
      .peer=${model.peer}
      .seq=${model.selection.seq}
      .tab=${this.#tab.current()}
      .beside=${this.#split.beside}
      .ended=${model.ended}
      .find=${this.#find.marked}
      .filter=${model.spec.text}
      .revision=${revision}
      @wal-tab=${(event: CustomEvent<DetailTab>) => {
        this.#tab.choose(event.detail);
        this.requestUpdate();
      }}
      @wal-beside=${this.#flipBeside}
      @wal-copy-value=${({ detail }: DetailCopyEvent) => void this.#actions.copy(detail)}
      @wal-copy-row=${({ detail }: CustomEvent<'text' | 'json'>) => {
        const seq = model.selection?.seq ?? -1;
        if (seq >= 0) void this.#actions.copyMessage(seq, detail);
      }}
      @wal-row-command=${({ detail }: CustomEvent<RowCommandName>) => {
        this.#commands.run({ name: detail });
      }}
      @wal-show=${({ detail }: CustomEvent<number>) => void this.#navigation.show(detail)}
      @wal-close=${this.#closeDetail}
      @keydown=${this.#detailKey}
    ></wal-detail-pane>`;
  }

  readonly #drawToolbar = (): void => {
    window.clearTimeout(this.#toolbarTimer);
    if (this.#hasToolbar) return;
    this.#hasToolbar = true;
    this.requestUpdate();
  };

  /** A key may come before it is there: then it is drawn in this turn, so that the next key finds it. */
  #withToolbar(use: (toolbar: TimelineToolbar) => void): void {
    if (this.toolbar === null) {
      this.#drawToolbar();
      this.performUpdate();
    }
    const { toolbar } = this;
    if (toolbar?.hasUpdated === true) use(toolbar);
    else
      void toolbar?.updateComplete.then(() => {
        use(toolbar);
      });
  }

  protected override updated(_changed: PropertyValues): void {
    this.#pace.drew();
    const model = this.#model;
    const isBeforeRows =
      model.failure === '' && (model.snapshot === undefined || model.waitsForRows);
    // The rows are painted in this frame, and what follows in the next.
    if (!this.#hasToolbar && !isBeforeRows)
      requestAnimationFrame(() => setTimeout(this.#drawToolbar));
    const { grid } = this;
    if (grid === null) return;
    const hadRows = this.#hadRows;
    this.#hadRows = model.rows > 0;
    void grid.updateComplete.then(() => {
      // A list without rows is hidden and takes no focus: it is given what came too early.
      if (!hadRows && this.#hadRows && document.hasFocus()) this.#windowFocus();
      model.span = grid.visibleCount;
      const { reveal } = model;
      if (reveal !== undefined && grid.visibleCount > 1) {
        model.reveal = undefined;
        this.#reveal(grid, reveal);
      }
      if (model.view !== undefined && model.reveal === undefined) this.#restoring = false;
      this.#drawn();
    });
  }

  /** What depends on the rows in sight; also after the list alone was drawn, while it is scrolled. */
  readonly #drawn = (): void => {
    const { grid } = this;
    if (grid === null) return;
    const first = this.#model.cache.row(grid.firstVisible);
    if (first !== undefined && !this.#restoring) this.#model.setAnchor(first.seq);
    this.#sightTimer ??= window.setTimeout(() => {
      this.#sightTimer = undefined;
      this.#tellSight();
    }, SIGHT_MS);
    this.#keeper.saveSoon();
  };

  /** Which rows the list shows, for the strip above it. */
  #tellSight(): void {
    const { grid } = this;
    const { cache, rows } = this.#model;
    if (this.overview === null || grid === null) return;
    const from = cache.row(grid.firstVisible);
    const to = cache.row(Math.min(rows, grid.firstVisible + grid.visibleCount) - 1);
    const first = from?.seq ?? -1;
    const last = to?.seq ?? -1;
    if (first < 0 || last < 0) return;
    const { sight } = this.overview;
    if (sight?.first !== first || sight.last !== last) this.overview.sight = { first, last };
  }

  #reveal(grid: TimelineGrid, { row, exact }: Reveal): void {
    const seen = row >= grid.firstVisible && row < grid.firstVisible + grid.visibleCount - 1;
    if (this.#restoring || (exact && !seen)) grid.scrollToTop(row * grid.rowHeight);
    else grid.revealInContext(row);
  }

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
    if (this.#actions.notice !== '') return visibleText(this.#actions.notice);
    if (panel !== undefined) return visibleText(panel.sentence);
    if (this.#model.paused) return 'The view is paused';
    return this.#model.ended ? 'All that was captured is here' : 'Changes are shown as they arrive';
  }

  #scrolled(up: boolean, atEnd: boolean): void {
    this.#model.leaveGoals();
    if (up) this.#model.setFollow(false);
    else if (atEnd) this.#model.setFollow(true);
  }

  readonly #act = (action: PanelAction): void => {
    const model = this.#model;
    if (action === 'retry') void model.start();
    else if (action === 'clearFilter') {
      void model.setSpec(unfiltered(model.spec));
    } else model.act(action);
  };

  async #toggle(index: number, open: boolean | undefined): Promise<void> {
    const model = this.#model;
    if (await model.toggle(index, open)) return;
    const row = model.cache.row(index);
    if (open === undefined) this.#openDetail();
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
    const command = commandOfListKey(event);
    // The list has gone to the last row that it knows.
    if (isEndKey(event)) this.#model.wantEnd();
    if (event.key === '/') {
      this.#withToolbar(toolbar => {
        toolbar.focusFilter();
      });
    } else if (event.key === '?') {
      this.#withToolbar(toolbar => {
        toolbar.showKeys();
      });
    } else if (command !== undefined) this.#commands.run({ name: command });
    else if (isMarkKey(event) && canMark(this.#model.snapshot?.session)) {
      void this.#model.marks.toggle();
    } else if (event.key !== 'Escape') return;
    else if (this.#find.open) this.#closeFind();
    else if (this.#model.chooseOne()) return;
    else if (this.#model.selection !== undefined) this.#closeDetail();
    event.preventDefault();
  };

  readonly #closeFind = (): void => {
    this.#find.close();
    this.grid?.focus();
  };

  readonly #widthOf = (id: ColumnId): number => this.grid?.widthOf(id) ?? 0;

  readonly #setColumns = ({ detail }: ColumnsEvent): void => {
    this.#columns = detail;
    this.requestUpdate();
    this.#model.peer.call('storeLayout', { layout: layoutOf(detail) }).catch(() => {
      // It is not remembered then; it holds in this panel all the same.
    });
  };

  /** Another pane makes way for what the row holds. */
  #openDetail(): void {
    this.#model.setPane(DETAIL_PANE);
    void this.updateComplete.then(() => this.pane?.focus());
  }

  readonly #flipBeside = (): void => {
    this.#split = { ...this.#split, beside: !this.#split.beside };
    this.requestUpdate();
  };

  readonly #closePane = (): void => {
    this.#model.setPane(DETAIL_PANE);
    this.grid?.focus();
  };

  readonly #paneKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.#closePane();
  };

  readonly #detailKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.grid?.focus();
  };

  readonly #closeDetail = (): void => {
    this.#model.closeDetail();
    this.grid?.focus();
  };

  /** Where the panel is, to come back to. */
  #state(): SavedState {
    const { spec, follow, selection, anchor, chosen, opened, pane, overview } = this.#model;
    chosen.name();
    return {
      version: 1,
      capture: shownCapture().capture,
      spec,
      expression: this.#filter.wantsExpressions,
      follow,
      selected: selection?.seq ?? -1,
      chosen: chosen.ranges
        .slice(0, KEPT_RANGES)
        .map(({ from, to }) => ({ from, to }))
        .filter(({ from, to }) => from >= 0 && to >= from),
      opened: opened.latest,
      anchor,
      tab: this.#tab.chosen,
      pane,
      overview,
      split: this.#split,
    };
  }

  static override styles = timelineAppStyles;
}

/** The host names the capture in the page itself: it is part of what the page is, not data. */
function shownCapture(): ShownCapture {
  const { capture = '', kind } = document.body.dataset;
  return { capture, isFile: kind === 'file' };
}

/** Goes to the last row; with Shift it chooses on the way, with Alt it is about the changes of a row. */
function isEndKey({ key, altKey, shiftKey, metaKey }: KeyboardEvent): boolean {
  return key === 'End' && !altKey && !shiftKey && !metaKey;
}

/** The letter alone starts or stops a mark. */
function isMarkKey({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return key === 'm' && !ctrlKey && !metaKey && !altKey;
}
