/** A node as far as the cache cares: its id begins with its parent's id and a slash. */
export interface CachedNode {
  readonly id: string;
}

/**
 * The children that were read for each open node, so that drawing the tree again asks no server. A
 * refresh reads all of them anew and tells whether anything is different; what was closed is
 * forgotten, so that opening it again shows the state of that moment.
 */
export class ChildrenCache<T extends CachedNode> {
  readonly #load: (parent: T) => Promise<readonly T[]>;
  readonly #children = new Map<string, Promise<readonly T[]>>();
  readonly #parents = new Map<string, T>();

  /** `load` never rejects: a failure is a child that says so. */
  constructor(load: (parent: T) => Promise<readonly T[]>) {
    this.#load = load;
  }

  children(parent: T): Promise<readonly T[]> {
    const known = this.#children.get(parent.id);
    if (known !== undefined) return known;
    const loading = this.#load(parent);
    this.#parents.set(parent.id, parent);
    this.#children.set(parent.id, loading);
    return loading;
  }

  /** Forgets a node's children, and theirs. */
  forget(id: string): void {
    for (const key of [...this.#children.keys()]) {
      if (key === id || key.startsWith(`${id}/`)) {
        this.#children.delete(key);
        this.#parents.delete(key);
      }
    }
  }

  clear(): void {
    this.#children.clear();
    this.#parents.clear();
  }

  /**
   * Reads again what is open, one after the other, except where `skip` says to leave what was read.
   * Resolves with whether anything changed.
   */
  async refresh(skip: (children: readonly T[]) => boolean): Promise<boolean> {
    let changed = false;
    for (const [id, parent] of [...this.#parents]) {
      const before = this.#children.get(id);
      if (before === undefined) continue;
      const old = await before;
      if (skip(old)) continue;
      const now = await this.#load(parent);
      if (this.#children.get(id) !== before || JSON.stringify(old) === JSON.stringify(now))
        continue;
      this.#children.set(id, Promise.resolve(now));
      changed = true;
    }
    return changed;
  }
}
