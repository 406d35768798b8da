import type { CachedNode, ChildrenCache, OpenNode } from './childrenCache';

/**
 * Most places of one group that are read in one round, when each needs a session of its own: fifty open
 * databases of a server are read a few at a time, those first that were not read for the longest time.
 */
export const PLACES_PER_ROUND = 4;

export interface RoundRules<T extends CachedNode> {
  /** What waits for one another: the nodes of one server. */
  readonly groupOf: (node: T) => string;
  /** What needs a session of its own within its group, such as a database; undefined for the rest. */
  readonly placeOf: (node: T) => string | undefined;
  /** Whether this is to be read again now without being asked to. */
  readonly isDue: (open: OpenNode<T>) => boolean;
  /** Draws these lines again. */
  readonly draw: (lines: readonly T[]) => void;
}

/**
 * Reads again what is open, in rounds: every group by itself, so that a slow one keeps nobody waiting,
 * and one thing after the other within a group, so that no server is pressed. A group whose last
 * round is not through yet is left alone.
 */
export class RefreshRounds<T extends CachedNode> {
  readonly #cache: ChildrenCache<T>;
  readonly #rules: RoundRules<T>;
  readonly #running = new Map<string, Promise<void>>();
  #isStopped = false;

  constructor(cache: ChildrenCache<T>, rules: RoundRules<T>) {
    this.#cache = cache;
    this.#rules = rules;
  }

  /** Begins a round in every group that is in none. Resolves when these are through. */
  async start(): Promise<void> {
    this.#isStopped = false;
    const groups = new Map<string, OpenNode<T>[]>();
    for (const open of this.#cache.open()) {
      // What is read for the first time is on its way already.
      if (open.children === undefined || !this.#rules.isDue(open)) continue;
      const group = this.#rules.groupOf(open.parent);
      groups.set(group, [...(groups.get(group) ?? []), open]);
    }
    const rounds = [...groups]
      .filter(([group]) => !this.#running.has(group))
      .map(([group, nodes]) => {
        const round = this.#round(nodes).finally(() => {
          this.#running.delete(group);
        });
        this.#running.set(group, round);
        return round;
      });
    await Promise.all(rounds);
  }

  /** Nobody looks any more: nothing more is asked than what is on its way. */
  stop(): void {
    this.#isStopped = true;
  }

  async #round(nodes: readonly OpenNode<T>[]): Promise<void> {
    const byAge = [...nodes].sort((a, b) => a.readAt - b.readAt);
    const places = new Set<string>();
    for (const { parent } of byAge) {
      const place = this.#rules.placeOf(parent);
      if (place !== undefined && places.size < PLACES_PER_ROUND) places.add(place);
    }
    for (const { parent } of nodes) {
      if (this.#isStopped) return;
      const place = this.#rules.placeOf(parent);
      if (place !== undefined && !places.has(place)) continue;
      const lines = await this.#cache.reload(parent.id);
      if (lines.length > 0) this.#rules.draw(lines);
    }
  }
}
