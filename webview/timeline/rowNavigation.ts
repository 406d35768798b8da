import type { HistoryPage, HistoryRequest } from '../../src/shared/historyApi';
import { HISTORY_LIMIT } from '../../src/shared/historyApi';
import type { RowCommandName } from '../../src/shared/timelineApi';
import { rowFilter } from './rowFilter';
import type { TimelineModel } from './timelineModel';

type Step = Exclude<RowCommandName, 'filterByRow'>;

/** Says what was done, or why nothing was, in a few words. */
type Tell = (notice: string) => void;

/** Goes to the other changes of a row, which is known by its key; and narrows the list to them. */
export class RowNavigation {
  readonly #timeline: TimelineModel;
  readonly #tell: Tell;
  /** Rises with each step: a search that another one replaced ends. */
  #turn = 0;

  constructor(timeline: TimelineModel, tell: Tell) {
    this.#timeline = timeline;
    this.#tell = tell;
  }

  /** `seq`: the change that it begins at. */
  async run(name: RowCommandName, seq: number): Promise<void> {
    const turn = ++this.#turn;
    if (seq < 0) {
      this.#tell('No change is selected.');
      return;
    }
    try {
      if (name === 'filterByRow') await this.#filter(seq);
      else await this.#go(name, seq, turn);
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
    }
  }

  /** Shows a message: in the list where the filter lets it through, else in the detail alone. */
  async show(seq: number): Promise<void> {
    const view = this.#timeline.view?.view;
    if (view === undefined) return;
    const { row } = await this.#timeline.peer.call('locate', { view, seq });
    if (row >= 0) await this.#timeline.show({ row, seq });
    else {
      this.#timeline.showOnly(seq);
      this.#tell('The filter hides this change in the list: only the detail shows it.');
    }
  }

  async #go(step: Step, seq: number, turn: number): Promise<void> {
    const isEarlier = step === 'firstOfRow' || step === 'previousOfRow';
    const toEnd = step === 'firstOfRow' || step === 'lastOfRow';
    const direction = isEarlier ? 'earlier' : 'later';
    const limit = toEnd ? HISTORY_LIMIT : 1;
    let request: HistoryRequest = { anchor: seq, from: seq, direction, limit };
    let found = -1;
    let page: HistoryPage;
    do {
      page = await this.#timeline.peer.call('history', request);
      if (turn !== this.#turn) return;
      if (page.problem !== '') {
        this.#tell(page.problem);
        return;
      }
      found = page.entries.at(-1)?.seq ?? found;
      request = { ...request, anchor: page.anchor, from: page.reached };
    } while (!page.done && (toEnd || found < 0));
    if (found >= 0) await this.show(found);
    else
      this.#tell(`This is the ${isEarlier ? 'first' : 'last'} change of this row in the capture.`);
  }

  async #filter(seq: number): Promise<void> {
    const detail = await this.#timeline.peer.call('detail', { seq });
    const filter = rowFilter(detail);
    if (typeof filter !== 'string') this.#tell(filter.problem);
    else await this.#timeline.setSpec({ ...this.#timeline.spec, filter });
  }
}
