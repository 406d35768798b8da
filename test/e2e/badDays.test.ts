import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

const SQL = ['CREATE TABLE t (a text PRIMARY KEY)', 'CREATE PUBLICATION shop_changes FOR TABLE t'];

const OURS = `SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'walexplorer%'`;

// What a person sees of a bad day; test/postgres/badDays has all of them, without the window.
describe('a bad day, seen from the window', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({ sql: SQL });
    const { sidebar, timeline } = scene;
    await sidebar.open();
    await sidebar.expand(SERVER_NAME, 'shop', 'Publications');
    await sidebar.inlineAction('shop_changes', /Tail/);
    await timeline.waitUntilLive();
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  it('the server goes and comes back: the rows stay, and the stream goes on below a gap', async () => {
    const { cluster, timeline } = scene;
    await scene.sql(`INSERT INTO t VALUES ('before the fall')`);
    await timeline.rows('before the fall').waitFor();
    await cluster.stop('immediate');
    const { frame } = timeline;
    await frame
      .locator('.sentence', { hasText: /Trying again in \d+ s \(attempt \d+\)\./ })
      .waitFor();
    await frame.locator('.state', { hasText: 'reconnecting' }).waitFor();
    expect(await timeline.rows('before the fall').count()).toBe(1);
    await scene.picture('e2e-server-gone');
    await cluster.start();
    await scene.sql(`INSERT INTO t VALUES ('right after')`);
    // It may be back by itself before the click.
    await frame
      .locator('#state-button', { hasText: 'Reconnect Now' })
      .click({ timeout: 2_000 })
      .catch(() => undefined);
    await timeline.waitUntilLive();
    await frame
      .locator('.note-gap', {
        hasText: /gap: .* of WAL not seen, from .* to .*, .* without a stream: The server/,
      })
      .waitFor();
    expect(await scene.sql(OURS)).toHaveLength(1);
    await scene.sql(`INSERT INTO t VALUES ('after the fall')`);
    await timeline.rows('after the fall').waitFor();
    await scene.picture('e2e-gap');
    expect(await timeline.rows('before the fall').count()).toBe(1);
  });

  it('the publication is dropped: the end says so and what to do', async () => {
    const { timeline } = scene;
    await scene.sql('DROP PUBLICATION shop_changes');
    await scene.sql(`INSERT INTO t VALUES ('seen by nobody')`);
    const { frame } = timeline;
    const dropped = 'The publication "shop_changes" was dropped while we followed it.';
    await frame.locator('.sentence', { hasText: dropped }).waitFor();
    await frame.locator('.hint', { hasText: 'Create it again, then start again.' }).waitFor();
    await scene.picture('e2e-publication-dropped');
    await expect.poll(() => scene.sql(OURS)).toEqual([]);
    expect(await timeline.rows('seen by nobody').count()).toBe(0);
  });
});
