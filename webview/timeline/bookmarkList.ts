import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, css, html } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Bookmark } from '../../src/shared/listApi';
import { NOTE_LIMIT } from '../../src/shared/listApi';
import { COPY_TEXT_LIMIT } from '../../src/shared/timelineApi';
import { visibleText } from '../../src/base/visibleText';
import { formatCount } from '../formats';
import { linkStyles } from '../linkStyles';
import { dataText } from './cellValue';
import type { TimelineModel } from './timelineModel';

/** The rows that the user marked: go there, say why, copy the list. */
@customElement('wal-bookmark-list')
export class BookmarkList extends LitElement {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;

  @query('button') private readonly first!: HTMLElement | null;

  override focus(): void {
    this.first?.focus();
  }

  protected override render(): TemplateResult {
    const list = this.model?.bookmarks.list ?? [];
    if (list.length === 0) {
      return html`<p class="none">
        No bookmarks yet. Press <kbd>B</kbd> on a row of the list to set one, and <kbd>N</kbd> to go
        to the next.
      </p>`;
    }
    return html`<ul aria-label="Bookmarks">
        ${list.map(bookmark => this.#entry(bookmark))}
      </ul>
      <div class="all">
        <button type="button" id="copy-bookmarks" class="link" @click=${this.#copy}>
          Copy List
        </button>
        <button
          type="button"
          id="clear-bookmarks"
          class="link"
          @click=${() => this.model?.bookmarks.clear()}
        >
          Remove All
        </button>
      </div>`;
  }

  #entry({ seq, lsn, label, note }: Bookmark): TemplateResult {
    return html`<li>
      <button
        type="button"
        class="go"
        title="Go to this row"
        @click=${() => void this.model?.marking?.go(seq)}
      >
        <span class="number">${formatCount(seq)}</span><span class="lsn">${lsn}</span
        ><span class="label" title=${visibleText(label)}>${dataText(label)}</span>
      </button>
      <input
        type="text"
        maxlength=${NOTE_LIMIT}
        aria-label=${`Note on ${visibleText(label)}`}
        placeholder="Note"
        .value=${note}
        @keydown=${this.#noteKey}
        @change=${(event: Event) => {
          if (event.target instanceof HTMLInputElement) {
            this.model?.bookmarks.setNote(seq, event.target.value);
          }
        }}
      />
      <vscode-toolbar-button
        icon="trash"
        label=${`Remove the bookmark on ${visibleText(label)}`}
        title="Remove"
        @click=${() => {
          this.model?.bookmarks.remove(seq);
          this.focus();
        }}
      ></vscode-toolbar-button>
    </li>`;
  }

  /** What is typed stays: Escape would close the pane. */
  readonly #noteKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement) event.target.blur();
    if (event.key !== 'Escape') event.stopPropagation();
  };

  readonly #copy = (): void => {
    const { model } = this;
    if (model === undefined) return;
    const text = model.bookmarks.text.slice(0, COPY_TEXT_LIMIT);
    void model.peer.call('copy', { what: 'text', text });
  };

  static override styles = [
    linkStyles,
    css`
      :host {
        display: block;
        padding: 6px 12px;
      }
      .none {
        color: var(--vscode-descriptionForeground);
      }
      kbd {
        border: 1px solid var(--vscode-widget-border, currentColor);
        border-radius: 3px;
        font-family: var(--vscode-editor-font-family);
        padding: 0 4px;
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      li {
        align-items: center;
        display: flex;
        gap: 8px;
      }
      .go {
        background: none;
        border: 0;
        color: inherit;
        cursor: pointer;
        display: flex;
        flex: 1 1 60%;
        font-family: var(--vscode-editor-font-family);
        font-size: var(--vscode-editor-font-size, 12px);
        gap: 12px;
        min-width: 0;
        padding: 3px 4px;
        text-align: left;
      }
      .go:hover {
        background: var(--vscode-list-hoverBackground);
      }
      .go:focus-visible,
      .link:focus-visible,
      input:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: -1px;
      }
      .number {
        min-width: 8ch;
        text-align: right;
      }
      .number,
      .lsn {
        color: var(--vscode-descriptionForeground);
        flex: none;
      }
      .label {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      input {
        background: var(--vscode-settings-textInputBackground, var(--vscode-input-background));
        border: 1px solid
          var(--vscode-settings-textInputBorder, var(--vscode-input-border, transparent));
        border-radius: 4px;
        box-sizing: border-box;
        color: var(--vscode-settings-textInputForeground, var(--vscode-input-foreground));
        flex: 1 1 40%;
        font: inherit;
        height: 24px;
        min-width: 8ch;
        padding: 0 6px;
      }
      input::placeholder {
        color: var(--vscode-input-placeholderForeground);
        opacity: 1;
      }
      .all {
        margin-top: 6px;
      }
      .link {
        padding: 2px 6px;
      }
    `,
  ];
}
