import type { OverviewAxis } from '../../src/shared/overviewApi';
import type { TimelineModel } from '../timeline/timelineModel';
import type { Span } from './stripPaint';

/** Messages of the list, both included. */
export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

/** Where the rows in sight are is asked so often at most while the list moves, in milliseconds. */
const SPACING_MS = 120;

/** Where on the strip the rows are that the list shows. */
export class SightMark {
  readonly #changed: () => void;
  #timeline: TimelineModel | undefined;
  #by: OverviewAxis = 'time';
  #sight: SeqRange | undefined;
  #asked = '';
  #timer: number | undefined;
  span: Span | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  follow(timeline: TimelineModel, by: OverviewAxis, sight: SeqRange | undefined): void {
    this.#timeline = timeline;
    this.#by = by;
    this.#sight = sight;
    const key = sight === undefined ? '' : `${by} ${String(sight.first)} ${String(sight.last)}`;
    if (key === this.#asked) return;
    this.#asked = key;
    this.#timer ??= window.setTimeout(() => {
      this.#timer = undefined;
      void this.#ask();
    }, SPACING_MS);
  }

  async #ask(): Promise<void> {
    const [timeline, sight, by] = [this.#timeline, this.#sight, this.#by];
    let span: Span | undefined;
    if (timeline !== undefined && sight !== undefined) {
      try {
        const seqs = [sight.first, sight.last];
        const { places } = await timeline.peer.call('overviewPlaces', { by, seqs });
        const known = places.filter(place => place !== null);
        if (known.length > 0) span = { from: Math.min(...known), to: Math.max(...known) };
      } catch {
        // Another capture is opened: what is in sight of it is asked for with its first rows.
      }
    }
    this.span = span;
    this.#changed();
  }

  dispose(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
