import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ViewSpec } from '../../src/shared/viewSpec';
import { formatCount } from '../formats';
import { linkStyles } from '../linkStyles';
import { narrowingsOf, unfiltered } from './narrowing';
import type { Narrowing } from './narrowing';
import type { TimelineModel } from './timelineModel';

/** What narrows the list, each with its way out, and how much passes. Nothing where everything is shown. */
@customElement('wal-narrowing-bar')
export class NarrowingBar extends LitElement {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    if (model === undefined) return nothing;
    // A mark that is shown says so itself, with the same way out.
    const isMark = model.marks.shown !== undefined;
    const chips = narrowingsOf(model.spec, model.facets, new Date()).filter(
      ({ id }) => id !== 'range' || !isMark,
    );
    if (chips.length === 0) return nothing;
    return html`<div class="bar" role="group" aria-label="What narrows the list">
      ${this.#count(model)} ${chips.map(chip => this.#chip(model, chip))}
      <button
        type="button"
        id="show-all"
        class="link"
        @click=${() => {
          this.#narrow(model, unfiltered(model.spec));
        }}
      >
        Show All
      </button>
    </div>`;
  }

  /** `1,204 of 88,120`. */
  #count({ view }: TimelineModel): TemplateResult | typeof nothing {
    if (view === undefined) return nothing;
    const count = `${formatCount(view.matched)} of ${formatCount(view.changes)}`;
    return html`<span id="matched" class="count" title="Changes that pass the filter, of all"
      >${count}${view.complete ? '' : ', filtering…'}</span
    >`;
  }

  #chip(model: TimelineModel, { id, label, title, code, without }: Narrowing): TemplateResult {
    return html`<span class="chip" id="chip-${id}"
      ><span class="what ${code ? 'code' : ''}" title=${title}>${label}</span
      ><vscode-toolbar-button
        icon="close"
        label=${`Remove: ${title}`}
        title="Remove"
        @click=${() => {
          this.#narrow(model, without);
        }}
      ></vscode-toolbar-button
    ></span>`;
  }

  /** The button that had the focus is gone then: the list takes it. */
  #narrow(model: TimelineModel, spec: ViewSpec): void {
    void model.setSpec(spec);
    this.dispatchEvent(new CustomEvent('wal-leave'));
  }

  static override styles = [
    linkStyles,
    css`
      :host {
        display: block;
      }
      .bar {
        align-items: center;
        border-bottom: 1px solid
          var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border)));
        display: flex;
        flex-wrap: wrap;
        gap: 3px 6px;
        padding: 2px 10px 3px;
      }
      .count {
        color: var(--vscode-descriptionForeground);
        font-variant-numeric: tabular-nums;
        margin-right: 4px;
        white-space: nowrap;
      }
      .chip {
        align-items: center;
        background: color-mix(in srgb, var(--vscode-foreground) 8%, transparent);
        border: 1px solid var(--vscode-contrastBorder, transparent);
        border-radius: 4px;
        display: inline-flex;
        max-width: min(60ch, 100%);
      }
      .what {
        overflow: hidden;
        padding-left: 7px;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .code {
        font-family: var(--vscode-editor-font-family);
        font-size: var(--vscode-editor-font-size, 12px);
      }
      .link {
        padding: 2px 4px;
      }
      .link:hover {
        text-decoration: underline;
      }
      .link:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
      }
    `,
  ];
}
