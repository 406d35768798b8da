import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

const SQL = [
  `CREATE TABLE orders (id int PRIMARY KEY, customer text, total numeric(10,2), note text)`,
  `CREATE TYPE mood AS ENUM ('it''s', 'fine')`,
  `CREATE TABLE feelings (id int PRIMARY KEY, mood mood, tags text[])`,
  `ALTER TABLE feelings REPLICA IDENTITY FULL`,
];

describe('a database without a publication', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({ sql: SQL });
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  it('is tailed with a click, all its tables', async () => {
    const { sidebar, timeline } = scene;
    await sidebar.open();
    await sidebar.expand(SERVER_NAME);
    await sidebar.inlineAction('shop', /Tail/);
    await timeline.waitUntilLive();
    await scene.sql(`BEGIN; INSERT INTO orders VALUES (1, 'Ada Novak', 12.50, NULL);
      INSERT INTO feelings VALUES (1, 'it''s', '{a,"b c"}'); COMMIT`);
    await scene.sql(`UPDATE orders SET id = 2, note = 'moved' WHERE id = 1`);
    await scene.sql(`UPDATE feelings SET mood = 'fine' WHERE id = 1`);
    await scene.sql(`DELETE FROM orders`);
    await timeline.rows('Ada Novak').first().waitFor();
    await timeline.rows('moved').first().waitFor();
  });

  it('shows before and after, as far as the plugin tells', async () => {
    const { timeline } = scene;
    await timeline.rows('fine').first().click();
    const { detail } = timeline;
    const line = (column: string) => detail.getByRole('row').filter({ hasText: column });
    await line('mood').waitFor();
    expect(await line('mood').innerText()).toMatch(/it's[\s\S]*fine/);
    expect(await line('tags').innerText()).toContain('text[]');
    await scene.picture('e2e-without-publication-dark');
    await scene.useTheme('Light Modern', 'vs');
    await scene.picture('e2e-without-publication-light');
  });

  it('leaves no slot when it is stopped', async () => {
    const { timeline } = scene;
    await timeline.button('act-stop').click();
    await expect
      .poll(() =>
        scene.sql(`SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'walexplorer%'`),
      )
      .toEqual([]);
  });
});
