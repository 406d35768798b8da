import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { FILTER_LIMIT, TEXT_LIMIT } from '../../src/shared/viewSpec';
import { keepInSight } from '../keepInSight';
import { filterBoxStyles } from './filterBoxStyles';
import './filterMenu';
import type { FilterModel } from './filterModel';
import { offerList } from './filterOffer';

/** Narrows the list to changes that contain a text, or that pass an expression. */
@customElement('wal-filter-box')
export class FilterBox extends LitElement {
  @property({ attribute: false }) filter: FilterModel | undefined;
  @property({ attribute: false }) revision = 0;

  @query('input') private readonly field!: HTMLInputElement | null;
  @query('.mirror') private readonly mirror!: HTMLElement | null;
  /** The box has the focus: what is wrong is said in words. */
  @state() private focused = false;
  /** Where the caret is to be after the next drawing. */
  #caret: number | undefined;

  override focus(): void {
    this.field?.focus();
    this.field?.select();
  }

  protected override firstUpdated(): void {
    void this.filter?.load();
  }

  protected override willUpdate(): void {
    this.filter?.sync();
  }

  protected override updated(_changed: PropertyValues): void {
    const { field, mirror } = this;
    if (field === null) return;
    if (this.#caret !== undefined) {
      field.setSelectionRange(this.#caret, this.#caret);
      this.#caret = undefined;
    }
    if (mirror !== null) mirror.scrollLeft = field.scrollLeft;
    this.renderRoot.querySelector('[role=option].active')?.scrollIntoView({ block: 'nearest' });
    const below = this.renderRoot.querySelectorAll<HTMLElement>(
      '#offer, #filter-message:not([hidden])',
    );
    for (const element of below) keepInSight(element);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { filter } = this;
    if (filter === undefined) return nothing;
    const { kind, typed, offer, active, problem } = filter;
    const expression = kind === 'expression';
    const place = expression
      ? 'Filter by expression, such as op == "update"'
      : 'Filter by text or expression';
    return html`<div class="box ${kind} ${filter.inForce ? 'on' : ''}">
      <span class="funnel codicon" aria-hidden="true"></span>
      <span class="field">
        ${expression ? this.#mirror(filter) : nothing}
        <input
          type="text"
          role="combobox"
          aria-label=${
            expression
              ? 'Filter: show only changes that pass this expression'
              : 'Filter: show only changes that contain this text'
          }
          aria-autocomplete="list"
          aria-expanded=${offer === undefined ? 'false' : 'true'}
          aria-controls="offer"
          aria-activedescendant=${active < 0 ? nothing : `offer-${String(active)}`}
          aria-invalid=${problem === undefined || offer !== undefined ? 'false' : 'true'}
          aria-describedby="filter-message"
          autocomplete="off"
          spellcheck="false"
          placeholder=${place}
          maxlength=${expression ? FILTER_LIMIT : TEXT_LIMIT}
          .value=${live(typed)}
          @input=${this.#type}
          @keydown=${this.#key}
          @scroll=${this.#scroll}
          @focus=${this.#focus}
          @blur=${this.#blur}
        />
      </span>
      ${
        typed === ''
          ? nothing
          : html`<vscode-toolbar-button
              id="clear-text"
              icon="close"
              label="Clear the filter"
              title="Clear (Escape)"
              @click=${this.#clear}
            ></vscode-toolbar-button>`
      }
      <vscode-toolbar-button
        id="expression"
        icon="symbol-operator"
        toggleable
        label="Expression"
        title=${
          expression
            ? 'An expression: change to plain text (Alt+E)'
            : 'Plain text: change to an expression (Alt+E)'
        }
        .checked=${live(expression)}
        @change=${this.#flip}
      ></vscode-toolbar-button>
      <wal-filter-menu .filter=${filter} .revision=${this.revision}></wal-filter-menu>
      ${this.#message(filter)}
      ${offer === undefined ? nothing : offerList(offer, active, this.#accept)}
    </div>`;
  }

  /** What is typed once more, invisible, for the mark under what is wrong. */
  #mirror({ typed, problem, hint }: FilterModel): TemplateResult | typeof nothing {
    const at = problem ?? hint;
    if (at === undefined) return nothing;
    const to = Math.max(at.to, at.from + 1);
    return html`<span class="mirror" aria-hidden="true"
      ><span>${typed.slice(0, at.from)}</span
      ><span class=${problem === undefined ? 'doubtful' : 'wrong'}
        >${typed.slice(at.from, to) || '\u00a0'}</span
      ><span>${typed.slice(to)}</span></span
    >`;
  }

  #message({ problem, hint, offer }: FilterModel): TemplateResult {
    const at = problem ?? hint;
    const shown = at !== undefined && offer === undefined && this.focused;
    return html`<p
      id="filter-message"
      class=${problem === undefined ? 'hint' : 'problem'}
      role="status"
      ?hidden=${!shown}
    >
      ${shown ? at.message : ''}
    </p>`;
  }

  readonly #type = (): void => {
    const { filter, field } = this;
    if (filter === undefined || field === null) return;
    filter.type(field.value);
    void filter.suggest(field.selectionStart ?? field.value.length);
  };

  readonly #key = (event: KeyboardEvent): void => {
    const { filter } = this;
    if (filter === undefined || event.isComposing) return;
    if (
      filter.offer === undefined ? this.#plainKey(event, filter) : this.#offerKey(event, filter)
    ) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  #plainKey(event: KeyboardEvent, filter: FilterModel): boolean {
    const { key } = event;
    if (key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
      // A browser forgets what was in a field that a script has emptied.
      return filter.restore();
    }
    if (key === ' ' && event.ctrlKey) void filter.ask(this.field?.selectionStart ?? 0);
    else if (key.toLowerCase() === 'e' && event.altKey) this.#flip();
    else if (event.ctrlKey || event.metaKey || event.altKey) return false;
    else if (key === 'Enter') void filter.submit();
    else if (key === 'Escape' && filter.typed !== '') this.#clear();
    else if (key === 'ArrowUp' && filter.typed === '') return filter.offerKept();
    else if (key === 'ArrowDown' || key === 'Escape') {
      this.dispatchEvent(new CustomEvent('wal-leave'));
    } else return false;
    return true;
  }

  #offerKey({ key, ctrlKey, altKey }: KeyboardEvent, filter: FilterModel): boolean {
    if (ctrlKey || altKey) return false;
    if (key === 'ArrowDown') filter.move(1);
    else if (key === 'ArrowUp') filter.move(-1);
    else if (key === 'Escape') filter.dismiss();
    else if (key === 'Enter' && filter.active < 0) void filter.submit();
    else if (key === 'Enter' || key === 'Tab') this.#accept(Math.max(0, filter.active));
    else return false;
    return true;
  }

  readonly #accept = (index: number): void => {
    const { filter } = this;
    if (filter === undefined) return;
    this.#caret = filter.accept(index);
    this.field?.focus();
    this.requestUpdate();
    if (this.#caret !== undefined) void filter.suggest(this.#caret);
  };

  readonly #flip = (): void => {
    void this.filter?.flip();
    this.field?.focus();
  };

  readonly #clear = (): void => {
    void this.filter?.clear();
    this.field?.focus();
  };

  readonly #scroll = (): void => {
    if (this.mirror !== null) this.mirror.scrollLeft = this.field?.scrollLeft ?? 0;
  };

  readonly #focus = (): void => {
    this.focused = true;
  };

  readonly #blur = (): void => {
    this.focused = false;
    this.filter?.dismiss();
    void this.filter?.remember();
  };

  static override styles = filterBoxStyles;
}
