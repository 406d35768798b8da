import { LitElement, css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { EVERYTHING } from '../../src/shared/columnMask';
import { serverThemeColor } from '../../src/shared/serverThemeColor';
import type { ShownSource } from '../../src/shared/sourceFacts';
import { visibleText } from '../../src/base/visibleText';

/** How a theme's colour is used in a style. */
const themeVariable = (color: string): string => `var(--vscode-${color.replaceAll('.', '-')})`;

/**
 * Which server this is, where it is marked by a label or a colour (never by colour alone), and that
 * reading confirms where it does.
 */
@customElement('wal-source-mark')
export class SourceMark extends LitElement {
  @property({ attribute: false }) source: ShownSource | undefined;
  /** A stream runs that moves the slot of somebody else. */
  @property({ attribute: false }) consuming = false;

  protected override updated(_changed: PropertyValues): void {
    const color = this.source?.color ?? '';
    this.style.setProperty(
      '--wal-server-color',
      color === '' ? 'transparent' : themeVariable(serverThemeColor(color)),
    );
  }

  protected override render(): TemplateResult | typeof nothing {
    const { source } = this;
    if (source === undefined) return nothing;
    const { label, color, server } = source;
    // A colour without a label says the server's name: colour alone says nothing to many.
    const text = label !== '' ? label : color === '' ? '' : server;
    const where = server === '' || server === text ? text : `${text} · ${server}`;
    return html`${
      text === ''
        ? nothing
        : html`<span class="mark ${color === '' ? 'plain' : ''}" title=${visibleText(where)}
            ><bdi>${visibleText(text)}</bdi></span
          >`
    }${
      this.consuming
        ? html`<span
            class="consuming"
            title="The slot advances past everything that was received and written to the capture"
            ><span class="codicon" aria-hidden="true"></span>consuming: read changes are
            confirmed</span
          >`
        : nothing
    }${source.redacted === undefined ? nothing : redactedMark(source.redacted)}`;
  }

  static override styles = css`
    :host {
      display: contents;
    }
    .mark {
      border: 1px solid var(--vscode-contrastBorder, var(--wal-server-color));
      border-left: 6px solid var(--wal-server-color);
      border-radius: 3px;
      color: var(--vscode-foreground);
      font-weight: 600;
      margin-right: 8px;
      max-width: 24ch;
      overflow: hidden;
      padding: 1px 7px 1px 6px;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .plain {
      border-color: var(--vscode-contrastBorder, var(--vscode-widget-border, currentColor));
      border-left-width: 1px;
    }
    .redacted {
      border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border, currentColor));
      border-radius: 3px;
      margin-right: 8px;
      padding: 1px 7px;
    }
    .consuming {
      align-items: center;
      border: 1px solid var(--vscode-contrastBorder, var(--vscode-editorWarning-foreground));
      border-radius: 3px;
      display: inline-flex;
      gap: 4px;
      margin-right: 8px;
      padding: 1px 7px;
    }
    .codicon {
      color: var(--vscode-editorWarning-foreground);
      font: normal 14px/1 codicon;
    }
    .codicon::before {
      content: '\\ea6c';
    }
    @media (forced-colors: active) {
      .mark {
        border-left-color: CanvasText;
      }
    }
  `;
}

/** Values are missing from the file itself. */
function redactedMark(patterns: readonly string[]): TemplateResult {
  const what = patterns.includes(EVERYTHING)
    ? 'All values were left out of this file'
    : `Left out of this file: the values of ${patterns.join(', ')}`;
  return html`<span class="redacted" title=${visibleText(what)}>redacted</span>`;
}
