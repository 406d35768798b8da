import { css, html } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { VirtualList } from '../virtualList';
import type { RowView } from '../virtualList';

const WIDTH = 16;
const POSITIONS = Array.from({ length: WIDTH }, (_, index) => index);

/** Gives the byte at an offset, or undefined while it is being fetched. */
export type ByteAt = (offset: number) => number | undefined;

/** The user chose a byte. */
export type ByteEvent = CustomEvent<{ readonly offset: number }>;

/** The bytes of a message, sixteen a row, in hexadecimal and as text. */
@customElement('wal-hex-view')
export class HexView extends VirtualList {
  /** Length of the message. */
  @property({ attribute: false }) total = 0;
  @property({ attribute: false }) byteAt: ByteAt | undefined;
  /** The bytes that are marked, from a field that was chosen. */
  @property({ attribute: false }) mark: { readonly offset: number; readonly length: number } = {
    offset: 0,
    length: 0,
  };
  /** Rises when bytes arrived. */
  @property({ attribute: false }) revision = 0;

  @state() private cursor = -1;

  protected override readonly listRole = 'grid';
  protected override readonly columnCount = WIDTH + 2;

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.rowCount = Math.ceil(this.total / WIDTH);
    if (changed.has('total')) this.cursor = -1;
    if (changed.has('mark') && this.mark.length > 0) this.#showMark();
    this.active = this.cursor < 0 ? -1 : Math.floor(this.cursor / WIDTH);
    super.willUpdate(changed);
  }

  protected override activeElementId(): string {
    return `byte-${String(this.cursor)}`;
  }

  protected override onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey || this.total === 0) return;
    const next = this.#keyTarget(event);
    if (next === undefined) return;
    event.preventDefault();
    this.#choose(next);
  }

  protected override onClick(event: MouseEvent): void {
    for (const node of event.composedPath()) {
      if (node instanceof HTMLElement && node.dataset.offset !== undefined) {
        this.#choose(Number(node.dataset.offset));
        return;
      }
    }
  }

  protected override renderRow(index: number): RowView {
    const start = index * WIDTH;
    return {
      cells: html`<span role="rowheader" class="offset"
          >${start.toString(16).padStart(6, '0').toUpperCase()}</span
        >${POSITIONS.map(position => this.#byte(start + position))}<span
          role="gridcell"
          class="text"
          >${POSITIONS.map(position => this.#char(start + position))}</span
        >`,
    };
  }

  #byte(offset: number): TemplateResult {
    if (offset >= this.total) return html`<span role="gridcell" class="byte"></span>`;
    const byte = this.byteAt?.(offset);
    const text = byte === undefined ? '··' : byte.toString(16).padStart(2, '0').toUpperCase();
    return html`<span
      id="byte-${offset}"
      role="gridcell"
      class="byte ${this.#classes(offset)}"
      data-offset=${offset}
      aria-selected=${this.#isMarked(offset) ? 'true' : 'false'}
      >${text}</span
    >`;
  }

  #char(offset: number): TemplateResult {
    if (offset >= this.total) return html``;
    const byte = this.byteAt?.(offset) ?? 0;
    const printable = byte >= 0x20 && byte < 0x7f;
    return html`<span
      class="char ${printable ? '' : 'other'} ${this.#classes(offset)}"
      data-offset=${offset}
      >${printable ? String.fromCharCode(byte) : '.'}</span
    >`;
  }

  #classes(offset: number): string {
    return `${this.#isMarked(offset) ? 'marked' : ''} ${offset === this.cursor ? 'cursor' : ''}`;
  }

  #isMarked(offset: number): boolean {
    return offset >= this.mark.offset && offset < this.mark.offset + this.mark.length;
  }

  #keyTarget(event: KeyboardEvent): number | undefined {
    const at = Math.max(0, this.cursor);
    switch (event.key) {
      case 'ArrowRight':
        return this.cursor + 1;
      case 'ArrowLeft':
        return at - 1;
      case 'ArrowDown':
        return at + WIDTH;
      case 'ArrowUp':
        return at - WIDTH;
      case 'PageDown':
        return at + WIDTH * this.pageRows;
      case 'PageUp':
        return at - WIDTH * this.pageRows;
      case 'Home':
        return event.ctrlKey ? 0 : at - (at % WIDTH);
      case 'End':
        return event.ctrlKey ? this.total - 1 : at - (at % WIDTH) + WIDTH - 1;
      default:
        return undefined;
    }
  }

  #choose(offset: number): void {
    const next = Math.min(Math.max(0, offset), this.total - 1);
    this.cursor = next;
    this.reveal(Math.floor(next / WIDTH));
    this.dispatchEvent(new CustomEvent('wal-byte', { detail: { offset: next } }));
  }

  /** Shows where the marked bytes begin; the cursor goes there unless it is already inside. */
  #showMark(): void {
    const { offset, length } = this.mark;
    if (this.cursor < offset || this.cursor >= offset + length) this.cursor = offset;
    const row = Math.floor(this.cursor / WIDTH);
    void this.updateComplete.then(() => {
      this.reveal(row);
    });
  }

  static override styles = [
    VirtualList.styles,
    css`
      :host {
        --wal-min-width: 77ch;
        color: var(--vscode-editor-foreground);
        font-family: var(--vscode-editor-font-family);
        font-size: var(--vscode-editor-font-size, 12px);
        font-variant-ligatures: none;
      }
      .row {
        display: flex;
        padding-left: 8px;
      }
      .viewport .row.selected,
      .viewport .row:hover,
      .list:focus .row.selected,
      .list:focus .row.active {
        background: none;
        color: inherit;
        outline: none;
      }
      .offset {
        color: var(--vscode-descriptionForeground);
        width: 7.5ch;
      }
      .byte {
        box-sizing: content-box;
        cursor: default;
        padding: 0 0.5ch;
        text-align: center;
        width: 2ch;
      }
      .byte:nth-child(9) {
        margin-right: 1ch;
      }
      .text {
        margin-left: 1.5ch;
      }
      .char {
        cursor: default;
        display: inline-block;
        width: 1ch;
      }
      .other {
        color: var(--vscode-descriptionForeground);
      }
      .marked {
        background: var(--vscode-editor-selectionBackground);
        color: var(--vscode-editor-selectionForeground, var(--vscode-editor-foreground));
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -2px;
      }
      .list:focus .cursor {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: -1px;
      }
      @media (forced-colors: active) {
        .marked {
          background: Highlight;
          color: HighlightText;
          forced-color-adjust: none;
        }
      }
    `,
  ];
}
