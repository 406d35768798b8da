import type { Bookmark } from '../../src/shared/listApi';
import { BOOKMARKS_LIMIT, NOTE_LIMIT } from '../../src/shared/listApi';
import type { TimelineRow } from '../../src/shared/timelineRow';
import type { TimelinePeer } from './timelineModel';
import { rowWords } from './rowWords';

/** Rows of the capture that the user marked, in order of arrival. The host keeps them with the capture. */
export class Bookmarks {
  readonly #peer: TimelinePeer;
  readonly #changed: () => void;
  #list: readonly Bookmark[] = [];
  #bySeq = new Map<number, Bookmark>();

  constructor(peer: TimelinePeer, changed: () => void) {
    this.#peer = peer;
    this.#changed = changed;
  }

  get list(): readonly Bookmark[] {
    return this.#list;
  }

  at(seq: number): Bookmark | undefined {
    return this.#bySeq.get(seq);
  }

  async load(): Promise<void> {
    try {
      const { bookmarks } = await this.#peer.call('bookmarks', {});
      this.#take(bookmarks);
    } catch {
      // The rows are shown without.
    }
  }

  /** Sets a bookmark, or takes it away. False where there are too many already. */
  toggle(row: TimelineRow): boolean {
    const { seq, lsn } = row;
    if (this.#bySeq.has(seq)) {
      this.remove(seq);
      return true;
    }
    if (this.#list.length >= BOOKMARKS_LIMIT) return false;
    const label = rowWords(row).slice(0, NOTE_LIMIT);
    this.#store([...this.#list, { seq, lsn, label, note: '' }]);
    return true;
  }

  remove(seq: number): void {
    this.#store(this.#list.filter(bookmark => bookmark.seq !== seq));
  }

  clear(): void {
    this.#store([]);
  }

  setNote(seq: number, note: string): void {
    const text = note.trim().slice(0, NOTE_LIMIT);
    this.#store(
      this.#list.map(bookmark => (bookmark.seq === seq ? { ...bookmark, note: text } : bookmark)),
    );
  }

  /** The next or previous one from a message on, around the ends; undefined where there is none. */
  from(seq: number, direction: 'next' | 'previous'): Bookmark | undefined {
    const list = this.#list;
    return direction === 'next'
      ? (list.find(bookmark => bookmark.seq > seq) ?? list[0])
      : (list.findLast(bookmark => bookmark.seq < seq) ?? list.at(-1));
  }

  /** As text with tabs between the cells. */
  get text(): string {
    return this.#list
      .map(({ seq, lsn, label, note }) => [String(seq), lsn, label, note].join('\t').trimEnd())
      .join('\n');
  }

  #store(bookmarks: readonly Bookmark[]): void {
    this.#take(bookmarks);
    this.#peer.call('storeBookmarks', { bookmarks: this.#list }).catch(() => {
      // They hold in this panel all the same.
    });
  }

  #take(bookmarks: readonly Bookmark[]): void {
    this.#list = [...bookmarks].sort((a, b) => a.seq - b.seq);
    this.#bySeq = new Map(this.#list.map(bookmark => [bookmark.seq, bookmark]));
    this.#changed();
  }
}
