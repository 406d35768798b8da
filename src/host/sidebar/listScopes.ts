/** Lines that a list shows at first, and how many more with each "more". */
export const PAGE = 500;

/** How much of a list is shown. */
export interface ListScope {
  readonly limit: number;
  /** Part of what names its lines; empty for all of them. */
  readonly filter: string;
}

const WHOLE: ListScope = { limit: PAGE, filter: '' };

/** What the user chose to see of each list, by the id of the node that holds it. */
export class ListScopes {
  readonly #scopes = new Map<string, ListScope>();

  of(id: string): ListScope {
    return this.#scopes.get(id) ?? WHOLE;
  }

  showMore(id: string): void {
    const { limit, filter } = this.of(id);
    this.#scopes.set(id, { limit: limit + PAGE, filter });
  }

  /** A list begins anew with another filter. */
  setFilter(id: string, filter: string): void {
    if (filter === '') this.#scopes.delete(id);
    else this.#scopes.set(id, { limit: PAGE, filter });
  }

  /** Forgets what was chosen for a node and everything below it. */
  forget(id: string): void {
    for (const key of [...this.#scopes.keys()]) {
      if (key === id || key.startsWith(`${id}/`)) this.#scopes.delete(key);
    }
  }
}
