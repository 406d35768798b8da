import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

const SQL = [
  `CREATE TABLE orders (id int PRIMARY KEY, status text)`,
  `CREATE TABLE stock (sku text PRIMARY KEY, qty int)`,
  `INSERT INTO stock VALUES ('A-1', 7)`,
  `CREATE PUBLICATION shop_changes FOR ALL TABLES`,
];

describe('what did my click write?', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({ sql: SQL });
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  /** What the application writes when somebody orders. */
  async function click(id: number, status: string): Promise<void> {
    await scene.sql(`INSERT INTO orders VALUES (${String(id)}, 'new')`);
    await scene.sql(
      `BEGIN; UPDATE stock SET qty = qty - 1; SELECT pg_sleep(0.7);
       UPDATE orders SET status = '${status}' WHERE id = ${String(id)}; COMMIT`,
    );
  }

  it('marks before and after show exactly that, in order, and its summary is copied', async () => {
    const { sidebar, timeline, page, quickInput } = scene;
    await sidebar.open();
    await sidebar.expand(SERVER_NAME, 'shop', 'Publications');
    await sidebar.inlineAction('shop_changes', /Tail/);
    await timeline.waitUntilLive();
    await scene.sql(`INSERT INTO orders VALUES (1, 'before')`);
    await timeline.timeToRow('before');

    await timeline.button('mark').click();
    const banner = timeline.frame.locator('wal-mark-banner');
    await banner.getByText('Do in your application what you want to see').waitFor();
    await click(918, 'paid');
    await quickInput.run('WAL Explorer: Stop Mark');
    await banner.getByText('2 transactions, 3 changes between the marks').waitFor();
    await scene.sql(`INSERT INTO orders VALUES (2, 'after')`);
    await expect.poll(() => timeline.rowCount()).toBe(2);
    expect(await timeline.rows('before').count()).toBe(0);
    expect(await timeline.rows('after').count()).toBe(0);

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await banner.getByText('Copy Summary').click();
    const clipboard = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');
    await expect.poll(clipboard).toContain('Mark 1: 2 transactions, 3 changes');
    const lines = (await clipboard()).split('\n').filter(line => line.startsWith('   '));
    expect(lines).toEqual([
      `   INSERT public.orders id=918: status 'new'`,
      `   UPDATE public.stock sku='A-1': qty 6`,
      `   UPDATE public.orders id=918: status 'paid'`,
    ]);
    // It ran for long enough to be seen.
    expect(await clipboard()).toMatch(/2\. Transaction \d+ · .* · .*user postgres, .*PID \d+/);
    await scene.picture('e2e-mark');
    await banner.getByText('Show All').click();
    await expect.poll(() => timeline.rowCount()).toBe(4);
  });

  it('a second click is compared with the first', async () => {
    const { timeline, quickInput } = scene;
    await quickInput.run('WAL Explorer: Start Mark');
    const banner = timeline.frame.locator('wal-mark-banner');
    await banner.getByText('Mark 2').waitFor();
    await click(919, 'failed');
    await banner.getByText('Stop Mark').click();
    await banner.getByText('2 transactions, 3 changes between the marks').waitFor();
    await banner.getByText('Marks and Compare').click();
    const pane = timeline.frame.locator('wal-marks-pane');
    await pane.locator('#marks-compare').click();
    const rows = pane.locator('wal-mark-comparison tbody tr');
    await rows.nth(2).waitFor();
    expect(await rows.locator('.word').allInnerTexts()).toEqual(['same', 'different', 'different']);
    expect(await rows.nth(2).innerText()).toContain(`'failed'`);
    await scene.picture('e2e-marks-compared');
  });
});
