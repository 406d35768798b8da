import type { Handlers } from '../../shared/rpc';
import type { ListApi } from '../../shared/listApi';
import type { HostServices } from '../hostServices';
import { colorRules, storeColorRules } from '../settings';
import {
  checkBookmarks,
  checkColorRules,
  checkNamedFilters,
  checkTypedFilter,
} from './listRequests';

/** What the list of a timeline keeps: filters, colour rules, and the bookmarks of its capture. */
export class ListTools {
  readonly #services: Pick<HostServices, 'filters' | 'bookmarks'>;
  readonly #captureId: () => string;

  constructor(services: Pick<HostServices, 'filters' | 'bookmarks'>, captureId: () => string) {
    this.#services = services;
    this.#captureId = captureId;
  }

  /** The answers to the webview. */
  handlers(): Handlers<ListApi> {
    const { filters, bookmarks } = this.#services;
    return {
      keptFilters: () => filters.get(),
      rememberFilter: ({ filter }) => filters.remember(checkTypedFilter(filter)),
      storeNamedFilters: ({ named }) => filters.storeNamed(checkNamedFilters(named)),
      colorRules: () => ({ rules: colorRules() }),
      storeColorRules: ({ rules }) => storeColorRules(checkColorRules(rules)),
      bookmarks: () => ({ bookmarks: bookmarks.get(this.#captureId()) }),
      storeBookmarks: p => bookmarks.store(this.#captureId(), checkBookmarks(p.bookmarks)),
    };
  }
}
