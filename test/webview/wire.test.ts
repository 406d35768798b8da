import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { graveFindings } from './graveFindings';
import { RESULTS, useOwnPage, usePages } from './usePages';

const PANE = ['wal-timeline', 'wal-pane-frame', 'wal-wire-pane'];
describe('the wire pane', () => {
  const pages = usePages();
  let page: Page;
  useOwnPage(pages, {}, opened => {
    page = opened;
  });

  const open = async (on: Page = page): Promise<void> => {
    await on.locator('#group-flat').click();
    await on.locator('wal-timeline-grid .list').focus();
    await on.keyboard.press('Home');
    await on.locator('#pane-wire').click();
    await on.locator('wal-wire-list #row-0').waitFor();
  };
  /** By keyboard, from the first line. */
  const goTo = async (index: number, on: Page = page): Promise<void> => {
    await on.locator('wal-wire-list .list').focus();
    await on.keyboard.press('Home');
    for (let i = 0; i < index; i++) await on.keyboard.press('ArrowDown');
    await on.locator(`wal-wire-list #row-${String(index)}.active:not(.loading)`).waitFor();
  };
  const row = (index: number) => page.locator(`wal-wire-list #row-${String(index)}`);
  const cells = (index: number) => row(index).locator('[role=gridcell]').allInnerTexts();

  it('shows both directions by arrow and word, of millions of frames', async () => {
    await open();
    await goTo(10);
    expect((await cells(9))[0]).toBe('↓ received');
    expect((await cells(10)).slice(4)).toEqual(['Keepalive', 'asks for an answer']);
    await page.keyboard.press('ArrowDown');
    await expect.poll(async () => (await cells(11))[0]).toBe('↑ sent');
    expect((await cells(11))[4]).toBe('Status update');
    expect(await page.locator('wal-wire-list .list').getAttribute('aria-rowcount')).toBe('6000001');
    await page.keyboard.press('End');
    await expect.poll(async () => (await cells(5_999_999)).at(4)).toBe('Status update');
    expect(await page.locator('wal-wire-pane .count').innerText()).toBe('6,000,000 frames');
  });

  it('hides XLogData, and stays at the message that is looked at', async () => {
    await open();
    await goTo(3);
    await page.locator('#hide-data').click();
    await expect.poll(() => cells(0).then(all => all[4])).toBe('Keepalive');
    await expect.poll(() => row(0).getAttribute('aria-selected')).toBe('true');
    await goTo(6);
    expect((await cells(6))[4]).toBe('Gap');
    expect((await cells(6))[0]).toBe('· noted');
    expect(await page.locator('wal-wire-pane .count').innerText()).toBe('1,000,001 frames');
  });

  it('shows the bytes of a frame with their meaning', async () => {
    await open();
    await goTo(10);
    const fields = page.locator('wal-wire-pane wal-field-tree');
    await expect.poll(() => fields.locator('#row-1').innerText()).toContain('What walEnd means');
    await fields.locator('#row-1').click();
    await expect.poll(() => page.locator('wal-wire-pane .byte.marked').count()).toBe(8);
    await page.locator('wal-wire-pane #byte-12').click();
    await expect.poll(() => fields.locator('#row-2').getAttribute('aria-selected')).toBe('true');
  });

  it('follows the selected change, and leads back to it', async () => {
    await open();
    await page.locator('wal-timeline-grid #row-3').click();
    const followed = () => page.locator('wal-wire-list .row.active').getAttribute('data-index');
    await expect.poll(followed).not.toBeNull();
    const first = await followed();
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(followed).not.toBe(first);
    // By keyboard alone: to another line, and to its change.
    await page.locator('wal-wire-list .list').focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => window.host.calls.some(call => call.startsWith('locate(')));
    expect(await page.locator('#show-change').getAttribute('disabled')).toBeNull();
    await goTo(10);
    await expect.poll(() => page.locator('#show-change').getAttribute('disabled')).not.toBeNull();
  });

  it('says how far it has looked, and goes on', async () => {
    await page.evaluate(() => {
      window.host.wireReached = 1_000_000;
    });
    await open();
    const count = page.locator('wal-wire-pane .count');
    await expect.poll(() => count.innerText()).toContain('20 % of the capture looked at');
    await page.evaluate(() => {
      window.host.wireReached = Infinity;
    });
    await expect.poll(() => count.innerText()).toBe('6,000,000 frames');
  });

  it('puts fields and bytes below each other where the panel is narrow', async () => {
    await page.setViewportSize({ width: 600, height: 800 });
    await open();
    await goTo(3);
    await page.locator('wal-wire-pane #byte-3').waitFor();
    const box = async (name: string) =>
      (await page.locator(`wal-wire-pane ${name}`).boundingBox()) ?? {
        x: 0,
        y: 0,
        width: 0,
        height: 0,
      };
    const fields = await box('wal-field-tree');
    const bytes = await box('wal-hex-view');
    expect(fields.height).toBeGreaterThan(40);
    expect(bytes.y).toBeGreaterThanOrEqual(fields.y + fields.height);
    expect(bytes.width).toBeGreaterThan(200);
  });

  for (const theme of ['dark', 'light', 'highContrast']) {
    it(`is drawn in ${theme}, and has no grave barrier`, async () => {
      const other = await pages.open({ theme });
      await open(other.page);
      await goTo(11, other.page);
      await other.page.locator('wal-wire-pane wal-field-tree #row-1').waitFor();
      await other.page.locator('wal-wire-pane #byte-3').waitFor();
      await other.page.screenshot({ path: path.join(RESULTS, `timeline-${theme}-wire.png`) });
      // Before axe, which uses inline styles itself.
      expect(other.errors).toEqual([]);
      expect(await graveFindings(other.page, PANE)).toEqual([]);
      await other.page.close();
    });
  }
});
