/** A node as far as the cache cares: its id begins with its parent's id and a slash. */
export interface CachedNode {
  readonly id: string;
}

export interface CacheRules<T extends CachedNode> {
  /**
   * Reads what is below a node; never rejects: a failure is a child that says so. After `signal` nobody
   * wants the answer any more.
   */
  readonly load: (parent: T, signal: AbortSignal) => Promise<readonly T[]>;
  /** Whether a line need not be drawn again: what can be seen of it is what was drawn. */
  readonly looksSame: (drawn: T, now: T) => boolean;
}

/** A node whose children were read: what is open in the tree. */
export interface OpenNode<T extends CachedNode> {
  readonly parent: T;
  /** Undefined while they are read for the first time. */
  readonly children: readonly T[] | undefined;
  /** By the clock of `performance.now()`, milliseconds. */
  readonly readAt: number;
}

/** From this many changed lines of one node on, its children are drawn again as a whole. */
const MANY = 32;

interface Entry<T extends CachedNode> {
  readonly parent: T;
  readonly unwanted: AbortController;
  promise: Promise<readonly T[]>;
  children: readonly T[] | undefined;
  readAt: number;
  /** Counts the readings: of two at once the one that began last counts. */
  readings: number;
}

/**
 * The children that were read for each open node, so that drawing the tree again asks no server. A
 * line keeps its object for as long as it is there and takes on what was read last, because the tree
 * knows its lines by identity: so one line can be drawn again alone. What was closed is forgotten, so
 * that opening it again shows the state of that moment.
 */
export class ChildrenCache<T extends CachedNode> {
  readonly #rules: CacheRules<T>;
  readonly #entries = new Map<string, Entry<T>>();
  #roots: readonly T[] = [];

  constructor(rules: CacheRules<T>) {
    this.#rules = rules;
  }

  /** The nodes that have no parent, as the objects that stand for them. */
  roots(now: readonly T[]): readonly T[] {
    const { lines } = this.#merge(this.#roots, now);
    for (const gone of this.#roots) if (!lines.includes(gone)) this.forget(gone.id);
    this.#roots = lines;
    return lines;
  }

  /** Takes on what is known of the roots now; the lines to draw again, or undefined for all of them. */
  updateRoots(now: readonly T[]): readonly T[] | undefined {
    const { lines, changed, isReordered } = this.#merge(this.#roots, now);
    this.#roots = lines;
    return isReordered ? undefined : changed;
  }

  /** The object that stands for a root; undefined when there is none of that id. */
  root(id: string): T | undefined {
    return this.#roots.find(node => node.id === id);
  }

  children(parent: T): Promise<readonly T[]> {
    const known = this.#entries.get(parent.id);
    if (known !== undefined) return known.promise;
    const entry: Entry<T> = {
      parent,
      unwanted: new AbortController(),
      promise: Promise.resolve([]),
      children: undefined,
      readAt: performance.now(),
      readings: 0,
    };
    this.#entries.set(parent.id, entry);
    entry.promise = this.#read(entry).then(children => {
      entry.children = children;
      return children;
    });
    return entry.promise;
  }

  /** What is open, in the order of opening. */
  open(): readonly OpenNode<T>[] {
    return [...this.#entries.values()];
  }

  /** The open node of this id. */
  openNode(id: string): T | undefined {
    return this.#entries.get(id)?.parent;
  }

  /** The open node that this line stands below. */
  parentOf(id: string): T | undefined {
    for (const { parent, children } of this.#entries.values()) {
      if (children?.some(child => child.id === id) === true) return parent;
    }
    return undefined;
  }

  /** Forgets a node's children, and theirs; who waits for them gets none. */
  forget(id: string): void {
    for (const [key, entry] of [...this.#entries]) {
      if (key !== id && !key.startsWith(`${id}/`)) continue;
      this.#entries.delete(key);
      entry.unwanted.abort();
    }
  }

  clear(): void {
    for (const entry of this.#entries.values()) entry.unwanted.abort();
    this.#entries.clear();
  }

  /** Reads an open node again. Resolves with the lines to draw again, the node itself for many. */
  async reload(id: string): Promise<readonly T[]> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return [];
    const first = await entry.promise;
    const reading = ++entry.readings;
    const now = await this.#read(entry);
    if (this.#entries.get(id) !== entry || entry.readings !== reading) return [];
    const old = entry.children ?? first;
    const { lines, changed, isReordered } = this.#merge(old, now);
    const kept = new Set(lines);
    for (const line of old) if (!kept.has(line)) this.forget(line.id);
    entry.children = lines;
    entry.promise = Promise.resolve(lines);
    return isReordered || changed.length > MANY ? [entry.parent] : changed;
  }

  #read(entry: Entry<T>): Promise<readonly T[]> {
    const { signal } = entry.unwanted;
    entry.readAt = performance.now();
    return new Promise(resolve => {
      const stop = (): void => {
        resolve([]);
      };
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      void this.#rules.load(entry.parent, signal).then(children => {
        signal.removeEventListener('abort', stop);
        resolve(children);
      });
    });
  }

  #merge(
    old: readonly T[],
    now: readonly T[],
  ): {
    readonly lines: readonly T[];
    readonly changed: readonly T[];
    readonly isReordered: boolean;
  } {
    const known = new Map(old.map(line => [line.id, line]));
    const changed: T[] = [];
    const lines = now.map(line => {
      const drawn = known.get(line.id);
      if (drawn === undefined) return line;
      if (drawn !== line) {
        if (!this.#rules.looksSame(drawn, line)) changed.push(drawn);
        takeOn(drawn, line);
      }
      return drawn;
    });
    const isReordered =
      lines.length !== old.length || lines.some((line, index) => line !== old[index]);
    return { lines, changed, isReordered };
  }
}

/** Makes `line` say what `now` says, in place. */
function takeOn<T extends object>(line: T, now: T): void {
  for (const key of Object.keys(line)) if (!(key in now)) Reflect.deleteProperty(line, key);
  Object.assign(line, now);
}
