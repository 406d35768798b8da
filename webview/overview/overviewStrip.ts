import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { OVERVIEW_SERIES } from '../../src/shared/overviewApi';
import type { OverviewAxis } from '../../src/shared/overviewApi';
import { dataStyles } from '../dataStyles';
import type { TimelineModel } from '../timeline/timelineModel';
import { marksOf } from './markPlaces';
import { overviewStripStyles } from './overviewStripStyles';
import { writePlace } from './places';
import { SightMark } from './sightMark';
import type { SeqRange } from './sightMark';
import { onThemeChange, readColors } from './stripColors';
import type { StripColors } from './stripColors';
import { StripModel } from './stripModel';
import { AXIS_HEIGHT, paintStrip } from './stripPaint';
import type { Span } from './stripPaint';
import { bucketText, summaryText } from './stripText';

/** Pixels that a bar has at least. */
const BAR_WIDTH = 3;
/** A pointer that moved less than this chose nothing, in pixels. */
const CLICK_SLOP = 3;
/** One notch of a wheel is about 100. */
const WHEEL_ZOOM = 1.0025;
const KEY_ZOOM = 1.5;
/** What was chosen by keys is applied when none came for so long, in milliseconds. */
const SETTLE_MS = 300;

const LETTERS: readonly string[] = ['I', 'U', 'D', 'T', 'M', '?'];

interface Drag {
  readonly kind: 'select' | 'pan';
  readonly startX: number;
  readonly start: number;
  /** Of a pan, what was in sight when it began. */
  readonly domain: Span;
  moved: boolean;
}

/**
 * The strip above the list: changes by operation over commit time or position in the WAL. Dragging chooses,
 * the wheel zooms at the pointer, Shift+drag or dragging the axis moves, a double click resets. By keyboard
 * it is a slider whose thumb is a cursor.
 */
@customElement('wal-overview')
export class OverviewStrip extends LitElement {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;
  /** First and last message in sight in the list. */
  @property({ attribute: false }) sight: SeqRange | undefined;

  @query('.plot') private readonly plot!: HTMLElement | null;

  /** Under the pointer. */
  @state() private hover: number | undefined;
  /** Of the keyboard. */
  @state() private cursor: number | undefined;
  /** While it is being chosen. */
  @state() private choosing: Span | undefined;
  @state() private width = 0;
  @state() private height = 0;

