import type { FindResult } from '../../src/shared/readerApi';
import { formatCount } from '../formats';
import type { TimelineModel } from './timelineModel';

export type FindDirection = 'next' | 'previous';

/** How long typing rests before it is looked for, in milliseconds. */
const TYPING_MS = 250;

/**
 * Looks for a text in the changes of the view, and goes to it. It hides nothing: that is the filter's
 * part. The reader searches in short steps, so that it can be stopped at any time.
 */
export class FindModel {
  readonly #timeline: TimelineModel;
  readonly #changed: () => void;
  open = false;
  text = '';
  /** What came of the last search, where it found nothing, or how far it is. */
  message = '';
  busy = false;
  /** Where the search began that typing goes on with. */
  #origin = -1;
  #running: AbortController | undefined;
  #timer: number | undefined;

  constructor(timeline: TimelineModel, changed: () => void) {
    this.#timeline = timeline;
    this.#changed = changed;
  }

  /** The text to mark; nothing while the bar is closed. */
  get marked(): string {
    return this.open ? this.text : '';
  }

  show(): void {
    this.open = true;
    this.message = '';
    this.#origin = this.#timeline.here;
    this.#changed();
  }

  close(): void {
    this.#stop();
    this.open = false;
    this.message = '';
    this.#changed();
  }

  /** The text as it is typed: the first match from where the search began is gone to. */
  type(text: string): void {
    this.#stop();
    this.text = text;
    this.message = '';
    this.#changed();
    if (text === '') return;
    this.#timer = window.setTimeout(() => {
      void this.#search('next', this.#origin - 1);
    }, TYPING_MS);
  }

  /** The next or previous match from where the user is. */
  go(direction: FindDirection): void {
    this.#stop();
    if (this.text === '') return;
    const typedJustNow = this.#timer !== undefined && direction === 'next';
    this.#timer = undefined;
    void this.#search(direction, typedJustNow ? this.#origin - 1 : this.#timeline.here);
  }

  async #search(direction: FindDirection, from: number): Promise<void> {
    this.#timer = undefined;
    const running = new AbortController();
    this.#running = running;
    this.busy = true;
    this.message = '';
    this.#changed();
    try {
      const found = await this.#steps(direction, from, running.signal);
      if (running.signal.aborted) return;
      if (found === undefined) this.message = NOTHING[direction];
      else await this.#timeline.show(found);
    } catch (error) {
      if (running.signal.aborted) return;
      this.message = error instanceof Error ? error.message : String(error);
    }
    if (this.#running === running) {
      this.#running = undefined;
      this.busy = false;
    }
    this.#changed();
  }

  async #steps(
    direction: FindDirection,
    start: number,
    signal: AbortSignal,
  ): Promise<FindResult | undefined> {
    let from = Math.max(-1, start);
    for (;;) {
      const view = this.#timeline.view?.view;
      if (view === undefined) return undefined;
      const params = { view, text: this.text, from, direction };
      const step = await this.#timeline.peer.call('find', params, signal);
      if (signal.aborted) return undefined;
      if (step.row >= 0) return step;
      if (step.done) return undefined;
      from = step.reached;
      this.message = `Searching… at ${formatCount(from)}`;
      this.#changed();
    }
  }

  #stop(): void {
    window.clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = undefined;
    this.busy = false;
  }
}

const NOTHING: Readonly<Record<FindDirection, string>> = {
  next: 'No more matches below',
  previous: 'No more matches above',
};
