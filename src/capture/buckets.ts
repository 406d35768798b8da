/** Buckets of one width, the first of which begins at `from`, a multiple of it. */
export interface Buckets {
  readonly from: number;
  readonly width: number;
  readonly buckets: number;
}

/**
 * Buckets over a window, as wide as it takes for there to be no more than `most`; `least` is the narrowest.
 * Widths are `least` times a power of two.
 */
export function bucketsOver(
  window: { readonly from: number; readonly to: number },
  most: number,
  least: number,
): Buckets {
  let width = least;
  for (;;) {
    const from = Math.floor(window.from / width) * width;
    const buckets = Math.max(1, Math.ceil((window.to - from) / width));
    if (buckets <= most) return { from, width, buckets };
    width *= 2;
  }
}
