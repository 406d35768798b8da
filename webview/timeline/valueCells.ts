/**
 * Moving among the values of a table by arrow keys: one of them is the table's tab stop. The cells are
 * those with `data-side`.
 */
export function moveAmongValues(event: KeyboardEvent, table: HTMLElement): void {
  const cell = valueCellOf(event);
  const step = STEPS[event.key];
  if (cell === undefined || step === undefined || event.ctrlKey || event.altKey) return;
  const cells = [...table.querySelectorAll<HTMLElement>('[data-side]')];
  const at = cells.indexOf(cell);
  const [rows, columns] = step;
  const inRow = columns !== 0 && cells[at + columns]?.parentElement !== cell.parentElement;
  const next = inRow ? undefined : cells[at + columns + rows * 2];
  event.preventDefault();
  if (next !== undefined) focusValue(next, table);
}

/** Rows and columns to move by. */
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

/** Makes a value the tab stop of its table: the one that has or had the focus. */
export function becomeTabStop(event: FocusEvent, table: HTMLElement): void {
  const cell = valueCellOf(event);
  if (cell === undefined) return;
  for (const other of table.querySelectorAll<HTMLElement>('[data-side][tabindex="0"]')) {
    if (other !== cell) other.tabIndex = -1;
  }
  cell.tabIndex = 0;
}

function focusValue(cell: HTMLElement, table: HTMLElement): void {
  for (const other of table.querySelectorAll<HTMLElement>('[data-side][tabindex="0"]')) {
    other.tabIndex = -1;
  }
  cell.tabIndex = 0;
  cell.focus();
}

/** The value that an event came from: the cell itself, not what can be used inside it. */
function valueCellOf(event: Event): HTMLElement | undefined {
  const [target] = event.composedPath();
  return target instanceof HTMLElement && target.dataset.side !== undefined ? target : undefined;
}
