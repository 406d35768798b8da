import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ExportScope } from '../../src/shared/readerApi';
import { formatCount, formatPlural } from '../formats';
import { Popover } from '../popover';

interface Item {
  readonly scope: ExportScope;
  readonly title: string;
  readonly count: string;
  /** Why it cannot be chosen now; empty when it can. */
  readonly not: string;
}

/** The button that opens the menu of what to export. */
@customElement('wal-export-menu')
export class ExportMenu extends Popover {
  @property({ attribute: false }) changes = 0;
  @property({ attribute: false }) matched = 0;
  @property({ attribute: false }) filtered = false;
  @property({ attribute: false }) chosen = 0;

  protected override firstFocus(): HTMLElement | null {
    return this.renderRoot.querySelector('[role=menuitem]');
  }

  protected override render(): TemplateResult {
    const opener = {
      id: 'export',
      icon: 'export',
      label: 'Export',
      title: 'Export changes to a file',
      popup: 'menu',
    } as const;
    return this.withButton(opener, () => this.#menu());
  }

  #items(): readonly Item[] {
    return [
      {
        scope: 'all',
        title: 'Export All Changes…',
        count: formatCount(this.changes),
        not: this.changes === 0 ? 'There is nothing yet' : '',
      },
      {
        scope: 'view',
        title: 'Export Filtered Changes…',
        count: this.filtered ? formatCount(this.matched) : '',
        not: this.filtered ? '' : 'Nothing is filtered out',
      },
      {
        scope: 'selection',
        title: 'Export Selected Rows…',
        count: this.chosen === 0 ? '' : formatPlural(this.chosen, 'row'),
        not: this.chosen === 0 ? 'No row is selected' : '',
      },
    ];
  }

  #menu(): TemplateResult {
    return html`<div
      class="popover"
      role="menu"
      aria-label="Export"
      @keydown=${this.#key}
      @focusout=${this.onFocusOut}
    >
      ${this.#items().map(
        ({ scope, title, count, not }) =>
          html`<div
            id="export-${scope}"
            class="item"
            role="menuitem"
            tabindex="-1"
            aria-disabled=${not === '' ? nothing : 'true'}
            title=${not}
            @click=${() => {
              this.#choose(scope, not);
            }}
          >
            <span>${title}</span><span class="count">${count}</span>
          </div>`,
      )}
    </div>`;
  }

  #key(event: KeyboardEvent): void {
    const items = [...this.renderRoot.querySelectorAll<HTMLElement>('[role=menuitem]')];
    const at = items.findIndex(item => item === this.shadowRoot?.activeElement);
    if (event.key === 'ArrowDown') items[(at + 1) % items.length]?.focus();
    else if (event.key === 'ArrowUp') items.at(at - 1)?.focus();
    else if (event.key === 'Home') items[0]?.focus();
    else if (event.key === 'End') items.at(-1)?.focus();
    else if (event.key === 'Enter' || event.key === ' ') items[at]?.click();
    else {
      this.onPopoverKey(event);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #choose(scope: ExportScope, not: string): void {
    if (not !== '') return;
    this.hide();
    this.dispatchEvent(new CustomEvent('wal-export', { detail: scope }));
  }

  static override styles = [
    Popover.styles,
    css`
      .popover {
        background: var(--vscode-menu-background, var(--vscode-editorWidget-background));
        border-color: var(
          --vscode-contrastBorder,
          var(--vscode-menu-border, var(--vscode-widget-border))
        );
        color: var(--vscode-menu-foreground, var(--vscode-editor-foreground));
        padding: 4px;
        width: max-content;
      }
      .item {
        border-radius: 4px;
        cursor: pointer;
        display: flex;
        gap: 24px;
        justify-content: space-between;
        padding: 4px 10px;
      }
      .item[aria-disabled='true'] {
        cursor: default;
        opacity: 0.6;
      }
      .item:hover:not([aria-disabled='true']),
      .item:focus-visible {
        background: var(--vscode-menu-selectionBackground, var(--vscode-list-hoverBackground));
        color: var(--vscode-menu-selectionForeground, inherit);
        outline: 1px solid
          var(--vscode-menu-selectionBorder, var(--vscode-contrastActiveBorder, transparent));
        outline-offset: -1px;
      }
      .item:focus-visible {
        outline-color: var(--vscode-focusBorder);
      }
      .count {
        font-variant-numeric: tabular-nums;
      }
    `,
  ];
}
