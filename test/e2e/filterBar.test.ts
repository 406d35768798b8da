import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

const SQL = [
  `CREATE TABLE orders (id int PRIMARY KEY, status text, total numeric(10,2));
   ALTER TABLE orders REPLICA IDENTITY FULL`,
  `CREATE PUBLICATION shop_changes FOR ALL TABLES`,
];
const PATIENT = { timeout: 40_000 };

describe('the filter bar, on a real server', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({ sql: SQL });
    const { sidebar, timeline } = scene;
    await sidebar.open();
    await sidebar.expand(SERVER_NAME, 'shop', 'Publications');
    await sidebar.inlineAction('shop_changes', /Tail/);
    await timeline.waitUntilLive();
    await timeline.button('group-flat').click();
    await scene.sql(`INSERT INTO orders SELECT n, 'new', n * 10 FROM generate_series(1, 20) n`);
    await scene.sql(`UPDATE orders SET status = 'paid' WHERE id IN (3, 4)`);
    await scene.sql(`DELETE FROM orders WHERE id = 20`);
    await timeline.timeToRow('paid');
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  const inFrame = (selector: string) => scene.timeline.frame.locator(selector);
  const field = () => inFrame('wal-filter-box input');
  const matched = () => inFrame('#matched').innerText(PATIENT);

  it('completes an expression with the columns of the table, and applies it', async () => {
    await field().click();
    await scene.page.keyboard.type('op == "insert" && new.tot', { delay: 20 });
    await inFrame('wal-filter-box [role=option]').filter({ hasText: 'total' }).waitFor(PATIENT);
    await scene.page.keyboard.press('ArrowDown');
    await scene.page.keyboard.press('Enter');
    await scene.page.keyboard.type(' > 100');
    await scene.page.keyboard.press('Enter');
    // 110 to 200: compared as numbers.
    await expect.poll(matched, PATIENT).toBe('10 of 23');
  });

  it('says what is wrong, and keeps the last good filter', async () => {
    await scene.page.keyboard.type(' && statos == 1');
    await scene.page.keyboard.press('Enter');
    await inFrame('wal-filter-box .problem').waitFor(PATIENT);
    expect(await inFrame('wal-filter-box .wrong').textContent()).toBe('statos');
    expect(await matched()).toBe('10 of 23');
    await scene.picture('e2e-filter-problem');
  });

  it('keeps a filter under a name, and offers it again', async () => {
    await field().fill('op == "update"');
    await scene.page.keyboard.press('Enter');
    await expect.poll(matched, PATIENT).toBe('2 of 23');
    await inFrame('#kept-filters').click();
    await inFrame('#filter-name').fill('Paid');
    await inFrame('#save-filter').click();
    await inFrame('#show-all').click();
    await field().click();
    await scene.page.keyboard.press('ArrowUp');
    await inFrame('wal-filter-box [role=option]').filter({ hasText: 'Paid' }).waitFor(PATIENT);
    await scene.page.keyboard.press('Enter');
    await expect.poll(matched, PATIENT).toBe('2 of 23');
  });

  it('narrows by a value through the menu of VS Code', async () => {
    const { page } = scene;
    await inFrame('wal-timeline-grid [data-name="id"]').filter({ hasText: '3' }).click({
      button: 'right',
    });
    const entry = page.getByRole('menuitem', { name: 'Filter by This Value' });
    await entry.waitFor(PATIENT);
    // The button that opened the menu must not choose from it: VS Code is deaf for a moment.
    await sleep(200);
    await entry.click();
    await expect.poll(matched, PATIENT).toBe('1 of 23');
    expect(await field().inputValue()).toContain('"3"');
    await inFrame('#show-all').click();
  });

  it('colours rows by a rule, which stands in the settings', async () => {
    await inFrame('#rules').click();
    await inFrame('wal-rules-menu [name=name]').fill('Paid');
    await inFrame('wal-rules-menu [name=expression]').fill('op == "update"');
    await inFrame('wal-rules-menu [name=color]').selectOption('red');
    await inFrame('#save-rule').click();
    await inFrame('wal-timeline-grid .rule-red').first().waitFor(PATIENT);
    const stripe = inFrame('wal-timeline-grid .rule-red .stripe').first();
    expect(await stripe.getAttribute('title')).toBe('Rule: Paid');
    await scene.page.keyboard.press('Escape');
  });

  it('sets a bookmark by a key, and lists it', async () => {
    const { page, timeline } = scene;
    await timeline.rows('paid').first().click();
    await page.keyboard.press('b');
    await inFrame('wal-timeline-grid .bookmark').waitFor(PATIENT);
    await inFrame('#pane-bookmarks').click();
    await inFrame('wal-bookmark-list li').waitFor(PATIENT);
    await scene.picture('e2e-bookmarks');
  });
});
