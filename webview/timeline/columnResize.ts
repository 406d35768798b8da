import type { ColumnId } from '../../src/shared/timelineLayout';
import { clampWidth } from './columns';

/** What a list does when one of its columns is being sized. */
export interface ColumnSizing {
  /** Width of the column as it is drawn, in pixels. */
  widthOf(id: ColumnId): number;
  /** While dragging; `done` with the last one. */
  resize(id: ColumnId, width: number, done: boolean): void;
}

/** Drags the edge of a column's header. */
export class ColumnResize {
  readonly #sizing: ColumnSizing;
  #drag:
    { readonly id: ColumnId; readonly startX: number; readonly startWidth: number } | undefined;
  #moved = false;

  constructor(sizing: ColumnSizing) {
    this.#sizing = sizing;
  }

  down(event: PointerEvent, id: ColumnId): void {
    const edge = event.currentTarget;
    if (!(edge instanceof HTMLElement) || event.button !== 0) return;
    edge.setPointerCapture(event.pointerId);
    this.#drag = { id, startX: event.clientX, startWidth: this.#sizing.widthOf(id) };
    this.#moved = false;
    event.preventDefault();
    // The list would take it for a finger that scrolls.
    event.stopPropagation();
  }

  readonly move = (event: PointerEvent): void => {
    if (this.#drag === undefined) return;
    this.#moved ||= event.clientX !== this.#drag.startX;
    if (this.#moved) this.#resize(event, this.#drag, false);
  };

  readonly up = (event: PointerEvent): void => {
    const drag = this.#drag;
    this.#drag = undefined;
    if (drag !== undefined && this.#moved) this.#resize(event, drag, true);
  };

  #resize(
    event: PointerEvent,
    drag: { readonly id: ColumnId; readonly startX: number; readonly startWidth: number },
    done: boolean,
  ): void {
    const width = clampWidth(drag.startWidth + event.clientX - drag.startX);
    this.#sizing.resize(drag.id, width, done);
  }
}

/** The width that the content of these cells needs, with their padding, in pixels. */
export function contentWidth(cells: Iterable<Element>): number {
  let widest = 0;
  for (const cell of cells) {
    const range = document.createRange();
    range.selectNodeContents(cell);
    const { paddingLeft, paddingRight } = getComputedStyle(cell);
    const padding = Number.parseFloat(paddingLeft) + Number.parseFloat(paddingRight);
    widest = Math.max(widest, range.getBoundingClientRect().width + padding);
  }
  return Math.ceil(widest) + 2;
}