  readonly #strip = new StripModel(() => {
    this.requestUpdate();
  });
  readonly #sight = new SightMark(() => {
    this.requestUpdate();
  });
  readonly #sizes = new ResizeObserver(([entry]) => {
    this.width = entry?.contentRect.width ?? 0;
    this.height = entry?.contentRect.height ?? 0;
  });
  #colors: StripColors | undefined;
  /** What was painted last. */
  #painted: readonly unknown[] = [undefined];
  #drag: Drag | undefined;
  /** Where a choice by keyboard began. */
  #anchor: number | undefined;
  #settle: number | undefined;
  #ended: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#ended = onThemeChange(() => {
      this.#colors = undefined;
      this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#ended?.();
    this.#sizes.disconnect();
    this.#strip.dispose();
    this.#sight.dispose();
    window.clearTimeout(this.#settle);
  }

  protected override firstUpdated(): void {
    const { plot } = this;
    if (plot === null) return;
    this.#sizes.observe(plot);
    // Lit listens passively to none, but a wheel has to be kept from scrolling the page.
    plot.addEventListener('wheel', this.#wheel, { passive: false });
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const { model, sight } = this;
    if (model === undefined || model.waitsForRows) return;
    this.#strip.follow(model, Math.min(1000, Math.floor(this.width / BAR_WIDTH)));
    this.#sight.follow(model, this.#strip.by, sight);
  }

  protected override updated(_changed: PropertyValues): void {
    this.#paint();
  }

  protected override render(): TemplateResult | typeof nothing {
    const strip = this.#strip;
    const { overview, domain, by } = strip;
    const at = this.hover ?? this.cursor;
    const summary = overview === undefined ? strip.failure : summaryText(overview, domain);
    const told =
      this.choosing !== undefined || at === undefined || overview === undefined
        ? summary
        : bucketText(overview, at);
    return html`<div class="head">
        <span class="legend" aria-hidden="true"
          >${OVERVIEW_SERIES.map((series, i) =>
            series === 'other' && !this.#hasOther
              ? nothing
              : html`<span class="key series-${series}" title=${series}
                  ><canvas class="swatch" width="20" height="20"></canvas>${LETTERS[i]}</span
                >`,
          )}</span
        >
        <span class="told">${told}</span>
        <span class="tools">
          ${
            strip.window === undefined
              ? nothing
              : html`<vscode-toolbar-button
                  id="overview-all"
                  icon="screen-normal"
                  label="Show all of the overview"
                  title="Show all (double click)"
                  @click=${this.#reset}
                ></vscode-toolbar-button>`
          }
          <span role="group" aria-label="Axis of the overview"
            >${this.#axis('time', 'Time', 'Over commit time')}${this.#axis(
              'lsn',
              'WAL',
              'Over position in the WAL',
            )}</span
          >
        </span>
      </div>
      <div
        class="plot"
        role="slider"
        tabindex="0"
        aria-label="Overview: changes by ${by === 'time' ? 'commit time' : 'position in the WAL'}"
        aria-describedby="summary"
        aria-valuemin=${Math.round(domain.from)}
        aria-valuemax=${Math.round(domain.to)}
        aria-valuenow=${Math.round(this.cursor ?? domain.from)}
        aria-valuetext=${
          this.cursor === undefined || overview === undefined
            ? summary
            : bucketText(overview, this.cursor)
        }
        @pointerdown=${this.#down}
        @pointermove=${this.#move}
        @pointerup=${this.#up}
        @pointercancel=${this.#cancel}
        @pointerleave=${() => {
          this.hover = undefined;
        }}
        @dblclick=${this.#reset}
        @keydown=${this.#key}
        @blur=${() => {
          this.cursor = undefined;
        }}
      >
        <canvas class="bars"></canvas>
      </div>
      <p class="sr" id="summary">
        ${summary}. Arrow keys move, Shift chooses, plus and minus zoom, Enter goes there.
      </p>
      <span class="probe-background" hidden></span><span class="probe-text" hidden></span
      ><span class="probe-line" hidden></span><span class="probe-accent" hidden></span
      ><span class="probe-warning" hidden></span>`;
  }

  #axis(axis: OverviewAxis, label: string, title: string): TemplateResult {
    return html`<vscode-toolbar-button
      id="overview-${axis}"
      toggleable
      label=${title}
      title=${title}
      .checked=${live(this.#strip.by === axis)}
      @change=${() => {
        this.#strip.setAxis(axis);
        this.requestUpdate();
      }}
      >${label}</vscode-toolbar-button
    >`;
  }

  get #hasOther(): boolean {
    const { overview } = this.#strip;
    if (overview === undefined) return false;
    return overview.counts
      .subarray((OVERVIEW_SERIES.length - 1) * overview.buckets)
      .some(n => n > 0);
  }

  #paint(): void {
    const { overview, domain, selection, by } = this.#strip;
    const ratio = window.devicePixelRatio;
    // As they were observed: to ask the element for them would lay out the page, the list too, right now.
    const size = { width: this.width, height: this.height, ratio };
    const chosen = this.choosing ?? selection;
    const sight = this.#sight.span;
    const cursor = this.cursor ?? this.hover;
    const marks = this.model?.marks.list ?? [];
    // All that is painted depends on; the strip is drawn with the list, and mostly nothing of it changed.
    const painted: readonly unknown[] = [
      overview,
      ...[domain.from, domain.to, chosen?.from, chosen?.to],
      ...[sight, cursor, marks, by, size.width, size.height, ratio, this.#colors],
    ];
    if (painted.every((part, i) => part === this.#painted[i])) return;
    this.#painted = painted;
    const canvas = this.renderRoot.querySelector<HTMLCanvasElement>('canvas.bars');
    const context = canvas?.getContext('2d');
    if (canvas === null || context === undefined || context === null) return;
    const [wide, high] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.width !== wide) canvas.width = wide;
    if (canvas.height !== high) canvas.height = high;
    if (this.#colors === undefined) {
      this.#colors = readColors(this, this.renderRoot, ratio);
      this.#paintSwatches(this.#colors);
    }
    if (overview === undefined || wide === 0) {
      context.clearRect(0, 0, wide, high);
      return;
    }
    const scene = {
      overview,
      domain,
      selection: chosen,
      sight,
      marks: marksOf(marks, by),
      cursor,
    };
    paintStrip(context, size, scene, this.#colors);
  }

  #paintSwatches({ series }: StripColors): void {
    this.renderRoot.querySelectorAll<HTMLCanvasElement>('canvas.swatch').forEach((swatch, i) => {
      const context = swatch.getContext('2d');
      const paint = series[i];
      if (context === null || paint === undefined) return;
      context.fillStyle = paint;
      context.fillRect(0, 0, swatch.width, swatch.height);
    });
  }

  /** Where the axis is below a point of the page. */
  #placeAt(clientX: number): number {
    const box = this.plot?.getBoundingClientRect();
    const { from, to } = this.#strip.domain;
    if (box === undefined || box.width === 0) return from;
    const share = Math.min(1, Math.max(0, (clientX - box.left) / box.width));
    return from + (to - from) * share;
  }

  readonly #down = (event: PointerEvent): void => {
    const { plot } = this;
    if (plot === null || event.button > 1) return;
    const onAxis = event.clientY > plot.getBoundingClientRect().bottom - AXIS_HEIGHT;
    const pans = onAxis || event.shiftKey || event.altKey || event.button === 1;
    plot.setPointerCapture(event.pointerId);
    this.#drag = {
      kind: pans ? 'pan' : 'select',
      startX: event.clientX,
      start: this.#placeAt(event.clientX),
      domain: this.#strip.domain,
      moved: false,
    };
    plot.focus({ preventScroll: true });
    event.preventDefault();
  };

  readonly #move = (event: PointerEvent): void => {
    const drag = this.#drag;
    this.hover = this.#placeAt(event.clientX);
    if (drag === undefined) return;
    if (Math.abs(event.clientX - drag.startX) >= CLICK_SLOP) drag.moved = true;
    if (!drag.moved) return;
    if (drag.kind === 'select') {
      const [from, to] = [Math.min(drag.start, this.hover), Math.max(drag.start, this.hover)];
      this.choosing = this.#strip.snapped({ from, to });
      return;
    }
    if (this.#strip.window === undefined) return;
    const { from, to } = drag.domain;
    const width = this.plot?.clientWidth ?? 1;
    const by = ((drag.startX - event.clientX) / width) * (to - from);
    this.#strip.setWindow({ from: from + by, to: to + by });
  };

  readonly #up = (): void => {
    const { choosing } = this;
    const drag = this.#drag;
    this.#drag = undefined;
    this.choosing = undefined;
    if (drag?.kind === 'select' && drag.moved && choosing !== undefined) {
      this.#strip.select(choosing);
    }
  };

  readonly #cancel = (): void => {
    this.#drag = undefined;
    this.choosing = undefined;
  };

  readonly #wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
    const across = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (Math.abs(across) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      this.#strip.pan((across * unit) / Math.max(1, this.width));
    } else {
      const factor = WHEEL_ZOOM ** (event.deltaY * unit);
      this.#strip.zoom(factor, this.#placeAt(event.clientX));
    }
    this.hover = undefined;
  };

  /** All is shown, and all is looked at. */
  readonly #reset = (): void => {
    this.#strip.setWindow(undefined);
    if (this.#strip.selection !== undefined) this.#strip.select(undefined);
  };

  readonly #key = (event: KeyboardEvent): void => {
    const { overview, domain } = this.#strip;
    if (overview === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const { from, to } = domain;
    const step = overview.width;
    const at = this.cursor ?? (from + to) / 2;
    switch (event.key) {
      case 'ArrowLeft':
        this.#moveCursor(at - step, event.shiftKey);
        break;
      case 'ArrowRight':
        this.#moveCursor(at + step, event.shiftKey);
        break;
      case 'PageUp':
        this.#moveCursor(at - (to - from) / 10, event.shiftKey);
        break;
      case 'PageDown':
        this.#moveCursor(at + (to - from) / 10, event.shiftKey);
        break;
      case 'Home':
        this.#moveCursor(from, event.shiftKey);
        break;
      case 'End':
        this.#moveCursor(Math.max(from, to - step), event.shiftKey);
        break;
      case '+':
      case '=':
        this.#strip.zoom(1 / KEY_ZOOM, at);
        break;
      case '-':
        this.#strip.zoom(KEY_ZOOM, at);
        break;
      case '0':
        this.#strip.setWindow(undefined);
        break;
      case 'Enter':
        void this.#goTo(at);
        break;
      case 'Escape':
        if (!this.#escape()) return;
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  /** One thing after the other: what is being chosen, what is chosen, what is looked at. */
  #escape(): boolean {
    if (this.choosing !== undefined || this.#drag !== undefined) {
      window.clearTimeout(this.#settle);
      this.#anchor = undefined;
      this.#cancel();
    } else if (this.#strip.selection !== undefined) this.#strip.select(undefined);
    else if (this.#strip.window !== undefined) this.#strip.setWindow(undefined);
    else return false;
    return true;
  }

  #moveCursor(to: number, chooses: boolean): void {
    const { domain, overview } = this.#strip;
    const width = overview?.width ?? 1;
    const before = this.cursor ?? (domain.from + domain.to) / 2;
    // The middle of a bucket, so that none is left out or met twice.
    const bucket =
      (Math.floor(Math.min(domain.to - 1, Math.max(domain.from, to)) / width) + 0.5) * width;
    this.cursor = bucket;
    this.hover = undefined;
    if (!chooses) {
      this.#anchor = undefined;
      return;
    }
    this.#anchor ??= before;
    const anchor = this.#anchor;
    const choosing = this.#strip.snapped({
      from: Math.min(anchor, bucket),
      to: Math.max(anchor, bucket),
    });
    this.choosing = choosing;
    window.clearTimeout(this.#settle);
    this.#settle = window.setTimeout(() => {
      this.choosing = undefined;
      this.#strip.select(choosing);
    }, SETTLE_MS);
  }

  /** Shows in the list what was committed there. */
  async #goTo(place: number): Promise<void> {
    const { model } = this;
    const { by } = this.#strip;
    const view = model?.view?.view;
    const text = writePlace(by, this.#strip.snapped({ from: place, to: place }).from);
    if (model === undefined || view === undefined) return;
    const to =
      by === 'time'
        ? ({ kind: 'time', time: text } as const)
        : ({ kind: 'lsn', lsn: text } as const);
    try {
      const found = await model.peer.call('jump', { view, to });
      if (found.row >= 0) await model.show(found);
    } catch {
      // The view was replaced meanwhile: the next press of the key goes there.
    }
  }

  static override styles = [dataStyles, overviewStripStyles];
}
