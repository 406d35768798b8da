import { html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ColumnId } from '../../src/shared/timelineLayout';
import { dataStyles } from '../dataStyles';
import { formatDay } from '../formats';
import { listCellStyles } from '../listCellStyles';
import { MatchMarks, matchMarkStyles } from '../matchMarks';
import { VirtualList } from '../virtualList';
import type { RowView } from '../virtualList';
import type { ColorRule } from '../../src/shared/listApi';
import type { Bookmarks } from './bookmarks';
import type { ChosenRows } from './chosenRows';
import { ColumnResize, contentWidth } from './columnResize';
import { DEFAULT_COLUMNS, clampWidth, inRoom, planColumns, withColumn } from './columns';
import type { ColumnDefinition, ColumnPlan, Columns } from './columns';
import { rowView } from './rowCells';
import type { RowCache } from './rowCache';
import { timelineGridStyles } from './timelineGridStyles';

/** The user sized columns. */
export type ColumnsEvent = CustomEvent<Columns>;

/** Width of a character of a fixed width, as a share of its size. */
const CHARACTER = 0.61;

/**
 * The list of the timeline: one row a transaction, change or note. Who owns it asks it to draw where rows,
 * choices or marks changed, and is told by `drawn` that it has.
 */
@customElement('wal-timeline-grid')
export class TimelineGrid extends VirtualList {
  @property({ attribute: false }) cache: RowCache | undefined;
  @property({ attribute: false }) chosen: ChosenRows | undefined;
  @property({ attribute: false }) columns: Columns = DEFAULT_COLUMNS;
  /** Rows that there are: following asks for the last of them, also before it draws them. */
  @property({ attribute: false }) newest = 0;
  /** Nothing more comes. */
  @property({ attribute: false }) ended = false;
  /** Texts to mark: what is looked for, and what rows are filtered by. */
  @property({ attribute: false }) find = '';
  @property({ attribute: false }) filter = '';
  /** The rules that colour rows, and the rows that somebody marked. */
  @property({ attribute: false }) rules: readonly ColorRule[] = [];
  @property({ attribute: false }) bookmarks: Bookmarks | undefined;
  /** Called after each drawing: an event would be sent with each frame of a list that is scrolled. */
  @property({ attribute: false }) drawn: () => void = () => undefined;

  protected override readonly listRole = 'grid';
  protected override readonly many = true;

