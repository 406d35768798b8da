import { html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';

export interface SmallChart {
  readonly id: string;
  readonly title: string;
  /** All that it shows, in a sentence. */
  readonly summary: string;
  /** NaN where nothing is known; absent where all of it is not, as the summary says then. */
  readonly values?: Float64Array;
}

const HEIGHT = 100;

/** Bars over time without an axis of their own: the sentence below says what they amount to. */
export function smallChart({ id, title, summary, values }: SmallChart): TemplateResult {
  return html`<figure id="chart-${id}">
    <figcaption>${title}</figcaption>
    ${values === undefined ? nothing : bars(`${title}: ${summary}`, values)}
    <p>${summary}</p>
  </figure>`;
}

function bars(label: string, values: Float64Array): TemplateResult {
  const most = values.reduce((max, value) => (value > max ? value : max), 0);
  const parts: string[] = [];
  values.forEach((value, i) => {
    if (!(value > 0)) return;
    const top = HEIGHT - Math.max(2, (value / most) * HEIGHT);
    parts.push(`M${String(i)} ${String(HEIGHT)}V${top.toFixed(1)}h1V${String(HEIGHT)}z`);
  });
  return html`<svg
    role="img"
    aria-label=${label}
    viewBox="0 0 ${String(Math.max(1, values.length))} ${String(HEIGHT)}"
    preserveAspectRatio="none"
  >
    ${svg`<path d=${parts.join('')}></path>`}
  </svg>`;
}
