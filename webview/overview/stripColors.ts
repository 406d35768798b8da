import { OVERVIEW_SERIES } from '../../src/shared/overviewApi';

/** What a canvas is painted with: it cannot use the variables of the theme itself. */
export interface StripColors {
  /** One for each of {@link OVERVIEW_SERIES}: a colour with a pattern, so that colour is not the only sign. */
  readonly series: readonly (CanvasPattern | string)[];
  readonly text: string;
  readonly line: string;
  readonly background: string;
  readonly accent: string;
  readonly warning: string;
  readonly font: string;
}

/** Side of a pattern's tile, in pixels of the device. */
const TILE = 6;

type Draw = (context: CanvasRenderingContext2D, size: number) => void;

/** How each series looks besides its colour; inserts and what is no single change are plain. */
const PATTERNS: readonly (Draw | undefined)[] = [
  undefined,
  (context, size) => {
    // Rising lines.
    context.moveTo(-1, size + 1);
    context.lineTo(size + 1, -1);
    context.moveTo(-1, 1);
    context.lineTo(1, -1);
    context.moveTo(size - 1, size + 1);
    context.lineTo(size + 1, size - 1);
  },
  (context, size) => {
    // Lines across.
    context.moveTo(0, size / 2);
    context.lineTo(size, size / 2);
  },
  (context, size) => {
    // Crossed.
    context.moveTo(0, size / 2);
    context.lineTo(size, size / 2);
    context.moveTo(size / 2, 0);
    context.lineTo(size / 2, size);
  },
  (context, size) => {
    // Upright lines.
    context.moveTo(size / 2, 0);
    context.lineTo(size / 2, size);
  },
  undefined,
];

/** Reads the colours of the theme as they are drawn: `host` has an element of class `series` for each series. */
export function readColors(host: HTMLElement, root: ParentNode, ratio: number): StripColors {
  const style = getComputedStyle(host);
  const colorOf = (selector: string, fallback: string): string => {
    const element = root.querySelector(selector);
    return element === null ? fallback : getComputedStyle(element).color;
  };
  const background = colorOf('.probe-background', '#000');
  return {
    series: OVERVIEW_SERIES.map((series, i) =>
      patterned(colorOf(`.series-${series}`, style.color), background, PATTERNS[i], ratio),
    ),
    text: colorOf('.probe-text', style.color),
    line: colorOf('.probe-line', style.color),
    background,
    accent: colorOf('.probe-accent', style.color),
    warning: colorOf('.probe-warning', style.color),
    font: `${String(Math.round(10 * ratio))}px ${style.fontFamily}`,
  };
}

function patterned(
  color: string,
  background: string,
  draw: Draw | undefined,
  ratio: number,
): CanvasPattern | string {
  if (draw === undefined) return color;
  const size = Math.round(TILE * Math.max(1, ratio));
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext('2d');
  if (context === null) return color;
  context.fillStyle = color;
  context.fillRect(0, 0, size, size);
  // Without colours the pattern is all there is; with them it stays in the background.
  context.globalAlpha = window.matchMedia('(forced-colors: active)').matches ? 1 : 0.5;
  context.strokeStyle = background;
  context.lineWidth = Math.max(1, ratio);
  context.beginPath();
  draw(context, size);
  context.stroke();
  return context.createPattern(canvas, 'repeat') ?? color;
}

/** Calls back when the theme or the resolution of the screen changes; returns what ends that. */
export function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'style'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  const queries = ['(forced-colors: active)', '(prefers-color-scheme: dark)'].map(query =>
    window.matchMedia(query),
  );
  for (const query of queries) query.addEventListener('change', changed);
  window.addEventListener('resize', changed);
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener('change', changed);
    window.removeEventListener('resize', changed);
  };
}
