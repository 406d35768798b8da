import type { ReaderEvents } from '../shared/readerApi';
import type { TimelineSnapshot } from '../shared/timelineSnapshot';
import type { CaptureFile } from './captureFile';
import { RateMeter } from './rateMeter';
import type { View } from './view';

/** Between two heads. */
const LEAST_MS = 16;

/** Tells how far a capture and its view are: the newest state only, not too often, and nothing twice. */
export class Heads {
  readonly #file: CaptureFile;
  readonly #shown: () => { readonly view: View; readonly error: string };
  readonly #emit: (head: ReaderEvents['head']) => void;
  readonly #rate = new RateMeter();
  /** The last head that was told, as JSON: an equal one is not told again. */
  #told = '';
  #toldAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** The view that was told last, where it had lines. */
  #withLines: View | undefined;

  /** `shown`: the view of the moment, and what went wrong, or an empty text. */
  constructor(
    file: CaptureFile,
    shown: () => { readonly view: View; readonly error: string },
    emit: (head: ReaderEvents['head']) => void,
  ) {
    this.#file = file;
    this.#shown = shown;
    this.#emit = emit;
  }

  /**
   * Tells the newest state: at once where the last time is long enough ago or a view has its first lines,
   * else a little later.
   */
  tell(): void {
    if (this.#closed) return;
    const now = performance.now();
    this.#rate.note(now, this.#file.changes);
    const { view, error } = this.#shown();
    const hasFirstLines = view.rows > 0 && view !== this.#withLines;
    if (now - this.#toldAt < LEAST_MS && !hasFirstLines) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.tell();
      }, LEAST_MS);
      return;
    }
    this.#withLines = view.rows > 0 ? view : undefined;
    const head = { view: view.state, capture: this.#snapshot(error) };
    const json = JSON.stringify(head);
    if (json === this.#told) return;
    this.#told = json;
    this.#toldAt = now;
    this.#emit(head);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #snapshot(error: string): TimelineSnapshot['capture'] {
    return {
      messages: this.#file.rows,
      transactions: this.#file.transactions,
      bytes: this.#file.bytes,
      cutChanges: this.#file.cutChanges,
      gaps: this.#file.gaps,
      left: this.#file.left,
      hasGrown: this.#file.hasGrown,
      marks: this.#file.notes.marksRevision,
      rate: this.#file.live || this.#file.hasGrown ? this.#rate.perSecond : 0,
      error: error === '' ? (this.#file.problem?.message ?? '') : error,
    };
  }
}
