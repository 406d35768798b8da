import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { OPERATIONS } from '../../src/shared/timeline';
import type { Operation, TimelineAction } from '../../src/shared/timeline';
import { dataStyles } from '../dataStyles';
import { formatCount } from '../formats';
import { OPERATION_LETTERS } from './cellValue';
import { offersSqlPeek } from './panelState';
import './tableFilter';
import type { TimelineModel } from './timelineModel';

/** The line above the list: state, the view's switches, the filter, and what the session offers. */
@customElement('wal-timeline-toolbar')
export class TimelineToolbar extends LitElement {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    if (model === undefined) return nothing;
    return html`<div class="bar" role="toolbar" aria-label="Timeline">
      ${this.#state(model)} ${this.#viewSwitches(model)}
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
      <span class="space"></span>
      ${this.#actions(model)}
    </div>`;
  }

  #state(model: TimelineModel): TemplateResult {
    const session = model.snapshot?.session;
    const rate = model.snapshot?.capture.rate ?? 0;
    const [kind, word] = stateWord(model);
    const rated = session?.phase === 'streaming' ? ` ${formatCount(rate)}/s` : '';
    return html`<span class="state" title=${session?.message ?? ''}
      ><span class="dot ${kind}"></span>${word}<span class="rate">${rated}</span></span
    >`;
  }

  #viewSwitches(model: TimelineModel): TemplateResult {
    const { paused } = model;
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
    return html`${running ? button('stop', 'debug-stop', 'Stop the stream') : nothing}
    ${
      ended && session.endReason === 'limit' && session.continueAfter !== ''
        ? button('continue', 'debug-continue', 'Continue after the last complete commit')
        : nothing
    }
    ${ended ? button('restart', 'debug-restart', session.kind === 'peek' ? 'Peek again' : 'Start again') : nothing}
    ${ended && offersSqlPeek(session) ? button('sqlPeek', 'database', 'Try SQL peek') : nothing}
    ${model.snapshot === undefined ? nothing : button('save', 'save', 'Save the capture')}
    ${button('log', 'output', 'Show the log')}`;
  }

  static override styles = [
    dataStyles,
    css`
      :host {
        border-bottom: 1px solid
          var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border)));
        display: block;
      }
      .bar {
        align-items: center;
        display: flex;
        flex-wrap: wrap;
        gap: 2px;
        min-height: 30px;
        padding: 2px 8px;
      }
      [role='group'] {
        display: inline-flex;
        gap: 2px;
      }
      .state {
        align-items: center;
        display: inline-flex;
        margin-right: 6px;
        min-width: 15ch;
        white-space: pre;
      }
      .rate {
        color: var(--vscode-descriptionForeground);
        font-variant-numeric: tabular-nums;
      }
      .dot {
        border-radius: 50%;
        box-sizing: border-box;
        flex: none;
        height: 8px;
        margin-right: 7px;
        width: 8px;
        background: var(--vscode-descriptionForeground);
      }
      .dot.live {
        background: var(--vscode-charts-green, var(--vscode-testing-iconPassed));
      }
      .dot.busy {
        background: var(--vscode-charts-yellow, var(--vscode-editorWarning-foreground));
      }
      .dot.failed {
        background: var(--vscode-errorForeground);
        border-radius: 1px;
      }
      .dot.done,
      .dot.paused {
        background: transparent;
        border: 2px solid var(--vscode-descriptionForeground);
      }
      .gap {
        background: var(--vscode-panel-border, var(--vscode-widget-border));
        flex: none;
        height: 16px;
        margin: 0 6px;
        width: 1px;
      }
      .space {
        flex: 1;
      }
      .op {
        font-family: var(--vscode-editor-font-family);
        min-width: 1ch;
        text-align: center;
      }
      wal-table-filter {
        margin-left: 4px;
      }
      @media (forced-colors: active) {
        .dot {
          background: ButtonText;
          forced-color-adjust: none;
        }
      }
    `,
  ];
}

function stateWord(model: TimelineModel): readonly [string, string] {
  const { snapshot } = model;
  if (snapshot === undefined) return ['busy', 'opening'];
  const { session } = snapshot;
  if (session === null) return ['done', 'saved capture'];
  switch (session.phase) {
    case 'connecting':
      return ['busy', 'connecting'];
    case 'waiting':
      return ['busy', 'waiting'];
    case 'streaming':
      return model.paused ? ['paused', 'paused'] : ['live', 'live'];
    case 'ending':
      return ['busy', 'ending'];
    case 'ended':
      return [session.failure === undefined ? 'done' : 'failed', 'ended'];
  }
}
