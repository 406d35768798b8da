import { chmodSync, copyFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltCli } from '../postgres/session/cliProcess';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

/** As the panel is called, and where the dialog begins. */
const FILE = 'shop_changes-test@localhost.walcap';
/** What windows left behind. */
const OLD = '20260101T000000-aaaaaaaaaaaa.walcap';
const YOUNG = '20260102T000000-bbbbbbbbbbbb.walcap';
const OURS = `SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'walexplorer%'`;

/** The machine may be at its limit: a wait ends when it is so, not before. */
const PATIENT = { timeout: 40_000 };

describe('a capture', () => {
  let scene: Scene;
  let texts: readonly string[];

  beforeAll(async () => {
    scene = await openScene({
      // Ten megabytes.
      settings: { 'walExplorer.captures.maxGigabytes': 0.01 },
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
    await expect.poll(rowTexts, PATIENT).toEqual(texts);
    await timeline.frame.locator('#state-button', { hasText: 'Start Again' }).waitFor();
    expect(await scene.sql(OURS)).toEqual([]);
    await sidebar.open();
    await scene.picture('e2e-restored');
  });

  it('is saved for its owner alone', async () => {
    const { page, vscode, timeline, sidebar } = scene;
    await timeline.button('act-save').click();
    const dialog = page.locator('.quick-input-widget');
    await expect.poll(() => dialog.locator('input').first().inputValue(), PATIENT).toContain(FILE);
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
    await expect.poll(() => scene.sql(OURS), PATIENT).toEqual([]);
  });

  it('opens from its file in an editor with the same rows', async () => {
    const { page, timeline, sidebar } = scene;
    await sidebar.item(FILE).click();
    await page.getByRole('tab', { name: FILE }).waitFor();
    await expect.poll(rowTexts, PATIENT).toEqual(texts);
    await timeline.rows('Ada Lovelace').click();
    await timeline.detail.getByText('Ada Lovelace').first().waitFor();
    expect(await timeline.frame.locator('#state-button').count()).toBe(0);
    await scene.picture('e2e-capture-file');
  });

  it('is left by a window only for a while, and deleted with all others on demand', async () => {
    const { page, vscode, timeline, sidebar, messages, quickInput } = scene;
    const [folder = ''] = readdirSync(vscode.home, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isDirectory() && entry.name === 'captures')
      .map(entry => path.join(entry.parentPath, entry.name));
    const stored = (): readonly string[] =>
      readdirSync(folder)
        .filter(name => name.endsWith('.walcap'))
        .sort();
    // Two that windows left, eight days ago and yesterday; anybody could read them.
    const leave = (name: string, days: number): void => {
      const file = path.join(folder, name);
      copyFileSync(path.join(vscode.workspace, FILE), file);
      chmodSync(file, 0o644);
      const then = new Date(Date.now() - days * 24 * 3600 * 1000);
      utimesSync(file, then, then);
    };
    leave(OLD, 8);
    leave(YOUNG, 1);
    await page.reload();
    await sidebar.open();
    await sidebar.expand(SERVER_NAME, 'shop', 'Publications');
    await sidebar.inlineAction('shop_changes', /Tail/);
    await timeline.waitUntilLive();
    await expect.poll(stored, PATIENT).not.toContain(OLD);
    expect(stored()).toContain(YOUNG);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) {
      expect(statSync(path.join(folder, name)).mode & 0o777, name).toBe(0o600);
    }
    await sidebar.item(YOUNG.replace('.walcap', '')).filter({ hasText: 'not saved' }).waitFor();
    await scene.picture('e2e-captures-view');

    await quickInput.run('WAL Explorer: Delete All Captures');
    const question = messages.modal(/Delete 1 capture, .* for good\?/);
    await question.getByText('1 capture open in a timeline and 1 saved file stay.').waitFor();
    await scene.picture('e2e-delete-all');
    await messages.answerModal('Delete 1 capture', 'Delete All');
    await expect.poll(stored, PATIENT).not.toContain(YOUNG);
    // The one that runs goes on.
    expect(stored()).toHaveLength(1);
    await scene.sql(`INSERT INTO orders VALUES (200, 'still there')`);
    await timeline.rows('still there').waitFor();
    expect(statSync(path.join(vscode.workspace, FILE)).isFile()).toBe(true);
  });

  it('ends in a sentence where all together are too large, and can still be read', async () => {
    const { timeline } = scene;
    await scene.sql(
      `INSERT INTO orders SELECT n, repeat('large ', 200) FROM generate_series(1000, 14000) AS n`,
    );
    const said = 'Ended because all captures together have reached their limit.';
    await timeline.frame.getByText(said).first().waitFor({ timeout: 30_000 });
    await expect.poll(() => scene.sql(OURS), PATIENT).toEqual([]);
    await timeline.rows('still there').waitFor();
    // The rest of the transaction may still have been on its way: its line has all that came, but for that row.
    const counted = async (): Promise<number> =>
      Number((await timeline.frame.locator('#changes').innerText()).replaceAll(/\D/g, ''));
    const large = async (): Promise<number> =>
      timeline.rows(`${((await counted()) - 1).toLocaleString('en-US')} changes`).count();
    await expect.poll(large, PATIENT).toBe(1);
    expect(await counted()).toBeGreaterThan(5000);
    await scene.picture('e2e-capture-limit');
  });

  it('grows in its editor while pgwal writes it', async () => {
    const { page, vscode, timeline, cluster } = scene;
    const url = `postgresql://postgres@127.0.0.1:${cluster.port}/shop?sslmode=disable`;
    const options = ['--publication', 'shop_changes', '--format', 'capture'];
    const file = path.join(vscode.workspace, 'live.walcap');
    const cli = await BuiltCli.build();
    const streams = `SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'`;
    const before = (await scene.sql(streams)).length;
    const running = cli.start(['tail', '--url', url, ...options, '--out', file], {
      PGPASSWORD: cluster.password,
    });
    try {
      await expect.poll(() => scene.sql(streams), PATIENT).toHaveLength(before + 1);
      await scene.sql(`INSERT INTO orders VALUES (300, 'before it was opened')`);
      await page.keyboard.press('Control+Shift+E');
      await page.locator('.explorer-folders-view').getByText('live.walcap').dblclick();
      await timeline.rows('before it was opened').waitFor();
      for (let i = 1; i <= 3; i++) {
        await scene.sql(`INSERT INTO orders VALUES (${300 + i}, 'while it is open ${i}')`);
        await timeline.rows(`while it is open ${i}`).waitFor();
      }
      await timeline.frame.locator('.state').filter({ hasText: 'growing' }).waitFor();
      await scene.picture('e2e-capture-growing');
    } finally {
      running.child.kill('SIGINT');
      await running.ended;
      await cli.dispose();
    }
  });
});
