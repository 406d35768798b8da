import type { Memento } from 'vscode';
import type { Bookmark } from '../../shared/listApi';
import { checkBookmarks } from './listRequests';

const KEY = 'timeline.bookmarks';

/** Captures whose bookmarks are kept; those that were written longest ago go first. */
const KEPT_CAPTURES = 100;

/** The bookmarks of captures, by the id of the capture; the latest written last. */
export class BookmarkMemory {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  get(capture: string): readonly Bookmark[] {
    const found = this.#all().find(([id]) => id === capture)?.[1];
    if (found === undefined) return [];
    try {
      return checkBookmarks(found);
    } catch {
      // Another version of the extension wrote them.
      return [];
    }
  }

  async store(capture: string, bookmarks: readonly Bookmark[]): Promise<void> {
    const others = this.#all().filter(([id]) => id !== capture);
    const all = bookmarks.length === 0 ? others : [...others, [capture, bookmarks]];
    await this.#memento.update(KEY, all.slice(-KEPT_CAPTURES));
  }

  /** A capture was saved under another id: its copy has the same rows. */
  async copy(from: string, to: string): Promise<void> {
    const bookmarks = this.get(from);
    if (bookmarks.length > 0) await this.store(to, bookmarks);
  }

  #all(): [string, unknown][] {
    const stored = this.#memento.get<unknown>(KEY);
    if (!Array.isArray(stored)) return [];
    return stored.filter((entry): entry is [string, unknown] => {
      return Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string';
    });
  }
}
