import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, type Scene } from './scene';

const PASSWORD = 'first-minute-secret-7';
const URI = 'URI or key=value string';
const NAME = 'Name of the server in the sidebar';
const CHANNEL = 'Postgres WAL Explorer.log';
const STEPS = [
  'Look at a sample',
  'Add a server',
  'Follow what is written',
  'Peek into a slot',
  'Keep a capture',
] as const;

/** What the output channel has said, in all windows of this VS Code. */
async function readLog(home: string): Promise<string> {
  const texts: string[] = [];
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name !== CHANNEL) continue;
    texts.push(await readFile(path.join(entry.parentPath, entry.name), 'utf8'));
  }
  return texts.join('');
}

/** The machine may be at its limit: a wait ends when it is so, not before. */
const PATIENT = { timeout: 40_000 };

describe('the first minutes of a newcomer', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({
      bare: true,
      sql: [
        `CREATE ROLE reader LOGIN REPLICATION PASSWORD '${PASSWORD}'`,
        'CREATE TABLE orders (id int PRIMARY KEY, customer text)',
        'CREATE PUBLICATION shop_changes FOR TABLE orders',
        `SELECT pg_create_logical_replication_slot('warehouse', 'pgoutput')`,
        `INSERT INTO orders VALUES (1, 'Ada, who waits in the slot')`,
      ],
    });
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  /** The walkthrough's mark of a step. */
  const mark = (step: (typeof STEPS)[number]): Locator =>
    scene.page.getByRole('checkbox', { name: new RegExp(`\\b${step}`) }).first();
  const openWalkthrough = async (): Promise<void> => {
    await scene.quickInput.run('WAL Explorer: Open Walkthrough');
    await mark(STEPS[0]).waitFor();
  };
  /** The steps that have their mark. */
  const done = async (): Promise<readonly string[]> => {
    const marked: string[] = [];
    for (const step of STEPS) {
      if ((await mark(step).getAttribute('aria-checked')) === 'true') marked.push(step);
    }
    return marked;
  };

  it('lead to a sample without any server, by a link of the empty sidebar', async () => {
    const { sidebar, timeline, page } = scene;
    await openWalkthrough();
    expect(await done()).toEqual([]);
    await scene.picture('e2e-walkthrough');
    await sidebar.open();
    await page.locator('.welcome-view-content').getByText('Open a sample capture').click();
    await timeline.rows('500 changes').first().waitFor();
    await timeline.rows('4 changes').first().click();
    await page.keyboard.press('ArrowRight');
    // What stood below the transaction moves when it opens: only the row that came with it is clicked.
    await timeline.rows('customer_id 1').first().click();
    await timeline.detail.getByText('customer_id').first().waitFor();
    await scene.picture('e2e-sample');
    await openWalkthrough();
    await expect.poll(done, PATIENT).toEqual([STEPS[0]]);
  });

  it('take less than a minute from an empty sidebar to a decoded row of a real server', async () => {
    const { sidebar, quickInput, timeline } = scene;
    const started = performance.now();
    await sidebar.welcomeButton('Add Server').click();
    await quickInput.choose('Connection String');
    await quickInput.answer(
      URI,
      `postgresql://reader:${PASSWORD}@127.0.0.1:${scene.cluster.port}/shop?sslmode=disable`,
    );
    await quickInput.answer(NAME, 'my shop');
    await quickInput.choose('Normal');
    await sidebar.expand('my shop', 'shop', 'Publications');
    await sidebar.inlineAction('shop_changes', /Tail/);
    await timeline.waitUntilLive();
    await scene.sql(`INSERT INTO orders VALUES (2, 'Grace, live')`);
    await timeline.rows('Grace, live').waitFor();
    const seconds = (performance.now() - started) / 1000;
    console.log(`from the empty sidebar to the first row: ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(60);
    await scene.picture('e2e-first-row');
    await openWalkthrough();
    await expect.poll(done, PATIENT).toEqual(STEPS.slice(0, 3));
  });

  it('show in the status bar what runs, and lead back to it', async () => {
    const { page, timeline } = scene;
    const item = page.getByRole('button', { name: /^WAL Explorer: Tail/ });
    await item.click();
    await timeline.rows('Grace, live').waitFor();
    await scene.quickInput.run('WAL Explorer: Stop Stream');
    await item.waitFor({ state: 'detached' });
  });

  it('go on with a peek and with a saved capture; the walkthrough knows', async () => {
    const { page, sidebar, timeline, quickInput } = scene;
    await sidebar.expand('Slots');
    await sidebar.inlineAction('warehouse', /Peek/);
    await timeline.rows('Ada, who waits').waitFor();
    await openWalkthrough();
    await expect.poll(done, PATIENT).toEqual(STEPS.slice(0, 4));
    await quickInput.run('WAL Explorer: Save Capture');
    await quickInput.choose('warehouse');
    const dialog = page.locator('.quick-input-widget');
    await expect
      .poll(() => dialog.locator('input').first().inputValue(), PATIENT)
      .toContain('.walcap');
    await dialog.getByRole('button', { name: 'OK' }).click();
    await expect.poll(done, PATIENT).toEqual([...STEPS]);
  });

  it('have pictures that follow the theme', async () => {
    await openWalkthrough();
    await scene.page.getByText('Peek into a slot').first().click();
    const picture = scene.page.locator('iframe, .getting-started-media svg').first();
    await picture.waitFor();
    await scene.useTheme('Light Modern', 'vs');
    await scene.picture('e2e-walkthrough-light');
    await scene.useTheme('Dark High Contrast', 'hc-black');
    await scene.picture('e2e-walkthrough-hc');
    await scene.useTheme('Dark Modern', 'vs-dark');
  });

  it('are told in the log, without the password', async () => {
    const log = await readLog(scene.vscode.home);
    expect(log).toMatch(/my shop: connected to \S+, database shop/);
    expect(log).toMatch(/shop_changes · my shop: tail begins on my shop\/shop/);
    const stream =
      /streaming from slot walexplorer_tail_\w+, publications shop_changes, from now on/;
    expect(log).toMatch(stream);
    expect(log).toMatch(/our slot walexplorer_tail_\w+ is gone/);
    expect(log).toMatch(
      /Stopped\. · 1 change, 1 transaction, \d+ B, [\d.]+ s, up to [0-9A-F]+\/[0-9A-F]+/,
    );
    expect(log).toMatch(/warehouse · my shop: peek begins/);
    expect(log).toMatch(/warehouse · my shop: capture saved to .*\.walcap/);
    expect(log).not.toContain(PASSWORD);
  });
});
