import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { TimelineFrame } from './timelineFrame';

const GRAVE = new Set(['serious', 'critical']);

/** What axe finds in the real webview that is serious, as `rule: element`. */
export async function graveFindings(timeline: TimelineFrame): Promise<readonly string[]> {
  const page = timeline.frame.locator('html');
  await page.evaluate((_page, source) => {
    // As a debugger would: the page's own security policy lets no script in.
    (0, eval)(source);
  }, axe.source);
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } }).axe.run({
      resultTypes: ['violations'],
    }),
  );
  return results.violations
    .filter(({ impact }) => GRAVE.has(impact ?? ''))
    .flatMap(({ id, nodes }) => nodes.map(n => `${id}: ${n.html} ${n.failureSummary ?? ''}`));
}
