import type { Overview } from '../shared/overviewApi';
import type { FindResult, JumpResult, ReaderApi, ReaderEvents } from '../shared/readerApi';
import type { Statistics } from '../shared/statisticsApi';
import type { RowsPage } from '../shared/timelineRow';
import type { ViewSpec, ViewState } from '../shared/viewSpec';
import { PAGE_LIMIT } from '../shared/timelineRow';
import type { CaptureFile } from './captureFile';
import { CaptureMarks } from './captureMarks';
import { ChangeDetails } from './changeDetails';
import { FilterQuestions } from './filterQuestions';
import { Heads } from './heads';
import { Jump } from './jump';
import { CaptureOverview } from './overview';
import { RelationCatalog } from './relationCatalog';
import { RowHistory } from './rowHistory';
import { ServedTransactions } from './servedTransactions';
import { CaptureStatistics } from './statistics';
import { ServedWho } from './servedWho';
import { findText } from './textFind';
import { TextSearch } from './textSearch';
import { TimelineRows } from './timelineRows';
import { takeTurns } from './turns';
import { View } from './view';
import { WireReader } from './wireLines';

/** Between two looks at the writer's counters while something comes, and while nothing does. */
const BUSY_MS = 16;
const QUIET_MS = 200;
/** Between two looks at the size of a file that nobody is known to write. */
const FILE_MS = 1000;

/**
 * While a page opens, what is read beyond its first rows rests so long between two slices: page, host and this
 * thread may share two cores. For so long at most, and until so long after the first rows were given.
 */
const OPENING_REST_MS = 24;
const OPENING_MOST_MS = 2000;
const OPENING_DRAW_MS = 150;

const EVERYTHING: ViewSpec = { grouping: 'flat', operations: [], tables: [], text: '' };

const NOWHERE: JumpResult = { row: -1, seq: -1, transaction: -1, message: '' };

const NOTHING_FOUND: FindResult = { row: -1, seq: -1, transaction: -1, reached: -1, done: true };

type Params<K extends keyof ReaderApi> = Parameters<ReaderApi[K]>[0];

/**
 * One capture that is open: follows its file, keeps the view up to date in slices, answers what is asked
 * about it, and tells how far it is.
 */
export class OpenCapture {
  readonly path: string;
  readonly #file: CaptureFile;
  readonly #heads: Heads;
  readonly #catalog: RelationCatalog;
  /** The text that was looked for last. */
  #search: { readonly text: string; readonly search: TextSearch } | undefined;
  /** One search after the other: they share what they read into. */
  #finding: Promise<unknown> = Promise.resolve();
  /** Work that {@link close} ends and waits for. */
  readonly #ending = new AbortController();
  readonly #working = new Set<Promise<unknown>>();
  readonly #rows: TimelineRows;
  readonly details: ChangeDetails;
  readonly filters: FilterQuestions;
  readonly history: RowHistory;
  readonly wire: WireReader;
  readonly #marks: CaptureMarks;
  readonly #overview: CaptureOverview;
  readonly #statistics: CaptureStatistics;
  #view: View;
  /** Ends what is looked for in a view when another one takes its place. */
  #replaced = new AbortController();
  #served: ServedTransactions;
  readonly #servedWho = new ServedWho();
  #error = '';
  #timer: NodeJS.Timeout | undefined;
  #next: NodeJS.Immediate | undefined;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;
  /** The types that the view was made with. */
  #types: CaptureFile['types'];
  #delay = BUSY_MS;
  /** Until when a page is expected to open, by the clock of `performance.now()`; it stands when rows were given. */
  #openingUntil = performance.now() + OPENING_MOST_MS;
  #gaveRows = false;

