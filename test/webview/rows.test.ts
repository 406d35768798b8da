import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { useOwnPage, usePages } from './usePages';

const ROWS = 1_250_001;

describe('working with rows', () => {
  const pages = usePages();
  let page: Page;
  useOwnPage(pages, {}, async opened => {
    page = opened;
    await home();
  });

  const home = async () => {
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => row(0).innerText()).toContain('sessions');
  };
  const row = (index: number) => page.locator(`wal-timeline-grid #row-${String(index)}`);
  const chosen = () => page.locator('wal-timeline-grid .row.selected .seq').allInnerTexts();
  const count = () => page.locator('#chosen').allInnerTexts();
  const notice = () => page.locator('#notice').allInnerTexts();
  const lastCall = (method: string) =>
    page.evaluate(
      name => window.host.calls.filter(call => call.startsWith(`${name}(`)).at(-1),
      method,
    );
  /** What VS Code would be told when the menu opens, or undefined where it opens none. */
  const menuBy = async (open: () => Promise<void>) => {
    await page.evaluate(() => {
      window.menu = undefined;
      const listen = (event: MouseEvent): void => {
        const host = event.target instanceof HTMLElement ? event.target : undefined;
        window.menu = event.defaultPrevented ? 'none' : (host?.dataset.vscodeContext ?? 'default');
        event.preventDefault();
      };
      window.addEventListener('contextmenu', listen, { once: true });
    });
    await open();
    await expect.poll(() => page.evaluate(() => window.menu)).toBeDefined();
    const menu = await page.evaluate(() => window.menu ?? '');
    return menu.startsWith('{') ? (JSON.parse(menu) as Record<string, unknown>) : menu;
  };

  it('are chosen by keyboard and pointer, one or many', async () => {
    expect(await count()).toEqual(['1 selected']);
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await expect.poll(count).toEqual(['3 selected']);
    await expect.poll(chosen).toEqual(['1', '3', '8']);
    await page.keyboard.press('Shift+ArrowUp');
    await expect.poll(chosen).toEqual(['1', '3']);
    await row(4).click({ modifiers: ['Control'] });
    await expect.poll(chosen).toEqual(['1', '3', '26']);
    await row(0).click({ modifiers: ['Control'] });
    await expect.poll(chosen).toEqual(['3', '26']);
    await row(2).click();
    await row(5).click({ modifiers: ['Shift'] });
    await expect.poll(count).toEqual(['4 selected']);
    expect(await row(3).getAttribute('aria-selected')).toBe('true');
    expect(await row(6).getAttribute('aria-selected')).toBe('false');
    const list = page.locator('wal-timeline-grid .list');
    expect(await list.getAttribute('aria-multiselectable')).toBe('true');
    await page.keyboard.press('Escape');
    await expect.poll(count).toEqual(['1 selected']);
    await page.keyboard.press('Control+a');
    await expect.poll(count).toEqual(['1,250,001 selected']);
    await page.evaluate(() => {
      window.host.receive(10);
    });
    await expect.poll(() => list.getAttribute('aria-rowcount')).toBe(String(ROWS + 51));
    expect(await count()).toEqual(['1,250,001 selected']);
  });

  it('stay chosen when a transaction above them opens, and in another grouping', async () => {
    await row(3).click();
    await page.keyboard.press('Shift+ArrowDown');
    await expect.poll(chosen).toEqual(['22', '26']);
    await row(1).locator('.twistie').click();
    await row(2).and(page.locator('.nested')).waitFor();
    await row(6).click();
    await page.keyboard.press('Shift+ArrowDown');
    await expect.poll(chosen).toEqual(['22', '26']);
    await row(1)
      .locator('.twistie')
      .click({ modifiers: ['Control'] });
    await expect.poll(count).toEqual(['3 selected']);
    await expect.poll(() => row(2).innerText()).toContain('tentative');
    await expect.poll(chosen).toEqual(['3', '22', '26']);
  });

  it('are copied by the host, as many as there are', async () => {
    await page.keyboard.press('Shift+ArrowDown');
    await page.evaluate(() => {
      window.host.copied = { rows: 4, cut: false };
    });
    await page.keyboard.press('Control+c');
    await expect.poll(notice).toEqual(['Copied 4 rows.']);
    expect(await lastCall('copy')).toBe(
      'copy({"what":"rows","selection":{"ranges":[{"from":0,"to":3}]},"format":"text"})',
    );
    await page.keyboard.press('Control+a');
    await page.evaluate(() => {
      window.host.copied = { rows: 50_000, cut: true };
      window.host.command({ name: 'copyJson' });
    });
    await expect
      .poll(notice)
      .toEqual([
        'Copied the first 50,000 rows only: the rest is too much for the clipboard. Export it instead.',
      ]);
    // The last row was never loaded here: it was asked for.
    expect(await lastCall('copy')).toMatch(/"from":0,"to":749\d{4}\}\]\},"format":"json"/);
  });

  it('have values that are copied by keyboard', async () => {
    await row(0).click();
    const value = page.locator('table.columns [data-side=after]');
    await expect.poll(() => value.allInnerTexts()).toContain('ada');
    const stops = page.locator('table.columns [tabindex="0"]');
    expect(await stops.count()).toBe(1);
    await stops.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    expect(await stops.getAttribute('data-side')).toBe('after');
    expect(await stops.innerText()).toBe('ada');
    await page.keyboard.press('Control+c');
    await expect.poll(notice).toEqual(['Copied the value.']);
    expect(await lastCall('copy')).toBe('copy({"what":"value","seq":1,"column":1,"side":"after"})');
    await page.locator('#copy-json').click();
    await expect
      .poll(() => lastCall('copy'))
      .toBe('copy({"what":"rows","selection":{"ranges":[{"from":1,"to":1}]},"format":"json"})');
  });

  it('have context menus that know what they are about', async () => {
    await row(1).click();
    await row(2).click({ modifiers: ['Shift'] });
    const common = { preventDefaultContextMenuItems: true };
    const onChosen = await menuBy(() => row(2).click({ button: 'right' }));
    expect(onChosen).toEqual({ webviewSection: 'transaction', seq: 8, transaction: 2, ...common });
    expect(await count()).toEqual(['2 selected']);
    const single = await menuBy(() => row(0).click({ button: 'right' }));
    expect(single).toMatchObject({ webviewSection: 'transaction', seq: 0, singleChange: 1 });
    await page.evaluate(
      ([name, at]) => {
        window.host.command({ name, row: at });
      },
      ['nextOfRow', { seq: 0, transaction: 0 }] as const,
    );
    // It is about the change that the line shows.
    await expect.poll(() => lastCall('history')).toContain('"anchor":1,"from":1');
    await row(1).click();
    await row(2).click({ modifiers: ['Shift'] });
    const onOther = await menuBy(() => row(5).click({ button: 'right' }));
    expect(onOther).toEqual({ webviewSection: 'note', seq: 29, transaction: -1, ...common });
    expect(await count()).toEqual(['1 selected']);
    await row(0).click();
    const cell = page.locator('table.columns [data-side=after]', { hasText: 'ada' });
    const onValue = await menuBy(() => cell.click({ button: 'right' }));
    expect(onValue).toEqual({
      webviewSection: 'value',
      seq: 1,
      transaction: 0,
      column: 1,
      side: 'after',
      canFilter: true,
      ...common,
    });
    const inField = page.locator('wal-filter-box input');
    expect(await menuBy(() => inField.click({ button: 'right' }))).toBe('default');
  });

  it('have a context menu by keyboard too, at the active row', async () => {
    await page.keyboard.press('ArrowDown');
    const menu = await menuBy(() => page.keyboard.press('ContextMenu'));
    expect(menu).toMatchObject({ webviewSection: 'transaction', seq: 3, transaction: 1 });
  });

  it('are exported: all, filtered, chosen', async () => {
    const item = (scope: string) => page.locator(`#export-${scope}`);
    await page.locator('#export').click();
    expect(await item('view').getAttribute('aria-disabled')).toBe('true');
    await item('view').click({ force: true });
    expect(await lastCall('export')).toBeUndefined();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => lastCall('export'))
      .toBe('export({"scope":"selection","selection":{"ranges":[{"from":0,"to":0}]}})');
    await page.locator('#op-delete').click();
    await page.locator('#export').click();
    await expect.poll(() => item('view').innerText()).toMatch(/500,000/);
    await item('view').click();
    await expect.poll(() => lastCall('export')).toBe('export({"scope":"view"})');
    await page.locator('#export').click();
    await item('all').click();
    await expect.poll(() => lastCall('export')).toBe('export({"scope":"all"})');
  });

  it('have a page that says when it has the focus again, before it is asked anything', async () => {
    await page.evaluate(() => {
      window.host.settle(1);
    });
    await expect.poll(() => lastCall('settled')).toBe('settled({"token":1})');
    await page.evaluate(() => {
      document.hasFocus = () => false;
      window.host.settle(2);
    });
    expect(await lastCall('settled')).toBe('settled({"token":1})');
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await expect.poll(() => lastCall('settled')).toBe('settled({"token":2})');
    // Or that it does not get it.
    await page.evaluate(() => {
      window.host.settle(3);
    });
    await expect.poll(() => lastCall('settled')).toBe('settled({"token":3})');
  });

  it('are gone to by LSN, time or transaction', async () => {
    await page.keyboard.press('Control+g');
    await expect.poll(() => lastCall('askJump')).toMatch(/^askJump\(\{"day":"2026-11-20T/);
    expect(await lastCall('jump')).toBeUndefined();
    await page.evaluate(() => {
      window.host.jumpTarget = { kind: 'seq', seq: 7_000_003 };
    });
    await page.locator('#command-jump').click();
    const active = page.locator('wal-timeline-grid .row.active:not(.parked)');
    await expect.poll(() => active.allInnerTexts().then(texts => texts.length)).toBe(1);
    await expect.poll(() => active.locator('.seq').innerText()).toBe('7,000,003');
    const box = await active.boundingBox();
    expect(box?.y).toBeGreaterThan(50);
    await page.evaluate(() => {
      window.host.jumpTarget = { kind: 'xid', xid: 4_000_000_000 };
      window.host.command({ name: 'jump' });
    });
    await expect.poll(notice).toEqual(['No transaction 4000000000 in this capture.']);
  });
});

declare global {
  interface Window {
    menu?: string | undefined;
  }
}
