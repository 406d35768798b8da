import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { OPERATIONS } from '../../src/shared/viewSpec';
import type { TimelineAction } from '../../src/shared/timelineApi';
import type { ColumnId } from '../../src/shared/timelineLayout';
import type { Operation } from '../../src/shared/viewSpec';
import { dataStyles } from '../dataStyles';
import { formatCount } from '../formats';
import { OPERATION_LETTERS } from './cellValue';
import './columnMenu';
import type { ColumnMenu } from './columnMenu';
import { DEFAULT_COLUMNS } from './columns';
import type { Columns } from './columns';
import './exportMenu';
import './filterBox';
import type { FilterBox } from './filterBox';
import { DETAIL_PANE, PANES } from './panes';
import type { FilterModel } from './filterModel';
import { canMark } from './marksModel';
import { offersSqlPeek, unreadable } from './panelState';
import './keysMenu';
import type { KeysMenu } from './keysMenu';
import './rulesMenu';
import './sourceMark';
import './tableFilter';
import type { TimelineModel } from './timelineModel';
import { timelineToolbarStyles } from './timelineToolbarStyles';

/** What the buttons that the panel acts on stand for. */
export type ToolbarCommand = 'find' | 'jump';

/** The line above the list: state, the view's switches, the filter, and what the session offers. */
@customElement('wal-timeline-toolbar')
export class TimelineToolbar extends LitElement {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) filter: FilterModel | undefined;
  @property({ attribute: false }) revision = 0;
  @property({ attribute: false }) columns: Columns = DEFAULT_COLUMNS;
  /** Width of a column as it is drawn, in pixels. */
  @property({ attribute: false }) widthOf: ((id: ColumnId) => number) | undefined;

  @query('wal-filter-box') private readonly filterBox!: FilterBox | null;
  @query('wal-keys-menu') private readonly keysMenu!: KeysMenu | null;
  @query('wal-column-menu') private readonly columnMenu!: ColumnMenu | null;

  focusFilter(): void {
    this.filterBox?.focus();
  }

  showKeys(): void {
    this.keysMenu?.show();
  }

  showColumns(): void {
    this.columnMenu?.show();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    if (model === undefined) return nothing;
    return html`<div class="bar" role="toolbar" aria-label="Timeline">
      <wal-source-mark
        .source=${model.snapshot?.source}
        .consuming=${model.snapshot?.session?.kind === 'consume' && !model.ended}
      ></wal-source-mark>
      ${this.#state(model)} ${this.#viewSwitches(model)} ${this.#mark(model)}
      <span class="gap"></span>
      ${this.#grouping(model)}
      <span class="gap"></span>
      ${this.#operations(model)}
      <wal-table-filter
        .facets=${model.facets}
        .chosen=${model.spec.tables}
        @wal-open=${() => void model.refreshFacets()}
        @wal-tables=${(event: CustomEvent<readonly string[]>) => {
          void model.setSpec({ ...model.spec, tables: event.detail });
        }}
      ></wal-table-filter>
      <wal-filter-box
        .filter=${this.filter}
        .revision=${this.revision}
        @wal-leave=${this.#forward}
      ></wal-filter-box>
      <span class="ends">${this.#tools(model)} ${this.#actions(model)}</span>
    </div>`;
  }

  /** What a part of the toolbar tells is for whoever holds the toolbar. */
  readonly #forward = ({ type, detail }: CustomEvent<unknown>): void => {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  };

  #tools(model: TimelineModel): TemplateResult {
    const command = (name: ToolbarCommand, icon: string, label: string): TemplateResult =>
      html`<vscode-toolbar-button
        id="command-${name}"
        icon=${icon}
        label=${label}
        title=${label}
        @click=${() => this.dispatchEvent(new CustomEvent('wal-command', { detail: name }))}
      ></vscode-toolbar-button>`;
    return html`${this.#overview(model)}${this.#panes(model)}
      ${command('find', 'search', 'Find (Ctrl+F)')}
      ${command('jump', 'target', 'Go to LSN, time or transaction (Ctrl+G)')}
      <wal-rules-menu .model=${model} .revision=${this.revision}></wal-rules-menu>
      <wal-column-menu
        .columns=${this.columns}
        .widthOf=${this.widthOf}
        @wal-columns=${this.#forward}
      ></wal-column-menu>
      <wal-export-menu
        .changes=${model.view?.changes ?? 0}
        .matched=${model.view?.matched ?? 0}
        .filtered=${model.filtered}
        .chosen=${model.chosen.count}
        @wal-export=${this.#forward}
      ></wal-export-menu>
      <span class="gap"></span>`;
  }

  /** What is shown beside the list instead of the detail. */
  #overview(model: TimelineModel): TemplateResult {
    const { overview } = model;
    return html`<vscode-toolbar-button
      id="overview"
      icon="graph"
      toggleable
      label="Overview of all changes"
      title="Overview of all changes"
      .checked=${live(overview.shown)}
      @change=${() => {
        model.setOverview({ ...overview, shown: !overview.shown });
      }}
    ></vscode-toolbar-button>`;
  }

  #panes(model: TimelineModel): TemplateResult | typeof nothing {
    if (PANES.length === 0) return nothing;
    return html`<span role="group" aria-label="Panes"
        >${PANES.map(
          ({ id, label, icon }) =>
            html`<vscode-toolbar-button
              id="pane-${id}"
              icon=${icon}
              toggleable
              label=${label}
              title=${label}
              .checked=${live(model.pane === id)}
              @change=${() => {
                model.setPane(model.pane === id ? DETAIL_PANE : id);
              }}
            ></vscode-toolbar-button>`,
        )}</span
      ><span class="gap"></span>`;
  }

  #state(model: TimelineModel): TemplateResult {
    const session = model.snapshot?.session;
    const rate = model.snapshot?.capture.rate ?? 0;
    const [kind, word] = stateWord(model);
    const isLive = session?.phase === 'streaming' || model.snapshot?.capture.hasGrown === true;
    const rated = isLive ? ` ${formatCount(rate)}/s` : '';
    return html`<span class="state" title=${session?.message ?? ''}
      ><span class="dot ${kind}"></span>${word}<span class="rate">${rated}</span></span
    >`;
  }

  /** A file that is complete has nothing to wait for. */
  #viewSwitches(model: TimelineModel): TemplateResult | typeof nothing {
    const { paused, snapshot } = model;
    if (snapshot?.session === null && model.ended && !paused) return nothing;
    return html`<vscode-toolbar-button
        id="pause"
        icon=${paused ? 'play' : 'debug-pause'}
        label=${paused ? 'Resume the view' : 'Pause the view'}
        title=${paused ? 'Resume the view' : 'Pause the view (recording goes on, nothing is lost)'}
        @click=${() => {
          model.setPaused(!paused);
        }}
      ></vscode-toolbar-button>
      <vscode-toolbar-button
        id="follow"
        icon="fold-down"
        toggleable
        label="Follow the newest row"
        title="Follow the newest row"
        .checked=${live(model.follow)}
        @change=${() => {
          model.setFollow(!model.follow);
        }}
      ></vscode-toolbar-button>`;
  }

  #mark(model: TimelineModel): TemplateResult | typeof nothing {
    const { open, busy } = model.marks;
    if (!canMark(model.snapshot?.session)) return nothing;
    const label =
      open === undefined ? 'Start Mark: what does my click write? (M)' : 'Stop Mark (M)';
    return html`<vscode-toolbar-button
      id="mark"
      icon=${open === undefined ? 'record' : 'stop-circle'}
      label=${label}
      title=${label}
      ?disabled=${busy}
      @click=${() => void model.marks.toggle()}
    ></vscode-toolbar-button>`;
  }

  #grouping(model: TimelineModel): TemplateResult {
    const option = (
      grouping: 'transactions' | 'flat',
      icon: string,
      label: string,
    ): TemplateResult =>
      html`<vscode-toolbar-button
        id="group-${grouping}"
        icon=${icon}
        toggleable
        label=${label}
        title=${label}
        .checked=${live(model.spec.grouping === grouping)}
        @change=${() => void model.setSpec({ ...model.spec, grouping })}
      ></vscode-toolbar-button>`;
    return html`<span role="group" aria-label="Grouping"
      >${option('transactions', 'list-tree', 'Group by transaction')}${option(
        'flat',
        'list-flat',
        'Changes only, without transactions',
      )}</span
    >`;
  }

  #operations(model: TimelineModel): TemplateResult {
    const chosen = model.spec.operations;
    const flip = (operation: Operation): void => {
      const next = OPERATIONS.filter(o => chosen.includes(o) !== (o === operation));
      // All of them is no filter.
      const operations = next.length === OPERATIONS.length ? [] : next;
      void model.setSpec({ ...model.spec, operations });
    };
    return html`<span role="group" aria-label="Operations"
      >${OPERATIONS.map(
        operation =>
          html`<vscode-toolbar-button
            id="op-${operation}"
            toggleable
            label=${`Only ${operation}`}
            title=${`Show only: ${operation}`}
            .checked=${live(chosen.includes(operation))}
            @change=${() => {
              flip(operation);
            }}
            ><span class="op op-${operation}">${OPERATION_LETTERS[operation]}</span>
          </vscode-toolbar-button>`,
      )}</span
    >`;
  }

  #actions(model: TimelineModel): TemplateResult {
    const session = model.snapshot?.session ?? undefined;
    const running =
      session !== undefined && session.phase !== 'ended' && session.phase !== 'ending';
    const ended = session?.phase === 'ended';
    const button = (action: TimelineAction, icon: string, label: string): TemplateResult =>
      html`<vscode-toolbar-button
        id="act-${action}"
        icon=${icon}
        label=${label}
        title=${label}
        @click=${() => {
          model.act(action);
        }}
      ></vscode-toolbar-button>`;
    return html`${
        session?.phase === 'reconnecting'
          ? button('reconnect', 'debug-restart', 'Reconnect now')
          : nothing
      }
      ${running ? button('stop', 'debug-stop', 'Stop the stream') : nothing}
      ${
        ended && session.endReason === 'limit' && session.continueAfter !== ''
          ? button('continue', 'debug-continue', 'Continue after the last complete commit')
          : nothing
      }
      ${ended ? button('restart', 'debug-restart', session.kind === 'peek' ? 'Peek again' : 'Start again') : nothing}
      ${ended && offersSqlPeek(session) ? button('sqlPeek', 'database', 'Try SQL peek') : nothing}
      ${model.snapshot === undefined ? nothing : button('save', 'save', 'Save the capture')}
      ${button('log', 'output', 'Show the log')} <wal-keys-menu></wal-keys-menu>`;
  }

  static override styles = [dataStyles, timelineToolbarStyles];
}

function stateWord(model: TimelineModel): readonly [string, string] {
  const { snapshot } = model;
  if (snapshot === undefined) return ['busy', 'opening'];
  const { session } = snapshot;
  if (session === null) {
    if (unreadable(snapshot)) return ['failed', 'not readable'];
    if (model.ended) return ['done', 'saved capture'];
    return model.paused ? ['paused', 'paused'] : ['live', 'growing'];
  }
  switch (session.phase) {
    case 'connecting':
      return ['busy', 'connecting'];
    case 'waiting':
      return ['busy', 'waiting'];
    case 'streaming':
      return model.paused ? ['paused', 'paused'] : ['live', 'live'];
    case 'reconnecting':
      return ['busy', 'reconnecting'];
    case 'ending':
      return ['busy', 'ending'];
    case 'ended':
      return [session.failure === undefined ? 'done' : 'failed', 'ended'];
  }
}
