import { css, html } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { dataStyles } from '../dataStyles';
import { VirtualList } from '../virtualList';
import type { RowView } from '../virtualList';
import { COLUMNS, rowView } from './rowCells';
import type { RowCache } from './rowCache';

/** The list of the timeline: one row a transaction, change or note. */
@customElement('wal-timeline-grid')
export class TimelineGrid extends VirtualList {
  @property({ attribute: false }) cache: RowCache | undefined;
  /** Rows that there are: following asks for the last of them, also before it draws them. */
  @property({ attribute: false }) newest = 0;
  /** Rises when rows arrived, so that the list draws them. */
  @property({ attribute: false }) revision = 0;

  protected override readonly listRole = 'grid';
  protected override readonly columnCount = COLUMNS.length;

  #now = new Date();

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.#now = new Date();
    const first = this.follow ? Math.max(0, this.newest - this.visibleCount) : this.firstVisible;
    this.cache?.want(first, this.visibleCount, this.active);
  }

  protected override renderHeader(): TemplateResult {
    return html`${COLUMNS.map(
      ({ key, title }) => html`<span role="columnheader" class="c ${key}">${title}</span>`,
    )}`;
  }

  protected override renderRow(index: number): RowView {
    return rowView(this.cache?.row(index), this.#now);
  }

  static override styles = [
    VirtualList.styles,
    dataStyles,
    css`
      :host {
        --wal-min-width: 101ch;
        /* Whatever is left goes to what changed; table and key share it where there is plenty. */
        --wal-columns: calc(9ch + 18px) 14ch 16.5ch 11.5ch 3.5ch minmax(12ch, 1fr) minmax(11ch, 1fr)
          minmax(20ch, 4fr);
        color: var(--vscode-editor-foreground);
        font-family: var(--vscode-editor-font-family);
        font-size: var(--vscode-editor-font-size, 12px);
        font-variant-ligatures: none;
        font-variant-numeric: tabular-nums;
      }
      .row {
        border-bottom: 1px solid transparent;
        display: grid;
        grid-template-columns: var(--wal-columns);
      }
      .header {
        background: var(--vscode-keybindingTable-headerBackground, transparent);
        border-bottom-color: var(
          --vscode-contrastBorder,
          var(--vscode-panel-border, var(--vscode-widget-border))
        );
        color: var(--vscode-descriptionForeground);
      }
      .header .c {
        font-family: var(--vscode-font-family);
        font-size: 0.88em;
      }
      .c {
        overflow: hidden;
        padding: 0 6px;
        text-overflow: ellipsis;
      }
      .seq,
      .xid {
        text-align: right;
      }
      .seq {
        display: flex;
        justify-content: flex-end;
        padding-left: 0;
      }
      .seq,
      .lsn,
      .time,
      .xid {
        color: var(--vscode-descriptionForeground);
      }
      .op {
        padding: 0;
        text-align: center;
      }
      .header .op {
        font-weight: inherit;
      }
      .line {
        grid-column: 5 / -1;
      }
      .rest {
        grid-column: 3 / -1;
      }
      .count {
        font-weight: 600;
      }
      .nested .op,
      .change.nested .seq {
        position: relative;
      }
      .nested .seq::before {
        border-left: 1px solid var(--vscode-tree-indentGuidesStroke, currentColor);
        bottom: 0;
        content: '';
        left: 10px;
        opacity: 0.6;
        position: absolute;
        top: 0;
      }
      .twistie {
        cursor: pointer;
        flex: none;
        line-height: inherit;
        margin-right: auto;
        padding: 0 2px;
        width: 18px;
      }
      .twistie::before {
        content: '\\eab6';
      }
      .twistie.open::before {
        content: '\\eab4';
      }
      .fate-aborted :is(.table, .key, .what) {
        text-decoration: line-through;
      }
      .note .codicon {
        color: var(--vscode-editorWarning-foreground);
        font-size: 14px;
        margin-right: 6px;
        vertical-align: middle;
      }
      .note-error .codicon {
        color: var(--vscode-errorForeground);
      }
      .warn::before {
        content: '\\ea6c';
      }
      .gap::before {
        content: '\\ead0';
      }
      .seam::before {
        content: '\\eacf';
      }
      .note-seam .codicon {
        color: var(--vscode-descriptionForeground);
      }
      .bone {
        background: var(--vscode-descriptionForeground);
        border-radius: 3px;
        display: inline-block;
        height: 8px;
        opacity: 0.18;
        width: min(100%, 9ch);
      }
      .loading .what .bone {
        width: min(100%, 28ch);
      }
      .loading .op .bone {
        width: 1ch;
      }
      .viewport .row.active :is(.c, .dim, .null, .nothing, .unchanged, .word) {
        color: inherit;
      }
    `,
  ];
}
