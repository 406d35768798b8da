import type { Overview, OverviewAxis } from '../../src/shared/overviewApi';
import type { CommitRange } from '../../src/shared/viewSpec';
import type { TimelineModel } from '../timeline/timelineModel';
import { withRange } from '../timeline/narrowing';
import { readPlace, writePlace } from './places';
import type { Span } from './stripPaint';

/** While it grows, the strip is counted anew so often at most, in milliseconds. */
const GROWING_MS = 500;
/** Between two questions while somebody moves it. */
const MOVING_MS = 60;
/** Narrowest part that can be looked at. */
const LEAST_SPAN = 16;
/** Shortest time that the whole strip shows, in microseconds: a single change is a line, not all there is. */
const LEAST_TIME = 1_000_000;
/** Where a place of the WAL ends to be exact in a number. */
const FARTHEST = Number.MAX_SAFE_INTEGER;

/** What the strip shows, and what of it is asked for when. One question is under way at a time. */
export class StripModel {
  readonly #changed: () => void;
  #timeline: TimelineModel | undefined;
  #buckets = 0;
  #asking = false;
  /** Time between the question under way and the next one; undefined where there is none. */
  #next: number | undefined;
  #askedAt = -Infinity;
  #timer: number | undefined;
  /** What the last question was about. */
  #asked = '';
  overview: Overview | undefined;
  /** Why there is none. */
  failure = '';

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get by(): OverviewAxis {
    return this.#timeline?.overview.by ?? 'time';
  }

  /** What is looked at; undefined: all there is. */
  get window(): Span | undefined {
    return this.#timeline?.overview.window;
  }

