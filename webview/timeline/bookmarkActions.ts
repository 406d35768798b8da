import type { TimelineRow } from '../../src/shared/timelineRow';
import type { TimelineModel } from './timelineModel';

/** Sets bookmarks at rows, and goes from one to the next. */
export class BookmarkActions {
  readonly #timeline: TimelineModel;
  readonly #tell: (notice: string) => void;

  constructor(timeline: TimelineModel, tell: (notice: string) => void) {
    this.#timeline = timeline;
    this.#tell = tell;
  }

  /** Of the row that a menu was opened on, or of the active one. */
  toggle(seq?: number): void {
    const { cache, selection, bookmarks } = this.#timeline;
    const index = seq === undefined ? (selection?.index ?? -1) : cache.indexOf(seq);
    const row = shownIn(cache.row(index));
    if (row === undefined) {
      this.#tell(index < 0 ? 'No row is selected.' : 'This row is still being loaded.');
    } else if (!bookmarks.toggle(row)) this.#tell('There are 500 bookmarks already: remove some.');
    else this.#tell(bookmarks.at(row.seq) === undefined ? 'Bookmark removed.' : 'Bookmark set.');
  }

  step(direction: 'next' | 'previous'): void {
    const { bookmarks, here, selection, cache } = this.#timeline;
    const row = selection === undefined ? undefined : shownIn(cache.row(selection.index));
    const bookmark = bookmarks.from(row?.seq ?? here, direction);
    if (bookmark === undefined) this.#tell('There is no bookmark: press B on a row to set one.');
    else void this.go(bookmark.seq);
  }

  async go(seq: number): Promise<void> {
    try {
      const view = this.#timeline.view?.view;
      if (view === undefined) return;
      const { row } = await this.#timeline.peer.call('locate', { view, seq });
      if (row >= 0) await this.#timeline.show({ row, seq });
      else {
        this.#timeline.showOnly(seq);
        this.#tell('The filter hides this row in the list: only the detail shows it.');
      }
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
    }
  }
}

/** A transaction of a single change shows that change: its number is the one that is seen. */
function shownIn(row: TimelineRow | undefined): TimelineRow | undefined {
  return row?.type === 'transaction' ? (row.single ?? row) : row;
}
