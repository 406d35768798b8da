import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { median } from './median';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

const SQL = [
  `CREATE TABLE orders (id int PRIMARY KEY, customer text, total numeric(10,2), note text, scan text);
   ALTER TABLE orders ALTER COLUMN scan SET STORAGE EXTERNAL`,
  `CREATE PUBLICATION shop_changes FOR ALL TABLES`,
];

const OURS = `SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'walexplorer%'`;

describe('tail, from the sidebar', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({ sql: SQL });
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  it('starts with a click on a publication', async () => {
    const { sidebar, timeline } = scene;
    await sidebar.open();
    await sidebar.expand(SERVER_NAME, 'shop', 'Publications');
    await sidebar.item('shop_changes').waitFor();
    await scene.picture('e2e-sidebar');
    await sidebar.inlineAction('shop_changes', /Tail/);
    await timeline.waitUntilLive();
    expect(await scene.sql(OURS)).toHaveLength(1);
  });

  it('shows a row with its values within a second of its commit', async () => {
    const times: number[] = [];
    for (const [i, name] of ['Barbara', 'Alan', 'Donald', 'Margaret', 'Ada Novak'].entries()) {
      await scene.sql(`INSERT INTO orders VALUES (${914 + i}, '${name}', 12.50, NULL,
        repeat('x', 10000))`);
      times.push(await scene.timeline.timeToRow(name));
    }
    expect(median(times)).toBeLessThan(1000);
    const text = await scene.timeline.rows('Ada Novak').innerText();
    expect(text).toContain('918');
    expect(text).toContain('12.50');
    expect(text).toContain('orders');
  });

  it('shows the row before and after, with what is unchanged and not in the WAL', async () => {
    const { timeline } = scene;
    await scene.sql(`UPDATE orders SET total = 13.75, note = '' WHERE id = 918`);
    const row = timeline.rows('13.75');
    await row.click();
    const { detail } = timeline;
    await detail.getByText('13.75').first().waitFor();
    const line = (column: string) => detail.getByRole('row').filter({ hasText: column });
    expect(await line('scan').innerText()).toMatch(/unchanged/);
    expect(await line('note').innerText()).toContain(`''`);
    expect(await line('total').innerText()).toContain('numeric(10,2)');
    await scene.picture('e2e-timeline-dark');
  });

  it('shows the bytes of the message', async () => {
    const { timeline } = scene;
    await timeline.detail.getByRole('tab', { name: 'Bytes' }).click();
    await timeline.detail
      .getByText(/Update|U/)
      .first()
      .waitFor();
    await scene.picture('e2e-bytes');
    await timeline.detail.getByRole('tab', { name: 'Row' }).click();
  });

  it('stands still while paused and has lost nothing after', async () => {
    const { timeline } = scene;
    await timeline.button('pause').click();
    const before = await timeline.rowCount();
    await scene.sql(`INSERT INTO orders SELECT n, 'Grace', n FROM generate_series(1, 50) AS n`);
    await scene.sql(`INSERT INTO orders VALUES (2000, 'Radia Kim', 1)`);
    await timeline.frame.getByText(/\d new/).waitFor();
    expect(await timeline.rowCount()).toBe(before);
    await timeline.button('pause').click();
    await timeline.button('follow').click();
    await timeline.rows('Radia Kim').waitFor();
    await timeline.rows('50 changes').waitFor();
  });

  it('filters by operation', async () => {
    const { timeline } = scene;
    await timeline.button('op-delete').click();
    await timeline.changes.getByText('No change passes the filter.').waitFor();
    await scene.sql(`DELETE FROM orders WHERE id = 2000`);
    await timeline.rows('2000').waitFor();
    await timeline.button('op-delete').click();
    await timeline.rows('Radia Kim').waitFor();
  });

  it.each([
    ['Light Modern', 'vs', 'e2e-timeline-light'],
    ['Dark High Contrast', 'hc-black', 'e2e-timeline-high-contrast'],
  ] as const)('reads well in %s', async (theme, bodyClass, picture) => {
    await scene.useTheme(theme, bodyClass);
    await scene.timeline.rows('Radia Kim').waitFor();
    await scene.picture(picture);
  });

  it('leaves no slot when its panel is closed', async () => {
    await scene.quickInput.run('View: Close Editor');
    await expect.poll(() => scene.sql(OURS), { timeout: 5000 }).toEqual([]);
  });
});
