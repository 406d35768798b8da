import '@vscode-elements/elements/dist/vscode-button/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatPlural } from '../../src/base/quantity';
import { visibleText } from '../../src/base/visibleText';
import type { Mark, MarkFacts } from '../../src/shared/marks';
import { canMark } from './marksModel';
import { MARKS_PANE } from './marksPane';
import type { TimelineModel } from './timelineModel';

/** Above the list while a mark is open, or shown: what the list shows then, and what can be done with it. */
@customElement('wal-mark-banner')
export class MarkBanner extends LitElement {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    if (model === undefined) return nothing;
    const { open, shown, notice } = model.marks;
    const said = notice === '' ? nothing : html`<p class="notice">${visibleText(notice)}</p>`;
    if (open !== undefined && canMark(model.snapshot?.session)) {
      return html`${this.#open(model, open)}${said}`;
    }
    return shown === undefined ? said : html`${this.#shown(model, shown)}${said}`;
  }

  #open(model: TimelineModel, { name, from }: Mark): TemplateResult {
    const { busy } = model.marks;
    return html`<div class="banner open" role="status">
      <p>
        <span class="codicon record" aria-hidden="true"></span>
        <b>${visibleText(name)}</b> ${
          busy
            ? html`is being stopped: waiting for what was written until now…`
            : html`runs since ${clock(from.time)}. Do in your application what you want to see, then
              stop.`
        }
      </p>
      <vscode-button id="banner-stop" ?disabled=${busy} @click=${() => void model.marks.toggle()}
        >Stop Mark</vscode-button
      >
    </div>`;
  }

  #shown(model: TimelineModel, mark: MarkFacts): TemplateResult {
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
        }
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
      padding: 2px 12px 4px;
    }
  `;
}

/** The time of the day of an ISO time in UTC, as this machine has it. */
function clock(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toLocaleTimeString();
}
