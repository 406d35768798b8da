/** What a scrollbar of our own needs to know; all in pixels, of any size (no element is that tall). */
export interface ScrollSpace {
  /** Height of all rows. */
  readonly content: number;
  /** Height of what is seen at once. */
  readonly viewport: number;
}

export interface Thumb {
  readonly size: number;
  readonly position: number;
}

/** A thumb must stay large enough to be taken hold of, however many rows there are. */
const SMALLEST_THUMB = 24;

export function maxTop(space: ScrollSpace): number {
  return Math.max(0, space.content - space.viewport);
}

export function clampTop(top: number, space: ScrollSpace): number {
  return Math.min(Math.max(0, top), maxTop(space));
}

/** Where the thumb stands on a track; undefined when everything is seen at once. */
export function thumbAt(top: number, space: ScrollSpace, track: number): Thumb | undefined {
  const range = maxTop(space);
  if (range <= 0 || track <= 0) return undefined;
  const size = Math.min(track, Math.max(SMALLEST_THUMB, (space.viewport / space.content) * track));
  return { size, position: (clampTop(top, space) / range) * (track - size) };
}

/** The scroll position for a thumb that was dragged to `position`. */
export function topOfThumb(position: number, space: ScrollSpace, track: number): number {
  const thumb = thumbAt(0, space, track);
  if (thumb === undefined || track <= thumb.size) return 0;
  return clampTop((position / (track - thumb.size)) * maxTop(space), space);
}
