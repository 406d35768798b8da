import type { TimelineRow } from '../../src/shared/timelineRow';
import type { FilterTarget } from './valueFilter';

/** What VS Code's context menus of the timeline are about; commands of the host get it as argument. */
export type MenuContext = {
  readonly webviewSection: 'transaction' | 'change' | 'note' | 'value' | 'detail';
  /** The line of the list, or the message of the detail. */
  readonly seq: number;
  readonly transaction: number;
  /** Of a transaction of a single change: that change, which its line shows. */
  readonly singleChange?: number;
  /** Of a value in the detail. */
  readonly column?: number;
  readonly side?: 'before' | 'after';
  /** The value is masked. */
  readonly valueMasked?: true;
  /** The list can be narrowed by what is under the pointer. */
  readonly canFilter?: true;
};

export function contextOfRow(row: TimelineRow, target?: FilterTarget): MenuContext {
  if (row.type === 'note') return { webviewSection: 'note', seq: row.seq, transaction: -1 };
  const { seq, transaction } = row;
  // A transaction of a single change shows that change, but its line stands for the transaction.
  return {
    webviewSection: row.type,
    seq,
    transaction,
    ...(row.type === 'transaction' && row.single !== undefined
      ? { singleChange: row.single.seq }
      : {}),
    ...(target === undefined || target.of === 'transaction' ? {} : { canFilter: true }),
  };
}

/** What of a row of the list stands under the pointer. */
export function targetInRow(event: Event, row: TimelineRow): FilterTarget | undefined {
  if (row.type === 'note') return undefined;
  const change = row.type === 'transaction' ? row.single : row;
  const seq = change?.seq ?? row.seq;
  for (const node of event.composedPath()) {
    if (!(node instanceof HTMLElement) || change === undefined) continue;
    const { of, name } = node.dataset;
    if (of !== undefined && name !== undefined) {
      return { seq, of: 'value', column: name, side: of === 'before' ? 'before' : 'after' };
    }
    if (node.role !== 'gridcell') continue;
    if (node.classList.contains('op')) return { seq, of: 'operation' };
    if (node.classList.contains('table')) return { seq, of: 'table' };
  }
  return { seq, of: 'transaction' };
}

/** What stands under the pointer in the detail of a message. */
export function contextInDetail(event: Event, seq: number, transaction: number): MenuContext {
  const value = event
    .composedPath()
    .find(node => node instanceof HTMLElement && node.dataset.side !== undefined);
  if (!(value instanceof HTMLElement)) return { webviewSection: 'detail', seq, transaction };
  return {
    webviewSection: 'value',
    seq,
    transaction,
    column: Number(value.dataset.column),
    side: value.dataset.side === 'before' ? 'before' : 'after',
    ...(value.dataset.masked === undefined ? { canFilter: true } : { valueMasked: true }),
  };
}

/**
 * Puts it where VS Code looks for it. It sees no further than our element in the page, whose parts are
 * in a shadow tree; so the element itself carries what the menu that is about to open is about.
 */
export function offerMenu(host: HTMLElement, context: MenuContext | undefined): void {
  host.dataset.vscodeContext = JSON.stringify({
    ...context,
    preventDefaultContextMenuItems: true,
  });
}

/** A menu asked for by keyboard: it has no place of its own. */
export function isFromKeyboard(event: MouseEvent): boolean {
  return event.isTrusted && event.button !== 2 && !event.ctrlKey;
}

/** Asks for the menu again, at a place that can be seen. */
export function reopenAt(target: EventTarget, box: DOMRect): void {
  target.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      composed: true,
      button: 2,
      clientX: box.left + Math.min(40, box.width / 2),
      clientY: box.bottom - 2,
    }),
  );
}
