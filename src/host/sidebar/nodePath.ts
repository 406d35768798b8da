import type { SidebarNode } from './sidebarNode';

/**
 * The lines from the root down to the one of this id, it included; empty where there is none. A line's
 * id begins with its parent's, so only what lies on the way is read.
 */
export async function nodePath(
  id: string,
  childrenOf: (node?: SidebarNode) => Promise<readonly SidebarNode[]>,
): Promise<readonly SidebarNode[]> {
  const path: SidebarNode[] = [];
  for (;;) {
    const children = await childrenOf(path.at(-1));
    const next = children.find(child => child.id === id || id.startsWith(`${child.id}/`));
    if (next === undefined) return [];
    path.push(next);
    if (next.id === id) return path;
  }
}
