import '@vscode-elements/elements/dist/vscode-button/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatPlural } from '../../src/base/quantity';
import { visibleText } from '../../src/base/visibleText';
import type { Mark, MarkFacts } from '../../src/shared/marks';
import { formatClock } from '../formats';
import { canMark } from './marksModel';
import { MARKS_PANE } from './marksPane';
import type { TimelineModel } from './timelineModel';

/** What is told besides, where there is anything. */
type Said = TemplateResult | typeof nothing;

/** Above the list while a mark is open, or shown: what the list shows then, and what can be done with it. */
@customElement('wal-mark-banner')
export class MarkBanner extends LitElement {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    if (model === undefined) return nothing;
    const { open, shown, notice } = model.marks;
    // Where a banner is, it stands in its line: the list does not move for it.
    const said =
      notice === '' ? nothing : html` <span class="notice">${visibleText(notice)}</span>`;
    if (open !== undefined && canMark(model.snapshot?.session)) {
      return this.#open(model, open, said);
    }
    if (shown !== undefined) return this.#shown(model, shown, said);
    return said === nothing ? nothing : html`<p class="alone">${said}</p>`;
  }

  #open(model: TimelineModel, { name, from }: Mark, said: Said): TemplateResult {
    const { busy } = model.marks;
    return html`<div class="banner open" role="status">
      <p>
        <span class="codicon record" aria-hidden="true"></span>
        <b>${visibleText(name)}</b> ${
          busy
            ? html`is being stopped: waiting for what was written until now…`
            : html`runs since ${clock(from.time)}. Do in your application what you want to see, then
              stop.`
        }${said}
      </p>
      <vscode-button id="banner-stop" ?disabled=${busy} @click=${() => void model.marks.toggle()}
        >Stop Mark</vscode-button
      >
    </div>`;
  }

  #shown(model: TimelineModel, mark: MarkFacts, said: Said): TemplateResult {
    const { id, name, transactions, changes } = mark;
    const { operations, tables, text, filter = '' } = model.spec;
    const narrowed = operations.length > 0 || tables.length > 0 || text !== '' || filter !== '';
    const passing =
      narrowed && model.view?.complete === true
        ? `, ${formatPlural(model.view.matched, 'change')} pass the filter`
        : '';
    const nothingYet = changes === 0 && mark.to !== undefined;
    return html`<div class="banner" role="status">
      <p>
        <b>${visibleText(name)}</b>:
        ${
          nothingYet
            ? html`nothing was committed between the marks`
            : html`${formatPlural(transactions, 'transaction')}, ${formatPlural(changes, 'change')}
              between the marks${passing}`
        }${said}
      </p>
      <vscode-button
        id="banner-all"
        secondary
        @click=${() => {
          model.marks.showAll();
        }}
        >Show All</vscode-button
      >
      <vscode-button id="banner-copy" secondary @click=${() => void model.marks.copy(id)}
        >Copy Summary</vscode-button
      >
      <vscode-button
        id="banner-marks"
        secondary
        @click=${() => {
          model.setPane(MARKS_PANE);
        }}
        >Marks and Compare</vscode-button
      >
    </div>`;
  }

  static override styles = css`
    :host {
      display: block;
      flex: none;
    }
    .banner {
      align-items: center;
      background: var(--vscode-editorWidget-background);
      border-bottom: 1px solid
        var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border)));
      color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
      display: flex;
      flex-wrap: wrap;
      gap: 6px;
      padding: 4px 12px;
    }
    p {
      flex: 1 1 260px;
      margin: 0;
    }
    .open {
      border-left: 3px solid var(--vscode-charts-red, var(--vscode-errorForeground));
    }
    .record {
      color: var(--vscode-charts-red, var(--vscode-errorForeground));
      display: inline-block;
      font: normal 16px/1 codicon;
      vertical-align: text-bottom;
    }
    .notice {
      color: var(--vscode-descriptionForeground);
      margin-left: 1ch;
    }
    .alone {
      padding: 2px 12px 4px;
    }
  `;
}

/** The time of the day of an ISO time in UTC, as this machine has it. */
function clock(time: string): string {
  // A person began it: to the second is enough.
  return formatClock(time, new Date()).replace(/\.\d+$/, '');
}
