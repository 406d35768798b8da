import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { useOwnPage, usePages } from './usePages';

const ROWS = 1_250_001;

describe('the list of the timeline', () => {
  const pages = usePages();
  let page: Page;
  useOwnPage(pages, {}, opened => {
    page = opened;
  });

  const list = () => page.locator('wal-timeline-grid .list');
  const row = (index: number) => page.locator(`wal-timeline-grid #row-${String(index)}`);
  const active = () => list().getAttribute('aria-activedescendant');
  const callsOf = (method: string) =>
    page.evaluate(name => window.host.calls.filter(call => call.startsWith(`${name}(`)), method);
  const isChecked = (id: string) =>
    page.locator(`#${id}`).evaluate(element => 'checked' in element && element.checked === true);
  const texts = (locator: string) => page.locator(locator).allInnerTexts();
  const goHome = async () => {
    await list().focus();
    await page.keyboard.press('Home');
    await expect.poll(() => row(0).innerText()).toContain('sessions');
  };

  it('tells its size and the place of every row to assistive technology', async () => {
    expect(await list().getAttribute('role')).toBe('grid');
    await expect.poll(() => list().getAttribute('aria-rowcount')).toBe(String(ROWS + 1));
    expect(await list().getAttribute('aria-colcount')).toBe('8');
    await expect.poll(() => row(ROWS - 1).count()).toBe(1);
    expect(await row(ROWS - 1).getAttribute('role')).toBe('row');
    expect(await row(ROWS - 1).getAttribute('aria-rowindex')).toBe(String(ROWS + 1));
    await goHome();
    expect(await row(0).getAttribute('aria-rowindex')).toBe('2');
    expect(await row(0).locator('[role=gridcell]').count()).toBe(8);
    expect(await row(1).locator('[role=gridcell][aria-expanded=false]').count()).toBe(1);
    expect(await page.locator('wal-timeline-grid [tabindex="0"]').count()).toBe(1);
  });

  it('holds only the rows in sight', async () => {
    await goHome();
    expect(await page.locator('wal-timeline-grid .viewport .row').count()).toBeLessThan(60);
  });

  it.each([1000, 1400, 2400])('gives most of %i pixels to what changed', async width => {
    await page.setViewportSize({ width, height: 800 });
    const widths = await page
      .locator('wal-timeline-grid .header')
      .evaluate(header =>
        [...header.children].map(cell => Math.round(cell.getBoundingClientRect().width)),
      );
    const [table = 0, key = 0, what = 0] = widths.slice(-3);
    expect(what).toBe(Math.max(...widths));
    expect(what).toBeGreaterThan(1.5 * (table + key));
  });

  it('can be used by keyboard alone', async () => {
    await goHome();
    expect(await active()).toBe('row-0');
    await page.keyboard.press('ArrowDown');
    expect(await active()).toBe('row-1');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => row(2).innerText()).toContain('orders');
    expect(await row(1).locator('[aria-expanded=true]').count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    await expect.poll(active).toBe('row-2');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(active).toBe('row-1');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => row(1).locator('[aria-expanded=false]').count()).toBe(1);
    await page.keyboard.press('PageDown');
    expect(await active()).not.toBe('row-1');
    await page.keyboard.press('End');
    await expect.poll(active).toBe(`row-${String(ROWS - 1)}`);
    await page.keyboard.press('PageUp');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Home');
    await expect.poll(active).toBe('row-0');
    await page.keyboard.press('Enter');
    const focused = () =>
      page.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        return element?.getAttribute('role') ?? '';
      });
    await expect.poll(focused).toBe('tab');
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('grid');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('wal-detail-pane').count()).toBe(0);
  });

  it('keeps the active row an element while it is scrolled away', async () => {
    await goHome();
    await row(0).evaluate(element => {
      element.setAttribute('data-same', 'yes');
    });
    await page.mouse.move(600, 300);
    await page.mouse.wheel(0, 40_000);
    await expect.poll(() => row(1670).count()).toBe(1);
    expect(await active()).toBe('row-0');
    expect(await row(0).getAttribute('data-same')).toBe('yes');
    await page.mouse.wheel(0, -80_000);
    await expect.poll(() => row(5).count()).toBe(1);
    expect(await row(0).getAttribute('data-same')).toBe('yes');
  });

  it('reaches the last of a million rows by wheel, and any by dragging the thumb', async () => {
    await goHome();
    await page.mouse.move(600, 300);
    await page.mouse.wheel(0, 100_000_000);
    await expect.poll(() => row(ROWS - 1).innerText()).toContain('customers');
    const bar = await page.locator('wal-timeline-grid .scrollbar').boundingBox();
    const thumb = await page.locator('wal-timeline-grid .thumb').boundingBox();
    expect(bar).not.toBeNull();
    expect(thumb!.height).toBeGreaterThanOrEqual(24);
    await page.mouse.move(thumb!.x + 5, thumb!.y + 10);
    await page.mouse.down();
    await page.mouse.move(thumb!.x + 5, bar!.y + bar!.height / 2, { steps: 8 });
    const now = () =>
      page.locator('wal-timeline-grid .scrollbar').getAttribute('aria-valuenow').then(Number);
    await expect.poll(now).toBeGreaterThan(ROWS * 0.4);
    expect(await now()).toBeLessThan(ROWS * 0.6);
    await page.mouse.move(thumb!.x + 5, bar!.y - 50, { steps: 4 });
    await page.mouse.up();
    await expect.poll(now).toBe(0);
    await expect.poll(() => row(0).innerText()).toContain('sessions');
  });

  it('asks for one page at a time, and only for what is in sight', async () => {
    await goHome();
    const before = (await callsOf('rows')).length;
    await page.mouse.move(600, 300);
    for (let i = 0; i < 30; i++) await page.mouse.wheel(0, 500_000);
    await expect.poll(() => page.locator('wal-timeline-grid .row.loading').count()).toBe(0);
    const calls = (await callsOf('rows')).length - before;
    expect(calls).toBeLessThan(70);
  });

  it('shows what passes a filter also while it follows', async () => {
    await page.locator('#group-flat').click();
    expect(await isChecked('follow')).toBe(true);
    const shown = page.locator('wal-timeline-grid .viewport .row:not(.parked) .op');
    for (const operation of ['update', 'delete', 'update']) {
      await page.locator('wal-filter-box input').fill(`op == "${operation}"`);
      await expect.poll(() => shown.first().innerText()).toContain(operation);
      expect(await page.locator('wal-timeline-grid .row.loading').count()).toBe(0);
      expect(await isChecked('follow')).toBe(true);
    }
  });

  it('follows the newest row until the user scrolls up', async () => {
    expect(await isChecked('follow')).toBe(true);
    await page.evaluate(() => {
      window.host.receive(10);
    });
    await expect.poll(() => row(ROWS + 49).count()).toBe(1);
    await page.mouse.move(600, 300);
    await page.mouse.wheel(0, -100);
    await expect.poll(() => isChecked('follow')).toBe(false);
    const first = await list().locator('.viewport .row').first().getAttribute('id');
    await page.evaluate(() => {
      window.host.receive(10);
    });
    await expect.poll(() => list().getAttribute('aria-rowcount')).toBe(String(ROWS + 101));
    expect(await list().locator('.viewport .row').first().getAttribute('id')).toBe(first);
    await page.locator('#follow').click();
    await expect.poll(() => row(ROWS + 99).count()).toBe(1);
  });

  it('shows rows, not placeholders, while they come faster than they are fetched', async () => {
    const placeholders = await page.evaluate(async () => {
      const app = document.querySelector('wal-timeline')?.shadowRoot;
      const grid = app?.querySelector('wal-timeline-grid')?.shadowRoot;
      let seen = 0;
      for (let i = 0; i < 60; i++) {
        window.host.receive(100);
        await new Promise(resolve => requestAnimationFrame(resolve));
        seen += grid?.querySelectorAll('.loading').length ?? 1000;
      }
      return seen;
    });
    expect(placeholders).toBe(0);
    await expect.poll(() => row(ROWS + 29_999).innerText()).toContain('customers');
  });

  it('pauses the view and tells how many rows wait', async () => {
    await page.locator('#pause').click();
    await page.evaluate(() => {
      window.host.receive(200);
    });
    await expect.poll(() => texts('.pill')).toEqual(['1,000 new']);
    expect(await list().getAttribute('aria-rowcount')).toBe(String(ROWS + 1));
    expect(await page.locator('wal-timeline-toolbar .state').innerText()).toContain('paused');
    await page.locator('.pill').click();
    await expect.poll(() => list().getAttribute('aria-rowcount')).toBe(String(ROWS + 1001));
    expect(await texts('.pill')).toEqual([]);
  });

  it('shows what passes while it follows, also where the rest is counted for long and nothing more is told', async () => {
    await page.evaluate(() => {
      window.host.complete = false;
    });
    await page.locator('#op-delete').click();
    await expect.poll(() => texts('#matched')).toEqual(['500,000 of 5,000,000, filtering…']);
    await page.locator('wal-timeline-grid .viewport .row:not(.loading)').first().waitFor();
    expect(await isChecked('follow')).toBe(true);
  });

  it('filters by operation and by table', async () => {
    await page.locator('#op-delete').click();
    await expect.poll(() => callsOf('setView').then(calls => calls.at(-1))).toContain('["delete"]');
    await expect.poll(() => texts('#matched')).toEqual(['500,000 of 5,000,000']);
    await page.locator('wal-table-filter vscode-toolbar-button').click();
    await page.locator('wal-table-filter input[type=text]').fill('cust');
    await expect.poll(() => texts('wal-table-filter vscode-checkbox')).toEqual(['customers']);
    await page.locator('wal-table-filter vscode-checkbox').click();
    await expect
      .poll(() => callsOf('setView').then(calls => calls.at(-1)))
      .toContain('"tables":["public.customers"]');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('wal-table-filter .popover').count()).toBe(0);
  });

  it('says so when nothing passes the filter, and clears it', async () => {
    await page.locator('#op-truncate').click();
    await page.locator('wal-table-filter vscode-toolbar-button').click();
    await page.locator('wal-table-filter vscode-checkbox').first().click();
    await page.keyboard.press('Escape');
    await expect.poll(() => texts('.full .sentence')).toEqual(['No change passes the filter.']);
    await page.locator('#state-button').click();
    await expect.poll(() => list().getAttribute('aria-rowcount')).toBe(String(ROWS + 1));
  });

  it('keeps the selected change in sight when the grouping changes', async () => {
    await goHome();
    for (let i = 0; i < 40; i++) await page.keyboard.press('PageDown');
    await expect.poll(() => page.locator('wal-timeline-grid .row.loading').count()).toBe(0);
    const seq = await page.locator('wal-timeline-grid .row.active .seq').innerText();
    await page.locator('#group-flat').click();
    await expect.poll(() => list().getAttribute('aria-rowcount')).toBe('5000002');
    await expect
      .poll(async () => (await page.locator('wal-timeline-grid .row.active').boundingBox())?.y ?? 0)
      .toBeGreaterThan(30);
    const flat = await page.locator('wal-timeline-grid .row.active .seq').innerText();
    const number = (text: string) => Number(text.replaceAll(',', ''));
    expect(Math.abs(number(flat) - number(seq))).toBeLessThan(2);
  });

  it('shows tentative, aborted and prepared transactions by word, and a gap', async () => {
    await goHome();
    expect(await row(2).innerText()).toContain('tentative');
    expect(await row(3).innerText()).toContain('aborted');
    expect(await row(4).innerText()).toContain('prepared');
    expect(await row(5).innerText()).toContain('connection lost');
  });

  it('starts anew when another capture takes the place of the old one', async () => {
    await goHome();
    await page.evaluate(() => {
      window.host.restart();
    });
    await expect.poll(() => texts('.full .sentence')).toEqual(['Connecting…']);
    await page.evaluate(() => {
      window.host.receive(1);
      window.host.tell({ phase: 'streaming' });
    });
    await expect.poll(() => list().getAttribute('aria-rowcount')).toBe('7');
    expect(await page.locator('wal-detail-pane').count()).toBe(0);
    await expect.poll(() => row(0).innerText()).toContain('sessions');
  });
});

