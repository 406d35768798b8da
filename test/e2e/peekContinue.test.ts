import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

describe('Continue of a peek', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({
      settings: { 'walExplorer.peek.maxEvents': 4 },
      sql: [
        'CREATE TABLE orders (id int PRIMARY KEY, customer text)',
        'CREATE PUBLICATION shop_changes FOR ALL TABLES',
        `SELECT pg_create_logical_replication_slot('debezium', 'pgoutput')`,
        `INSERT INTO orders VALUES (1, 'Ada'), (2, 'Grace')`,
        `INSERT INTO orders SELECT n, 'Edsger' FROM generate_series(10, 15) n`,
        `INSERT INTO orders VALUES (99, 'Barbara')`,
      ],
    });
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  it('goes on below what is shown, and counts what comes again once', async () => {
    const { sidebar, timeline } = scene;
    const { frame } = timeline;
    const again = timeline.button('state-button');
    const sentence = (text: string | RegExp) => frame.getByText(text).first().waitFor();
    await sidebar.open();
    await sidebar.expand(SERVER_NAME, 'Slots');
    await sidebar.inlineAction('debezium', /Peek/);
    await sentence('Stopped at the limit of 4 changes.');
    await timeline.rows('2 changes').first().waitFor();
    expect(await timeline.rowCount()).toBe(2);
    // The first two stand; the second transaction was cut after two of six.
    await again.click();
    await sentence(/Stopped at the limit of 6 changes \(2 changes shown again\), before/);
    await timeline.rows('continued after').waitFor();
    await timeline.rows(/2 changes.*cut off/s).waitFor();
    expect(await timeline.rowCount()).toBe(4);
    await again.click();
    await sentence(/Everything that was pending at .* has been shown/);
    await timeline.rows('Barbara').waitFor();
    expect(await timeline.rowCount()).toBe(7);
    expect(await timeline.rows('continued after').count()).toBe(2);
    expect(await timeline.rows('cut off').count()).toBe(2);
    const status = frame.locator('wal-status-line .line');
    expect(await status.innerText()).toMatch(/^9 changes.*8 cut off/s);
    const slots = await scene.sql('SELECT slot_name FROM pg_replication_slots');
    expect(slots).toEqual([{ slot_name: 'debezium' }]);
    await scene.picture('e2e-peek-continue');
  });
});
