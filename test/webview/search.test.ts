import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { useOwnPage, usePages } from './usePages';

describe('looking for a text', () => {
  const pages = usePages();
  let page: Page;
  useOwnPage(pages, {}, async opened => {
    page = opened;
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => row(0).innerText()).toContain('sessions');
  });

  const row = (index: number) => page.locator(`wal-timeline-grid #row-${String(index)}`);
  const active = () => page.locator('wal-timeline-grid .row.active .seq').allInnerTexts();
  const message = () => page.locator('wal-find-bar .message').innerText();
  const callsOf = (method: string) =>
    page.evaluate(name => window.host.calls.filter(call => call.startsWith(`${name}(`)), method);
  const focused = () =>
    page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.getAttribute('role') ?? element?.localName ?? '';
    });
  /** The texts that are marked, as the page's registry of highlights has them. */
  const marked = (name: string) =>
    page.evaluate(key => {
      const ranges = [...(CSS.highlights.get(key) ?? [])];
      return ranges.map(range => {
        const { nodeValue } = range.startContainer;
        return (nodeValue ?? '').slice(range.startOffset, range.endOffset);
      });
    }, name);
  const find = async (text: string) => {
    await page.keyboard.press('Control+f');
    await page.keyboard.type(text);
  };

  it('finds as it is typed, opens the transaction, and marks the text in rows and detail', async () => {
    await find('BARBARA');
    // Change 10, in the third transaction.
    await expect.poll(active).toEqual(['15']);
    expect(await row(2).locator('[aria-expanded=true]').count()).toBe(1);
    await expect.poll(() => page.locator('table.columns').innerText()).toContain('barbara');
    await expect.poll(() => marked('wal-find')).toContain('barbara');
    const inDetail = () =>
      page.evaluate(() =>
        [...(CSS.highlights.get('wal-find') ?? [])].some(
          ({ startContainer }) => startContainer.parentElement?.closest('table.columns') != null,
        ),
      );
    await expect.poll(inDetail).toBe(true);
    expect(await focused()).toBe('input');
  });

  it('goes from match to match by Enter and F3, and says where there are no more', async () => {
    await find('customers');
    await expect.poll(active).toEqual(['14']);
    await page.keyboard.press('Enter');
    await expect.poll(active).toEqual(['19']);
    await page.keyboard.press('F3');
    await expect.poll(active).toEqual(['28']);
    await page.keyboard.press('Shift+Enter');
    await expect.poll(active).toEqual(['19']);
    await page.keyboard.press('Shift+F3');
    await expect.poll(active).toEqual(['14']);
    await page.locator('#find-previous').click();
    await expect.poll(message).toBe('No more matches above');
    expect(await active()).toEqual(['14']);
    await page.locator('#find-next').click();
    await expect.poll(active).toEqual(['19']);
    expect(await message()).toBe('');
  });

  it('goes through all of five million changes in steps, and can be stopped', async () => {
    await find('nobody has this');
    await expect.poll(message).toMatch(/^Searching… at [\d,]+$/);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('wal-find-bar').isVisible()).toBe(false);
    expect(await focused()).toBe('grid');
    const rest = (await callsOf('find')).length;
    expect(rest).toBeLessThan(1000);
    await page.keyboard.press('ArrowDown');
    await expect.poll(active).toEqual(['3']);
    expect((await callsOf('find')).length).toBeLessThanOrEqual(rest + 1);
    expect(await marked('wal-find')).toEqual([]);
  });

  it('finds what stands at the place where the search begins, and a long value', async () => {
    await find('jumps over');
    await expect.poll(active).toEqual(['10']);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+f');
    // The text is there still, and what is typed takes its place.
    await page.keyboard.type('quick');
    await expect.poll(() => callsOf('find').then(calls => calls.at(-1))).toContain('"quick"');
    await expect.poll(active).toEqual(['10']);
  });

  it('filters by text after a rest in typing, counts, and marks why a row passes', async () => {
    const field = page.locator('wal-filter-box input');
    await page.keyboard.press('/');
    expect(await focused()).toBe('combobox');
    await page.keyboard.type('customers', { delay: 20 });
    await expect
      .poll(() => page.locator('#matched').allInnerTexts())
      .toEqual(['1,000,000 of 5,000,000']);
    expect((await callsOf('setView')).length).toBeLessThan(4);
    await expect.poll(() => marked('wal-filter')).toContain('customers');
    await page.evaluate(() => {
      window.host.complete = false;
      window.host.push();
    });
    await expect
      .poll(() => page.locator('#matched').innerText())
      .toBe('1,000,000 of 5,000,000, filtering…');
    await page.evaluate(() => {
      window.host.complete = true;
      window.host.push();
    });
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toBe('grid');
    await page.locator('#clear-text').click();
    await expect.poll(() => page.locator('#matched').count()).toBe(0);
    expect(await field.inputValue()).toBe('');
    expect(await callsOf('setView').then(calls => calls.at(-1))).toContain('"text":""');
    await expect.poll(() => marked('wal-filter')).toEqual([]);
  });

  it('says when no change contains the text, and shows all again', async () => {
    await page.locator('wal-filter-box input').fill('no such text');
    const sentence = page.locator('.full .sentence');
    await expect.poll(() => sentence.allInnerTexts()).toEqual(['No change passes the filter.']);
    await page.locator('#state-button').click();
    await expect.poll(() => sentence.count()).toBe(0);
    expect(await page.locator('wal-filter-box input').inputValue()).toBe('');
  });

  it('keeps open what is open when the filter changes', async () => {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await row(2).and(page.locator('.nested')).waitFor();
    await page.locator('#op-update').click();
    const first = page.locator('wal-timeline-grid .transaction', { hasText: '7631' });
    await expect.poll(() => page.locator('#matched').count()).toBe(1);
    // One update of three changes: the line would show it alone, were it not open.
    await expect.poll(() => callsOf('expand').then(calls => calls.length)).toBe(2);
    await page.locator('#op-update').click();
    await expect.poll(() => callsOf('expand').then(calls => calls.length)).toBe(3);
    await expect.poll(() => first.locator('[aria-expanded=true]').count()).toBe(1);
  });

  it('chooses the only table that is left by Enter', async () => {
    await page.locator('wal-table-filter vscode-toolbar-button').click();
    await page.keyboard.type('cust');
    await expect.poll(() => page.locator('wal-table-filter vscode-checkbox').count()).toBe(1);
    await page.keyboard.press('Enter');
    await expect
      .poll(() => callsOf('setView').then(calls => calls.at(-1)))
      .toContain('"tables":["public.customers"]');
  });
});
