import { RpcPeer } from '../../src/shared/rpc';
import type { Port } from '../../src/shared/rpc';
import type { SessionSnapshot } from '../../src/shared/session';
import type { ShownSource } from '../../src/shared/sourceFacts';
import type { TimelineApi, TimelineCommand, TimelineEvents } from '../../src/shared/timelineApi';
import type { Bookmark, ColorRule, KeptFilters } from '../../src/shared/listApi';
import type { StoppedMark } from '../../src/shared/marks';
import type { TimelineLayout } from '../../src/shared/timelineLayout';
import type { ChangeRow, RowsPage, TimelineRow } from '../../src/shared/timelineRow';
import type { TimelineSnapshot } from '../../src/shared/timelineSnapshot';
import type { JumpTarget, ViewSpec, ViewState } from '../../src/shared/viewSpec';
import { BLOCK, FakeCapture, changeOfSeq, detailOf, passesExpression } from './fakeCapture';
import { FakeMarks } from './fakeMarks';
import { changeTextOf, historyOf, relationOf } from './fakeDetail';
import { fieldsOf, messageOf } from './fakeMessage';
import { completeFilter } from '../../src/filter/completeFilter';
import { checkOf, FAKE_TABLES } from './fakeFilter';
import { overviewOf, placesOf } from './fakeOverview';
import { statisticsOf } from './fakeStatistics';
import { FakeWire } from './fakeWire';
import { shopChange } from './showcase';

export interface FakeOptions {
  readonly changes: number;
  /** Milliseconds that an answer takes; a real round trip takes 5. */
  readonly delay: number;
}

const SOURCE: ShownSource = {
  title: 'shop_changes',
  server: 'shop@localhost',
  database: 'shop',
  serverVersion: '18.4',
  kind: 'tail',
  slot: 'walexplorer_tail_ada_1f2e',
  publications: ['shop_changes'],
  plugin: 'pgoutput',
  label: '',
  color: '',
};

const SESSION: SessionSnapshot = {
  kind: 'tail',
  phase: 'streaming',
  message: 'Following shop_changes.',
  slot: SOURCE.slot,
  confirming: true,
  retainedBytes: 176,
  retainedBudget: 1024 ** 3,
  costBytes: null,
  lagMs: 12,
  receivedLsn: '0/16B6C50',
  continueAfter: '',
  notes: [],
};

const NO_FILTERS: KeptFilters = { history: [], named: [] };

/** The row with the first rule that it passes, as a reader gives it. */
function withRule(row: TimelineRow, rules: readonly ColorRule[]): TimelineRow {
  if (row.type === 'note') return row;
  if (row.type === 'transaction') {
    const { single } = row;
    return single === undefined ? row : { ...row, single: { ...single, ...ruleOf(single, rules) } };
  }
  return { ...row, ...ruleOf(row, rules) };
}

function ruleOf(row: ChangeRow, rules: readonly ColorRule[]): { readonly rule?: number } {
  const rule = rules.findIndex(({ expression }) => passesExpression(expression, row));
  return rule < 0 ? {} : { rule };
}

/** What a page loaded again finds. */
function kept<T>(key: string, byDefault: T): T {
  const stored = sessionStorage.getItem(key);
  return stored === null ? byDefault : (JSON.parse(stored) as T);
}

function keep<T>(key: string, value: T): T {
  sessionStorage.setItem(key, JSON.stringify(value));
  return value;
}

/** The extension host's side of the contract, over a capture that is computed. */
export class FakeHost {
  readonly peer: RpcPeer<object, object>;
  /** Every call, as `method(params)`, for tests to look at. */
  readonly calls: string[] = [];
  session: SessionSnapshot | null = SESSION;
  /** Of the changes, those that a limit cut off. */
  cutChanges = 0;
  left = 0;
  hasGrown = false;
  gaps = { count: 0, bytes: 0 };
  /** Why the capture cannot be read. */
  error = '';
  source: ShownSource = SOURCE;
  /** False while a filter is still being evaluated. */
  complete = true;
  /** What the user answers when asked where to go to; undefined when they think better of it. */
  jumpTarget: JumpTarget | undefined;
  /** What a copy answers. */
  copied = { rows: 1, cut: false };
  /** What becomes of an answer on its way to the page. */
  bend: (method: string, answer: unknown, params: unknown) => unknown = (_, answer) => answer;
  readonly marks = new FakeMarks();
  /** How far the reader has come with the conversation. */
  wireReached = Infinity;
  #capture: FakeCapture;
  #view = 1;
  #generation = 0;
  #rate = 0;
  readonly #delay: number;

