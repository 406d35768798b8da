import { OVERVIEW_SERIES } from '../../src/shared/overviewApi';
import type { Overview } from '../../src/shared/overviewApi';
import type { StripColors } from './stripColors';
import { ticksOf } from './places';

/** A part of the axis, from `from` up to `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A place that somebody marked. */
export interface StripMark {
  readonly place: number;
}

export interface StripScene {
  readonly overview: Overview;
  /** What the strip shows. */
  readonly domain: Span;
  /** What is chosen; undefined: everything. */
  readonly selection: Span | undefined;
  readonly sight: Span | undefined;
  readonly marks: readonly StripMark[];
  /** Under the pointer, or of the keyboard. */
  readonly cursor: number | undefined;
}

/** Height of the axis below the bars, in CSS pixels. */
export const AXIS_HEIGHT = 16;

const SERIES = OVERVIEW_SERIES.length;

/** The largest sum of a bucket in sight. */
export function peakOf(
  { counts, buckets, from, width }: Overview,
  domain: Span,
): {
  readonly bucket: number;
  readonly count: number;
} {
  let best = { bucket: -1, count: 0 };
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = from + bucket * width;
    if (start + width <= domain.from || start >= domain.to) continue;
    let count = 0;
    for (let s = 0; s < SERIES; s++) count += counts[s * buckets + bucket] ?? 0;
    if (count > best.count) best = { bucket, count };
  }
  return best;
}

/** The next of 1, 2, 5, 10, 20, ...: a scale that does not move with every change. */
export function niceAbove(value: number): number {
  let unit = 1;
  for (;;) {
    for (const factor of [1, 2, 5]) if (factor * unit >= value) return factor * unit;
    unit *= 10;
  }
}

/** Paints the strip, to the pixel of the device. */
export function paintStrip(
  context: CanvasRenderingContext2D,
  size: { readonly width: number; readonly height: number; readonly ratio: number },
  scene: StripScene,
  colors: StripColors,
): void {
  const { ratio } = size;
  const width = Math.round(size.width * ratio);
  const height = Math.round(size.height * ratio);
  const base = height - Math.round(AXIS_HEIGHT * ratio);
  const { domain } = scene;
  const x = (place: number): number =>
    Math.round(((place - domain.from) / (domain.to - domain.from)) * width);
  context.clearRect(0, 0, width, height);
  const frame = { context, width, height, base, ratio, x, colors };
  paintBars(frame, scene);
  paintSelection(frame, scene.selection);
  paintGaps(frame, scene.overview);
  paintMarks(frame, scene.marks);
  paintAxis(frame, scene);
  if (scene.sight !== undefined) {
    const from = x(scene.sight.from);
    const to = Math.max(from + Math.round(4 * ratio), x(scene.sight.to));
    context.fillStyle = colors.text;
    context.fillRect(from, base + 1, to - from, Math.round(2 * ratio));
  }
  if (scene.cursor !== undefined) {
    context.fillStyle = colors.accent;
    context.fillRect(x(scene.cursor), 0, Math.max(1, Math.round(ratio)), base);
  }
}

interface Frame {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly base: number;
  readonly ratio: number;
  readonly x: (place: number) => number;
  readonly colors: StripColors;
}

function paintBars(frame: Frame, { overview, domain }: StripScene): void {
  const { context, base, colors } = frame;
  const { passing, counts } = overview;
  const scale = (base - 1) / niceAbove(Math.max(1, peakOf(overview, domain).count));
  if (passing !== undefined) {
    context.globalAlpha = 0.3;
    stack(frame, overview, counts, scale, () => colors.text);
    context.globalAlpha = 1;
  }
  stack(frame, overview, passing ?? counts, scale, series => colors.series[series] ?? colors.text);
}

function stack(
  { context, base, ratio, width, x }: Frame,
  { from, width: step, buckets }: Overview,
  counts: Uint32Array,
  scale: number,
  paint: (series: number) => CanvasPattern | string,
): void {
  for (let bucket = 0; bucket < buckets; bucket++) {
    const left = x(from + bucket * step);
    let right = x(from + (bucket + 1) * step);
    if (right <= 0 || left >= width) continue;
    // Bars that are wide enough stand apart; none is narrower than a pixel.
    if (right - left >= 3 * ratio) right -= Math.max(1, Math.round(ratio));
    const wide = Math.max(1, right - left);
    let sum = 0;
    let below = 0;
    for (let series = 0; series < SERIES; series++) {
      const count = counts[series * buckets + bucket] ?? 0;
      if (count === 0) continue;
      sum += count;
      // What is there is seen, however little it is.
      const top = Math.max(below + 1, Math.round(sum * scale));
      context.fillStyle = paint(series);
      context.fillRect(left, base - top, wide, top - below);
      below = top;
    }
  }
}

function paintSelection(
  { context, width, base, ratio, x, colors }: Frame,
  selection: Span | undefined,
): void {
  if (selection === undefined) return;
  const from = Math.max(0, x(selection.from));
  const to = Math.min(width, x(selection.to));
  context.globalAlpha = 0.65;
  context.fillStyle = colors.background;
  context.fillRect(0, 0, Math.max(0, from), base);
  context.fillRect(to, 0, Math.max(0, width - to), base);
  context.globalAlpha = 1;
  context.fillStyle = colors.accent;
  const line = Math.max(1, Math.round(ratio));
  context.fillRect(from, 0, line, base);
  context.fillRect(to - line, 0, line, base);
  context.fillRect(from, 0, Math.max(line, to - from), 2 * line);
}

function paintGaps({ context, base, ratio, x, colors }: Frame, { gaps }: Overview): void {
  context.fillStyle = colors.warning;
  const line = Math.max(1, Math.round(ratio));
  for (const { from, to } of gaps) {
    const [left, right] = [x(from), x(to)];
    // A dashed line, and a bar over what was not seen.
    for (let y = 0; y < base; y += 6 * line) context.fillRect(left, y, 2 * line, 4 * line);
    context.fillRect(left, 0, Math.max(3 * line, right - left), 3 * line);
  }
}

function paintMarks({ context, base, ratio, x, colors }: Frame, marks: readonly StripMark[]): void {
  context.fillStyle = colors.accent;
  for (const { place } of marks) {
    const at = x(place);
    context.fillRect(at, 0, Math.max(1, Math.round(ratio)), base);
    context.beginPath();
    context.moveTo(at, 0);
    context.lineTo(at + 6 * ratio, 3 * ratio);
    context.lineTo(at, 6 * ratio);
    context.fill();
  }
}

function paintAxis(
  { context, width, height, base, ratio, x, colors }: Frame,
  { overview, domain }: StripScene,
): void {
  context.fillStyle = colors.line;
  context.fillRect(0, base, width, Math.max(1, Math.round(ratio)));
  if (overview.extent === undefined) return;
  context.fillStyle = colors.text;
  context.font = colors.font;
  context.textBaseline = 'alphabetic';
  const most = Math.max(1, Math.floor(width / ratio / 110));
  // Where the label before ends, with some room behind it.
  let free = 0;
  for (const { place, label } of ticksOf(overview.by, domain, most)) {
    const at = x(place);
    context.fillRect(at, base, Math.max(1, Math.round(ratio)), Math.round(4 * ratio));
    const text = context.measureText(label).width;
    const left = Math.min(Math.max(0, at + 3 * ratio), width - text);
    // The last one stands further left than its place, for the edge: not over its neighbour.
    if (left < free) continue;
    context.fillText(label, left, height - Math.round(3 * ratio));
    free = left + text + 6 * ratio;
  }
}
