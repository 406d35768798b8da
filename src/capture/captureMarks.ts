import type { Mark, MarkComparison, MarkFacts } from '../shared/marks';
import { CaptureError } from './captureError';
import type { CaptureFile } from './captureFile';
import { compareMarked } from './markCompare';
import { markSummary } from './markText';
import type { MarkedCounts } from './markedChanges';
import { countMarked, readMarked } from './markedChanges';
import type { RelationCatalog } from './relationCatalog';

/** Most changes of a summary, and of each side of a comparison, whose work grows with their product. */
const SUMMARY_CHANGES = 2000;
const COMPARED_CHANGES = 1000;

/** Answers what is asked about the marks of a capture. */
export class CaptureMarks {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  /** Of marks that are stopped: what is between their ends had come before they were. */
  readonly #counted = new Map<string, MarkedCounts>();
  /** Messages that the capture had then. */
  #countedRows = 0;

  constructor(file: CaptureFile, catalog: RelationCatalog) {
    this.#file = file;
    this.#catalog = catalog;
  }

  /** All of them, with what they hold. */
  async list(pause: () => Promise<void>): Promise<{ readonly marks: readonly MarkFacts[] }> {
    const { marks } = this.#file.notes;
    // A file that grows may have held a part of the newest when it was counted.
    if (this.#file.rows !== this.#countedRows) this.#counted.clear();
    this.#countedRows = this.#file.rows;
    const open = marks.filter(mark => !this.#counted.has(nameOf(mark)));
    const counts = await countMarked(this.#file, open, pause);
    const now = new Map(open.map((mark, i) => [mark.id, counts[i]]));
    for (const mark of open) {
      const count = now.get(mark.id);
      // The end of a live capture may be read in part.
      if (mark.to !== undefined && !this.#file.live && count !== undefined) {
        this.#counted.set(nameOf(mark), count);
      }
    }
    return {
      marks: marks.map(mark => ({
        ...mark,
        ...(this.#counted.get(nameOf(mark)) ?? now.get(mark.id) ?? NOTHING),
      })),
    };
  }

  /** What a mark holds, for a bug report. */
  async summary(
    id: number,
    pause: () => Promise<void>,
  ): Promise<{ readonly text: string; readonly cut: boolean }> {
    const mark = await this.#mark(id, pause);
    const content = await readMarked(this.#file, this.#catalog, mark, SUMMARY_CHANGES, pause);
    return markSummary(mark, content, this.#file.meta.source);
  }

  async compare(a: number, b: number, pause: () => Promise<void>): Promise<MarkComparison> {
    const [one, other] = [await this.#mark(a, pause), await this.#mark(b, pause)];
    const read = (mark: Mark): ReturnType<typeof readMarked> =>
      readMarked(this.#file, this.#catalog, mark, COMPARED_CHANGES, pause);
    const [left, right] = [await read(one), await read(other)];
    return { a: one, b: other, ...compareMarked(left, right), left: left.left + right.left };
  }

  async #mark(id: number, pause: () => Promise<void>): Promise<MarkFacts> {
    const { marks } = await this.list(pause);
    const found = marks.find(mark => mark.id === id);
    if (found === undefined) throw new CaptureError('not-found', 'There is no such mark.');
    return found;
  }
}

const NOTHING: MarkedCounts = { transactions: 0, changes: 0 };

const nameOf = ({ id, from, to }: Mark): string => `${String(id)} ${from.lsn} ${to?.lsn ?? ''}`;