  #now = new Date();
  /** Of the times in sight, as far as the heading says. */
  #day = this.#now;
  #plan: ColumnPlan = planColumns(DEFAULT_COLUMNS);
  /** Of the list and of a character, in pixels. */
  #room = { width: 0, character: 0 };
  readonly #widths = new ResizeObserver(entries => {
    const character = Number.parseFloat(getComputedStyle(this).fontSize) * CHARACTER;
    this.#room = { width: entries.at(-1)?.contentRect.width ?? 0, character };
    const plan = planColumns(inRoom(this.columns, this.#room));
    if (plan.tracks === this.#plan.tracks) return;
    this.#plan = plan;
    this.requestUpdate();
  });
  readonly #found = new MatchMarks('wal-find');
  readonly #passed = new MatchMarks('wal-filter');
  readonly #resize = new ColumnResize({
    widthOf: id => this.widthOf(id),
    resize: (id, width, done) => {
      this.#setWidth(id, width, done);
    },
  });

  protected override get columnCount(): number {
    return this.#plan.columns.length;
  }

  protected override isChosen(index: number): boolean {
    return this.chosen?.has(index) ?? super.isChosen(index);
  }

  /** Width of a column as it is drawn, in pixels; 0 where it is not shown. */
  widthOf(id: ColumnId): number {
    return this.renderRoot.querySelector(`.header [data-column=${id}]`)?.clientWidth ?? 0;
  }

  /** Makes a column as wide as what is in sight of it. */
  fit(id: ColumnId): void {
    const key = this.#plan.columns.find(column => column.id === id)?.key;
    if (key === undefined) return;
    const cells = this.renderRoot.querySelectorAll(`.row:not(.parked) > .c.${key}`);
    this.#setWidth(id, clampWidth(contentWidth(cells)), true);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#widths.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#widths.disconnect();
    this.#found.clear();
    this.#passed.clear();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.#now = new Date();
    if (changed.has('columns')) this.#plan = planColumns(inRoom(this.columns, this.#room));
    const first = this.follow ? Math.max(0, this.newest - this.visibleCount) : this.firstVisible;
    // Rows may arrive before their number is told: what is followed is not at their beginning then.
    if (!this.follow || this.newest > 0) this.cache?.want(first, this.visibleCount, this.active);
    this.#day = this.#dayInSight() ?? this.#day;
  }

  /** The day of the times in sight; the list names it once, above them. */
  get day(): Date {
    return this.#day;
  }

  /** The day on which the first transaction in sight was committed. */
  #dayInSight(): Date | undefined {
    const end = Math.min(this.rowCount, this.firstVisible + this.visibleCount);
    for (let index = this.firstVisible; index < end; index++) {
      const row = this.cache?.row(index);
      if (row === undefined || row.type === 'note' || row.commitTime === '') continue;
      const day = new Date(row.commitTime);
      if (!Number.isNaN(day.getTime())) return day;
    }
    return undefined;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const plan = this.#plan;
    this.toggleAttribute(
      'sized',
      this.columns.some(({ width }) => width > 0),
    );
    this.style.setProperty('--wal-columns', plan.tracks);
    this.style.setProperty('--wal-min-width', plan.least);
    this.style.setProperty('--wal-line', plan.line.place);
    this.style.setProperty('--wal-note', plan.note.place);
    const rows = this.renderRoot.querySelector('.rows');
    this.#found.update(rows, this.find);
    this.#passed.update(rows, this.filter);
    this.drawn();
  }

  protected override renderHeader(): TemplateResult {
    return html`${this.#plan.columns.map(column => this.#headerCell(column))}`;
  }

  /** Nothing says it where it is today. */
  #dayWord(): TemplateResult | typeof nothing {
    if (this.#day.toDateString() === this.#now.toDateString()) return nothing;
    return html` <span class="dim">${formatDay(this.#day, this.#now)}</span>`;
  }

  #headerCell({ id, key, title }: ColumnDefinition): TemplateResult {
    return html`<span role="columnheader" class="c ${key}" data-column=${id}
      >${title}${id === 'committed' ? this.#dayWord() : nothing}${
        id === 'changed' && !this.#plan.hasSize
          ? nothing
          : html`<span
              class="edge"
              aria-hidden="true"
              @pointerdown=${(event: PointerEvent) => {
                this.#resize.down(event, id);
              }}
              @pointermove=${this.#resize.move}
              @pointerup=${this.#resize.up}
              @pointercancel=${this.#resize.up}
              @dblclick=${() => {
                this.fit(id);
              }}
            ></span>`
      }</span
    >`;
  }

  protected override renderRow(index: number): RowView {
    return rowView(this.cache?.row(index), {
      plan: this.#plan,
      now: this.#now,
      day: this.#day,
      ended: this.ended,
      rules: this.rules,
      bookmark: seq => this.bookmarks?.at(seq),
    });
  }

  protected override onKey(event: KeyboardEvent): void {
    const control = event.ctrlKey || event.metaKey;
    if (control && !event.altKey && event.key.toLowerCase() === 'a') {
      this.dispatchEvent(new CustomEvent('wal-choose-all'));
    } else if (control && event.key === ' ' && this.active >= 0) {
      this.activate(this.active, 'toggle');
    } else {
      super.onKey(event);
      return;
    }
    event.preventDefault();
  }

  /** The host copies: the rows may be many more than are here. */
  protected override onCopy(event: ClipboardEvent): void {
    this.dispatchEvent(new CustomEvent('wal-copy'));
    event.preventDefault();
  }

  #setWidth(id: ColumnId, width: number, done: boolean): void {
    this.columns = withColumn(this.columns, id, { width });
    if (done) this.dispatchEvent(new CustomEvent('wal-columns', { detail: this.columns }));
  }

  static override styles = [
    VirtualList.styles,
    dataStyles,
    listCellStyles,
    matchMarkStyles,
    timelineGridStyles,
  ];
}
