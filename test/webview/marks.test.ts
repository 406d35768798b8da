import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { TestPages } from './testPage';

const RESULTS = path.resolve(import.meta.dirname, '../results');

/** Start Mark, Stop Mark, and what is done with what was written between them. */
describe('marks', () => {
  let pages: TestPages;
  let page: Page;

  beforeAll(async () => {
    mkdirSync(RESULTS, { recursive: true });
    pages = await TestPages.start();
  });
  afterAll(() => pages.stop());
  afterEach(() => page.close());

  const calls = (name: string) =>
    page.evaluate(wanted => window.host.calls.filter(call => call.startsWith(wanted)), name);
  const banner = () => page.locator('wal-mark-banner');
  const pane = () => page.locator('wal-marks-pane');

  /** One mark, started and stopped by key. */
  async function mark(): Promise<void> {
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('m');
    await banner().getByText('Do in your application what you want to see').waitFor();
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('m');
    await banner().getByText('between the marks').waitFor();
  }

  it('show what was written between them, until all is wanted again', async () => {
    let errors: readonly string[];
    ({ page, errors } = await pages.open());
    await page.locator('#mark').click();
    await banner().getByText('Mark 1').waitFor();
    expect(await page.locator('#mark').getAttribute('title')).toContain('Stop Mark');
    await banner().locator('#banner-stop').click();
    await banner().getByText('3 transactions, 12 changes between the marks').waitFor();
    const range = '"range":{"by":"lsn","from":"0/16B6240","to":"0/16B6360"}';
    await expect.poll(() => calls('setView').then(all => all.at(-1))).toContain(range);
    await banner().locator('#banner-copy').click();
    await banner().getByText('Summary copied').waitFor();
    expect(await calls('copyMark')).toEqual(['copyMark({"id":1})']);
    await banner().locator('#banner-all').click();
    await expect.poll(() => calls('setView').then(all => all.at(-1))).not.toContain('range');
    await banner().locator('#banner-stop').waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });

  it('are not offered where nothing comes, and say why the host refuses', async () => {
    ({ page } = await pages.open());
    await page.locator('#mark').waitFor();
    await page.evaluate(() => {
      window.host.tell({ kind: 'peek' });
    });
    await page.locator('#mark').waitFor({ state: 'detached' });
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('m');
    await page.evaluate(() => {
      window.host.tell({ kind: 'tail' });
      window.host.marks.start = () => {
        throw new Error('The server cannot be asked where it is. Try again in a moment.');
      };
    });
    await page.locator('#mark').click();
    await banner().getByText('Try again in a moment').waitFor();
    expect(await calls('startMark')).toHaveLength(1);
  });

  it('are listed, renamed and forgotten in their pane', async () => {
    ({ page } = await pages.open());
    await mark();
    await mark();
    await banner().locator('#banner-marks').click();
    await pane().locator('tbody tr').nth(1).waitFor();
    expect(await pane().locator('tr[aria-current=true] th').innerText()).toBe('Mark 2');
    await pane().locator('#mark-1').click();
    await banner().getByText('Mark 1').waitFor();
    await pane().locator('#mark-rename-1').click();
    await page.keyboard.type('Buy <b>one</b>');
    await page.keyboard.press('Enter');
    await pane().getByText('Buy <b>one</b>').first().waitFor();
    await pane().locator('#mark-remove-1').click();
    await expect.poll(() => pane().locator('tbody tr').count()).toBe(1);
    // What the list showed is gone, so it shows all.
    await expect.poll(() => calls('setView').then(all => all.at(-1))).not.toContain('range');
  });

  for (const theme of ['dark', 'light', 'highContrast']) {
    it(`are compared step by step, in ${theme}`, async () => {
      let errors: readonly string[];
      ({ page, errors } = await pages.open({ theme }));
      await mark();
      await mark();
      await page.locator('#pane-marks').click();
      await pane().locator('#marks-compare').click();
      const rows = pane().locator('wal-mark-comparison tbody tr');
      await rows.nth(2).waitFor();
      expect(await rows.locator('.word').allInnerTexts()).toEqual([
        'same',
        'different',
        'only Mark 2',
      ]);
      expect(await rows.nth(1).innerText()).toContain(`'new' → 'failed'`);
      expect(await rows.nth(2).innerText()).toContain('<script>alert(1)</script>');
      await page.screenshot({ path: path.join(RESULTS, `timeline-${theme}-marks.png`) });
      expect(errors).toEqual([]);
    });
  }
});
