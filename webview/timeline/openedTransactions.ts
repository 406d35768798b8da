import type { ViewState } from '../../src/shared/viewSpec';
import type { TimelinePeer } from './timelineModel';

/** Open transactions that are opened again after the filter changed or the panel was reloaded. */
const MOST_OPENED = 50;

/** The transactions that the user opened, in whatever view they stand. */
export class OpenedTransactions {
  readonly #peer: TimelinePeer;
  readonly #ids: Set<number>;

  constructor(peer: TimelinePeer, saved: readonly number[]) {
    this.#peer = peer;
    this.#ids = new Set(saved);
  }

  /** Those to open again, the latest last. */
  get latest(): readonly number[] {
    return [...this.#ids].slice(-MOST_OPENED);
  }

  clear(): void {
    this.#ids.clear();
  }

  async expand(view: number, transaction: number, expanded: boolean): Promise<ViewState> {
    const next = await this.#peer.call('expand', { view, transaction, expanded });
    this.#ids.delete(transaction);
    if (expanded) this.#ids.add(transaction);
    return next;
  }

  /** Opens in a new view what was open before. */
  async reopen(view: ViewState): Promise<ViewState> {
    if (this.#ids.size === 0) return view;
    try {
      const states = await Promise.all(
        this.latest.map(transaction =>
          this.#peer.call('expand', { view: view.view, transaction, expanded: true }),
        ),
      );
      return states.reduce((a, b) => (b.generation > a.generation ? b : a), view);
    } catch {
      // The view was replaced meanwhile: the next one opens them.
      return view;
    }
  }
}
