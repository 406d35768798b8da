import type { CopyFormat, ExportScope } from '../../src/shared/readerApi';
import type { CopyRequest, TimelineCommand } from '../../src/shared/timelineApi';
import type { RowSelection } from '../../src/shared/viewSpec';
import { formatPlural } from '../formats';
import { focusSettled } from './focusSettled';
import type { TimelineModel } from './timelineModel';

type Row = NonNullable<TimelineCommand['row']>;

/** How long what was done is told, in milliseconds. */
const TOLD_MS = 6000;

/** What is done with chosen rows: copied, exported; and going to a place that the user names. */
export class RowActions {
  readonly #timeline: TimelineModel;
  readonly #changed: () => void;
  /** What was done, in a few words; empty when there is nothing to tell. */
  notice = '';
  #timer: number | undefined;

  constructor(timeline: TimelineModel, changed: () => void) {
    this.#timeline = timeline;
    this.#changed = changed;
  }

  /** Copies the chosen rows, or the row that a menu was opened on where it is not among them. */
  copyRows(format: CopyFormat, row?: Row): Promise<void> {
    return this.#try(async () => {
      const selection = await this.#selection(row);
      if (selection === undefined) {
        this.#tell('No row is selected.');
        return;
      }
      const { rows, cut } = await this.#timeline.peer.call('copy', {
        what: 'rows',
        selection,
        format,
      });
      this.#tell(
        cut
          ? `Copied the first ${formatPlural(rows, 'row')} only: the rest is too much for the clipboard. Export it instead.`
          : `Copied ${formatPlural(rows, 'row')}.`,
      );
    });
  }

  /** Copies a value of the detail, whole or not at all, or a text that it shows. */
  copy(request: Exclude<CopyRequest, { readonly what: 'rows' }>): Promise<void> {
    return this.#try(async () => {
      await this.#timeline.peer.call('copy', request);
      this.#tell(request.what === 'change' ? 'Copied.' : 'Copied the value.');
    });
  }

  copyMessage(seq: number, format: CopyFormat): Promise<void> {
    return this.copyRows(format, { seq, transaction: -1 });
  }

  export(scope: ExportScope, row?: Row): Promise<void> {
    return this.#try(async () => {
      if (scope !== 'selection') {
        await this.#timeline.peer.call('export', { scope });
        return;
      }
      const selection = await this.#selection(row);
      if (selection === undefined) this.#tell('No row is selected.');
      else await this.#timeline.peer.call('export', { scope, selection });
    });
  }

  /** Asks for an LSN, time or transaction id and goes there. `day`: that of a time without a date. */
  jump(day: Date | undefined): Promise<void> {
    return this.#try(async () => {
      await focusSettled();
      const { target } = await this.#timeline.peer.call(
        'askJump',
        day === undefined ? {} : { day: day.toISOString() },
      );
      const view = this.#timeline.view?.view;
      if (target === undefined || view === undefined) return;
      const place = await this.#timeline.peer.call('jump', { view, to: target });
      if (place.row >= 0) await this.#timeline.show(place);
      this.#tell(place.message);
    });
  }

  async #selection(row: Row | undefined): Promise<RowSelection | undefined> {
    const ranges = await this.#ranges();
    const isAmong = ranges.some(({ from, to }) => {
      return row === undefined || (row.seq >= from && row.seq <= to);
    });
    if (!isAmong && row !== undefined) return { ranges: [{ from: row.seq, to: row.seq }] };
    return ranges.length === 0 ? undefined : { ranges };
  }

  /** The chosen ranges by message; what is not loaded any more is asked for. */
  async #ranges(): Promise<RowSelection['ranges']> {
    const { chosen, cache, peer, view } = this.#timeline;
    chosen.name();
    const seqAt = async (known: number, index: number): Promise<number> => {
      const seq = known >= 0 ? known : (cache.row(index)?.seq ?? -1);
      if (seq >= 0 || view === undefined) return seq;
      const page = await peer.call('rows', {
        view: view.view,
        generation: view.generation,
        first: index,
        count: 1,
      });
      return page.rows[0]?.seq ?? -1;
    };
    const ranges: { from: number; to: number }[] = [];
    for (const { first, last, from, to } of chosen.ranges) {
      const range = { from: await seqAt(from, first), to: await seqAt(to, last) };
      if (range.from >= 0 && range.to >= 0) ranges.push(range);
    }
    return ranges;
  }

  async #try(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
    }
  }

  /** Says something for a moment; nothing takes back what was said before. */
  tell(notice: string): void {
    this.#tell(notice);
  }

  #tell(notice: string): void {
    window.clearTimeout(this.#timer);
    this.notice = notice;
    this.#timer = window.setTimeout(() => {
      this.notice = '';
      this.#changed();
    }, TOLD_MS);
    this.#changed();
  }
}
