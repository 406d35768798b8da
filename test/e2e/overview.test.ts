import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

const SQL = [
  `CREATE TABLE orders (id int PRIMARY KEY, customer text, photo text);
   ALTER TABLE orders ALTER COLUMN photo SET STORAGE EXTERNAL;
   CREATE TABLE stock (sku int PRIMARY KEY, qty int)`,
  `INSERT INTO stock SELECT n, 0 FROM generate_series(1, 50) n`,
  `CREATE PUBLICATION shop_changes FOR ALL TABLES`,
];

describe('the overview strip and the statistics, of a real stream', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({ sql: SQL });
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  it('count what is written, choose a part of it, and tell of its tables', async () => {
    const { sidebar, timeline, page } = scene;
    await sidebar.open();
    await sidebar.expand(SERVER_NAME, 'shop', 'Publications');
    await sidebar.inlineAction('shop_changes', /Tail/);
    await timeline.waitUntilLive();
    const { frame } = timeline;
    const told = frame.locator('wal-overview .told');
    for (let n = 1; n <= 30; n++) {
      await scene.sql(`INSERT INTO orders
        SELECT n * 1000 + ${n}, 'ada', repeat('x', 9000) FROM generate_series(1, ${n}) n`);
      await scene.sql(`UPDATE stock SET qty = qty + 1 WHERE sku <= ${31 - n}`);
    }
    await scene.sql(`UPDATE orders SET customer = 'grace'; DELETE FROM orders WHERE id < 9000`);
    const sum = 465 + 465 + 465 + Number((await scene.sql(COUNT_DELETED))[0]?.['n']);
    await expect
      .poll(() => told.innerText())
      .toContain(`${String(sum).replace(/\B(?=(\d{3})$)/, ',')} committed changes between`);
    await frame.locator('#pane-statistics').click();
    const tables = frame.locator('wal-statistics #tables tbody');
    await expect.poll(() => tables.innerText()).toContain('public.orders');
    const orders = await tables.getByRole('row').filter({ hasText: 'public.orders' }).innerText();
    // One of three columns: the photo was not changed, so it is not in the WAL.
    expect(orders).toContain('33%');
    await expect
      .poll(() => frame.locator('#chart-lag p').innerText())
      .toMatch(/half within .* ms, 99% within/);
    // The server was asked. It writes a little by itself also where nobody else does.
    await expect
      .poll(() => frame.locator('#chart-wal-lag p').innerText(), { timeout: 20_000 })
      .toMatch(/^\d+ B at last, half of the samples at most .*; \d+ samples within/);
    await scene.picture('e2e-overview');
    const plot = frame.locator('wal-overview .plot');
    const box = await plot.boundingBox();
    if (box === null) throw new Error('the strip is not in sight');
    await page.mouse.move(box.x + 4, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 3, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(() =>
        frame
          .locator('wal-narrowing-bar')
          .getByText(/^[\d,]+ of /)
          .innerText(),
      )
      .toMatch(new RegExp(`of ${String(sum).replace(/\B(?=(\d{3})$)/, ',')}`));
    // The pane asks again every two seconds.
    await expect
      .poll(() => frame.locator('wal-statistics .total').innerText(), { timeout: 20_000 })
      .not.toContain(`${String(sum).replace(/\B(?=(\d{3})$)/, ',')} changes`);
    await scene.picture('e2e-overview-chosen');
  });
});

/** Of the ids n * 1000 + i with n <= i <= 30, those that were deleted. */
const COUNT_DELETED = `SELECT count(*)::int AS n
  FROM generate_series(1, 30) i, generate_series(1, i) n WHERE n * 1000 + i < 9000`;