  constructor(port: Port, options: FakeOptions) {
    this.#capture = new FakeCapture(options.changes);
    this.#delay = options.delay;
    this.peer = new RpcPeer(port);
    this.#serve();
  }

  /** Changes of the session as a host would tell them. */
  tell(session: Partial<SessionSnapshot> | null): void {
    this.session = session === null ? null : { ...(this.session ?? SESSION), ...session };
    this.push();
  }

  /** Another server or kind of source. */
  show(source: Partial<ShownSource>): void {
    this.source = { ...this.source, ...source };
    this.push();
  }

  /** A command of VS Code for the page. */
  command(command: TimelineCommand): void {
    this.peer.emitter<TimelineEvents>()('command', command);
  }

  /** Asks whether the page has the focus that is given back to it. */
  settle(token: number): void {
    this.peer.emitter<TimelineEvents>()('settle', { token });
  }

  #wire(): FakeWire {
    return new FakeWire(this.#capture.changes, this.wireReached);
  }

  /** Receives this many blocks of twenty changes. */
  receive(blocks: number): void {
    this.#capture.changes += blocks * BLOCK;
    this.#rate = blocks * BLOCK;
    this.push();
  }

  /** Another capture, as after a restart. */
  restart(): void {
    this.#capture = new FakeCapture(0);
    this.#view = 1;
    this.#generation = 0;
    this.tell({ phase: 'connecting', message: '' });
  }

  push(): void {
    this.peer.emitter<TimelineEvents>()('snapshot', this.snapshot());
  }

  snapshot(): TimelineSnapshot {
    return {
      view: this.#state(),
      source: this.source,
      session: this.session,
      capture: {
        messages: this.#capture.changes * 1.5,
        transactions: this.#capture.changes / 4,
        bytes: this.#capture.changes * 36,
        cutChanges: this.cutChanges,
        gaps: this.gaps,
        left: this.left,
        hasGrown: this.hasGrown,
        marks: this.marks.revision,
        rate: this.#rate,
        error: this.error,
      },
    };
  }

