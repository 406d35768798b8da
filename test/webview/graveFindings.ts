import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const GRAVE = new Set(['serious', 'critical']);

/**
 * What axe finds in a page that is serious, as `rule: element`; `within`: only in the element that these
 * selectors lead to, each in the shadow of the one before.
 */
export async function graveFindings(page: Page, within?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate(path => {
    const { axe } = globalThis as unknown as {
      axe: { run: (on: object, options: object) => Promise<AxeResults> };
    };
    // Of what is well it need not tell each place, which takes it a third of its time.
    const options = { resultTypes: ['violations'] };
    return axe.run(path === undefined ? document : { fromShadowDom: [...path] }, options);
  }, within);
  return results.violations
    .filter(({ impact }) => GRAVE.has(impact ?? ''))
    .flatMap(({ id, nodes }) => nodes.map(n => `${id}: ${n.html} ${n.failureSummary ?? ''}`));
}
