import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { TestPages } from './testPage';

const RESULTS = path.resolve(import.meta.dirname, '../results');

/** Pictures for people to look at; what can be checked by itself is checked in the other files. */
describe('pictures of the timeline', () => {
  let pages: TestPages;
  beforeAll(async () => {
    mkdirSync(RESULTS, { recursive: true });
    pages = await TestPages.start();
  });
  afterAll(() => pages.stop());

  const shoot = (page: Page, name: string) =>
    page.screenshot({ path: path.join(RESULTS, `timeline-${name}.png`) });

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight']) {
    it(`is drawn in ${theme}`, async () => {
      const { page, errors } = await pages.open({ theme });
      const cells = page.locator('wal-timeline-grid');
      await page.evaluate(() => {
        window.host.receive(62);
      });
      await cells.locator('#row-1250310').waitFor();
      await shoot(page, `${theme}-follow`);
      await cells.locator('.list').focus();
      await page.keyboard.press('Home');
      await cells.locator('#row-1.transaction').waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      await cells.locator('#row-3.nested').waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.locator('table.columns .changed').first().waitFor();
      await shoot(page, `${theme}-row`);
      await page.getByRole('tab', { name: 'Bytes' }).click();
      await page.locator('wal-hex-view .byte').nth(20).click();
      await page.locator('wal-field-tree .row.active').waitFor();
      await shoot(page, `${theme}-bytes`);
      expect(errors).toEqual([]);
      await page.close();
    });
  }

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight']) {
    it(`shows finding, filtering, columns and exporting in ${theme}`, async () => {
      const { page } = await pages.open({ theme });
      await page.evaluate(() => {
        window.host.show({ label: 'production', color: 'red', kind: 'consume' });
      });
      await page.locator('wal-timeline-grid .list').focus();
      await page.keyboard.press('Home');
      await page.locator('wal-timeline-grid #row-4').waitFor();
      await page.keyboard.press('Control+f');
      await page.keyboard.type('ada');
      await page.waitForFunction(() => window.host.calls.some(c => c.startsWith('find(')));
      await page.keyboard.press('Enter');
      await page.locator('wal-timeline-grid .row.active.nested').waitFor();
      await shoot(page, `${theme}-find`);
      await page.keyboard.press('Escape');
      for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowDown');
      await page.locator('wal-filter-box input').fill('stock');
      await page.locator('#matched').waitFor();
      await page.locator('#columns').click();
      await page.locator('#column-size').waitFor();
      await shoot(page, `${theme}-columns`);
      await page.keyboard.press('Escape');
      await page.locator('#export').click();
      await page.locator('#export-selection').waitFor();
      await shoot(page, `${theme}-export`);
      await page.close();
    });
  }

  it('shows the filter, the detail beside the list, and hostile values', async () => {
    const { page } = await pages.open({ theme: 'dark' });
    await page.locator('#group-flat').click();
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Home');
    await page.locator('wal-timeline-grid #row-4.change').waitFor();
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
    await page.locator('#beside').click();
    await page.locator('table.columns').waitFor();
    await shoot(page, 'beside-hostile');
    await page.locator('wal-table-filter vscode-toolbar-button').click();
    await page.locator('wal-table-filter vscode-checkbox').first().waitFor();
    await shoot(page, 'tables');
    await page.close();
  });

  it('shows the states of the panel', async () => {
    const { page } = await pages.open({
      changes: '0',
      theme: 'light',
      phase: 'Connecting to shop@localhost…',
    });
    await page.locator('.full .sentence').waitFor();
    await shoot(page, 'connecting');
    await page.evaluate(() => {
      window.host.tell({ phase: 'streaming' });
      window.host.receive(1);
      window.host.tell({
        kind: 'peek',
        phase: 'ended',
        endReason: 'limit',
        message: 'The limit of 10,000 events is reached.',
        continueAfter: '0/1',
        notes: ['publication "old" does not exist: its changes are skipped'],
      });
    });
    await page.locator('#notes').click();
    await page.locator('.notes li').waitFor();
    await shoot(page, 'limit');
    await page.close();
  });
});