  /** What the axis shows. While more comes there is room for it: the strip does not move with each change. */
  get domain(): Span {
    if (this.window !== undefined) return this.window;
    const { overview } = this;
    const extent = overview?.extent;
    if (overview === undefined || extent === undefined) return { from: 0, to: 1 };
    const least = this.by === 'time' ? overview.from + LEAST_TIME : 0;
    const end = Math.max(least, overview.from + overview.width * overview.buckets);
    if (this.#timeline?.ended === true) return { from: overview.from, to: end };
    let step = 1;
    while (step < (extent.last - overview.from) / 8) step *= 2;
    return { from: overview.from, to: Math.max(end, Math.ceil((extent.last + 1) / step) * step) };
  }

  /** What is chosen, on this axis. */
  get selection(): Span | undefined {
    const range = this.#timeline?.spec.range;
    if (range?.by !== this.by) return undefined;
    const from = range.from === undefined ? undefined : readPlace(range.by, range.from);
    const to = range.to === undefined ? undefined : readPlace(range.by, range.to);
    return { from: from ?? -FARTHEST, to: to ?? FARTHEST };
  }

  /** The timeline or the room for bars may be another one: asks where that makes a difference. */
  follow(timeline: TimelineModel, buckets: number): void {
    this.#timeline = timeline;
    this.#buckets = buckets;
    const { view, snapshot } = timeline;
    if (view === undefined || buckets <= 0) return;
    const about = JSON.stringify([view.view, this.by, this.window, buckets]);
    const key = `${about} ${String(snapshot?.capture.messages)} ${String(view.complete)}`;
    if (key === this.#asked) return;
    const moved = !this.#asked.startsWith(`${about} `);
    this.#asked = key;
    this.#askSoon(moved ? MOVING_MS : GROWING_MS);
  }

  setAxis(by: OverviewAxis): void {
    const timeline = this.#timeline;
    if (timeline === undefined || by === this.by) return;
    this.overview = undefined;
    timeline.setOverview({ ...timeline.overview, by, window: undefined });
  }

  /** Looks at a part; undefined: at all there is. */
  setWindow(window: Span | undefined): void {
    const timeline = this.#timeline;
    const extent = this.overview?.extent;
    if (timeline === undefined || extent === undefined) return;
    timeline.setOverview({ ...timeline.overview, window: window && bounded(window, extent) });
  }

  /** Makes the window `factor` times as wide around a place that stays where it is. */
  zoom(factor: number, at: number): void {
    const { from, to } = this.domain;
    const extent = this.overview?.extent;
    if (extent === undefined) return;
    const [low, high] = [at - (at - from) * factor, at + (to - at) * factor];
    // All of it, with the room on its right, is no part.
    const all = low <= extent.first && high > extent.last;
    this.setWindow(all ? undefined : { from: low, to: high });
  }

  /** Moves the window by a share of its width. */
  pan(share: number): void {
    const { from, to } = this.domain;
    if (this.window === undefined) return;
    const by = (to - from) * share;
    this.setWindow({ from: from + by, to: to + by });
  }

  /** The list shows only what was committed there: whole buckets; what reaches over an end is open there. */
  select(span: Span | undefined): void {
    const timeline = this.#timeline;
    if (timeline === undefined) return;
    void timeline.setSpec(withRange(timeline.spec, span && this.#rangeOf(span)));
  }

  /** The buckets that a part of the axis touches. */
  snapped({ from, to }: Span): Span {
    const width = this.overview?.width ?? 1;
    const start = Math.floor(from / width) * width;
    return { from: start, to: Math.max(start + width, Math.ceil(to / width) * width) };
  }

  #rangeOf(span: Span): CommitRange | undefined {
    const extent = this.overview?.extent;
    if (extent === undefined) return undefined;
    const { from, to } = this.snapped(span);
    const { by } = this;
    const range = {
      ...(from <= extent.first ? {} : { from: writePlace(by, from) }),
      ...(to > extent.last ? {} : { to: writePlace(by, to) }),
    };
    return 'from' in range || 'to' in range ? { by, ...range } : undefined;
  }

  #askSoon(spacing: number): void {
    if (this.#asking || this.#timer !== undefined) {
      this.#next = Math.min(spacing, this.#next ?? spacing);
      if (this.#asking) return;
      spacing = this.#next;
    }
    this.#next = spacing;
    const wait = Math.max(0, this.#askedAt + spacing - performance.now());
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      void this.#ask();
    }, wait);
  }

  async #ask(): Promise<void> {
    const timeline = this.#timeline;
    const view = timeline?.view?.view;
    if (timeline === undefined || view === undefined) return;
    this.#asking = true;
    this.#next = undefined;
    this.#askedAt = performance.now();
    const { by } = this;
    try {
      const { window } = this;
      const part = window && { from: Math.floor(window.from), to: Math.ceil(window.to) };
      const overview = await timeline.peer.call('overview', {
        by,
        buckets: this.#buckets,
        view,
        ...(part === undefined ? {} : { window: part }),
      });
      this.failure = '';
      if (by === this.by) {
        const before = this.overview?.extent?.last;
        this.overview = overview;
        this.#followTail(before, overview.extent?.last);
      }
      if (overview.complete < 1) this.#next = MOVING_MS;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    } finally {
      this.#asking = false;
    }
    this.#changed();
    if (this.#next !== undefined) this.#askSoon(this.#next);
  }

  /** A window that had the newest in sight moves with it, an eighth of its width at a time. */
  #followTail(before: number | undefined, last: number | undefined): void {
    const { window } = this;
    if (window === undefined || before === undefined || last === undefined) return;
    if (before < window.from || before >= window.to || last < window.to) return;
    const step = (window.to - window.from) / 8;
    const by = Math.ceil((last + 1 - window.to) / step) * step;
    this.setWindow({ from: window.from + by, to: window.to + by });
  }

  dispose(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Not narrower than makes sense, and not away from everything. */
function bounded(
  { from, to }: Span,
  extent: { readonly first: number; readonly last: number },
): Span {
  const room = Math.max(LEAST_SPAN, (extent.last - extent.first) * 1.25);
  const span = Math.min(room, Math.max(LEAST_SPAN, to - from));
  const middle = (from + to) / 2;
  const start = Math.min(
    Math.max(middle - span / 2, extent.first - span / 2),
    extent.last - span / 2,
  );
  return { from: Math.round(start), to: Math.round(start) + Math.ceil(span) };
}
