/** Cells of a grid: what a strip of a few thousand pixels needs, with room to zoom in. */
export const GRID_CELLS = 16_384;

/**
 * Sums over places, in cells of one width: a power of two, so that two neighbours merge into one of twice
 * the width and every bucket whose width is such a multiple is a sum of whole cells, exact.
 *
 * A grid that fits itself begins with the narrowest cells and widens them as places lie further apart; one
 * with a window keeps to it and leaves out what lies outside.
 */
export class CellGrid {
  readonly #series: number;
  readonly #fixed: boolean;
  #sums: Float64Array;
  #quantum: number;
  /** Number of the first cell: it begins at this many times the quantum. */
  #first = 0;
  /** Numbers of the lowest and highest cell that hold something. */
  #low = Infinity;
  #high = -Infinity;
  /** Lowest and highest place that was added. */
  min = Infinity;
  max = -Infinity;

  /** `window`: where it begins and how wide its cells are, a power of two. */
  constructor(series: number, window?: { readonly from: number; readonly quantum: number }) {
    this.#series = series;
    this.#fixed = window !== undefined;
    this.#quantum = window?.quantum ?? 1;
    if (window !== undefined) this.#first = Math.floor(window.from / window.quantum);
    this.#sums = new Float64Array(GRID_CELLS * series);
  }

  /** Width of a cell. */
  get quantum(): number {
    return this.#quantum;
  }

  /** What the cells cover, from `from` up to `to`. */
  get window(): { readonly from: number; readonly to: number } {
    const from = this.#first * this.#quantum;
    return { from, to: from + GRID_CELLS * this.#quantum };
  }

  /** Adds one number for each series at a place. */
  add(place: number, amounts: Float64Array): void {
    if (place < this.min) this.min = place;
    if (place > this.max) this.max = place;
    let cell = Math.floor(place / this.#quantum);
    const index = cell - this.#first;
    if (index < 0 || index >= GRID_CELLS) {
      if (this.#fixed) return;
      this.#makeRoom(cell);
      cell = Math.floor(place / this.#quantum);
    }
    if (cell < this.#low) this.#low = cell;
    if (cell > this.#high) this.#high = cell;
    const at = (cell - this.#first) * this.#series;
    for (let s = 0; s < this.#series; s++) this.#sums[at + s]! += amounts[s]!;
  }

  /**
   * Sums of `buckets` buckets from `from` on, which is a multiple of `width`, itself one of the quantum: all
   * buckets of the first series, then of the next.
   */
  sums(from: number, width: number, buckets: number): Float64Array {
    const out = new Float64Array(buckets * this.#series);
    const cells = width / this.#quantum;
    const start = from / this.#quantum;
    const last = Math.min(this.#high, start + buckets * cells - 1);
    for (let cell = Math.max(this.#low, start); cell <= last; cell++) {
      const bucket = Math.floor((cell - start) / cells);
      const at = (cell - this.#first) * this.#series;
      for (let s = 0; s < this.#series; s++) out[s * buckets + bucket]! += this.#sums[at + s]!;
    }
    return out;
  }

  /** Widens the cells until all that is there and this cell find room, and moves them there. */
  #makeRoom(cell: number): void {
    if (this.#high < this.#low) {
      // Time may go back a little: half of the room is below.
      this.#first = cell - GRID_CELLS / 2;
      return;
    }
    let low = Math.min(cell, this.#low);
    let high = Math.max(cell, this.#high);
    let factor = 1;
    while (high - low >= GRID_CELLS) {
      low = Math.floor(low / 2);
      high = Math.floor(high / 2);
      factor *= 2;
    }
    const sums = new Float64Array(GRID_CELLS * this.#series);
    const first = low - Math.floor((GRID_CELLS - (high - low + 1)) / 4);
    for (let from = this.#low; from <= this.#high; from++) {
      const source = (from - this.#first) * this.#series;
      const target = (Math.floor(from / factor) - first) * this.#series;
      for (let s = 0; s < this.#series; s++) sums[target + s]! += this.#sums[source + s]!;
    }
    this.#sums = sums;
    this.#quantum *= factor;
    this.#first = first;
    this.#low = Math.floor(this.#low / factor);
    this.#high = Math.floor(this.#high / factor);
  }
}
