import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graveFindings } from './graveFindings';
import { TestPages } from './testPage';

const RESULTS = path.resolve(import.meta.dirname, '../results');
const LONG_MS = 120_000;
/** Lines of the flat list: see showcase.ts. */
const UPDATE = 2;
const MESSAGE = 6;

describe('the tabs of the detail', () => {
  let pages: TestPages;
  beforeAll(async () => {
    mkdirSync(RESULTS, { recursive: true });
    pages = await TestPages.start();
  });
  afterAll(() => pages.stop());

  const opened = async (theme = 'dark', zoom = 1) => {
    const { page, errors } = await pages.open({ theme });
    if (zoom !== 1) await page.setViewportSize({ width: 1280 / zoom, height: 800 / zoom });
    await page.locator('#group-flat').click();
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Home');
    await page.locator(`wal-timeline-grid #row-${String(UPDATE)}`).click();
    await page.locator('table.columns .changed').first().waitFor();
    return { page, errors };
  };
  const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true }).click();
  const calls = (page: Page, method: string) =>
    page.evaluate(name => window.host.calls.filter(call => call.startsWith(name)), `${method}(`);

  it('shows all changes of the row, and goes to the one that is chosen', async () => {
    const { page, errors } = await opened();
    await tab(page, 'History');
    const history = page.locator('wal-history-detail');
    const current = history.locator('tr.current');
    await expect.poll(() => current.innerText()).toContain('qty');
    await expect.poll(() => history.locator('tr.entry').count()).toBeGreaterThan(50);
    await expect.poll(() => history.locator('.controls').innerText()).toContain('A-1');
    // Newest first: the one above came later.
    const seqOf = async (row: ReturnType<typeof history.locator>) =>
      Number(await row.getAttribute('data-seq'));
    const here = await seqOf(current);
    const later = history.locator('tr.current').locator('xpath=preceding-sibling::tr[1]');
    const next = await seqOf(later);
    expect(next).toBeGreaterThan(here);
    await later.click();
    await expect.poll(() => seqOf(current)).toBe(next);
    await expect
      .poll(() => page.locator('wal-timeline-grid .row.active').innerText())
      .toContain('stock');
    // The history of the same row is not fetched again.
    const asked = (await calls(page, 'history')).length;
    await current.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => seqOf(current)).toBe(here);
    expect((await calls(page, 'history')).length).toBe(asked);
    await history.getByLabel('Oldest first').check();
    const after = history.locator('tr.current').locator('xpath=following-sibling::tr[1]');
    await expect.poll(() => seqOf(after)).toBe(next);
    await history.locator('#copy-history').click();
    await expect.poll(async () => (await calls(page, 'copy')).at(-1)).toContain('qty');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('goes among the changes of the row by keys from the list, and by buttons', async () => {
    const { page, errors } = await opened();
    const active = () =>
      page.locator('wal-timeline-grid .row.active').getAttribute('aria-rowindex').then(Number);
    const first = await active();
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(active).toBeGreaterThan(first);
    const second = await active();
    await page.locator('wal-detail-pane #nextOfRow').click();
    await expect.poll(active).toBeGreaterThan(second);
    await page.keyboard.press('Alt+Home');
    await expect.poll(active).toBe(first);
    await page.keyboard.press('Alt+ArrowUp');
    await expect
      .poll(() => page.locator('.sr[role=status]').last().innerText())
      .toContain('the first change of this row');
    expect(await active()).toBe(first);
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(active).toBe(second);
    // A command of VS Code does the same.
    await page.evaluate(() => {
      window.host.command({ name: 'filterByRow' });
    });
    await expect
      .poll(async () => (await calls(page, 'setView')).at(-1))
      .toContain(String.raw`schema == \"public\" && table == \"stock\" && (key.id == \"8\"`);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('shows SQL and JSON of the change and of its transaction, and copies them', async () => {
    const { page, errors } = await opened();
    await tab(page, 'SQL');
    const text = page.locator('wal-change-text');
    await expect.poll(() => text.locator('pre').innerText()).toContain('UPDATE "public"."stock"');
    expect(await text.locator('.remarks').innerText()).toContain('"photo" left out');
    await text.getByLabel('Undo').check();
    await expect.poll(() => text.locator('.remarks').innerText()).toContain('is not known');
    expect(await text.locator('pre').count()).toBe(0);
    expect(await text.locator('#copy-text').isDisabled()).toBe(true);
    await text.getByLabel('Whole transaction').check();
    await expect.poll(() => text.locator('pre').innerText()).toContain('ROLLBACK;');
    await text.locator('#copy-text').click();
    await expect
      .poll(async () => (await calls(page, 'copy')).at(-1))
      .toMatch(/"what":"change".*"form":"undo".*"scope":"transaction"/);
    await tab(page, 'JSON');
    await text.getByLabel('This change').check();
    await expect.poll(() => text.locator('pre').innerText()).toContain('"form": "native"');
    expect(await text.locator('pre').innerText()).toContain('<script>window.hacked</script>');
    await text.getByLabel('Debezium').check();
    await text.getByLabel('Over many lines').uncheck();
    await expect.poll(() => text.locator('pre').innerText()).toContain('"form":"debezium"');
    // One long line stays inside its frame.
    await page.setViewportSize({ width: 320, height: 800 });
    await expect
      .poll(() => text.locator('pre').evaluate(e => e.scrollWidth - e.clientWidth))
      .toBeLessThanOrEqual(0);
    expect(await text.locator('p').innerText()).toContain('decimal.handling.mode=string');
    await tab(page, 'Transaction');
    await page.locator('#transaction-sql').click();
    await expect.poll(() => text.locator('pre').innerText()).toContain('BEGIN;');
    expect(await page.evaluate(() => window.hacked)).toBeUndefined();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('shows SQL and JSON of a whole transaction where its line is chosen', async () => {
    const { page, errors } = await opened();
    const list = page.locator('wal-timeline-grid .list');
    await page.locator('#group-transactions').click();
    await list.focus();
    await page.keyboard.press('Home');
    await page.locator('wal-timeline-grid #row-1.transaction').click();
    await tab(page, 'SQL');
    const text = page.locator('wal-change-text');
    await expect.poll(() => text.locator('pre').innerText()).toContain('BEGIN;');
    expect(await text.getByLabel('This change').count()).toBe(0);
    await text.locator('#copy-text').click();
    await expect.poll(async () => (await calls(page, 'copy')).at(-1)).toContain('"transaction"');
    await list.focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('wal-timeline-grid .row.nested').first().click();
    await expect.poll(() => text.getByLabel('This change').count()).toBe(1);
    await expect.poll(() => text.locator('pre').innerText()).not.toContain('BEGIN;');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('shows the table and its descriptions', async () => {
    const { page, errors } = await opened();
    await tab(page, 'Relation');
    const relation = page.locator('wal-relation-detail');
    await expect
      .poll(() => relation.locator('table').last().innerText())
      .toContain('replica identity nothing → default');
    expect(await relation.locator('tr[aria-current]').innerText()).toContain('this one');
    expect(await relation.locator('tbody tr').first().innerText()).toContain('key');
    await relation.locator('#copy-relation').click();
    await expect.poll(async () => (await calls(page, 'copy')).at(-1)).toContain('public.stock');
    await page.locator(`wal-timeline-grid #row-${String(MESSAGE)}`).click();
    await expect.poll(() => relation.locator('p').innerText()).toContain('not about a table');
    await tab(page, 'History');
    await expect
      .poll(() => page.locator('wal-history-detail p').innerText())
      .toContain('not about one row');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('formats a value when asked for', async () => {
    const { page, errors } = await opened();
    await page.evaluate(() => {
      const value = document
        .querySelector('wal-timeline')!
        .shadowRoot!.querySelector('wal-detail-pane')!
        .shadowRoot!.querySelector('.detail')!;
      const long = document.createElement('wal-long-value') as HTMLElement & {
        value: unknown;
        form: string;
      };
      long.value = {
        kind: 'text',
        text: '{"b":12345678901234567890,"a":[1]}',
        cut: false,
        bytes: 34,
      };
      long.form = 'json';
      value.append(long);
    });
    const value = page.locator('.detail > wal-long-value');
    await value.getByRole('button', { name: 'format' }).click();
    await expect
      .poll(() => value.locator('bdi').innerText())
      .toBe('{\n  "b": 12345678901234567890,\n  "a": [\n    1\n  ]\n}');
    await value.getByRole('button', { name: 'as it is' }).click();
    await expect
      .poll(() => value.locator('.data').innerText())
      .toContain('{"b":12345678901234567890,"a":[1]}');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('is reached and left by keys alone', async () => {
    const { page } = await opened();
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Enter');
    const focused = () =>
      page.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement != null) {
          element = element.shadowRoot.activeElement;
        }
        return element?.textContent.trim();
      });
    await expect.poll(focused).toBe('Row');
    await page.keyboard.press('ArrowRight');
    await expect.poll(focused).toBe('History');
    await page.keyboard.press('Enter');
    await page.locator('wal-history-detail tr.current').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(focused).toContain('stock');
    await page.close();
  });

  for (const theme of ['dark', 'light', 'highContrast']) {
    it(
      `has no serious finding of axe, also at 200 percent, in ${theme}`,
      async () => {
        const { page } = await opened(theme);
        for (const name of ['History', 'SQL', 'JSON', 'Relation', 'Transaction']) {
          await tab(page, name);
          await page
            .locator('vscode-tab-panel:not([hidden]) :is(table, pre, dl)')
            .first()
            .waitFor();
          await page.screenshot({
            path: path.join(RESULTS, `detail-${theme}-${name.toLowerCase()}.png`),
          });
          expect(await graveFindings(page, ['wal-timeline', 'wal-detail-pane'])).toEqual([]);
        }
        await page.close();
        const small = await opened(theme, 2);
        await tab(small.page, 'History');
        await small.page.locator('wal-history-detail tr.current').waitFor();
        // Nothing is cut off to the side: the controls wrap.
        const wide = await small.page
          .locator('wal-history-detail .controls')
          .evaluate(element => element.scrollWidth > element.clientWidth + 1);
        expect(wide).toBe(false);
        await small.page.screenshot({ path: path.join(RESULTS, `detail-${theme}-zoomed.png`) });
        await small.page.close();
      },
      LONG_MS,
    );
  }
});