describe('the list of a file', () => {
  const pages = usePages();

  const rowsOf = (page: Page) => page.locator('wal-timeline-grid .viewport .row:not(.loading)');

  it('begins at its first row', async () => {
    const { page, errors } = await pages.open({ kind: 'file' });
    await rowsOf(page).first().waitFor();
    expect(await rowsOf(page).first().getAttribute('data-index')).toBe('0');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('shows what the host brings before any question was answered, and asks for the rest', async () => {
    const { page, errors } = await pages.open({ kind: 'file', first: '1', delay: '10000' });
    await rowsOf(page).first().waitFor({ timeout: 5000 });
    expect(await rowsOf(page).first().getAttribute('data-index')).toBe('0');
    const asked = await page.evaluate(() => window.host.calls.filter(call => /^rows/.test(call)));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('"first":64');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('goes to the end that there is once all is counted, where the End key came before', async () => {
    const { page, errors } = await pages.open({ kind: 'file' });
    await rowsOf(page).first().waitFor();
    await page.evaluate(() => {
      window.host.complete = false;
      window.host.tell(null);
    });
    const list = page.locator('wal-timeline-grid .list');
    await list.focus();
    await page.keyboard.press('End');
    await page.evaluate(() => {
      window.host.complete = true;
      window.host.receive(1000);
    });
    const last = async (): Promise<number> => Number(await list.getAttribute('aria-rowcount')) - 2;
    await expect.poll(last).toBeGreaterThan(ROWS - 1);
    const active = () => list.getAttribute('aria-activedescendant');
    await expect.poll(async () => (await active()) === `row-${String(await last())}`).toBe(true);
    // The end that was asked for was that of another view.
    await page.evaluate(() => {
      window.host.complete = false;
      window.host.receive(10);
    });
    await page.keyboard.press('End');
    await page.locator('#op-delete').click();
    await page.evaluate(() => {
      window.host.complete = true;
      window.host.receive(10);
    });
    const matched = () => page.locator('#matched').innerText();
    await expect.poll(matched).toMatch(/ of [\d,]+$/);
    expect(await active()).not.toBe(`row-${String(await last())}`);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says that it ends within a block', async () => {
    const { page, errors } = await pages.open({ kind: 'file' });
    await page.evaluate(() => {
      window.host.left = 1234;
      window.host.tell(null);
    });
    await page.getByText('its last 1,234 bytes cannot be shown').first().waitFor();
    const spoken = page.locator('[role=status]').filter({ hasText: 'ends within a block' });
    await spoken.waitFor({ state: 'attached' });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('goes on as a stream does where another process writes the file', async () => {
    const { page, errors } = await pages.open({ kind: 'file' });
    const state = page.locator('wal-timeline-toolbar .state');
    const spoken = page.locator('main > [role=status]');
    await page.evaluate(() => {
      window.host.tell(null);
    });
    await state.filter({ hasText: 'saved capture' }).waitFor();
    expect(await page.locator('#follow').count()).toBe(0);
    await page.evaluate(() => {
      window.host.hasGrown = true;
      window.host.receive(500);
    });
    await state.filter({ hasText: 'growing' }).waitFor();
    expect(await spoken.innerText()).toBe('Changes are shown as they arrive');
    await page.locator('#follow').click();
    const list = page.locator('wal-timeline-grid .list');
    for (let i = 0; i < 3; i++) {
      const before = await list.getAttribute('aria-rowcount');
      await page.evaluate(() => {
        window.host.receive(500);
      });
      await expect.poll(() => list.getAttribute('aria-rowcount')).not.toBe(before);
      const last = Number(await list.getAttribute('aria-rowcount')) - 2;
      await page.locator(`wal-timeline-grid #row-${String(last)}:not(.loading)`).waitFor();
    }
    expect(errors).toEqual([]);
    await page.close();
  });

  it('takes nothing that was meant for the page before it, which may have shown what is masked now', async () => {
    const { page, errors } = await pages.open({ kind: 'file', first: '0' });
    await rowsOf(page).first().waitFor();
    const asked = await page.evaluate(() => window.host.calls.filter(call => /^rows/.test(call)));
    expect(asked[0]).toContain('"first":0');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('asks for itself where the host brings what it does not show', async () => {
    // A stream is followed, and begins at its end.
    const { page, errors } = await pages.open({ first: '1' });
    await rowsOf(page).first().waitFor();
    expect(Number(await rowsOf(page).first().getAttribute('data-index'))).toBeGreaterThan(
      ROWS - 100,
    );
    const asked = await page.evaluate(() => window.host.calls.filter(call => /^rows/.test(call)));
    expect(asked.some(call => call.includes('"first":0'))).toBe(false);
    expect(errors).toEqual([]);
    await page.close();
  });
});