  #stopMark(): StoppedMark {
    const mark = this.marks.stop();
    this.peer.emitter<TimelineEvents>()('showMark', { mark });
    return { mark, complete: true };
  }

  #marked<T>(change: () => T): T {
    const result = change();
    this.push();
    return result;
  }

  /** As a host that has opened a file before this page, or one before it, asks. */
  paintFirst(load: number): void {
    const spec: ViewSpec = { grouping: 'transactions', operations: [], tables: [], text: '' };
    const first = { load, snapshot: this.snapshot(), spec, page: this.#page(0, 64) };
    this.peer.emitter<TimelineEvents>()('firstPaint', first);
  }

  #state(): ViewState {
    return {
      view: this.#view,
      generation: this.#generation,
      rows: this.#capture.rows,
      matched: this.#capture.matched,
      changes: this.#capture.changes,
      complete: this.complete,
    };
  }

  #page(first: number, atMost: number): RowsPage {
    const count = Math.min(atMost, this.#capture.rows - first);
    const rules = kept<readonly ColorRule[]>('rules', []);
    const rows = Array.from({ length: count }, (_, i) =>
      withRule(this.#capture.row(first + i), rules),
    );
    return { view: this.#view, generation: this.#generation, first, rows };
  }

  async #answer<T>(method: string, params: unknown, answer: () => T): Promise<T> {
    this.calls.push(`${method}(${JSON.stringify(params)})`);
    await new Promise(resolve => setTimeout(resolve, this.#delay));
    return this.bend(method, answer(), params) as T;
  }

  #serve(): void {
    this.peer.serve<TimelineApi>({
      ready: p =>
        this.#answer('ready', p, () => {
          this.#capture.setSpec(p.spec);
          return this.snapshot();
        }),
      act: p => this.#answer('act', p, () => undefined),
      setView: p =>
        this.#answer('setView', p, () => {
          this.#capture.setSpec(p);
          this.#view++;
          this.#generation = 0;
          return this.#state();
        }),
      expand: p =>
        this.#answer('expand', p, () => {
          this.#capture.expand(p.transaction, p.expanded);
          this.#generation++;
          return this.#state();
        }),
      rows: p => this.#answer('rows', p, () => this.#page(p.first, p.count)),
      locate: p => this.#answer('locate', p, () => ({ row: this.#capture.locate(p.seq) })),
      detail: p => this.#answer('detail', p, () => detailOf(p.seq)),
      history: p => this.#answer('history', p, () => historyOf(p, this.#capture)),
      changeText: p => this.#answer('changeText', p, () => changeTextOf(p)),
      relation: p => this.#answer('relation', p, () => relationOf(p.seq)),
      fields: p => this.#answer('fields', p, () => ({ fields: fieldsOf(p.seq), error: '' })),
      bytes: p =>
        this.#answer('bytes', p, () => {
          const all = messageOf(p.seq);
          const bytes = all.slice(p.offset, p.offset + p.length);
          return { bytes, offset: p.offset, total: all.length };
        }),
      value: p =>
        this.#answer('value', p, () => {
          const whole = shopChange(changeOfSeq(p.seq)).columns[p.column]?.whole ?? '';
          return { text: whole.slice(p.offset, p.offset + p.length), total: whole.length };
        }),
      find: p => this.#answer('find', p, () => this.#capture.find(p.text, p.from, p.direction)),
      jump: p => this.#answer('jump', p, () => this.#capture.jump(p.to)),
      copy: p => this.#answer('copy', p, () => this.copied),
      export: p => this.#answer('export', p, () => undefined),
      askJump: p =>
        this.#answer('askJump', p, () =>
          this.jumpTarget === undefined ? {} : { target: this.jumpTarget },
        ),
      settled: p => this.#answer('settled', p, () => undefined),
      layout: p =>
        this.#answer('layout', p, () => {
          const layout = JSON.parse(
            sessionStorage.getItem('layout') ?? 'null',
          ) as TimelineLayout | null;
          return layout === null ? {} : { layout };
        }),
      storeLayout: p =>
        this.#answer('storeLayout', p, () => {
          sessionStorage.setItem('layout', JSON.stringify(p.layout));
        }),
      checkFilter: p => this.#answer('checkFilter', p, () => checkOf(p.text)),
      completeFilter: p =>
        this.#answer('completeFilter', p, () => completeFilter(p.text, p.caret, FAKE_TABLES)),
      marks: p => this.#answer('marks', p, () => ({ marks: this.marks.list })),
      compareMarks: p => this.#answer('compareMarks', p, () => this.marks.compare(p.a, p.b)),
      startMark: p => this.#answer('startMark', p, () => this.#marked(() => this.marks.start())),
      stopMark: p => this.#answer('stopMark', p, () => this.#marked(() => this.#stopMark())),
      renameMark: p =>
        this.#answer('renameMark', p, () => {
          this.#marked(() => {
            this.marks.rename(p.id, p.name);
          });
        }),
      removeMark: p =>
        this.#answer('removeMark', p, () => {
          this.#marked(() => {
            this.marks.remove(p.id);
          });
        }),
      copyMark: p => this.#answer('copyMark', p, () => ({ cut: false })),
      overview: p => this.#answer('overview', p, () => overviewOf(p, this.#capture)),
      wire: p => this.#answer('wire', p, () => this.#wire().page(p.first, p.count, p.hideData)),
      wireRow: p =>
        this.#answer('wireRow', p, () => ({ row: this.#wire().rowOf(p.seq, p.hideData) })),
      wireFields: p => this.#answer('wireFields', p, () => this.#wire().fields(p.row, p.hideData)),
      wireBytes: p => this.#answer('wireBytes', p, () => this.#wire().bytes(p.offset, p.length)),
      statistics: p => this.#answer('statistics', p, () => statisticsOf(p, this.#capture)),
      overviewPlaces: p => this.#answer('overviewPlaces', p, () => ({ places: placesOf(p) })),
      keptFilters: p =>
        this.#answer('keptFilters', p, () => kept<KeptFilters>('filters', NO_FILTERS)),
      rememberFilter: p =>
        this.#answer('rememberFilter', p, () => {
          const { history, named } = kept<KeptFilters>('filters', NO_FILTERS);
          const others = history.filter(({ value }) => value !== p.filter.value);
          return keep('filters', { history: [p.filter, ...others], named });
        }),
      storeNamedFilters: p =>
        this.#answer('storeNamedFilters', p, () => {
          const { history } = kept<KeptFilters>('filters', NO_FILTERS);
          return keep('filters', { history, named: p.named });
        }),
      colorRules: p =>
        this.#answer('colorRules', p, () => ({ rules: kept<readonly ColorRule[]>('rules', []) })),
      storeColorRules: p =>
        this.#answer('storeColorRules', p, () => {
          this.#generation++;
          this.push();
          this.peer.emitter<TimelineEvents>()('colorRules', { rules: keep('rules', p.rules) });
        }),
      bookmarks: p =>
        this.#answer('bookmarks', p, () => ({
          bookmarks: kept<readonly Bookmark[]>('bookmarks', []),
        })),
      storeBookmarks: p =>
        this.#answer('storeBookmarks', p, () => {
          keep('bookmarks', p.bookmarks);
        }),
      facets: p => this.#answer('facets', p, () => this.#capture.facets()),
    });
  }
}
