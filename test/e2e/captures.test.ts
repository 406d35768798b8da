import { statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

/** As the panel is called, and where the dialog begins. */
const FILE = 'shop_changes-test@localhost.walcap';
const OURS = `SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'walexplorer%'`;

describe('a capture', () => {
  let scene: Scene;
  let texts: readonly string[];

  beforeAll(async () => {
    scene = await openScene({
      sql: [
        'CREATE TABLE orders (id int PRIMARY KEY, customer text)',
        'CREATE PUBLICATION shop_changes FOR TABLE orders',
      ],
    });
    const { sidebar, timeline } = scene;
    await sidebar.open();
    await sidebar.expand(SERVER_NAME, 'shop', 'Publications');
    await sidebar.inlineAction('shop_changes', /Tail/);
    await timeline.waitUntilLive();
    await scene.sql(`INSERT INTO orders VALUES (1, 'Ada Lovelace')`);
    await scene.sql(`INSERT INTO orders SELECT n, 'Grace' FROM generate_series(2, 9) AS n`);
    await scene.sql(`DELETE FROM orders WHERE id = 1`);
    await timeline.rows('8 changes').waitFor();
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  /** What the list shows, line by line, without the header. */
  const rowTexts = async (): Promise<readonly string[]> => {
    const all = await scene.timeline.rows().allInnerTexts();
    return all.slice(1).map(text => text.replaceAll(/\s+/g, ' ').trim());
  };

  it('comes back after a reload in mid-tail: ended, complete, and without a slot', async () => {
    const { page, sidebar, timeline } = scene;
    texts = await rowTexts();
    expect(texts).toHaveLength(3);
    // In a browser VS Code writes down what is open every five seconds.
    await sleep(6000);
    await page.reload();
    await timeline.frame
      .getByText('The tail ended with its window; this is what it captured.')
      .first()
      .waitFor({ timeout: 30_000 });
    await expect.poll(rowTexts).toEqual(texts);
    await timeline.frame.locator('#state-button', { hasText: 'Start Again' }).waitFor();
    expect(await scene.sql(OURS)).toEqual([]);
    await sidebar.open();
    await scene.picture('e2e-restored');
  });

  it('is saved for its owner alone', async () => {
    const { page, vscode, timeline, sidebar } = scene;
    await timeline.button('act-save').click();
    const dialog = page.locator('.quick-input-widget');
    await expect.poll(() => dialog.locator('input').first().inputValue()).toContain(FILE);
    await dialog.getByRole('button', { name: 'OK' }).click();
    await sidebar.item(FILE).waitFor();
    expect(statSync(path.join(vscode.workspace, FILE)).mode & 0o777).toBe(0o600);
  });

  it('starts again on demand, from now on', async () => {
    const { timeline } = scene;
    await timeline.button('state-button').click();
    await timeline.waitUntilLive();
    expect(await scene.sql(OURS)).toHaveLength(1);
    await scene.sql(`INSERT INTO orders VALUES (100, 'after the restart')`);
    await timeline.rows('after the restart').waitFor();
    expect(await timeline.rows('8 changes').count()).toBe(0);
    await scene.quickInput.run('View: Close Editor');
    await expect.poll(() => scene.sql(OURS)).toEqual([]);
  });

  it('opens from its file in an editor with the same rows', async () => {
    const { page, timeline, sidebar } = scene;
    await sidebar.item(FILE).click();
    await page.getByRole('tab', { name: FILE }).waitFor();
    await expect.poll(rowTexts).toEqual(texts);
    await timeline.rows('Ada Lovelace').click();
    await timeline.detail.getByText('Ada Lovelace').first().waitFor();
    expect(await timeline.frame.locator('#state-button').count()).toBe(0);
    await scene.picture('e2e-capture-file');
  });
});
