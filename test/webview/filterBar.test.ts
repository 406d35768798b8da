import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { graveFindings } from './graveFindings';
import { RESULTS, useOwnPage, usePages } from './usePages';

/** Axe goes through everything several times, on a machine that may be busy. */
const LONG_MS = 180_000;

describe('the filter bar', () => {
  const pages = usePages();
  let page: Page;
  useOwnPage(pages, { changes: '2000' }, async opened => {
    page = opened;
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => row(0).innerText()).toContain('sessions');
  });

  const row = (index: number) => page.locator(`wal-timeline-grid #row-${String(index)}`);
  const field = () => page.locator('wal-filter-box input');
  const offered = () => page.locator('wal-filter-box [role=option] .label').allInnerTexts();
  const chips = () => page.locator('wal-narrowing-bar .chip').allInnerTexts();
  const spec = () =>
    page.evaluate(() => {
      const call = window.host.calls.findLast(c => c.startsWith('setView('));
      return JSON.parse(call?.slice('setView('.length, -1) ?? '{}') as Record<string, unknown>;
    });
  const typeIn = async (text: string) => {
    await page.keyboard.press('/');
    await page.keyboard.type(text);
  };
  /** As VS Code does after a choice in the menu of what stands there. */
  const menu = async (target: ReturnType<Page['locator']>, name: string) => {
    await target.click({ button: 'right' });
    const context = JSON.parse(
      (await page.locator('wal-timeline').getAttribute('data-vscode-context')) ?? '{}',
    ) as Record<string, unknown>;
    await page.evaluate(
      ([command, at]) => {
        window.host.command({ name: command, row: at } as never);
      },
      [name, { seq: context['seq'], transaction: context['transaction'] }] as const,
    );
    return context;
  };

  it('takes an expression for what it is, completes it by keyboard, and puts it in force', async () => {
    await typeIn('op == "upd');
    expect(await page.locator('#expression').evaluate(e => 'checked' in e && e.checked)).toBe(true);
    await expect.poll(offered).toEqual(['update']);
    expect(await field().getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => field().getAttribute('aria-activedescendant')).toBe('offer-0');
    await page.keyboard.press('Enter');
    await expect.poll(() => field().inputValue()).toContain('op == "update"');
    await expect.poll(spec).toMatchObject({ filter: 'op == "update"', text: '' });
    await page.keyboard.press('Enter');
    await expect.poll(spec).toMatchObject({ filter: 'op == "update"', text: '' });
    await expect.poll(chips).toEqual(['op == "update"']);
    await expect.poll(() => page.locator('#matched').innerText()).toBe('1,000 of 2,000');
  });

  it('says what is wrong and where, and keeps the last good filter meanwhile', async () => {
    await typeIn('op == "update" ');
    await expect.poll(spec).toMatchObject({ filter: 'op == "update" ' });
    await page.keyboard.type('&& tabel == "orders"');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.locator('#filter-message').innerText())
      .toContain('There is no field tabel');
    expect(await page.locator('wal-filter-box .wrong').textContent()).toBe('tabel');
    expect(await field().getAttribute('aria-invalid')).toBe('true');
    expect(await spec()).toMatchObject({ filter: 'op == "update" ' });
    expect(await chips()).toEqual(['op == "update"']);
  });

  it('leaves plain text alone, and turns it into an expression and back by a key', async () => {
    await typeIn('orders');
    await expect.poll(spec).toMatchObject({ text: 'orders' });
    await expect.poll(chips).toEqual(['contains “orders”']);
    await page.keyboard.press('Alt+e');
    await expect.poll(spec).toMatchObject({ text: '' });
    await expect.poll(() => page.locator('#filter-message').innerText()).not.toBe('');
    await page.keyboard.press('Alt+e');
    await expect.poll(spec).toMatchObject({ text: 'orders' });
    // Whatever it looks like: text was asked for.
    await page.keyboard.type(' op == "insert"');
    await expect.poll(spec).toMatchObject({ text: 'orders op == "insert"' });
  });

  it('offers in an empty box what an expression begins with, and takes text again after it', async () => {
    const isExpression = () =>
      page.locator('#expression').evaluate(e => 'checked' in e && e.checked);
    await page.keyboard.press('/');
    await page.keyboard.press('Control+Space');
    await expect.poll(offered).toContain('op');
    await page.keyboard.press('Escape');
    await expect.poll(isExpression).toBe(false);
    await page.keyboard.press('Control+Space');
    await expect.poll(offered).toContain('op');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await isExpression()).toBe(true);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('op == "update"');
    await page.keyboard.press('Enter');
    await expect.poll(chips).toEqual(['op == "update"']);
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await expect.poll(chips).toEqual([]);
    await page.keyboard.type('ada');
    await expect.poll(chips).toEqual(['contains “ada”']);
  });

  it('remembers what was used, gives it names, and offers both', async () => {
    await typeIn('op == "delete"');
    await page.keyboard.press('Enter');
    await expect.poll(chips).toEqual(['op == "delete"']);
    await page.locator('#kept-filters').click();
    await page.locator('#filter-name').fill('Gone');
    await page.locator('#save-filter').click();
    await page.locator('#clear-text').click();
    await expect.poll(chips).toEqual([]);
    await page.keyboard.press('ArrowUp');
    await expect.poll(offered).toEqual(['Gone', 'op == "delete"']);
    await page.keyboard.press('Enter');
    await expect.poll(spec).toMatchObject({ filter: 'op == "delete"' });
    await page.locator('#kept-filters').click();
    await page.locator('wal-filter-menu [label="Rename Gone"]').click();
    await page.locator('#new-name').fill('Deleted');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.locator('wal-filter-menu .entry .pick').allInnerTexts())
      .toEqual(['Deleted']);
    await page.locator('wal-filter-menu [label="Delete Deleted"]').click();
    await expect.poll(() => page.locator('wal-filter-menu .entry').count()).toBe(0);
  });

  /** What a key did is drawn by then. */
  const frames = (count: number) =>
    page.evaluate(async n => {
      for (let i = 0; i < n; i++) await new Promise(requestAnimationFrame);
    }, count);

  it('brings back what was cleared, by undo and among what is offered', async () => {
    await typeIn('op == "update" && new.id > 7');
    await expect.poll(chips).toEqual(['op == "update" && new.id > 7']);
    // The first one closes what is offered, if anything is; the next one clears the box, which keeps the focus.
    while ((await field().inputValue()) !== '') {
      await page.keyboard.press('Escape');
      await frames(3);
    }
    await expect.poll(chips).toEqual([]);
    await page.keyboard.press('Control+z');
    await expect.poll(() => field().inputValue()).toBe('op == "update" && new.id > 7');
    await expect.poll(chips).toEqual(['op == "update" && new.id > 7']);
    // Also what was not right yet, and never in force.
    await page.keyboard.press('Control+a');
    await page.keyboard.type('tabel == "a" && op');
    await page.locator('#clear-text').click();
    await expect.poll(chips).toEqual([]);
    await page.keyboard.press('ArrowUp');
    await expect.poll(async () => (await offered())[0]).toBe('tabel == "a" && op');
    await page.keyboard.press('Enter');
    await expect.poll(() => field().inputValue()).toBe('tabel == "a" && op');
  });

  it('takes expressions after the page is loaded again, also while it is empty', async () => {
    const isExpression = () =>
      page.locator('#expression').evaluate(e => 'checked' in e && e.checked);
    const saved = () => page.evaluate(() => sessionStorage.getItem('state'));
    await page.keyboard.press('/');
    await page.keyboard.press('Alt+e');
    await expect.poll(isExpression).toBe(true);
    await expect.poll(saved).toContain('"expression":true');
    await page.reload();
    await field().waitFor();
    expect(await isExpression()).toBe(true);
  });

  it('shows each narrowing as a chip that can be removed, and all at once', async () => {
    await typeIn('op == "update"');
    await page.locator('#op-update').click();
    await expect.poll(chips).toEqual(['op == "update"', 'update']);
    await page.locator('#chip-filter vscode-toolbar-button').click();
    await expect.poll(chips).toEqual(['update']);
    expect(await field().inputValue()).toBe('');
    await typeIn('stock');
    await expect.poll(chips).toEqual(['contains “stock”', 'update']);
    await page.locator('#show-all').click();
    await expect.poll(chips).toEqual([]);
    expect(await field().inputValue()).toBe('');
  });

  it('narrows by what the menu of a row or of a value was opened on', async () => {
    await menu(row(6).locator('.op'), 'filterValue');
    await expect.poll(spec).toMatchObject({ filter: 'op == "insert"' });
    await expect.poll(() => field().inputValue()).toBe('op == "insert"');
    const value = page.locator('wal-timeline-grid [data-name="customer"]').first();
    const context = await menu(value, 'excludeValue');
    expect(context['canFilter']).toBe(true);
    await expect
      .poll(async () => String((await spec())['filter']))
      .toMatch(/^op == "insert" && \(!has\(new\.customer\) \|\| .* != ".+"\)$/);
    await page.locator('#show-all').click();
    await menu(row(6).locator('.xid'), 'filterTransaction');
    await expect.poll(async () => String((await spec())['filter'])).toMatch(/^xid == \d+$/);
  });

  it('colours rows by rules, which are checked where they are edited', async () => {
    await page.locator('#rules').click();
    const rules = page.locator('wal-rules-menu');
    await rules.locator('[name=name]').fill('New rows');
    await rules.locator('[name=expression]').fill('opp == "insert"');
    await page.locator('#save-rule').click();
    await expect.poll(() => page.locator('#rule-problem').innerText()).toContain('no field opp');
    await rules.locator('[name=expression]').fill('op == "insert"');
    await rules.locator('[name=color]').selectOption('green');
    await page.locator('#save-rule').click();
    await expect.poll(() => row(0).getAttribute('class')).toContain('rule-green');
    // Not by colour alone.
    expect(await row(0).locator('.stripe').getAttribute('title')).toBe('Rule: New rows');
    expect(await row(0).locator('.stripe').innerText()).toContain('New rows');
    // The form is gone, and the keyboard still here.
    await expect.poll(() => rules.locator('.pick:focus').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await rules.locator('.popover').count()).toBe(0);
    await page.locator('#rules').click();
    await rules.locator('[label="Delete New rows"]').click();
    await expect.poll(() => row(0).getAttribute('class')).not.toContain('rule');
  });

  it('sets bookmarks by a key, goes from one to the next, and keeps notes on them', async () => {
    await page.keyboard.press('b');
    await expect.poll(() => row(0).locator('.bookmark').count()).toBe(1);
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('b');
    await page.keyboard.press('End');
    await page.keyboard.press('n');
    const active = () => page.locator('wal-timeline-grid .row.active').getAttribute('id');
    await expect.poll(active).toBe('row-0');
    await page.keyboard.press('n');
    await expect.poll(active).toBe('row-6');
    await page.keyboard.press('Shift+N');
    await expect.poll(active).toBe('row-0');
    await page.locator('#pane-bookmarks').click();
    const list = page.locator('wal-bookmark-list');
    await expect.poll(() => list.locator('li').count()).toBe(2);
    await list.locator('input').first().fill('the click');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => row(0).locator('.bookmark').getAttribute('title'))
      .toBe('Bookmark: the click');
    // It is kept a moment after the last change.
    await expect
      .poll(() => page.evaluate(() => sessionStorage.getItem('state')))
      .toContain('"pane":"bookmarks"');
    await page.reload();
    await expect.poll(() => row(0).locator('.bookmark').count()).toBe(1);
    // The pane came back, too.
    await expect.poll(() => list.locator('li').count()).toBe(2);
    await list.locator('#copy-bookmarks').click();
    await expect
      .poll(() => page.evaluate(() => window.host.calls.findLast(c => c.startsWith('copy('))))
      .toContain('the click');
  });

  it('tells all keys', async () => {
    await page.keyboard.press('?');
    await expect
      .poll(() => page.locator('wal-keys-menu .popover').innerText())
      .toContain('Go to the filter'.toLowerCase());
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('wal-keys-menu .popover').count()).toBe(0);
  });

  it('comes back with the expression that was in force', async () => {
    await typeIn('op == "delete"');
    await expect.poll(chips).toEqual(['op == "delete"']);
    await expect
      .poll(() => page.evaluate(() => sessionStorage.getItem('state')))
      .toContain('op == \\"delete\\"');
    await page.reload();
    await expect.poll(chips).toEqual(['op == "delete"']);
    expect(await field().inputValue()).toBe('op == "delete"');
  });

  it.each(['dark', 'light', 'highContrast', 'highContrastLight'])(
    'has no serious finding in %s',
    async theme => {
      const { page: other } = await pages.open({ theme, changes: '2000' });
      const findings = () => graveFindings(other);
      await other.locator('wal-timeline-grid .list').focus();
      await other.keyboard.press('Home');
      await other.locator('wal-timeline-grid #row-0:not(.loading)').waitFor();
      await other.keyboard.press('b');
      await other.locator('wal-timeline-grid .bookmark').waitFor();
      await other.keyboard.press('/');
      await other.keyboard.type('op == "in');
      await other.locator('wal-filter-box [role=option]').first().waitFor();
      expect(await findings()).toEqual([]);
      await other.keyboard.type('sert" && tabel == "x"');
      await other.keyboard.press('Enter');
      await other.locator('wal-filter-box .problem').waitFor();
      expect(await findings()).toEqual([]);
      await field2(other).fill('op == "insert"');
      await other.locator('#chip-filter').waitFor();
      await other.locator('#kept-filters').click();
      await other.locator('#filter-name').waitFor();
      expect(await findings()).toEqual([]);
      await other.keyboard.press('Escape');
      await other.locator('#rules').click();
      await other.locator('wal-rules-menu [name=name]').fill('New');
      await other.locator('#save-rule').click();
      await other.locator('wal-timeline-grid .rule').first().waitFor();
      expect(await findings()).toEqual([]);
      await other.keyboard.press('Escape');
      await other.locator('#pane-bookmarks').click();
      await other.locator('wal-bookmark-list li').waitFor();
      expect(await findings()).toEqual([]);
      await other.screenshot({ path: path.join(RESULTS, `filterBar-${theme}.png`) });
      await other.close();
    },
    LONG_MS,
  );

  const field2 = (other: Page) => other.locator('wal-filter-box input');
});
