import type { ChosenRange, ChosenRows } from './chosenRows';
import type { TimelinePeer } from './timelineModel';

/** More ranges than this are not looked for again in another view. */
const MOST_LOOKED_FOR = 100;

/**
 * Takes what is chosen from one view to the next. Rows are known by their place, which another filter or
 * an opened transaction moves; the messages at the ends of each range find them again.
 */
export class ViewPlaces {
  readonly #peer: TimelinePeer;
  readonly #chosen: ChosenRows;
  /** What was chosen in the view before, until it is found in this one. */
  #left: readonly ChosenRange[] | undefined;

  /** `saved`: messages at the ends of the ranges that were chosen before the panel was reloaded. */
  constructor(
    peer: TimelinePeer,
    chosen: ChosenRows,
    saved: readonly { readonly from: number; readonly to: number }[],
  ) {
    this.#peer = peer;
    this.#chosen = chosen;
    if (saved.length > 0) this.#left = saved.map(range => ({ ...range, first: -1, last: -1 }));
  }

  /** Something is still to be found again. */
  get waiting(): boolean {
    return this.#left !== undefined;
  }

  /** The view moved: where the chosen rows stand now has to be asked for. */
  leave(): void {
    this.#left ??= this.#chosen.ranges;
  }

  /** The user chose anew: what was chosen before no longer counts. */
  forget(): void {
    this.#left = undefined;
  }

  /** Row of a message in a view, -1 where it has none. */
  async locate(view: number, seq: number): Promise<number> {
    if (seq < 0) return -1;
    try {
      return (await this.#peer.call('locate', { view, seq })).row;
    } catch {
      // A view that was replaced meanwhile has no rows to find.
      return -1;
    }
  }

  /** The view is complete: what was chosen is chosen again, as far as it is there. */
  async arrive(view: number, active: number): Promise<void> {
    const left = this.#left;
    if (left === undefined) return;
    const single = left.length === 1 && left[0]?.from === left[0]?.to && active >= 0;
    const found = single ? [] : await this.#find(view, left);
    if (this.#left !== left) return;
    this.#left = undefined;
    if (found.length > 0) this.#chosen.place(found);
    else {
      this.#chosen.clear();
      this.#chosen.choose(active, 'only');
    }
  }

  async #find(view: number, ranges: readonly ChosenRange[]): Promise<ChosenRange[]> {
    if (ranges.length > MOST_LOOKED_FOR) return [];
    const found = await Promise.all(
      ranges.map(async range => {
        const [first, last] = await Promise.all([
          this.locate(view, range.from),
          this.locate(view, range.to),
        ]);
        return { ...range, first, last };
      }),
    );
    return found.filter(({ first, last }) => first >= 0 && last >= first);
  }
}
