import { afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { visibleText } from '../../src/base/visibleText';
import { HOSTILE_NAMES } from './hostile';
import { useOwnPage, usePages } from './usePages';

/** What counts as a page that hangs, in milliseconds. */
const HANG_MS = 100;

describe('hostile names and values', () => {
  const pages = usePages();
  let page: Page;
  useOwnPage(pages, { hostile: '1', changes: '20000' }, async opened => {
    page = opened;
    await page.locator('#group-flat').click();
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Home');
    await row(0).waitFor();
  });
  afterEach(async () => {
    // Nothing ran, nothing was made of it, nothing was asked of a server.
    expect(await page.evaluate(() => window.hacked)).toBeUndefined();
    expect(await foreignElements()).toEqual([]);
  });

  const row = (index: number) => page.locator(`wal-timeline-grid #row-${String(index)}`);

  /** Elements that none of our parts makes, in the whole page with its shadow trees. */
  const foreignElements = () =>
    page.evaluate(() => {
      const found: string[] = [];
      const walk = (root: Document | ShadowRoot | Element): void => {
        for (const element of root.querySelectorAll('*')) {
          const name = element.localName;
          const isCode = name === 'script' && (element as HTMLScriptElement).nonce === '';
          if (isCode || ['img', 'marquee', 'iframe', 'object', 'a'].includes(name))
            found.push(name);
          for (const { name: attribute } of element.attributes) {
            if (attribute.startsWith('on')) found.push(`${name} ${attribute}`);
          }
          if (element.shadowRoot !== null) walk(element.shadowRoot);
        }
      };
      walk(document);
      return found;
    });

  /** Whether the page is as wide as its window, and the rows as high as one another. */
  const layout = async () => ({
    overflow: await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    heights: await page
      .locator('wal-timeline-grid .row[id]')
      .evaluateAll(rows => [
        ...new Set(rows.map(each => Math.round(each.getBoundingClientRect().height))),
      ]),
  });

  /** The longest time without a frame while something is done; the best of a few, for the machine is shared. */
  const longestGap = async (work: () => Promise<void>, times = 3): Promise<number> => {
    const gaps: number[] = [];
    for (let i = 0; i < times; i++) {
      await page.evaluate(() => {
        const state = { last: performance.now(), worst: 0, on: true };
        const tick = (): void => {
          const now = performance.now();
          state.worst = Math.max(state.worst, now - state.last);
          state.last = now;
          if (state.on) requestAnimationFrame(tick);
        };
        requestAnimationFrame(tick);
        Object.assign(window, { gapState: state });
      });
      await work();
      gaps.push(
        await page.evaluate(() => {
          const { gapState } = window as unknown as {
            gapState: { on: boolean; worst: number };
          };
          gapState.on = false;
          return gapState.worst;
        }),
      );
    }
    return Math.min(...gaps);
  };

  it('are text in the list, whose rows stay as high as ever', async () => {
    for (let i = 0; i < HOSTILE_NAMES.length; i++) await row(i).waitFor();
    // What turns the direction or speaks to a terminal is shown as a sign in its place.
    const all = (await page.locator('wal-timeline-grid .row').allInnerTexts()).join('');
    for (const sign of '\u0007\u001B\u202E\u2066\u2028\u0085') expect(all).not.toContain(sign);
    expect(all).toContain('‹202E›gnp.exe');
    for (const name of HOSTILE_NAMES.slice(0, 7)) expect(all).toContain(visibleText(name));
    const { overflow, heights } = await layout();
    expect(overflow).toBeLessThanOrEqual(0);
    expect(heights).toHaveLength(1);
  });

  it('are text in a detail of few columns, with a mebibyte and ten thousand elements', async () => {
    await row(1).click();
    const cells = page.locator('wal-detail-pane table.columns tbody tr');
    await expect.poll(() => cells.count()).toBe(12);
    expect(await cells.nth(2).locator('th').innerText()).toBe(visibleText(HOSTILE_NAMES[2]!));
    expect(await cells.nth(4).innerText()).toContain('masked');
    const gap = await longestGap(async () => {
      await row(2).click();
      await row(1).click();
      await expect.poll(() => cells.count()).toBe(12);
    });
    expect(gap).toBeLessThan(HANG_MS);
    const { overflow, heights } = await layout();
    expect(overflow).toBeLessThanOrEqual(0);
    expect(heights).toHaveLength(1);
  });

  it('are text in a detail of as many columns as a table can have', async () => {
    await row(0).click();
    const pane = page.locator('wal-detail-pane table.columns');
    await pane.getByText(visibleText(HOSTILE_NAMES[1]!)).first().waitFor();
    await page.locator('wal-timeline-grid .list').focus();
    // One can go on at once: what was chosen counts, however wide it is.
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => row(1).getAttribute('aria-selected')).toBe('true');
    expect((await layout()).overflow).toBeLessThanOrEqual(0);
  });

  it('are text in the bar, its lists and chips', async () => {
    const bar = page.locator('wal-timeline-toolbar');
    await bar.getByText(visibleText(HOSTILE_NAMES[1]!)).first().waitFor();
    await bar.getByText('redacted', { exact: true }).waitFor();
    await page.locator('wal-table-filter button').first().click();
    const list = page.locator('wal-table-filter');
    for (const name of HOSTILE_NAMES.slice(0, 5)) {
      await list
        .locator('.table', { hasText: visibleText(name) })
        .first()
        .waitFor();
    }
    expect((await layout()).overflow).toBeLessThanOrEqual(0);
  });

  it('are text in the other tabs of the detail', async () => {
    await row(1).click();
    const tabs = page.locator('wal-detail-pane').getByRole('tab');
    await expect.poll(() => tabs.count()).toBeGreaterThan(2);
    for (let i = 0; i < (await tabs.count()); i++) {
      await tabs.nth(i).click();
      await expect.poll(() => tabs.nth(i).getAttribute('aria-selected')).toBe('true');
    }
    expect(await foreignElements()).toEqual([]);
  });

  it('go to the clipboard as they are, by the host', async () => {
    await row(1).click();
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Control+c');
    await expect
      .poll(() => page.evaluate(() => window.host.calls.filter(call => call.startsWith('copy('))))
      .toHaveLength(1);
  });
});
