import type { SidebarNode } from './sidebarNode';

/** A tooltip stays as it was made until its line is drawn again; older than this it is made anew. */
const TOOLTIP_MS = 60_000;

/**
 * Decides which lines of the tree are drawn again: drawing one closes its tooltip, so only those whose
 * text, icon or menu is another one, and those whose tooltip was shown and has been wrong for a minute.
 */
export class DrawnLines {
  /** When the tooltip of a line was made, by id; lines that are drawn again have none. */
  readonly #tooltips = new Map<string, number>();

  tooltipMade(node: SidebarNode): void {
    this.#tooltips.set(node.id, performance.now());
  }

  readonly looksSame = (drawn: SidebarNode, now: SidebarNode): boolean => {
    if (lineOf(drawn) === lineOf(now)) {
      const made = this.#tooltips.get(drawn.id);
      if (made === undefined || performance.now() - made < TOOLTIP_MS) return true;
      if (JSON.stringify(drawn.tooltip) === JSON.stringify(now.tooltip)) return true;
    }
    this.#tooltips.delete(drawn.id);
    return false;
  };
}

/** What can be seen of a line without asking for more. */
function lineOf(node: SidebarNode): string {
  const { label, description, icon, context, accessible, expandable, action } = node;
  return JSON.stringify([label, description, icon, context, accessible, expandable, action]);
}
