import { rowIndexOf } from '../virtualList';
import type { DetailPane } from './detailPane';
import {
  contextInDetail,
  contextOfRow,
  isFromKeyboard,
  offerMenu,
  reopenAt,
  targetInRow,
} from './menuContext';
import type { TimelineGrid } from './timelineGrid';
import type { TimelineModel } from './timelineModel';
import type { FilterTarget } from './valueFilter';

/** The parts of the panel, as far as they are drawn. */
export interface PanelParts {
  readonly grid: TimelineGrid | null;
  readonly pane: DetailPane | null;
}

/** Says what VS Code's context menu is about, before it opens. The list's header has a menu of ours. */
export class ContextMenus {
  readonly #host: HTMLElement;
  readonly #model: TimelineModel;
  readonly #parts: () => PanelParts;
  readonly #showColumns: () => void;
  /** What the menu was opened on that was asked for last. */
  target: FilterTarget | undefined;

  /** `host`: the element of the panel that stands in the page itself. */
  constructor(
    host: HTMLElement,
    model: TimelineModel,
    parts: () => PanelParts,
    showColumns: () => void,
  ) {
    this.#host = host;
    this.#model = model;
    this.#parts = parts;
    this.#showColumns = showColumns;
  }

  readonly open = (event: MouseEvent): void => {
    const path = event.composedPath();
    const { grid, pane } = this.#parts();
    if (path[0] instanceof HTMLInputElement) {
      // Cut, copy and paste, as in any text field.
      delete this.#host.dataset.vscodeContext;
    } else if (grid !== null && path.includes(grid)) this.#inList(event, grid);
    else if (pane !== null && path.includes(pane)) this.#inDetail(event, pane);
    else event.preventDefault();
  };

  #inList(event: MouseEvent, grid: TimelineGrid): void {
    if (isFromKeyboard(event)) {
      event.preventDefault();
      const box = grid.activeBox();
      if (box !== undefined) reopenAt(grid, box);
      return;
    }
    const isHeader = event
      .composedPath()
      .some(node => node instanceof HTMLElement && node.classList.contains('header'));
    const index = rowIndexOf(event) ?? this.#model.selection?.index ?? -1;
    const row = this.#model.cache.row(index);
    if (isHeader || row === undefined) {
      event.preventDefault();
      if (isHeader) this.#showColumns();
      return;
    }
    if (!this.#model.chosen.has(index)) this.#model.select(index);
    this.target = targetInRow(event, row);
    offerMenu(this.#host, contextOfRow(row, this.target));
  }

  #inDetail(event: MouseEvent, pane: DetailPane): void {
    const box = pane.focusedBox();
    const [target] = event.composedPath();
    if (isFromKeyboard(event) && box !== undefined && target !== undefined) {
      event.preventDefault();
      reopenAt(target, box);
      return;
    }
    const { selection, cache } = this.#model;
    const row = selection === undefined ? undefined : cache.row(selection.index);
    const transaction = row === undefined || row.type === 'note' ? -1 : row.transaction;
    const context = contextInDetail(event, pane.seq, transaction);
    const { seq, column, side } = context;
    this.target =
      column === undefined || side === undefined
        ? { seq, of: 'transaction' }
        : { seq, of: 'value', column, side };
    offerMenu(this.#host, context);
  }
}
