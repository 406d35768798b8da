import type { FilterCommandName } from '../../src/shared/timelineApi';
import { withFilter } from './narrowing';
import type { TimelineModel } from './timelineModel';
import { conditionOf, withCondition } from './valueFilter';
import type { FilterTarget } from './valueFilter';

/** Narrows the list by what a menu was opened on, on top of the filter that there is. */
export class MenuFilters {
  readonly #timeline: TimelineModel;
  readonly #tell: (notice: string) => void;

  constructor(timeline: TimelineModel, tell: (notice: string) => void) {
    this.#timeline = timeline;
    this.#tell = tell;
  }

  async run(name: FilterCommandName, target: FilterTarget | undefined): Promise<void> {
    if (target === undefined || target.seq < 0) {
      this.#tell('No change is selected.');
      return;
    }
    const about: FilterTarget =
      name === 'filterTransaction' ? { seq: target.seq, of: 'transaction' } : target;
    try {
      const detail = await this.#timeline.peer.call('detail', { seq: target.seq });
      const condition = conditionOf(detail, about, name === 'excludeValue');
      const { spec } = this.#timeline;
      const filter =
        typeof condition === 'string' ? withCondition(spec.filter ?? '', condition) : condition;
      if (typeof filter === 'string') await this.#timeline.setSpec(withFilter(spec, filter));
      else this.#tell(filter.problem);
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
    }
  }
}
