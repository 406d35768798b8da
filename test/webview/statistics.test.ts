import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { graveFindings } from './graveFindings';
import { RESULTS, usePages } from './usePages';

describe('the statistics', () => {
  const pages = usePages();
  let page: Page;
  let errors: readonly string[];

  const open = async (theme = 'dark') => {
    ({ page, errors } = await pages.open({ changes: '50000', theme }));
    await page.locator('wal-timeline-grid .row').first().waitFor();
    await page.locator('#pane-statistics').click();
    await page.locator('wal-statistics #tables').waitFor();
  };
  beforeEach(() => open());
  afterEach(async () => {
    await page.close();
  });

  const pane = () => page.locator('wal-statistics');
  const names = () => pane().locator('#tables tbody td:first-child').allInnerTexts();
  const callsOf = (method: string) =>
    page.evaluate(name => window.host.calls.filter(call => call.startsWith(`${name}(`)), method);

  it('tells each number with its unit, and each chart in words', async () => {
    const total = await pane().locator('.total').innerText();
    expect(total).toContain('50,000 changes, 15 of them not committed');
    expect(total).toMatch(/12,500 transactions · 17 MB received/);
    expect(await pane().locator('svg[role=img]').count()).toBe(5);
    for (const label of await pane()
      .locator('svg')
      .evaluateAll(all => all.map(e => e.ariaLabel))) {
      expect(label).toMatch(
        /\/s on average, at most .*\/s|half within 1\.3 ms, 99% within 48 ms|0 B at last, half of/,
      );
    }
    expect(await pane().locator('#chart-lag p').innerText()).toContain('8,000 of 12,500 commits');
    expect(await pane().locator('#chart-wal-lag p').innerText()).toBe(
      '0 B at last, half of the samples at most 0 B, 95% at most 12 kB, none above 3.1 MB; 240 samples within 4 min',
    );
    expect(errors).toEqual([]);
  });

  it('says what is not known, and draws nothing for it', async () => {
    await pane().getByRole('button', { name: 'Show only changes of public.items' }).click();
    const lag = pane().locator('#chart-wal-lag');
    await expect
      .poll(() => lag.locator('p').innerText())
      .toBe('Not known: nobody sampled it while this was committed.');
    expect(await lag.locator('svg').count()).toBe(0);
    await pane().locator('#scope-all').click();
    await expect.poll(() => lag.locator('svg').count()).toBe(1);
    expect(errors).toEqual([]);
  });

  it('asks again while a stream runs that brings no change: it falls behind all the same', async () => {
    const before = (await callsOf('statistics')).length;
    await expect
      .poll(async () => (await callsOf('statistics')).length, { timeout: 15_000 })
      .toBeGreaterThan(before + 1);
  });

  it('sorts tables by any column, filters by a table, and goes to a large transaction', async () => {
    const changes = pane().locator('th', { hasText: 'Changes' }).first();
    expect(await changes.getAttribute('aria-sort')).toBe('descending');
    const before = await names();
    await pane().locator('#sort-changes').click();
    expect(await changes.getAttribute('aria-sort')).toBe('ascending');
    await expect.poll(names).not.toEqual(before);
    await pane().locator('#sort-table').click();
    await expect.poll(names).toEqual([...before].sort((a, b) => a.localeCompare(b)));
    await pane().locator('#largest-duration').click();
    await expect.poll(() => pane().locator('#largest tbody').innerText()).toContain('1 min');
    await pane().getByRole('button', { name: 'Go to transaction 7632' }).click();
    await expect.poll(() => callsOf('jump')).toHaveLength(1);
    await pane().locator('#copy-csv').click();
    await expect.poll(async () => (await callsOf('copy')).at(-1)).toContain('Table,Inserts,');
    await pane().getByRole('button', { name: 'Show only changes of public.items' }).click();
    await expect.poll(async () => (await callsOf('setView')).at(-1)).toContain('public.items');
    // Now it tells of what the list shows; the whole is a click away.
    await expect.poll(async () => (await names()).length).toBe(1);
    await pane().locator('#scope-all').click();
    await expect.poll(async () => (await names()).length).toBe(before.length);
    expect(errors).toEqual([]);
  });

  it('asks once a second at most while more comes', async () => {
    const before = (await callsOf('statistics')).length;
    await page.evaluate(async () => {
      for (let i = 0; i < 40; i++) {
        window.host.receive(5);
        await new Promise(resolve => setTimeout(resolve, 25));
      }
    });
    await expect.poll(() => pane().locator('.total').innerText()).toContain('54,000 changes');
    expect((await callsOf('statistics')).length - before).toBeLessThan(5);
  });

  for (const theme of ['light', 'highContrast']) {
    it(`is sound and drawn in ${theme}, also at 200 percent`, async () => {
      await page.close();
      await open(theme);
      expect(await graveFindings(page)).toEqual([]);
      await page.screenshot({ path: path.join(RESULTS, `statistics-${theme}.png`) });
      await page.setViewportSize({ width: 640, height: 400 });
      await expect.poll(async () => (await pane().boundingBox())!.width).toBeLessThanOrEqual(640);
      await page.screenshot({ path: path.join(RESULTS, `statistics-${theme}-zoom.png`) });
    });
  }
});
