import { css, html } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Field } from '../../src/base/fieldReader';
import { visibleText } from '../../src/base/visibleText';
import { dataStyles } from '../dataStyles';
import { listCellStyles } from '../listCellStyles';
import { VirtualList } from '../virtualList';
import type { RowView } from '../virtualList';
import { dataText } from './cellValue';

/** Fields up to this many are all shown opened. */
const OPENED = 400;

interface Node {
  readonly field: Field;
  readonly level: number;
}

/** The user chose a field. */
export type FieldEvent = CustomEvent<{ readonly offset: number; readonly length: number }>;

/** The fields of a message as a tree, each with the bytes that it stands in. */
@customElement('wal-field-tree')
export class FieldTree extends VirtualList {
  @property({ attribute: false }) fields: readonly Field[] = [];
  /** The byte whose field is to be shown; -1 for none. */
  @property({ attribute: false }) chosenByte = -1;

  protected override readonly listRole = 'treegrid';
  protected override readonly columnCount = 4;

  #nodes: readonly Node[] = [];
  #closed = new Set<Field>();

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('fields')) {
      this.#closed = new Set();
      this.active = -1;
      if (countFields(this.fields) > OPENED) {
        for (const field of this.fields)
          for (const child of field.children) this.#closed.add(child);
      }
      this.#flatten();
    }
    if (changed.has('chosenByte') && this.chosenByte >= 0) this.#showByte(this.chosenByte);
    super.willUpdate(changed);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('wal-active', event => {
      this.#choose((event as CustomEvent<{ index: number }>).detail.index);
    });
    this.addEventListener('wal-toggle', event => {
      const { index, open } = (event as CustomEvent<{ index: number; open?: boolean }>).detail;
      this.#toggle(index, open);
    });
  }

  protected override renderHeader(): TemplateResult {
    return html`<span role="columnheader" class="c">Field</span
      ><span role="columnheader" class="c">Value</span
      ><span role="columnheader" class="c">Meaning</span
      ><span role="columnheader" class="c at">Bytes</span>`;
  }

  protected override renderRow(index: number): RowView {
    const node = this.#nodes[index];
    if (node === undefined) return { cells: html`<span role="gridcell" class="c"></span>` };
    const { field, level } = node;
    const group = field.children.length > 0;
    const open = group && !this.#closed.has(field);
    const at = `${String(field.offset)} + ${String(field.length)}`;
    return {
      level,
      ...(group ? { expanded: open } : {}),
      cells: html`<span role="gridcell" class="c name" title=${field.meaning}
          ><span class="indent">${'  '.repeat(level - 1)}</span
          ><span class="${group ? 'twistie codicon' : 'leaf'} ${open ? 'open' : ''}"></span
          >${dataText(field.name)}</span
        ><span role="gridcell" class="c value" title=${visibleText(field.value)}
          >${dataText(field.value)}</span
        ><span role="gridcell" class="c meaning" title=${field.meaning}
          >${dataText(field.meaning)}</span
        ><span role="gridcell" class="c at" title="offset + length">${at}</span>`,
    };
  }

  #choose(index: number): void {
    const field = this.#nodes[index]?.field;
    if (field === undefined) return;
    this.active = index;
    const { offset, length } = field;
    this.dispatchEvent(new CustomEvent('wal-field', { detail: { offset, length } }));
  }

  #toggle(index: number, open: boolean | undefined): void {
    const field = this.#nodes[index]?.field;
    if (field === undefined) return;
    const isOpen = !this.#closed.has(field);
    const next = open ?? !isOpen;
    if (field.children.length === 0 || next === isOpen) {
      if (open === false) this.#choose(this.#parentOf(index));
      return;
    }
    if (next) this.#closed.delete(field);
    else this.#closed.add(field);
    this.#flatten();
    this.requestUpdate();
  }

  #parentOf(index: number): number {
    const level = this.#nodes[index]?.level ?? 1;
    for (let above = index - 1; above >= 0; above--) {
      if ((this.#nodes[above]?.level ?? 1) < level) return above;
    }
    return index;
  }

  /** Opens what holds the byte and makes the innermost field active. */
  #showByte(byte: number): void {
    let innermost: Field | undefined;
    let among = this.fields;
    for (;;) {
      const found = among.find(f => byte >= f.offset && byte < f.offset + f.length);
      if (found === undefined) break;
      innermost = found;
      this.#closed.delete(found);
      among = found.children;
    }
    this.#flatten();
    this.active = this.#nodes.findIndex(({ field }) => field === innermost);
    void this.updateComplete.then(() => {
      if (this.active >= 0) this.reveal(this.active);
    });
  }

  #flatten(): void {
    const nodes: Node[] = [];
    const walk = (fields: readonly Field[], level: number): void => {
      for (const field of fields) {
        nodes.push({ field, level });
        if (!this.#closed.has(field)) walk(field.children, level + 1);
      }
    };
    walk(this.fields, 1);
    this.#nodes = nodes;
    this.rowCount = nodes.length;
  }

  static override styles = [
    VirtualList.styles,
    dataStyles,
    listCellStyles,
    css`
      :host {
        --wal-min-width: 44ch;
        container-type: inline-size;
      }
      .row {
        display: grid;
        grid-template-columns: minmax(13ch, 1.5fr) minmax(12ch, 1.7fr) minmax(9ch, 2fr) 10ch;
      }
      /* Too narrow for four: of a name two letters could be read. The bytes are marked beside it. */
      @container (max-width: 64ch) {
        .row {
          grid-template-columns: minmax(21ch, 1.5fr) minmax(10ch, 1.2fr) minmax(12ch, 1.6fr);
        }
        .at {
          display: none;
        }
      }
      .meaning {
        font-family: var(--vscode-font-family);
      }
      .meaning,
      .at {
        color: var(--vscode-descriptionForeground);
      }
      .at {
        text-align: right;
      }
      .indent {
        white-space: pre;
      }
      .leaf {
        display: inline-block;
        width: 18px;
      }
    `,
  ];
}

function countFields(fields: readonly Field[]): number {
  return fields.reduce((sum, field) => sum + 1 + countFields(field.children), 0);
}
