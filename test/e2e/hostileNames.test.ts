import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quoteIdentifier, quoteLiteral } from '../../src/postgres/quote';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

const PUBLICATION = '"; drop';
const IMAGE = '<img src=x onerror=alert(1)>';
const ROCKET = '🚀 [launch](command:workbench.action.quit) $(bug)';
/** 63 bytes, the most that a name can have. */
const LONG = 'ä'.repeat(31) + 'z';
const COLUMN = '<b>"bold"</b> & \u202Eesrever';
const VALUE = `<script>alert(2)</script><a href="command:x">y</a>`;

describe('names and values that mean something elsewhere', () => {
  let scene: Scene;
  const alerts: string[] = [];

  beforeAll(async () => {
    scene = await openScene({
      sql: [
        `CREATE TABLE ${quoteIdentifier(IMAGE)} (id int PRIMARY KEY, ${quoteIdentifier(COLUMN)} text)`,
        `CREATE TABLE ${quoteIdentifier(ROCKET)} (${quoteIdentifier(LONG)} int PRIMARY KEY)`,
        `CREATE TABLE ${quoteIdentifier(LONG)} (id int PRIMARY KEY)`,
        `CREATE PUBLICATION ${quoteIdentifier(PUBLICATION)} FOR ALL TABLES`,
      ],
    });
    scene.page.on('dialog', dialog => {
      alerts.push(dialog.message());
      void dialog.dismiss();
    });
    await scene.sidebar.open();
    await scene.sidebar.expand(SERVER_NAME, 'shop', 'Publications', /^"; drop/);
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  it('are text in the tree', async () => {
    const { sidebar, page } = scene;
    for (const name of [IMAGE, ROCKET, LONG]) {
      await sidebar.item(`public.${name}`).waitFor();
      expect(await sidebar.item(`public.${name}`).innerText()).toContain(`public.${name}`);
    }
    expect(await page.locator('.pane-body img').count()).toBe(0);
  });

  it('are text in a tooltip', async () => {
    for (const name of [IMAGE, ROCKET]) {
      const tooltip = await scene.sidebar.tooltip(`public.${name}`);
      expect(await tooltip.innerText()).toContain(`public.${name}`);
      expect(await tooltip.locator('img, a, .codicon-bug').count()).toBe(0);
      await scene.page.mouse.move(800, 500);
      await tooltip.waitFor({ state: 'hidden' });
    }
  });

  it('are text in the title, the list and the detail', async () => {
    const { page, sidebar, timeline } = scene;
    await sidebar.inlineAction(/^"; drop/, /Tail/);
    await timeline.waitUntilLive();
    await page.getByRole('tab', { name: `${PUBLICATION} · ${SERVER_NAME}` }).waitFor();
    await scene.sql(`INSERT INTO ${quoteIdentifier(IMAGE)} VALUES (1, ${quoteLiteral(VALUE)});`);
    await scene.sql(`INSERT INTO ${quoteIdentifier(ROCKET)} VALUES (2)`);
    await scene.sql(`INSERT INTO ${quoteIdentifier(LONG)} VALUES (3)`);
    await timeline.rows(ROCKET).waitFor();
    await timeline.rows(LONG).last().waitFor();
    const row = timeline.rows(IMAGE);
    await row.waitFor();
    expect(await row.innerText()).toContain(VALUE);
    await row.click();
    const { detail } = timeline;
    await detail.getByText(VALUE).first().waitFor();
    // What would turn the text around is shown as a sign in its place.
    await detail.getByText('<b>"bold"</b> & ').first().waitFor();
    expect(await detail.getByText('\u202E').count()).toBe(0);
    expect(await timeline.frame.locator('img, a, b:text-is("bold")').count()).toBe(0);
    await scene.picture('e2e-hostile');
  });

  it('have run nothing', () => {
    expect(alerts).toEqual([]);
  });
});
