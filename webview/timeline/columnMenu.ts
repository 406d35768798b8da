import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { ColumnId } from '../../src/shared/timelineLayout';
import { Popover } from '../popover';
import { DEFAULT_COLUMNS, NARROWEST, withColumn } from './columns';
import type { Columns, ShownColumn } from './columns';

/** Widest that the keyboard makes a column, in pixels; the pointer can go further. */
const WIDEST_BY_KEY = 600;
const STEP = 8;

/** The button that opens the list of columns: which are shown, and how wide. */
@customElement('wal-column-menu')
export class ColumnMenu extends Popover {
  @property({ attribute: false }) columns: Columns = DEFAULT_COLUMNS;
  /** Width of a column as it is drawn, in pixels. */
  @property({ attribute: false }) widthOf: ((id: ColumnId) => number) | undefined;

  @query('vscode-checkbox') private readonly checkbox!: HTMLElement | null;

  protected override firstFocus(): HTMLElement | null {
    return this.checkbox;
  }

  protected override render(): TemplateResult {
    const opener = {
      id: 'columns',
      icon: 'settings',
      label: 'Columns',
      title: 'Choose and size the columns',
      popup: 'dialog',
    } as const;
    return this.withButton(opener, () => this.#list());
  }

  #list(): TemplateResult {
    return html`<div
      class="popover"
      role="dialog"
      aria-label="Columns"
      @keydown=${this.onPopoverKey}
      @focusout=${this.onFocusOut}
    >
      ${this.columns.map(column => this.#column(column))}
      <vscode-toolbar-button
        id="reset-columns"
        icon="discard"
        @click=${() => {
          this.#send(DEFAULT_COLUMNS);
        }}
        >Reset columns</vscode-toolbar-button
      >
    </div>`;
  }

  #column({ column, shown, width }: ShownColumn): TemplateResult {
    const now = width > 0 ? width : Math.round(this.widthOf?.(column.id) ?? 0);
    return html`<div class="column">
      ${
        column.shown === 'always'
          ? html`<span class="always" title="Always shown">${column.name}</span>`
          : html`<vscode-checkbox
              id="column-${column.id}"
              .checked=${live(shown)}
              @change=${() => {
                this.#send(withColumn(this.columns, column.id, { shown: !shown }));
              }}
              >${column.name}</vscode-checkbox
            >`
      }
      ${
        shown
          ? html`<input
              type="range"
              aria-label=${`Width of ${column.name}`}
              title=${`Width: ${String(now)} px`}
              min=${NARROWEST}
              max=${WIDEST_BY_KEY}
              step=${STEP}
              .value=${live(String(now))}
              @input=${(event: Event) => {
                if (!(event.target instanceof HTMLInputElement)) return;
                const chosen = event.target.valueAsNumber;
                this.#send(withColumn(this.columns, column.id, { width: chosen }));
              }}
            />`
          : nothing
      }
    </div>`;
  }

  #send(columns: Columns): void {
    this.columns = columns;
    this.dispatchEvent(new CustomEvent('wal-columns', { detail: columns }));
  }

  static override styles = [
    Popover.styles,
    css`
      .column {
        align-items: center;
        display: flex;
        gap: 8px;
        min-height: 26px;
        padding: 0 4px;
      }
      .always {
        padding-left: 27px;
      }
      .always,
      .column vscode-checkbox {
        flex: 1;
        min-width: 0;
      }
      /* Drawn by us: the browser's own takes a bright track in a dark theme, and black on black. */
      input {
        appearance: none;
        background: transparent;
        flex: none;
        height: 14px;
        margin: 0;
        width: 104px;
      }
      input::-webkit-slider-runnable-track {
        background: color-mix(in srgb, var(--vscode-foreground) 30%, transparent);
        border-radius: 2px;
        height: 4px;
      }
      input::-webkit-slider-thumb {
        appearance: none;
        background: var(--vscode-focusBorder);
        border: 1px solid var(--vscode-focusBorder);
        border-radius: 50%;
        box-sizing: border-box;
        height: 12px;
        margin-top: -4px;
        width: 12px;
      }
      @media (forced-colors: active) {
        input::-webkit-slider-runnable-track {
          border: 1px solid CanvasText;
        }
      }
      input:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: 2px;
      }
      #reset-columns {
        margin-top: 6px;
      }
    `,
  ];
}
