import { afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { useOwnPage, usePages } from './usePages';

/** Message numbers of the first changes: see fakeCapture.ts. */
const FLAT_ROW = { insert: 0, update: 2, delete: 3, hostile: 4, long: 5, message: 6, truncate: 7 };

describe('the detail of a row', () => {
  const pages = usePages();
  let page: Page;
  useOwnPage(pages, {}, async opened => {
    page = opened;
    await page.locator('#group-flat').click();
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => page.locator('wal-timeline-grid #row-0').innerText()).toContain('sess');
  });
  afterEach(async () => {
    expect(await page.evaluate(() => window.hacked)).toBeUndefined();
  });

  const choose = async (index: number, has: string) => {
    await page.locator(`wal-timeline-grid #row-${String(index)}`).click();
    await expect.poll(() => page.locator('vscode-tab-panel:visible').innerText()).toContain(has);
  };
  const cells = (index: number) =>
    page.locator('table.columns tbody tr').nth(index).locator('td').allInnerTexts();

  it('tells the kinds of nothing apart', async () => {
    await choose(FLAT_ROW.update, 'photo');
    expect(await cells(1)).toEqual(['integer', '7', '6', 'changed']);
    expect(await cells(2)).toEqual(['text', "''", 'null', 'changed']);
    expect(await cells(3)).toEqual([
      'bytea',
      '',
      'unchanged: stored out of line, not in the WAL',
      '',
    ]);
    const absent = page.locator('table.columns tbody tr').nth(3).locator('td').nth(1);
    expect(await absent.getAttribute('title')).toBe('not sent');
    await choose(FLAT_ROW.delete, 'sales.carts');
    expect((await cells(0)).slice(1, 3)).toEqual(['44', '']);
  });

  it('asks for the row where somebody rests, not for each that is run through', async () => {
    const asked = () =>
      page.evaluate(() => window.host.calls.filter(call => call.startsWith('detail(')));
    await choose(FLAT_ROW.update, 'photo');
    const before = (await asked()).length;
    await page.evaluate(async () => {
      const app = document.querySelector('wal-timeline')?.shadowRoot;
      const grid = app?.querySelector('wal-timeline-grid')?.shadowRoot;
      const list = grid?.querySelector('.list');
      for (let i = 0; i < 30; i++) {
        list?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }));
        await new Promise(requestAnimationFrame);
      }
    });
    const last = await page.locator('wal-timeline-grid .row.active .seq').innerText();
    await expect
      .poll(async () => (await asked()).at(-1))
      .toBe(`detail({"seq":${last.replaceAll(',', '')}})`);
    expect((await asked()).length - before).toBeLessThan(15);
  });

  it('shows values as text, whatever they hold', async () => {
    await choose(FLAT_ROW.hostile, 'markup');
    expect((await cells(1))[2]).toContain('<img src=x onerror="window.hacked = true"><script>');
    expect((await cells(2))[2]).toBe('user‹202E›txt.exe‹2066› end');
    expect((await cells(3))[2]).toBe('a␀b␛[31mred␇␊new line␉tab');
    expect(await page.locator('img').count()).toBe(0);
    const shown = page.locator(`wal-timeline-grid #row-${String(FLAT_ROW.hostile)} .table`);
    expect(await shown.innerText()).toBe('<img src=x onerror=alert(1)>');
  });

  it('fetches a long value slice by slice', async () => {
    await choose(FLAT_ROW.long, 'body');
    await page.getByRole('button', { name: 'show all (1 MB)' }).click();
    const more = page.getByRole('button', { name: 'show more (65,536 of 1,048,576 characters)' });
    await more.click();
    await page.getByRole('button', { name: /131,072 of 1,048,576/ }).waitFor();
    const length = await page
      .locator('wal-long-value .whole')
      .evaluate(element => element.textContent.trim().length);
    expect(length).toBeGreaterThan(131_000);
    const calls = await page.evaluate(() => window.host.calls.filter(c => c.startsWith('value(')));
    expect(calls.at(-1)).toContain('"column":1,"side":"after","offset":65536');
  });

  it('shows logical messages and truncates', async () => {
    await choose(FLAT_ROW.message, '{"request":"9f1c","user":"ada"}');
    await choose(FLAT_ROW.truncate, 'public.audit_items');
  });

  it('shows the facts of the transaction, and keeps the tab', async () => {
    await choose(FLAT_ROW.update, 'photo');
    await page.getByRole('tab', { name: 'Transaction' }).click();
    await choose(FLAT_ROW.update, '7631');
    await choose(FLAT_ROW.hostile, 'tentative');
  });

  it('marks bytes for fields and fields for bytes', async () => {
    await choose(FLAT_ROW.update, 'photo');
    await page.getByRole('tab', { name: 'Bytes' }).click();
    const field = page.locator('wal-field-tree .row', { hasText: 'relation' });
    await field.click();
    const marked = () => page.locator('wal-hex-view .byte.marked').allInnerTexts();
    await expect.poll(marked).toEqual(['00', '00', '40', '25']);
    await page.locator('wal-hex-view #byte-13').click();
    const active = () => page.locator('wal-field-tree .row.active').innerText();
    await expect.poll(active).toContain('A-1');
    await expect.poll(marked).toEqual(['41', '2D', '31']);
    expect(await page.locator('wal-hex-view .char.marked').allInnerTexts()).toEqual([
      'A',
      '-',
      '1',
    ]);
  });

  it('names fields in full also where there is little room', async () => {
    await page.setViewportSize({ width: 1000, height: 800 });
    await choose(FLAT_ROW.update, 'photo');
    await page.getByRole('tab', { name: 'Bytes' }).click();
    const names = page.locator('wal-field-tree .row .name');
    await names.filter({ hasText: 'value' }).first().waitFor();
    const cut = () =>
      names.evaluateAll(all =>
        all.filter(name => name.scrollWidth > name.clientWidth).map(name => name.textContent),
      );
    await expect.poll(cut).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('marks by keyboard too', async () => {
    await choose(FLAT_ROW.update, 'photo');
    await page.getByRole('tab', { name: 'Bytes' }).click();
    await page.locator('wal-hex-view .byte').first().waitFor();
    await page.locator('wal-hex-view .list').focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
    const active = page.locator('wal-field-tree .row.active');
    await expect.poll(() => active.innerText()).toContain('relation');
    const cursor = () => page.locator('wal-hex-view .list').getAttribute('aria-activedescendant');
    expect(await cursor()).toBe('byte-2');
    await page.locator('wal-field-tree .list').focus();
    await page.keyboard.press('Home');
    await expect
      .poll(() => page.locator('wal-hex-view .byte.marked').allInnerTexts())
      .toEqual(['49']);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => active.getAttribute('aria-expanded')).toBe('false');
  });

  it('shows a message of a megabyte byte by byte', async () => {
    await choose(FLAT_ROW.long, 'body');
    await page.getByRole('tab', { name: 'Bytes' }).click();
    await page.locator('wal-hex-view .byte').first().waitFor();
    await page.locator('wal-hex-view .list').focus();
    await page.keyboard.press('Control+End');
    const last = page.locator('wal-hex-view .byte.cursor');
    await expect.poll(() => last.innerText()).toMatch(/^[0-9A-F]{2}$/);
    const calls = await page.evaluate(() => window.host.calls.filter(c => c.startsWith('bytes(')));
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  it('is resized by keyboard, moved beside the list, and closed', async () => {
    await choose(FLAT_ROW.insert, 'referrer');
    const divider = page.getByRole('separator', { name: 'Size of the detail' });
    const before = Number(await divider.getAttribute('aria-valuenow'));
    await divider.focus();
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => divider.getAttribute('aria-valuenow').then(Number)).toBe(before - 2);
    await page.locator('#beside').click();
    await expect.poll(() => divider.getAttribute('aria-orientation')).toBe('vertical');
    await page.locator('#close').click();
    await expect.poll(() => page.locator('wal-detail-pane').count()).toBe(0);
  });
});
