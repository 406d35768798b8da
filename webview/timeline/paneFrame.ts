import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Pane } from './panes';
import type { TimelineModel } from './timelineModel';

/** A pane with its title, and the buttons that all panes have. */
@customElement('wal-pane-frame')
export class PaneFrame extends LitElement {
  @property({ attribute: false }) pane: Pane | undefined;
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;
  @property({ attribute: false }) beside = false;

  protected override render(): TemplateResult | typeof nothing {
    const { pane, model, beside } = this;
    if (pane === undefined || model === undefined) return nothing;
    const where = beside ? 'Show below the list' : 'Show beside the list';
    return html`<header>
        <h2>${pane.label}</h2>
        <vscode-toolbar-button
          id="beside"
          icon=${beside ? 'split-vertical' : 'split-horizontal'}
          label=${where}
          title=${where}
          @click=${() => this.dispatchEvent(new CustomEvent('wal-beside'))}
        ></vscode-toolbar-button>
        <vscode-toolbar-button
          id="close"
          icon="close"
          label=${`Close: ${pane.label}`}
          title="Close (Escape)"
          @click=${() => this.dispatchEvent(new CustomEvent('wal-close'))}
        ></vscode-toolbar-button>
      </header>
      <div class="body">${pane.render(model, this.revision)}</div>`;
  }

  static override styles = css`
    :host {
      display: flex;
      flex-direction: column;
      height: 100%;
      min-height: 0;
    }
    header {
      align-items: center;
      border-bottom: 1px solid
        var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border)));
      display: flex;
      flex: none;
      gap: 2px;
      padding: 3px 8px 3px 12px;
    }
    h2 {
      color: var(--vscode-panelTitle-activeForeground, var(--vscode-foreground));
      flex: 1;
      font-size: inherit;
      font-weight: 600;
      margin: 0;
    }
    .body {
      flex: 1;
      min-height: 0;
      overflow: auto;
    }
  `;
}
