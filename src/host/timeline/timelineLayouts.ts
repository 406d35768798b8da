import type { Memento } from 'vscode';
import type { TimelineLayout } from '../../shared/timelineLayout';
import { checkLayout } from './timelineRequests';

const KEY = 'timeline.layout';

/** How the columns of the list were arranged last: one for all timelines and windows. */
export class TimelineLayouts {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  /** Undefined where none was stored, or one that this version cannot read. */
  get(): TimelineLayout | undefined {
    const stored = this.#memento.get<unknown>(KEY);
    if (stored === undefined) return undefined;
    try {
      return checkLayout(stored);
    } catch {
      // The list has its usual columns then, and the next change stores them anew.
      return undefined;
    }
  }

  async store(layout: TimelineLayout): Promise<void> {
    await this.#memento.update(KEY, layout);
  }
}
