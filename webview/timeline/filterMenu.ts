import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { visibleText } from '../../src/base/visibleText';
import { NAMED_FILTERS_LIMIT, NAME_LIMIT } from '../../src/shared/listApi';
import type { NamedFilter, TypedFilter } from '../../src/shared/listApi';
import { Popover } from '../popover';
import { filterMenuStyles } from './filterMenuStyles';
import type { FilterModel } from './filterModel';

/** The button that opens the filters that have a name, and those that were used. */
@customElement('wal-filter-menu')
export class FilterMenu extends Popover {
  @property({ attribute: false }) filter: FilterModel | undefined;
  @property({ attribute: false }) revision = 0;

  /** The filter whose name is being typed anew. */
  @state() private renamed: string | undefined;
  @state() private everywhere = true;
  @query('.popover input, .popover button, .popover vscode-toolbar-button')
  private readonly first!: HTMLElement | null;

  protected override firstFocus(): HTMLElement | null {
    return this.first;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { filter } = this;
    if (filter === undefined) return nothing;
    const opener = {
      id: 'kept-filters',
      icon: 'chevron-down',
      label: 'Saved and recent filters',
      title: 'Saved and recent filters',
      popup: 'dialog',
    } as const;
    return this.withButton(opener, () => this.#panel(filter));
  }

  #panel(filter: FilterModel): TemplateResult {
    const { named, history } = filter.kept;
    return html`<div
      class="popover"
      role="dialog"
      aria-label="Filters"
      @keydown=${this.onPopoverKey}
      @focusout=${this.onFocusOut}
    >
      ${filter.inForce ? this.#saveForm(filter) : nothing}
      <h2>Saved</h2>
      ${
        named.length === 0
          ? html`<p>None yet. ${filter.inForce ? '' : 'Type a filter, then save it here.'}</p>`
          : named.map(saved =>
              this.renamed === saved.name
                ? this.#renameForm(filter, saved)
                : this.#named(filter, saved),
            )
      }
      <h2>Recent</h2>
      ${
        history.length === 0
          ? html`<p>None yet.</p>`
          : html`<div class="recent">
              ${history.map(used => this.#pick(filter, used, used.value))}
            </div>`
      }
    </div>`;
  }

  #saveForm(filter: FilterModel): TemplateResult {
    return html`<form
      class="save"
      @submit=${(event: SubmitEvent) => {
        this.#save(filter, event);
      }}
    >
      <input
        id="filter-name"
        type="text"
        required
        maxlength=${NAME_LIMIT}
        aria-label="Name of this filter"
        placeholder="Save this filter as"
      />
      <button type="submit" id="save-filter">Save</button>
      <vscode-checkbox
        id="filter-everywhere"
        .checked=${this.everywhere}
        @change=${() => {
          this.everywhere = !this.everywhere;
        }}
        >In every workspace</vscode-checkbox
      >
    </form>`;
  }

  #named(filter: FilterModel, saved: NamedFilter): TemplateResult {
    const others = filter.kept.named.filter(({ name }) => name !== saved.name);
    return html`<div class="entry">
      ${this.#pick(filter, saved, saved.name)}${
        saved.everywhere ? nothing : html`<span class="dim">this workspace</span>`
      }
      <vscode-toolbar-button
        icon="edit"
        label=${`Rename ${saved.name}`}
        title="Rename"
        @click=${() => {
          this.renamed = saved.name;
          void this.updateComplete.then(() => {
            this.renderRoot.querySelector<HTMLInputElement>('#new-name')?.select();
          });
        }}
      ></vscode-toolbar-button>
      <vscode-toolbar-button
        icon="trash"
        label=${`Delete ${saved.name}`}
        title="Delete"
        @click=${() => {
          void filter.storeNamed(others);
          // The focus was on what is gone.
          this.first?.focus();
        }}
      ></vscode-toolbar-button>
    </div>`;
  }

  #renameForm(filter: FilterModel, saved: NamedFilter): TemplateResult {
    return html`<form
      class="save"
      @submit=${(event: SubmitEvent) => {
        const name = nameIn(event);
        this.renamed = undefined;
        if (name !== '') this.#store(filter, { ...saved, name }, saved.name);
      }}
    >
      <input
        id="new-name"
        type="text"
        required
        maxlength=${NAME_LIMIT}
        aria-label=${`New name of ${saved.name}`}
        .defaultValue=${saved.name}
      />
      <button type="submit">Rename</button>
    </form>`;
  }

  #pick(filter: FilterModel, chosen: TypedFilter, label: string): TemplateResult {
    const kind = chosen.kind === 'text' ? 'Contains' : 'Expression';
    return html`<button
      type="button"
      class="pick ${label === chosen.value ? 'code' : ''}"
      title=${`${kind}: ${visibleText(chosen.value)}`}
      @click=${() => {
        this.hide();
        void filter.choose(chosen);
      }}
    >
      ${visibleText(label)}
    </button>`;
  }

  #save(filter: FilterModel, event: SubmitEvent): void {
    const name = nameIn(event);
    if (name === '') return;
    const { kind, typed: value } = filter;
    this.#store(filter, { kind, value, name, everywhere: this.everywhere }, name);
    this.hide();
  }

  /** One of the same name makes way. */
  #store(filter: FilterModel, saved: NamedFilter, instead: string): void {
    const others = filter.kept.named.filter(({ name }) => name !== saved.name && name !== instead);
    void filter.storeNamed([...others, saved].slice(-NAMED_FILTERS_LIMIT));
  }

  static override styles = [Popover.styles, filterMenuStyles];
}

function nameIn(event: SubmitEvent): string {
  event.preventDefault();
  const { currentTarget } = event;
  if (!(currentTarget instanceof HTMLFormElement)) return '';
  return currentTarget.querySelector('input')?.value.trim() ?? '';
}
