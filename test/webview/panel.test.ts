import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { FILE_BUDGETS } from '../../scripts/build/budgets';
import { TestPages } from './testPage';

describe('the panel', () => {
  let pages: TestPages;
  let page: Page;

  beforeAll(async () => {
    pages = await TestPages.start();
  });
  afterAll(() => pages.stop());
  afterEach(() => page.close());

  const sentence = () => page.locator('.full .sentence, .strip .sentence').allInnerTexts();
  const button = () => page.locator('#state-button').allInnerTexts();
  const acts = () => page.evaluate(() => window.host.calls.filter(call => call.startsWith('act(')));

  it('is under its budget', async () => {
    expect(pages.bundleBytes).toBeLessThan(FILE_BUDGETS['dist/webview/timeline.js'] ?? 0);
    ({ page } = await pages.open());
  });

  it('says in one sentence where it stands, with one button', async () => {
    ({ page } = await pages.open({ changes: '0', phase: 'Connecting to shop@localhost…' }));
    await expect.poll(sentence).toEqual(['Connecting to shop@localhost…']);
    expect(await button()).toEqual(['Stop']);
    await page.evaluate(() => {
      window.host.tell({ phase: 'waiting', message: 'Waiting for 2 transactions of ada.' });
    });
    await expect.poll(sentence).toEqual(['Waiting for 2 transactions of ada.']);
    await page.locator('#state-button').click();
    await expect.poll(acts).toEqual(['act({"action":"stop"})']);
    await page.evaluate(() => {
      window.host.tell({ phase: 'streaming' });
    });
    await expect.poll(sentence).toEqual(['Nothing was written yet.']);
    await page.evaluate(() => {
      window.host.tell({
        kind: 'peek',
        phase: 'ended',
        endReason: 'failed',
        failure: {
          code: 'connection-refused',
          message: 'Nobody listens on localhost:5432.',
          action: 'Start the server, or check host and port.',
          detail: '',
        },
      });
    });
    await expect.poll(sentence).toEqual(['Nobody listens on localhost:5432.']);
    expect(await page.locator('.full .hint').innerText()).toContain('check host and port');
    expect(await button()).toEqual(['Peek Again']);
    await page.locator('#second-button', { hasText: 'Check Server' }).click();
    await expect.poll(() => acts().then(all => all.at(-1))).toBe('act({"action":"check"})');
    await page.evaluate(() => {
      window.host.tell({
        failure: {
          code: 'copy-refused',
          message: 'The server refuses to copy the slot.',
          action: 'Peek by SQL: the slot is busy meanwhile.',
          detail: '',
        },
      });
    });
    await expect.poll(button).toEqual(['Try SQL Peek']);
    await page.locator('#state-button').click();
    await expect.poll(() => acts().then(all => all.at(-1))).toBe('act({"action":"sqlPeek"})');
  });

  it('says one thing of a file that cannot be read', async () => {
    ({ page } = await pages.open({ changes: '0' }));
    await page.evaluate(() => {
      window.host.error = 'This file is not a capture: it is empty.';
      window.host.tell(null);
    });
    await expect.poll(sentence).toEqual(['This file is not a capture: it is empty.']);
    expect(await button()).toEqual(['Show Log']);
    expect(await page.locator('wal-timeline-toolbar .state').innerText()).toBe('not readable');
    // Neither is there anything to count, nor anything to wait for.
    expect(await page.locator('wal-overview').count()).toBe(0);
    expect(await page.locator('#pause, #follow').count()).toBe(0);
  });

  it('keeps the toolbar of a redacted capture in one line beside the sidebar', async () => {
    ({ page } = await pages.open());
    await page.evaluate(() => {
      window.host.show({ redacted: ['*.*.*'] });
      window.host.tell(null);
    });
    const bar = page.locator('wal-timeline-toolbar .bar');
    await bar.getByText('redacted', { exact: true }).waitFor();
    const lines = (): Promise<number> =>
      bar.evaluate(element => Math.round(element.getBoundingClientRect().height / 30));
    // As wide as an editor beside the sidebar of a window of 1,440 pixels.
    await page.setViewportSize({ width: 1080, height: 700 });
    await expect.poll(lines).toBe(1);
    await page.setViewportSize({ width: 640, height: 700 });
    await expect.poll(lines).toBe(2);
    expect(await bar.evaluate(element => element.scrollWidth <= element.clientWidth)).toBe(true);
  });

  it('says what is wrong with a filter inside a narrow window too', async () => {
    ({ page } = await pages.open());
    await page.setViewportSize({ width: 420, height: 600 });
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('op == "insert" && tabel == "x"');
    await page.keyboard.press('Enter');
    const problem = page.locator('wal-filter-box .problem');
    await problem.waitFor();
    const outside = (): Promise<boolean> =>
      problem.evaluate(element => {
        const { left, right } = element.getBoundingClientRect();
        return left < 0 || right > window.innerWidth;
      });
    await expect.poll(outside).toBe(false);
  });

  it('offers to continue at the limit, below the rows', async () => {
    ({ page } = await pages.open({ changes: '20' }));
    await page.evaluate(() => {
      window.host.tell({
        kind: 'peek',
        phase: 'ended',
        endReason: 'limit',
        message: 'The limit of 10,000 events is reached.',
        continueAfter: '0/16B6C50',
      });
    });
    await expect.poll(sentence).toEqual(['The limit of 10,000 events is reached.']);
    await page.locator('#state-button').click();
    await expect.poll(acts).toEqual(['act({"action":"continue"})']);
    const rows = page.locator('wal-timeline-grid .viewport .row');
    expect(await rows.count()).toBe(6);
    // It goes on below: what is shown and selected stays.
    await rows.nth(1).click();
    const numbers = page.locator('wal-timeline-grid .viewport .row .seq');
    const first = await numbers.allInnerTexts();
    await page.evaluate(() => {
      window.host.tell({ phase: 'connecting', message: 'Connecting to shop.' });
    });
    await expect.poll(sentence).toEqual(['Connecting to shop.']);
    await page.evaluate(() => {
      window.host.tell({ phase: 'streaming', message: '' });
      window.host.receive(1);
    });
    await expect.poll(() => rows.count()).toBe(11);
    expect((await numbers.allInnerTexts()).slice(0, 6)).toEqual(first);
    expect(await page.locator('wal-detail-pane').count()).toBe(1);
    await page.evaluate(() => {
      window.host.cutChanges = 4;
      window.host.push();
    });
    await expect
      .poll(() => page.locator('wal-status-line .line').innerText())
      .toMatch(/^36 changes.*4 cut off/s);
  });

  it('says when it comes back after a cut, and does not wait when asked to', async () => {
    ({ page } = await pages.open());
    const state = page.locator('wal-timeline-toolbar .state');
    const status = page.locator('wal-status-line .line');
    expect(await status.innerText()).not.toMatch(/gap|server clock/);
    const message = 'The connection was lost. Trying again in 4 s (attempt 3).';
    await page.evaluate(message => {
      window.host.tell({ phase: 'reconnecting', message });
    }, message);
    await expect.poll(sentence).toEqual([message]);
    expect(await state.innerText()).toBe('reconnecting');
    expect(await button()).toEqual(['Reconnect Now']);
    // The rows stay, and Stop is where it always is.
    expect(await page.locator('wal-timeline-grid .viewport .row').count()).toBeGreaterThan(5);
    await page.locator('#state-button').click();
    await page.locator('#act-reconnect').click();
    await page.locator('#act-stop').click();
    await expect
      .poll(acts)
      .toEqual(['reconnect', 'reconnect', 'stop'].map(action => `act({"action":"${action}"})`));
    await page.evaluate(() => {
      window.host.gaps = { count: 2, bytes: 3 * 1024 * 1024 };
      window.host.tell({ phase: 'streaming', message: '', skewMs: -3200 });
    });
    await expect.poll(sentence).toEqual([]);
    await expect
      .poll(() => status.innerText())
      .toMatch(/2 gaps, 3 MB not seen.*server clock 3\.2 s behind/s);
    expect(await page.locator('#act-reconnect').count()).toBe(0);
  });

  it('tells what we cost the server, and the notes of the session', async () => {
    ({ page } = await pages.open());
    const line = page.locator('wal-status-line .line');
    expect(await line.innerText()).toContain('5,000,000 changes');
    expect(await line.innerText()).toContain('lag 12 ms');
    expect(await line.innerText()).toContain('we retain 176 B');
    await page.evaluate(() => {
      window.host.tell({ notes: ['publication "old" does not exist'], retainedBytes: 1024 ** 3 });
    });
    await page.locator('#notes').click();
    await expect
      .poll(() => page.locator('.notes li').allInnerTexts())
      .toEqual(['publication "old" does not exist']);
    expect(await line.innerText()).toContain('near the limit');
  });

  it('comes back where it was', async () => {
    ({ page } = await pages.open());
    await page.locator('#group-flat').click();
    await page.locator('#op-update').click();
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 9; i++) await page.keyboard.press('PageDown');
    await page.getByRole('tab', { name: 'Transaction' }).click();
    const seq = await page.locator('wal-timeline-grid .row.active .seq').innerText();
    const top = await page.locator('wal-timeline-grid .scrollbar').getAttribute('aria-valuenow');
    await expect
      .poll(() => page.evaluate(() => sessionStorage.getItem('state')))
      .toContain('"tab":"transaction"');
    await page.reload();
    const active = page.locator('wal-timeline-grid .row.active .seq');
    await expect.poll(() => active.allInnerTexts()).toEqual([seq]);
    await expect
      .poll(() => page.locator('wal-timeline-grid .scrollbar').getAttribute('aria-valuenow'))
      .toBe(top);
    const checked = (id: string) =>
      page.locator(`#${id}`).evaluate(element => 'checked' in element && element.checked);
    expect(await checked('op-update')).toBe(true);
    expect(await checked('group-flat')).toBe(true);
    expect(await checked('follow')).toBe(false);
    expect(await page.getByRole('tab', { name: 'Transaction' }).getAttribute('aria-selected')).toBe(
      'true',
    );
  });

  it('comes back with its filter, its open transactions and its chosen rows', async () => {
    ({ page } = await pages.open());
    await page.locator('wal-filter-box input').fill('o');
    await expect.poll(() => page.locator('#matched').count()).toBe(1);
    await page.locator('wal-timeline-grid .list').focus();
    await page.keyboard.press('Home');
    const row = (index: number) => page.locator(`wal-timeline-grid #row-${String(index)}`);
    await row(1).and(page.locator('.transaction')).waitFor();
    await row(1).locator('.twistie').click();
    await row(2).and(page.locator('.nested')).waitFor();
    await row(2).click();
    await page.keyboard.press('Shift+ArrowDown');
    const chosen = () => page.locator('wal-timeline-grid .row.selected .seq').allInnerTexts();
    await expect.poll(() => chosen().then(all => all.length)).toBe(2);
    const before = await chosen();
    const numbers = before.map(text => Number(text.replaceAll(',', '')));
    const kept = `"chosen":[{"from":${String(numbers[0])},"to":${String(numbers[1])}}],"opened":[1]`;
    await expect.poll(() => page.evaluate(() => sessionStorage.getItem('state'))).toContain(kept);
    await page.reload();
    await expect.poll(chosen).toEqual(before);
    await row(2).and(page.locator('.nested')).waitFor();
    expect(await page.locator('wal-filter-box input').inputValue()).toBe('o');
    expect(await page.locator('#chosen').innerText()).toBe('2 selected');
  });

  it('says which server it is, by label and colour, and that a slot is consumed', async () => {
    ({ page } = await pages.open());
    const mark = page.locator('wal-source-mark .mark');
    expect(await mark.count()).toBe(0);
    await page.evaluate(() => {
      window.host.show({ label: 'production', color: 'red' });
    });
    await expect.poll(() => mark.allInnerTexts()).toEqual(['production']);
    const edge = () => mark.evaluate(element => getComputedStyle(element).borderLeftColor);
    const red = await edge();
    await page.evaluate(() => {
      window.host.show({ label: '', color: 'green', kind: 'consume' });
      window.host.tell({ kind: 'consume', phase: 'streaming' });
    });
    // Never by colour alone: without a label the server's name stands there.
    await expect.poll(() => mark.allInnerTexts()).toEqual(['shop@localhost']);
    expect(await edge()).not.toBe(red);
    const consuming = page.locator('wal-source-mark .consuming');
    await expect
      .poll(() => consuming.allInnerTexts())
      .toEqual([expect.stringContaining('consuming: read changes are confirmed')]);
    await page.evaluate(() => {
      window.host.tell({ kind: 'consume', phase: 'ended', endReason: 'stopped' });
    });
    await expect.poll(() => consuming.count()).toBe(0);
  });

  it('calls a transaction tentative only while its end may still come', async () => {
    ({ page } = await pages.open({ changes: '20' }));
    const line = page.locator('wal-timeline-grid #row-2');
    await expect.poll(() => line.innerText()).toMatch(/12 changes so far.*tentative/);
    await page.evaluate(() => {
      window.host.tell({ kind: 'peek', phase: 'ended', endReason: 'limit', continueAfter: '0/1' });
    });
    await expect.poll(() => line.innerText()).toMatch(/12 changes ·.*no commit seen/);
    await line.click();
    await expect
      .poll(() => page.locator('dl.facts').first().innerText())
      .toContain('the capture ends before the end of this transaction');
  });

  it('draws nothing that moves where motion is reduced', async () => {
    ({ page } = await pages.open({ changes: '0', phase: 'Connecting…' }));
    const animation = () =>
      page
        .locator('.full .bar')
        .evaluate(element => getComputedStyle(element, '::before').animationName);
    expect(await animation()).toBe('run');
    await page.evaluate(() => {
      document.body.classList.add('vscode-reduce-motion');
    });
    expect(await animation()).toBe('none');
  });
});
