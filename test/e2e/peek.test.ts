import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

const POSITIONS = `SELECT restart_lsn, confirmed_flush_lsn, active FROM pg_replication_slots
  WHERE slot_name = 'debezium'`;

describe('peek, from the sidebar', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({
      sql: [
        'CREATE TABLE orders (id int PRIMARY KEY, customer text)',
        'CREATE PUBLICATION shop_changes FOR ALL TABLES',
        `SELECT pg_create_logical_replication_slot('debezium', 'pgoutput')`,
        `INSERT INTO orders VALUES (1, 'Ada'), (2, 'Grace')`,
        `UPDATE orders SET customer = 'Grace Hopper' WHERE id = 2`,
      ],
    });
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  it('shows what is pending and leaves the slot where it was', async () => {
    const { sidebar, timeline } = scene;
    const before = await scene.sql(POSITIONS);
    await sidebar.open();
    await sidebar.expand(SERVER_NAME, 'Slots');
    await sidebar.inlineAction('debezium', /Peek/);
    await timeline.rows('Grace Hopper').waitFor({ timeout: 30_000 });
    await timeline.rows('2 changes').waitFor();
    await timeline.frame
      .getByText(/Everything that was pending at .* has been shown/)
      .first()
      .waitFor();
    expect(await scene.sql(POSITIONS)).toEqual(before);
    const slots = await scene.sql('SELECT slot_name FROM pg_replication_slots');
    expect(slots).toEqual([{ slot_name: 'debezium' }]);
    await scene.picture('e2e-peek');
  });
});
