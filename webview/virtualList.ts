import { LitElement, html, nothing } from 'lit';
import type { CSSResultGroup, PropertyValues, TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { RowSlots } from './rowSlots';
import { clampTop, maxTop, thumbAt, topOfThumb } from './scrollMath';
import type { ScrollSpace } from './scrollMath';
import { TouchScroll } from './touchScroll';
import { virtualListStyles } from './virtualListStyles';

/** One row as a list draws it. */
export interface RowView {
  /** The cells, each with its role. */
  readonly cells: TemplateResult;
  /** Class names of the row, space separated. */
  readonly classes?: string;
  /** Depth in a tree, from 1; only with the role `treegrid`. */
  readonly level?: number;
  /** Whether the children are shown; only with the role `treegrid`. */
  readonly expanded?: boolean;
}

/** How a row is chosen: alone, added or taken away, or with all up to it. */
export type ChoiceKind = 'only' | 'toggle' | 'extend';

/** The user chose a row. */
export type ActiveEvent = CustomEvent<{ readonly index: number; readonly kind: ChoiceKind }>;
/** The user opens (`true`), closes (`false`) or flips (`undefined`) a row. */
export type ToggleEvent = CustomEvent<{
  readonly index: number;
  readonly open: boolean | undefined;
}>;
/** The user scrolled; `atEnd` when the last row is in sight. */
export type ScrolledEvent = CustomEvent<{ readonly up: boolean; readonly atEnd: boolean }>;

/**
 * A list of any number of rows of one height, of which only those in sight are elements.
 *
 * Native scrolling ends at about 33 million pixels, so position and scrollbar are our own. The list
 * is one tab stop; the active row is told by `aria-activedescendant` and stays an element, parked out
 * of sight, while it is scrolled away, so that a screen reader never loses it.
 */
export abstract class VirtualList extends LitElement {
  @property({ attribute: false }) rowCount = 0;
  /** The active row, -1 for none. */
  @property({ attribute: false }) active = -1;
  /** Keeps the last row in sight while rows are added. */
  @property({ attribute: false }) follow = false;
  @property({ attribute: false }) label = '';

  @query('.list') private readonly listElement!: HTMLElement | null;
  @query('.viewport') private readonly viewportElement!: HTMLElement | null;
  @query('.rows') private readonly rowsElement!: HTMLElement | null;
  @query('.thumb') private readonly thumbElement!: HTMLElement | null;

  #top = 0;
  #viewport = 0;
  #rowHeight = 22;
  /** Where in the thumb it is held, in pixels; undefined when it is not. */
  #held: number | undefined;
  readonly #slots = new RowSlots();
  readonly #observer = new ResizeObserver(() => {
    this.#measure();
  });
  readonly #touch = new TouchScroll(by => {
    this.#userScroll(this.#top + by);
  });

  protected abstract readonly listRole: 'grid' | 'treegrid';
  protected abstract readonly columnCount: number;
  protected abstract renderRow(index: number): RowView;

  /** The header's cells with the role `columnheader`; nothing for a list without a header. */
  protected renderHeader(): TemplateResult | typeof nothing {
    return nothing;
  }

  /** The id of the element that is active inside the active row, where it is not the row itself. */
  protected activeElementId(): string {
    return `row-${String(this.active)}`;
  }

  /** Whether several rows can be chosen at once. */
  protected readonly many: boolean = false;

  protected isChosen(index: number): boolean {
    return index === this.active;
  }

  /** Height of every row in pixels, by the size of the font. */
  get rowHeight(): number {
    return this.#rowHeight;
  }

  get top(): number {
    return this.#top;
  }

  get firstVisible(): number {
    return Math.floor(this.#top / this.rowHeight);
  }

  get visibleCount(): number {
    return Math.ceil(this.#viewport / this.rowHeight) + 1;
  }

  /** Rows that fit wholly. */
  get pageRows(): number {
    return Math.max(1, Math.floor(this.#viewport / this.rowHeight) - 1);
  }

  override focus(): void {
    this.listElement?.focus();
  }

  scrollToTop(top: number): void {
    const next = clampTop(top, this.#space());
    if (next === this.#top) return;
    this.#top = next;
    this.requestUpdate();
  }

  /** Where the active row is seen, in pixels of the window; undefined where it is not. */
  activeBox(): DOMRect | undefined {
    const row = this.rowsElement?.querySelector('.row.active:not(.parked)');
    return row?.getBoundingClientRect();
  }

  /** Scrolls so that the row is seen with some rows above it; not at all where it is seen already. */
  revealInContext(index: number): void {
    const start = index * this.rowHeight;
    if (start >= this.#top && start + this.rowHeight <= this.#top + this.#viewport) return;
    this.scrollToTop(start - this.#viewport / 3);
  }

  /** Scrolls just as far as is needed to see the row. */
  reveal(index: number): void {
    const start = index * this.rowHeight;
    if (start < this.#top) this.scrollToTop(start);
    else if (start + this.rowHeight > this.#top + this.#viewport) {
      this.scrollToTop(start + this.rowHeight - this.#viewport);
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
    this.#touch.stop();
  }

  protected override firstUpdated(_changed: PropertyValues): void {
    // Not passive: the wheel must not also scroll what lies around the list.
    this.listElement?.addEventListener('wheel', this.#wheel, { passive: false });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => {
      if (this.viewportElement !== null) this.#observer.observe(this.viewportElement);
      this.#measure();
    });
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const space = this.#space();
    this.#top = this.follow ? maxTop(space) : clampTop(this.#top, space);
  }

  protected override render(): TemplateResult {
    const header = this.renderHeader();
    const headerRows = header === nothing ? 0 : 1;
    const hasActive = this.active >= 0 && this.active < this.rowCount;
    const indices = this.#indices();
    const slots = this.#slots.of(indices, this.active);
    return html`<div class="frame">
      <div
        id="list"
        class="list"
        role=${this.listRole}
        tabindex="0"
        aria-label=${this.label}
        aria-rowcount=${this.rowCount + headerRows}
        aria-colcount=${this.columnCount}
        aria-multiselectable=${this.many ? 'true' : nothing}
        aria-activedescendant=${hasActive ? this.activeElementId() : nothing}
        @keydown=${this.#keyDown}
        @click=${this.#click}
        @dblclick=${this.#doubleClick}
        @copy=${this.#copy}
        @pointerdown=${this.#touch.down}
        @pointermove=${this.#touch.move}
        @pointerup=${this.#touch.up}
        @pointercancel=${this.#touch.up}
      >
        ${
          headerRows === 0
            ? nothing
            : html`<div class="head" role="rowgroup">
                <div class="row header" role="row" aria-rowindex="1">${header}</div>
              </div>`
        }
        <div class="viewport" role="rowgroup">
          <div class="rows" role="presentation">
            ${repeat(
              indices,
              (_, at) => slots[at],
              index => this.#renderRow(index, headerRows),
            )}
          </div>
        </div>
      </div>
      <div
        class="scrollbar"
        role="scrollbar"
        aria-label="Scroll"
        aria-controls="list"
        aria-orientation="vertical"
        aria-valuemin="0"
        aria-valuemax=${Math.max(0, this.rowCount - 1)}
        aria-valuenow=${Math.min(this.firstVisible, Math.max(0, this.rowCount - 1))}
        @pointerdown=${this.#trackDown}
        @pointermove=${this.#trackMove}
        @pointerup=${this.#trackUp}
        @pointercancel=${this.#trackUp}
      >
        <div class="thumb"></div>
      </div>
    </div>`;
  }

  protected override updated(_changed: PropertyValues): void {
    const offset = this.firstVisible * this.rowHeight - this.#top;
    if (this.rowsElement !== null) {
      this.rowsElement.style.transform = `translateY(${String(offset)}px)`;
    }
    const thumb = thumbAt(this.#top, this.#space(), this.#viewport);
    if (this.thumbElement !== null) {
      this.thumbElement.hidden = thumb === undefined;
      this.thumbElement.style.height = `${String(thumb?.size ?? 0)}px`;
      this.thumbElement.style.transform = `translateY(${String(thumb?.position ?? 0)}px)`;
    }
  }

  /** Moves the active row as the user asked; what is read then stands still. */
  protected activate(index: number, kind: ChoiceKind = 'only'): void {
    if (this.rowCount === 0) return;
    const next = Math.min(Math.max(0, index), this.rowCount - 1);
    this.follow = false;
    // At once: the next key may come before the owner draws.
    this.active = next;
    this.dispatchEvent(new CustomEvent('wal-active', { detail: { index: next, kind } }));
    this.reveal(next);
  }

  protected toggle(index: number, open: boolean | undefined): void {
    this.dispatchEvent(new CustomEvent('wal-toggle', { detail: { index, open } }));
  }

  protected onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return;
    const target = this.#keyTarget(event.key);
    if (target !== undefined) this.activate(target, event.shiftKey ? 'extend' : 'only');
    else if (this.active < 0) return;
    else if (event.key === 'ArrowRight') this.toggle(this.active, true);
    else if (event.key === 'ArrowLeft') this.toggle(this.active, false);
    else if (event.key === 'Enter' || event.key === ' ') this.toggle(this.active, undefined);
    else return;
    event.preventDefault();
  }

  protected onClick(event: MouseEvent): void {
    const index = rowIndexOf(event);
    if (index === undefined) return;
    this.activate(index, choiceOf(event));
    const onTwistie = event
      .composedPath()
      .some(node => node instanceof HTMLElement && node.classList.contains('twistie'));
    if (onTwistie) this.toggle(index, undefined);
  }

  #keyDown(event: KeyboardEvent): void {
    this.onKey(event);
  }

  #click(event: MouseEvent): void {
    this.onClick(event);
  }

  #copy(event: ClipboardEvent): void {
    this.onCopy(event);
  }

  /** Copies the active row, its cells apart by tabs. */
  protected onCopy(event: ClipboardEvent): void {
    const row = this.rowsElement?.querySelector(`#row-${String(this.active)}`);
    if (row === null || row === undefined) return;
    const cells = [...row.querySelectorAll('[role=gridcell]')];
    const text = cells.map(cell => cell.textContent.replaceAll(/\s+/g, ' ').trim()).join('\t');
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  }

  #doubleClick(event: MouseEvent): void {
    const index = rowIndexOf(event);
    if (index !== undefined) this.toggle(index, undefined);
  }

  #keyTarget(key: string): number | undefined {
    switch (key) {
      case 'ArrowDown':
        return this.active < 0 ? this.firstVisible : this.active + 1;
      case 'ArrowUp':
        return this.active < 0 ? this.firstVisible : this.active - 1;
      case 'PageDown':
        return Math.max(this.active, this.firstVisible) + this.pageRows;
      case 'PageUp':
        return (this.active < 0 ? this.firstVisible : this.active) - this.pageRows;
      case 'Home':
        return 0;
      case 'End':
        return this.rowCount - 1;
      default:
        return undefined;
    }
  }

  /** The rows in sight, and the active one. */
  #indices(): number[] {
    const first = this.firstVisible;
    const last = Math.min(this.rowCount, first + this.visibleCount);
    const indices: number[] = [];
    for (let index = first; index < last; index++) indices.push(index);
    if (this.active >= 0 && this.active < this.rowCount) {
      if (this.active < first) indices.unshift(this.active);
      else if (this.active >= last) indices.push(this.active);
    }
    return indices;
  }

  #renderRow(index: number, headerRows: number): TemplateResult {
    const view = this.renderRow(index);
    const first = this.firstVisible;
    const parked = index < first || index >= first + this.visibleCount ? ' parked' : '';
    const active = index === this.active;
    const chosen = this.isChosen(index);
    return html`<div
      id="row-${index}"
      class="row ${view.classes ?? ''}${chosen ? ' selected' : ''}${active ? ' active' : ''}${parked}"
      role="row"
      data-index=${index}
      aria-rowindex=${index + 1 + headerRows}
      aria-selected=${chosen ? 'true' : 'false'}
      aria-level=${view.level ?? nothing}
      aria-expanded=${view.expanded ?? nothing}
    >
      ${view.cells}
    </div>`;
  }

  #space(): ScrollSpace {
    return { content: this.rowCount * this.rowHeight, viewport: this.#viewport };
  }

  #measure(): void {
    const height = this.viewportElement?.clientHeight ?? 0;
    const rowHeight = Math.round(Number.parseFloat(getComputedStyle(this).fontSize) * 1.25 + 6);
    if (height === this.#viewport && rowHeight === this.#rowHeight) return;
    const seen =
      this.active >= this.firstVisible && this.active < this.firstVisible + this.visibleCount;
    this.#viewport = height;
    this.#rowHeight = rowHeight;
    this.style.setProperty('--wal-row-height', `${String(rowHeight)}px`);
    // What is read stays in sight when the list gets smaller, as when the detail opens.
    if (seen && this.active >= 0 && !this.follow) this.reveal(this.active);
    this.requestUpdate();
  }

  #userScroll(top: number): void {
    const space = this.#space();
    const next = clampTop(top, space);
    const before = this.#top;
    // At once, and not when the owner draws next: following would pull the list back.
    if (next < before) this.follow = false;
    this.scrollToTop(next);
    const detail = { up: next < before, atEnd: next >= maxTop(space) };
    this.dispatchEvent(new CustomEvent('wal-scroll', { detail }));
  }

  readonly #wheel = (event: WheelEvent): void => {
    // Ctrl is zoom; shift and sideways wheels scroll the columns natively.
    if (event.ctrlKey || event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    event.preventDefault();
    const unit =
      event.deltaMode === WheelEvent.DOM_DELTA_LINE
        ? this.rowHeight
        : event.deltaMode === WheelEvent.DOM_DELTA_PAGE
          ? this.#viewport
          : 1;
    this.#userScroll(this.#top + event.deltaY * unit);
  };

  #trackDown(event: PointerEvent): void {
    const bar = event.currentTarget;
    const thumb = thumbAt(this.#top, this.#space(), this.#viewport);
    if (!(bar instanceof HTMLElement) || thumb === undefined || event.button !== 0) return;
    const at = event.clientY - bar.getBoundingClientRect().top;
    const onThumb = at >= thumb.position && at <= thumb.position + thumb.size;
    this.#held = onThumb ? at - thumb.position : thumb.size / 2;
    bar.setPointerCapture(event.pointerId);
    bar.classList.add('held');
    this.#drag(at);
    event.preventDefault();
  }

  #trackMove(event: PointerEvent): void {
    if (!(event.currentTarget instanceof HTMLElement) || this.#held === undefined) return;
    this.#drag(event.clientY - event.currentTarget.getBoundingClientRect().top);
  }

  #trackUp(event: PointerEvent): void {
    this.#held = undefined;
    if (event.currentTarget instanceof HTMLElement) event.currentTarget.classList.remove('held');
  }

  #drag(at: number): void {
    this.#userScroll(topOfThumb(at - (this.#held ?? 0), this.#space(), this.#viewport));
  }

  static override styles: CSSResultGroup = virtualListStyles;
}

function choiceOf(event: MouseEvent): ChoiceKind {
  if (event.shiftKey) return 'extend';
  return event.ctrlKey || event.metaKey ? 'toggle' : 'only';
}

/** The row that an event came from. */
export function rowIndexOf(event: Event): number | undefined {
  for (const node of event.composedPath()) {
    if (node instanceof HTMLElement && node.dataset.index !== undefined) {
      return Number(node.dataset.index);
    }
  }
  return undefined;
}
