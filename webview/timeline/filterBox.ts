import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { TEXT_LIMIT } from '../../src/shared/viewSpec';
import type { ViewState } from '../../src/shared/viewSpec';
import { formatCount } from '../formats';
import { valueOf } from './textField';

/** How long typing rests before the list is filtered, in milliseconds. */
const TYPING_MS = 250;

/** Narrows the list to changes that contain a text, and tells how many those are. */
@customElement('wal-filter-box')
export class FilterBox extends LitElement {
  /** The text that the list is filtered by. */
  @property({ attribute: false }) text = '';
  @property({ attribute: false }) view: ViewState | undefined;
  /** Something narrows the list: this text, the operations or the tables. */
  @property({ attribute: false }) filtered = false;

  /** The text as it is typed, which the list follows a little later. */
  @state() private typed = '';
  @query('vscode-textfield') private readonly field!: HTMLElement | null;
  #timer: number | undefined;

  override focus(): void {
    this.field?.focus();
    this.field?.shadowRoot?.querySelector('input')?.select();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.#timer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('text') && this.#timer === undefined) this.typed = this.text;
  }

  protected override render(): TemplateResult {
    return html`<vscode-textfield
        class=${this.text === '' ? '' : 'on'}
        label="Filter: show only changes that contain this text"
        title="Show only changes that contain this text: table, values, message"
        placeholder="Filter by text"
        maxlength=${TEXT_LIMIT}
        .value=${live(this.typed)}
        @input=${this.#type}
        @keydown=${this.#key}
        ><span slot="content-before" class="funnel" aria-hidden="true"></span> ${
          this.typed === ''
            ? nothing
            : html`<vscode-toolbar-button
                id="clear-text"
                slot="content-after"
                icon="close"
                label="Clear the text filter"
                title="Clear (Escape)"
                @click=${this.#clear}
              ></vscode-toolbar-button>`
        }</vscode-textfield
      >${this.#count()}`;
  }

  /** `1,204 of 88,120`. */
  #count(): TemplateResult | typeof nothing {
    const { view } = this;
    if (!this.filtered || view === undefined) return nothing;
    const count = `${formatCount(view.matched)} of ${formatCount(view.changes)}`;
    return html`<span id="matched" class="count" title="Changes that pass the filter, of all"
      >${count}${view.complete ? '' : ', filtering…'}</span
    >`;
  }

  #type(event: Event): void {
    this.typed = valueOf(event);
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#send();
    }, TYPING_MS);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Enter') this.#send();
    else if (event.key === 'Escape' && this.typed !== '') this.#clear();
    else if (event.key === 'ArrowDown' || event.key === 'Escape') {
      this.dispatchEvent(new CustomEvent('wal-leave'));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #clear(): void {
    this.typed = '';
    this.#send();
    this.field?.focus();
  }

  #send(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.typed === this.text) return;
    this.dispatchEvent(new CustomEvent('wal-text', { detail: this.typed }));
  }

  static override styles = css`
    :host {
      align-items: center;
      display: inline-flex;
      flex: 1 1 150px;
      gap: 8px;
      margin-left: 6px;
      max-width: 480px;
    }
    vscode-textfield {
      flex: 1;
      /* What was typed stays in sight; where there is no room the toolbar gets a second line. */
      min-width: 120px;
      width: auto;
    }
    .on {
      --vscode-settings-textInputBorder: var(
        --vscode-inputOption-activeBorder,
        var(--vscode-contrastActiveBorder)
      );
    }
    .funnel {
      font: normal 14px/1 codicon;
      padding-left: 4px;
    }
    .funnel::before {
      content: '\\eaf1';
    }
    .count {
      color: var(--vscode-descriptionForeground);
      font-variant-numeric: tabular-nums;
      margin-right: 8px;
      white-space: nowrap;
    }
  `;
}
