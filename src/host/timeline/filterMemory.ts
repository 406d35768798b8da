import type { Memento } from 'vscode';
import { HISTORY_LIMIT } from '../../shared/listApi';
import type { KeptFilters, NamedFilter, TypedFilter } from '../../shared/listApi';
import { checkHistory, checkNamedFilters } from './listRequests';

const HISTORY = 'timeline.filterHistory';
const NAMED = 'timeline.namedFilters';

/** Filters that were used, and those that have a name: for every workspace, or for this one. */
export class FilterMemory {
  readonly #everywhere: Memento;
  readonly #here: Memento;

  constructor(everywhere: Memento, here: Memento) {
    this.#everywhere = everywhere;
    this.#here = here;
  }

  get(): KeptFilters {
    const named = [...stored(this.#here, NAMED, checkNamedFilters)];
    for (const filter of stored(this.#everywhere, NAMED, checkNamedFilters)) {
      // One of this workspace has the name: it is the nearer one.
      if (!named.some(({ name }) => name === filter.name)) named.push(filter);
    }
    return {
      history: stored(this.#everywhere, HISTORY, checkHistory),
      named: named.sort((a, b) => a.name.localeCompare(b.name)),
    };
  }

  async remember(filter: TypedFilter): Promise<KeptFilters> {
    const { kind, value } = filter;
    const others = stored(this.#everywhere, HISTORY, checkHistory).filter(
      other => other.kind !== kind || other.value !== value,
    );
    await this.#everywhere.update(HISTORY, [filter, ...others].slice(0, HISTORY_LIMIT));
    return this.get();
  }

  async storeNamed(named: readonly NamedFilter[]): Promise<KeptFilters> {
    await this.#here.update(
      NAMED,
      named.filter(({ everywhere }) => !everywhere),
    );
    await this.#everywhere.update(
      NAMED,
      named.filter(({ everywhere }) => everywhere),
    );
    return this.get();
  }
}

/** What another version of the extension wrote counts as nothing where this one cannot read it. */
function stored<T>(
  memento: Memento,
  key: string,
  check: (value: unknown) => readonly T[],
): readonly T[] {
  const value = memento.get<unknown>(key);
  if (value === undefined) return [];
  try {
    return check(value);
  } catch {
    return [];
  }
}
