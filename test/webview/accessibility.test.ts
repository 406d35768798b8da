import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graveFindings } from './graveFindings';
import { TestPages } from './testPage';

/** Axe goes through everything several times, on a machine that may be busy. */
const LONG_MS = 180_000;

describe('accessibility of the timeline', () => {
  let pages: TestPages;
  beforeAll(async () => {
    pages = await TestPages.start();
  });
  afterAll(() => pages.stop());

  it('shows all of the selected row where the colours are those of the system', async () => {
    const { page } = await pages.open({ theme: 'highContrast' });
    await page.emulateMedia({ forcedColors: 'active' });
    const list = page.locator('wal-timeline-grid .list');
    const selected = page.locator('wal-timeline-grid .row.selected');
    await list.focus();
    await page.keyboard.press('Home');
    await page.locator('wal-timeline-grid #row-0.change').waitFor();
    const colors = () =>
      selected.evaluate(row => {
        const { backgroundColor } = getComputedStyle(row);
        const texts = [row, ...row.querySelectorAll('*:not(.stripe)')].map(
          element => getComputedStyle(element).color,
        );
        const probe = document.body.appendChild(document.createElement('i'));
        probe.style.forcedColorAdjust = 'none';
        probe.style.backgroundColor = 'Highlight';
        probe.style.color = 'HighlightText';
        const wanted = getComputedStyle(probe);
        const system = { background: wanted.backgroundColor, text: wanted.color };
        probe.remove();
        return { background: backgroundColor, texts: [...new Set(texts)], system };
      });
    for (const step of ['focused', 'left']) {
      if (step === 'left') await page.locator('wal-filter-box input').focus();
      const { background, texts, system } = await colors();
      expect(background).toBe(system.background);
      expect(texts).toEqual([system.text]);
    }
    await page.close();
  });

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight']) {
    it(
      `has no serious finding in ${theme}`,
      async () => {
        const { page } = await pages.open({ theme });
        await page.locator('wal-timeline-grid .list').focus();
        await page.keyboard.press('Home');
        await page.locator('wal-timeline-grid #row-1.transaction').waitFor();
        expect(await graveFindings(page)).toEqual([]);
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowRight');
        await page.locator('wal-timeline-grid #row-3.nested').waitFor();
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowDown');
        await page.locator('table.columns').waitFor();
        expect(await graveFindings(page)).toEqual([]);
        await page.getByRole('tab', { name: 'Transaction' }).click();
        await page.locator('dl.facts').first().waitFor();
        expect(await graveFindings(page)).toEqual([]);
        await page.getByRole('tab', { name: 'Bytes' }).click();
        await page.locator('wal-hex-view .byte').first().click();
        await page.locator('wal-field-tree .row.active').waitFor();
        expect(await graveFindings(page)).toEqual([]);
        await page.locator('wal-table-filter vscode-toolbar-button').click();
        await page.locator('wal-table-filter vscode-checkbox').first().waitFor();
        expect(await graveFindings(page)).toEqual([]);
        await page.close();
      },
      LONG_MS,
    );

    it(
      `has no serious finding while working with it in ${theme}`,
      async () => {
        const { page } = await pages.open({ theme });
        await page.evaluate(() => {
          window.host.show({ label: 'production', color: 'red', kind: 'consume' });
        });
        await page.locator('wal-timeline-grid .list').focus();
        await page.keyboard.press('Home');
        await page.locator('wal-timeline-grid #row-4').waitFor();
        for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowDown');
        await page.keyboard.press('Control+c');
        await page.locator('#notice').waitFor();
        expect(await graveFindings(page)).toEqual([]);
        await page.keyboard.press('Control+f');
        await page.keyboard.type('zebra');
        await page.locator('wal-find-bar .message', { hasText: 'Searching' }).waitFor();
        expect(await graveFindings(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.locator('wal-filter-box input').fill('stock');
        await page.locator('#matched').waitFor();
        await page.locator('#columns').click();
        await page.locator('#column-size').waitFor();
        expect(await graveFindings(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.locator('#export').click();
        await page.locator('#export-selection').waitFor();
        expect(await graveFindings(page)).toEqual([]);
        await page.close();
      },
      LONG_MS,
    );

    it(
      `has no serious finding in the states of the panel in ${theme}`,
      async () => {
        const { page } = await pages.open({ theme, changes: '0', phase: 'Connecting…' });
        expect(await graveFindings(page)).toEqual([]);
        await page.evaluate(() => {
          window.host.receive(1);
          window.host.tell({
            phase: 'ended',
            endReason: 'limit',
            continueAfter: '0/1',
            notes: ['a note of the server'],
          });
        });
        await page.locator('#notes').click();
        await page.locator('.notes li').waitFor();
        expect(await graveFindings(page)).toEqual([]);
        await page.close();
      },
      LONG_MS,
    );
  }
});
