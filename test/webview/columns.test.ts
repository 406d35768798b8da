import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { useOwnPage, usePages } from './usePages';

describe('the columns of the list', () => {
  const pages = usePages();
  let page: Page;
  useOwnPage(pages, {}, async opened => {
    page = opened;
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Home');
    await page.locator('wal-timeline-grid #row-1.transaction').waitFor();
  });

  const header = (id: string) => page.locator(`wal-timeline-grid [data-column=${id}]`);
  /** Without the day of the times, which is said where it is not today. */
  const titles = async () => {
    const texts = await page.locator('wal-timeline-grid .header .c').allInnerTexts();
    return texts.map(text => text.replace(/ Nov 20.*$/, ''));
  };
  const width = async (id: string) => Math.round((await header(id).boundingBox())?.width ?? 0);
  const stored = () => page.evaluate(() => sessionStorage.getItem('layout') ?? '');

  it('make way for what changed where the list is narrow', async () => {
    await expect.poll(titles).toContain('LSN');
    await page.setViewportSize({ width: 600, height: 800 });
    await expect.poll(titles).toEqual(['#', 'Committed', 'Op', 'Table', 'Key', 'What changed']);
    expect(await width('changed')).toBeGreaterThan(50);
    const list = page.locator('wal-timeline-grid .list');
    const label = await page.locator('wal-timeline-grid #row-1 .line').getAttribute('aria-colspan');
    expect(label).toBe('4');
    expect(await list.getAttribute('aria-colcount')).toBe('6');
    await page.setViewportSize({ width: 1280, height: 800 });
    await expect.poll(titles).toContain('LSN');
    expect(await stored()).toBe('');
  });

  it('are chosen by keyboard, remembered, and as they were by default again', async () => {
    await page.locator('#columns button').focus();
    await page.keyboard.press('Enter');
    const focused = () =>
      page.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        return element?.localName ?? '';
      });
    await expect.poll(focused).toBe('input');
    await page.locator('#column-size').click();
    await page.locator('#column-xid').click();
    await expect
      .poll(titles)
      .toEqual(['#', 'LSN', 'Committed', 'Op', 'Table', 'Key', 'What changed', 'Size']);
    const first = page.locator('wal-timeline-grid #row-0');
    expect(await first.locator('.size').innerText()).toBe('351 B');
    expect(await page.locator('wal-timeline-grid #row-1 .size').innerText()).toBe('1 kB');
    expect(await page.locator('wal-timeline-grid #row-1 .line').getAttribute('aria-colspan')).toBe(
      '4',
    );
    await expect.poll(stored).toContain('"id":"size","shown":true');
    await page.reload();
    await expect.poll(titles).toContain('Size');
    await page.locator('#columns').click();
    await page.locator('#reset-columns').click();
    await expect.poll(titles).not.toContain('Size');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('wal-column-menu .popover').count()).toBe(0);
  });

  it('are sized by dragging, fitted by a double click, and sized by keyboard', async () => {
    const before = await width('table');
    const edge = await header('table').locator('.edge').boundingBox();
    await page.mouse.move(edge!.x + 3, edge!.y + 8);
    await page.mouse.down();
    await page.mouse.move(edge!.x + 73, edge!.y + 8, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => width('table')).toBe(before + 70);
    await expect.poll(stored).toContain(`"id":"table","shown":true,"width":${String(before + 70)}`);
    const time = page.locator('wal-timeline-grid #row-0 .time');
    const isCut = () => time.evaluate(cell => cell.scrollWidth > cell.clientWidth);
    expect(await isCut()).toBe(false);
    const end = await header('committed').locator('.edge').boundingBox();
    await page.mouse.move(end!.x + 3, end!.y + 8);
    await page.mouse.down();
    await page.mouse.move(end!.x - 57, end!.y + 8, { steps: 5 });
    await page.mouse.up();
    await expect.poll(isCut).toBe(true);
    await header('committed').locator('.edge').dblclick();
    await expect.poll(isCut).toBe(false);
    await page.locator('#columns').click();
    const slider = page.getByRole('slider', { name: 'Width of Key' });
    await slider.focus();
    const key = await width('key');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => width('key')).toBeGreaterThan(key + 8);
  });

  it('have their menu also where the header is clicked with the other button', async () => {
    await header('lsn').click({ button: 'right' });
    await page.locator('wal-column-menu .popover').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('wal-column-menu .popover').count()).toBe(0);
  });

  it('keep rows aligned however wide they are', async () => {
    await page.locator('#columns').click();
    for (const id of ['lsn', 'committed', 'operation', 'table', 'key']) {
      await page.locator(`#column-${id}`).click();
    }
    await expect.poll(titles).toEqual(['#', 'xid', 'What changed']);
    const note = page.locator('wal-timeline-grid .note .rest').first();
    expect((await note.boundingBox())?.x).toBe((await header('xid').boundingBox())?.x);
    const line = page.locator('wal-timeline-grid #row-1 .line');
    expect((await line.boundingBox())?.x).toBe((await header('changed').boundingBox())?.x);
    const what = page.locator('wal-timeline-grid #row-0 .what');
    expect((await what.boundingBox())?.x).toBe((await header('changed').boundingBox())?.x);
  });
});
