import { css, html } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { WireDirection } from '../../src/shared/wireApi';
import { formatClock, formatCount } from '../formats';
import { dataStyles } from '../dataStyles';
import { listCellStyles } from '../listCellStyles';
import { VirtualList } from '../virtualList';
import type { RowView } from '../virtualList';
import { dataText } from './cellValue';
import type { WireModel } from './wireModel';

/** An arrow and a word: never colour alone. */
const DIRECTIONS: Readonly<Record<WireDirection, readonly [arrow: string, word: string]>> = {
  received: ['↓', 'received'],
  sent: ['↑', 'sent'],
  none: ['·', 'noted'],
};

/** The lines of the conversation between the server and us. */
@customElement('wal-wire-list')
export class WireList extends VirtualList {
  @property({ attribute: false }) wire: WireModel | undefined;
  /** Rises when lines arrived. */
  @property({ attribute: false }) revision = 0;

  protected override readonly listRole = 'grid';
  protected override readonly columnCount = 6;

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.rowCount = this.wire?.rows ?? 0;
    super.willUpdate(changed);
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    this.wire?.want(this.firstVisible, this.visibleCount);
  }

  protected override renderHeader(): TemplateResult {
    return html`<span role="columnheader" class="c">Direction</span
      ><span role="columnheader" class="c">Time</span><span role="columnheader" class="c">LSN</span
      ><span role="columnheader" class="c bytes">Bytes</span
      ><span role="columnheader" class="c">Frame</span
      ><span role="columnheader" class="c">What it says</span>`;
  }

  protected override renderRow(index: number): RowView {
    const line = this.wire?.line(index);
    if (line === undefined) {
      return { cells: html`<span role="gridcell" class="c dim">…</span>`, classes: 'loading' };
    }
    const [arrow, word] = DIRECTIONS[line.direction];
    // The day stands in the title.
    const clock = line.time === '' ? '' : formatClock(line.time, new Date(line.time));
    return {
      classes: `${line.direction} ${line.kind}`,
      cells: html`<span role="gridcell" class="c direction"
          ><span class="arrow" aria-hidden="true">${arrow}</span> ${word}</span
        ><span role="gridcell" class="c time" title=${line.time}>${clock}</span
        ><span role="gridcell" class="c lsn">${line.lsn}</span
        ><span role="gridcell" class="c bytes">${formatCount(line.length)}</span
        ><span role="gridcell" class="c name">${line.name}</span
        ><span role="gridcell" class="c note" title=${line.note}>${dataText(line.note)}</span>`,
    };
  }

  static override styles = [
    VirtualList.styles,
    dataStyles,
    listCellStyles,
    css`
      :host {
        --wal-min-width: 72ch;
      }
      .row {
        display: grid;
        grid-template-columns: 12ch 18ch 13ch 7ch 15ch minmax(12ch, 1fr);
      }
      .direction,
      .name {
        font-family: var(--vscode-font-family);
      }
      .arrow {
        display: inline-block;
        font-weight: 700;
        width: 1.4ch;
      }
      .sent .direction,
      .sent .name {
        color: var(--vscode-charts-blue, var(--vscode-editor-foreground));
      }
      .gap .name,
      .unknown .name {
        font-weight: 600;
      }
      .bytes {
        text-align: right;
      }
      .time,
      .lsn,
      .note {
        color: var(--vscode-descriptionForeground);
      }
      .viewport .row.selected :is(.direction, .name, .time, .lsn, .note) {
        color: inherit;
      }
    `,
  ];
}
