import type { DetailTab } from './savedState';
import type { TimelineModel } from './timelineModel';

/** Which tab the detail shows: the chosen one, but a transaction's line is about the transaction. */
export class ShownTab {
  readonly #model: TimelineModel;
  /** The tab that was chosen last, and the message that was selected then. */
  #chosen: DetailTab;
  #chosenFor = -1;
  /** The message of the transaction's line that was selected last. */
  #lineSeq = -2;

  constructor(model: TimelineModel, chosen: DetailTab) {
    this.#model = model;
    this.#chosen = chosen;
  }

  get chosen(): DetailTab {
    return this.#chosen;
  }

  choose(tab: DetailTab): void {
    this.#chosen = tab;
    this.#chosenFor = this.#model.selection?.seq ?? -1;
  }

  /** Of the selected line: the transaction, unless another tab was chosen while on it. */
  current(): DetailTab {
    const { selection, cache } = this.#model;
    const row = selection === undefined ? undefined : cache.row(selection.index);
    const isKnown = row !== undefined;
    // A line that was filtered away stays what it was.
    const isLine = isKnown
      ? row.type === 'transaction' && row.single === undefined
      : selection?.seq === this.#lineSeq;
    if (isKnown && isLine) this.#lineSeq = row.seq;
    const wasChosenHere = this.#chosenFor === selection?.seq;
    return isLine && this.#chosen === 'row' && !wasChosenHere ? 'transaction' : this.#chosen;
  }
}
