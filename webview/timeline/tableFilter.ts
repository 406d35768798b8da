import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { Facets } from '../../src/shared/readerApi';
import { formatCount } from '../formats';
import { Popover } from '../popover';
import { visibleText } from '../../src/base/visibleText';
import { dataText } from './cellValue';
import { qualified } from './rowCells';
import { valueOf } from './textField';

/** Tables shown at once; typing narrows the rest. */
const SHOWN = 60;

/** The button that tells which tables are shown, and the list to choose them from. */
@customElement('wal-table-filter')
export class TableFilter extends Popover {
  @property({ attribute: false }) facets: Facets | undefined;
  /** Ids of the chosen tables; none means all. */
  @property({ attribute: false }) chosen: readonly string[] = [];

  @state() private typed = '';
  @query('vscode-textfield') private readonly field!: HTMLElement | null;

  protected override firstFocus(): HTMLElement | null {
    return this.field;
  }

  protected override render(): TemplateResult {
    const text = this.#buttonText();
    return html`<vscode-toolbar-button
        icon="filter"
        label=${`Tables: ${text}`}
        title="Show only some tables"
        class=${this.chosen.length > 0 ? 'on' : ''}
        @click=${this.#open}
        ><span class="text">${visibleText(text)}</span></vscode-toolbar-button
      >${this.open ? this.#list() : nothing}`;
  }

  #buttonText(): string {
    const first = this.chosen[0];
    if (first === undefined) return 'All tables';
    if (this.chosen.length > 1) return `${formatCount(this.chosen.length)} tables`;
    const table = this.facets?.tables.find(({ id }) => id === first);
    return table === undefined ? '1 table' : qualified(table.schema, table.table);
  }

  #list(): TemplateResult {
    const all = this.facets?.tables ?? [];
    const found = this.#found();
    const more = found.length - SHOWN;
    return html`<div
      class="popover"
      role="dialog"
      aria-label="Tables"
      @keydown=${this.onPopoverKey}
      @focusout=${this.onFocusOut}
    >
      <vscode-textfield
        label="Find a table"
        placeholder="Find a table"
        .value=${live(this.typed)}
        @input=${(event: Event) => {
          this.typed = valueOf(event);
        }}
        @keydown=${this.#fieldKey}
      ></vscode-textfield>
      <div class="tables" role="group" aria-label="Tables that occur">
        ${found.slice(0, SHOWN).map(
          t =>
            html`<div class="table">
              <vscode-checkbox
                .checked=${live(this.chosen.includes(t.id))}
                @change=${() => {
                  this.#choose(t.id);
                }}
                >${dataText(qualified(t.schema, t.table))}</vscode-checkbox
              ><span class="count">${formatCount(t.changes)}</span>
            </div>`,
        )}
        ${
          found.length === 0
            ? html`<p>${all.length === 0 ? 'No table occurs yet.' : 'No table has this name.'}</p>`
            : nothing
        }
        ${more > 0 ? html`<p>${formatCount(more)} more: type to find them</p>` : nothing}
      </div>
      ${
        this.chosen.length === 0
          ? nothing
          : html`<vscode-toolbar-button
              id="all-tables"
              icon="clear-all"
              @click=${() => {
                this.#send([]);
              }}
              >Show all tables</vscode-toolbar-button
            >`
      }
    </div>`;
  }

  /** Tables whose name contains what was typed. */
  #found(): Facets['tables'] {
    const typed = this.typed.toLowerCase();
    const all = this.facets?.tables ?? [];
    return all.filter(t => typed === '' || `${t.schema}.${t.table}`.toLowerCase().includes(typed));
  }

  #open(): void {
    this.flip();
    if (this.open) this.dispatchEvent(new CustomEvent('wal-open'));
  }

  /** Enter chooses the only table that is left. */
  #fieldKey(event: KeyboardEvent): void {
    const [only, another] = this.#found();
    if (event.key !== 'Enter' || only === undefined || another !== undefined) return;
    event.preventDefault();
    this.#choose(only.id);
  }

  #choose(id: string): void {
    const without = this.chosen.filter(chosen => chosen !== id);
    this.#send(without.length === this.chosen.length ? [...without, id] : without);
  }

  #send(tables: readonly string[]): void {
    this.dispatchEvent(new CustomEvent('wal-tables', { detail: tables }));
  }

  static override styles = [
    Popover.styles,
    css`
      .text {
        display: inline-block;
        max-width: 24ch;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .on {
        --vscode-icon-foreground: var(--vscode-inputOption-activeForeground);
        background: var(--vscode-inputOption-activeBackground);
        border-radius: 5px;
        outline: 1px solid var(--vscode-inputOption-activeBorder, transparent);
        outline-offset: -1px;
      }
      vscode-textfield {
        width: 100%;
      }
      .tables {
        margin: 6px 0 2px;
        max-height: min(50vh, 340px);
        overflow-y: auto;
      }
      .table {
        align-items: center;
        display: flex;
        gap: 8px;
        padding: 1px 4px;
      }
      .table:hover {
        background: var(--vscode-list-hoverBackground);
      }
      .table vscode-checkbox {
        flex: 1;
        min-width: 0;
        overflow: hidden;
      }
      .count,
      p {
        color: var(--vscode-editor-foreground);
        font-variant-numeric: tabular-nums;
      }
      p {
        margin: 6px 4px;
      }
    `,
  ];
}