  constructor(path: string, file: CaptureFile, emit: (head: ReaderEvents['head']) => void) {
    this.path = path;
    this.#file = file;
    this.#heads = new Heads(file, () => ({ view: this.#view, error: this.#error }), emit);
    this.#catalog = new RelationCatalog(file);
    this.#rows = new TimelineRows(file, this.#catalog);
    this.details = new ChangeDetails(file, this.#catalog);
    this.filters = new FilterQuestions(file, this.#catalog);
    this.history = new RowHistory(file, this.#catalog);
    this.wire = new WireReader(file, this.#catalog);
    this.#marks = new CaptureMarks(file, this.#catalog);
    this.#overview = new CaptureOverview(file);
    this.#statistics = new CaptureStatistics(file, this.#catalog);
    this.#view = new View(1, EVERYTHING, file, this.#catalog);
    this.#served = new ServedTransactions(file);
    this.#types = file.types;
    this.#schedule(0);
  }

  setView(spec: ViewSpec): ViewState {
    this.#view = new View(this.#view.id + 1, spec, this.#file, this.#catalog);
    this.#replaced.abort();
    this.#replaced = new AbortController();
    this.#served = new ServedTransactions(this.#file);
    this.#schedule(0);
    return this.#view.state;
  }

  setRules(expressions: readonly string[]): void {
    this.#rows.rules.set(expressions);
    this.#view.invalidate();
    this.#schedule(0);
  }

  /** Everything that was read before is read again. */
  async setMask(mask: readonly string[]): Promise<ViewState> {
    this.#file.setMask(mask);
    this.#search = undefined;
    const view = this.#view;
    const again = await view.again();
    if (this.#view === view) {
      this.#view = again;
      this.#served = new ServedTransactions(this.#file);
    }
    this.#schedule(0);
    return this.#view.state;
  }

  async rows(p: Params<'rows'>, signal: AbortSignal): Promise<RowsPage> {
    const view = this.#view;
    const { first } = p;
    if (p.view !== view.id) return { view: p.view, generation: p.generation, first, rows: [] };
    const count = Math.max(0, Math.min(p.count, PAGE_LIMIT));
    const lines = await view.lines(Math.max(0, first), count);
    // The state at this moment: what arrives while the rows are made is told by the next head.
    const { generation } = view;
    const rows = await this.#rows.render(view, lines, signal);
    this.#served.note(rows);
    this.#servedWho.note(rows);
    if (!this.#gaveRows) this.#openingUntil = performance.now() + OPENING_DRAW_MS;
    this.#gaveRows = true;
    return { view: view.id, generation, first, rows };
  }

  async expand(p: Params<'expand'>): Promise<ViewState> {
    if (p.view === this.#view.id) await this.#view.expand(p.transaction, p.expanded);
    return this.#view.state;
  }

  async locate(p: Params<'locate'>): Promise<{ readonly row: number }> {
    if (p.view !== this.#view.id) return { row: -1 };
    return { row: await this.#view.locate(p.seq) };
  }

  async find(p: Params<'find'>, signal: AbortSignal): Promise<FindResult> {
    const before = this.#finding;
    const finding = this.#work(async () => {
      await before;
      signal.throwIfAborted();
      return this.#find(p, signal);
    });
    this.#finding = finding.catch(() => undefined);
    return finding;
  }

  async #find(p: Params<'find'>, signal: AbortSignal): Promise<FindResult> {
    if (p.view !== this.#view.id || p.text === '') return NOTHING_FOUND;
    if (this.#search?.text !== p.text) {
      this.#search = { text: p.text, search: new TextSearch(this.#file, this.#catalog, p.text) };
    }
    const { search } = this.#search;
    const view = this.#view;
    return this.#whileShown(signal, NOTHING_FOUND, pause =>
      findText(this.#file, view, search, p, pause, signal),
    );
  }

  async jump(p: Params<'jump'>, signal: AbortSignal): Promise<JumpResult> {
    if (p.view !== this.#view.id) return NOWHERE;
    const view = this.#view;
    return this.#whileShown(signal, NOWHERE, pause =>
      this.#work(() => new Jump(this.#file, view, pause).to(p.to)),
    );
  }

  /** Looks for something in the view of this moment; `otherwise` where another one takes its place first. */
  async #whileShown<T>(
    signal: AbortSignal,
    otherwise: T,
    look: (pause: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const replaced = this.#replaced.signal;
    try {
      return await look(takeTurns(AbortSignal.any([signal, this.#ending.signal, replaced])));
    } catch (error) {
      if (replaced.aborted && !signal.aborted && !this.#ending.signal.aborted) return otherwise;
      throw error;
    }
  }

  async overview(p: Params<'overview'>, signal: AbortSignal): Promise<Overview> {
    const pause = takeTurns(AbortSignal.any([signal, this.#ending.signal]));
    return this.#work(() => this.#overview.answer(p, this.#view, pause));
  }

  async statistics(p: Params<'statistics'>, signal: AbortSignal): Promise<Statistics> {
    const pause = takeTurns(AbortSignal.any([signal, this.#ending.signal]));
    return this.#work(() => this.#statistics.answer(p.scope, this.#view, pause));
  }

  async overviewPlaces(
    p: Params<'overviewPlaces'>,
  ): Promise<{ readonly places: readonly (number | null)[] }> {
    return { places: await this.#overview.places(p.by, p.seqs) };
  }

  /** Asks about marks, in slices. */
  marks<T>(
    signal: AbortSignal,
    ask: (marks: CaptureMarks, pause: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const pause = takeTurns(AbortSignal.any([signal, this.#ending.signal]));
    return this.#work(() => ask(this.#marks, pause));
  }

  /** What exports and copies read; the view is that of this moment. */
  get parts(): {
    readonly path: string;
    readonly file: CaptureFile;
    readonly catalog: RelationCatalog;
    readonly view: View;
  } {
    return { path: this.path, file: this.#file, catalog: this.#catalog, view: this.#view };
  }

  /** Runs long work on these parts: closing ends it by the signal, and waits for it. */
  longWork<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const either = AbortSignal.any([signal, this.#ending.signal]);
    return this.#work(() => work(either));
  }

  async #work<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#working.add(running);
    try {
      return await running;
    } finally {
      this.#working.delete(running);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unschedule();
    this.#heads.close();
    this.#ending.abort();
    await Promise.allSettled(this.#working);
    await this.#turn;
    await this.#file.close();
  }

  #schedule(milliseconds: number): void {
    if (this.#closed) return;
    this.#unschedule();
    const takeTurn = (): void => {
      this.#turn = this.#turn.then(() => this.#step());
    };
    // No timer is due before a millisecond has passed: what goes on at once is asked for otherwise.
    if (milliseconds === 0) this.#next = setImmediate(takeTurn);
    else this.#timer = setTimeout(takeTurn, milliseconds);
  }

  #unschedule(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#next);
  }

  /** One slice of following and of evaluating, then the others get their turn. */
  async #step(): Promise<void> {
    if (this.#closed) return;
    let more = false;
    const rowsBefore = this.#file.rows;
    const view = this.#view;
    try {
      if (this.#error === '') {
        more = await this.#file.follow();
        // Each of the two takes a slice: what waits gets its turn in between.
        if (more) await new Promise<void>(resolve => setImmediate(resolve));
        if (this.#types !== this.#file.types) await this.#typesChanged(view);
        more = (await view.extend()) || more;
        if (await this.#served.changed(view)) view.invalidate();
        more = (await this.#readNotes(view)) || more;
      }
    } catch (error) {
      // The capture stays open: what was read before can still be looked at.
      this.#error = error instanceof Error ? error.message : String(error);
    }
    this.#heads.tell();
    if (more || view !== this.#view) {
      const rests = view.rows > PAGE_LIMIT && performance.now() < this.#openingUntil;
      this.#schedule(rests ? OPENING_REST_MS : 0);
    } else if (this.#file.mayGrow && this.#error === '') {
      // Looks more seldom the longer nothing comes, and soon again when something does.
      const came = this.#file.rows > rowsBefore;
      const { live, hasGrown } = this.#file;
      if (!live && !hasGrown) this.#delay = FILE_MS;
      else this.#delay = came ? BUSY_MS : Math.min(QUIET_MS, this.#delay * 1.25);
      this.#schedule(this.#delay);
    }
  }

  /** True where more notes wait. Lines that were given may name somebody now. */
  async #readNotes(view: View): Promise<boolean> {
    const { hasUnreadNotes } = this.#file;
    const more = await this.#file.readNotes();
    const isNamed = this.#servedWho.named(this.#file.notes.takeFresh());
    if (isNamed || (hasUnreadNotes && !more)) view.invalidate();
    return more;
  }

  /** What was a row of bytes may be text now, and contain what is looked for; types compare otherwise. */
  async #typesChanged(view: View): Promise<void> {
    const { types, holdsBinary } = this.#file;
    this.#types = types;
    const { text, filter = '' } = view.spec;
    if ((holdsBinary && text !== '') || filter !== '') {
      const again = await view.again();
      if (this.#view === view) this.#view = again;
    } else view.invalidate();
  }
}
