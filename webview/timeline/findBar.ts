import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { TEXT_LIMIT } from '../../src/shared/viewSpec';
import type { FindDirection, FindModel } from './findModel';
import { valueOf } from './textField';

/** Looks for a text: it goes from match to match and hides nothing. Floats over the list. */
@customElement('wal-find-bar')
export class FindBar extends LitElement {
  @property({ attribute: false }) find: FindModel | undefined;
  @property({ attribute: false }) revision = 0;

  @query('vscode-textfield') private readonly field!: HTMLElement | null;

  override focus(): void {
    this.field?.focus();
    this.field?.shadowRoot?.querySelector('input')?.select();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { find } = this;
    if (find === undefined) return nothing;
    const step = (direction: FindDirection, icon: string, label: string): TemplateResult =>
      html`<vscode-toolbar-button
        id="find-${direction}"
        icon=${icon}
        label=${label}
        title=${label}
        @click=${() => {
          find.go(direction);
        }}
      ></vscode-toolbar-button>`;
    return html`<div class="bar" role="search" aria-label="Find" @keydown=${this.#key}>
      <vscode-textfield
        label="Find in the changes"
        placeholder="Find"
        maxlength=${TEXT_LIMIT}
        .value=${live(find.text)}
        @input=${(event: Event) => {
          find.type(valueOf(event));
        }}
        ><span slot="content-before" class="codicon codicon-search" aria-hidden="true"></span
      ></vscode-textfield>
      ${step('previous', 'arrow-up', 'Previous match (Shift+Enter)')}
      ${step('next', 'arrow-down', 'Next match (Enter)')}
      <vscode-toolbar-button
        id="find-close"
        icon="close"
        label="Close"
        title="Close (Escape)"
        @click=${this.#close}
      ></vscode-toolbar-button>
      <span class="message" role="status">${find.message}</span>
    </div>`;
  }

  #key(event: KeyboardEvent): void {
    const { find } = this;
    const inField = event
      .composedPath()
      .some(node => node instanceof HTMLElement && node.localName === 'vscode-textfield');
    if (event.key === 'Escape') this.#close();
    else if (event.key === 'Enter' && inField) find?.go(event.shiftKey ? 'previous' : 'next');
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent('wal-close'));
  }

  static override styles = css`
    :host {
      position: absolute;
      right: 28px;
      top: 0;
      z-index: 5;
    }
    :host([hidden]) {
      display: none;
    }
    .bar {
      --vscode-foreground: var(--vscode-editorWidget-foreground, var(--vscode-editor-foreground));
      align-items: center;
      background: var(--vscode-editorWidget-background);
      border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border));
      border-radius: 0 0 4px 4px;
      border-top: 0;
      box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
      color: var(--vscode-foreground);
      display: flex;
      flex-wrap: wrap;
      gap: 2px;
      max-width: min(90vw, 440px);
      padding: 5px 6px;
    }
    vscode-textfield {
      flex: 1;
      min-width: 160px;
    }
    .codicon {
      font: normal 14px/1 codicon;
      padding-left: 4px;
    }
    .codicon-search::before {
      content: '\\ea6d';
    }
    .message {
      flex-basis: 100%;
      font-size: 0.92em;
      padding: 2px 4px 0;
    }
    .message:empty {
      display: none;
    }
  `;
}
