import type { RpcPeer } from '../../src/shared/rpc';
import type { Mark, MarkComparison, MarkFacts } from '../../src/shared/marks';
import type { TimelineApi, TimelineEvents } from '../../src/shared/timelineApi';
import type { SessionSnapshot } from '../../src/shared/session';
import type { CommitRange } from '../../src/shared/viewSpec';

/** What marks need of the timeline that they are in. */
export interface MarkedView {
  readonly range: CommitRange | undefined;
  /** Shows only what was committed there; undefined shows all. */
  setRange(range: CommitRange | undefined): void;
}

/** The marks of the capture: which there are, which is open, which one the list shows, and a comparison. */
export class MarksModel {
  list: readonly MarkFacts[] = [];
  comparison: MarkComparison | undefined;
  /** A mark is being started or stopped: the stream may still be on its way. */
  busy = false;
  /** What was done or could not be; empty where there is nothing to say. */
  notice = '';
  readonly #peer: RpcPeer<TimelineApi, TimelineEvents>;
  readonly #view: MarkedView;
  readonly #changed: () => void;
  #revision = 0;

  constructor(peer: RpcPeer<TimelineApi, TimelineEvents>, view: MarkedView, changed: () => void) {
    this.#peer = peer;
    this.#view = view;
    this.#changed = changed;
    peer.on('showMark', ({ mark }) => {
      this.#take(mark);
      this.show(mark);
    });
  }

  /** The mark that was started and not stopped. */
  get open(): Mark | undefined {
    return this.list.find(({ to }) => to === undefined);
  }

  /** The mark whose range the list shows. */
  get shown(): MarkFacts | undefined {
    const { range } = this.#view;
    if (range?.by !== 'lsn') return undefined;
    return this.list.find(({ from, to }) => from.lsn === range.from && to?.lsn === range.to);
  }

  /** Something of the marks changed in the capture. */
  sync(revision: number): void {
    if (revision === this.#revision) return;
    this.#revision = revision;
    void this.#load();
  }

  /** Another capture: its marks are others. */
  reset(): void {
    this.list = [];
    this.comparison = undefined;
    this.notice = '';
    this.#revision = 0;
  }

  /** Starts a mark, or stops the one that is open. */
  async toggle(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.notice = '';
    this.#changed();
    await this.#try(async () => {
      if (this.open === undefined) {
        const mark = await this.#peer.call('startMark', {});
        this.#take({ ...mark, transactions: 0, changes: 0 });
      } else {
        const { complete } = await this.#peer.call('stopMark', {});
        if (!complete) this.notice = LATE;
      }
    });
    this.busy = false;
    this.#changed();
  }

  /** Shows only what was written within a mark. */
  show({ from, to }: Mark): void {
    this.notice = '';
    this.#view.setRange({
      by: 'lsn',
      from: from.lsn,
      ...(to === undefined ? {} : { to: to.lsn }),
    });
  }

  showAll(): void {
    this.notice = '';
    this.#view.setRange(undefined);
  }

  async rename(id: number, name: string): Promise<void> {
    await this.#try(() => this.#peer.call('renameMark', { id, name }));
  }

  async remove(id: number): Promise<void> {
    if (this.shown?.id === id) this.showAll();
    await this.#try(() => this.#peer.call('removeMark', { id }));
  }

  async copy(id: number): Promise<void> {
    this.notice = '';
    await this.#try(async () => {
      const { cut } = await this.#peer.call('copyMark', { id });
      this.notice = cut ? 'Summary copied, cut to what a bug report takes' : 'Summary copied';
    });
    this.#changed();
  }

  async compare(a: number, b: number): Promise<void> {
    await this.#try(async () => {
      this.comparison = await this.#peer.call('compareMarks', { a, b });
    });
    this.#changed();
  }

  async #load(): Promise<void> {
    await this.#try(async () => {
      const revision = this.#revision;
      const { marks } = await this.#peer.call('marks', {});
      if (revision === this.#revision) this.list = marks;
    });
    this.#changed();
  }

  #take(mark: MarkFacts): void {
    const others = this.list.filter(({ id }) => id !== mark.id);
    this.list = [...others, mark].sort((x, y) => x.id - y.id);
    this.#changed();
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.notice = error instanceof Error ? error.message : String(error);
      this.#changed();
    }
  }
}

const LATE =
  'The server had not sent everything after ten seconds. What is missing appears as soon as it comes.';

/** Whether a mark can be set: only a stream that runs knows where the server is now. */
export function canMark(session: SessionSnapshot | null | undefined): boolean {
  return session?.phase === 'streaming' && session.kind !== 'peek';
}
