import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

type Line = Readonly<Record<string, unknown>> & { readonly kind: string };

describe('what a timeline shows', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene({
      sql: [
        'CREATE TABLE orders (id int PRIMARY KEY, customer text)',
        'CREATE TABLE audit (id int PRIMARY KEY, what text)',
        'CREATE PUBLICATION shop_changes FOR ALL TABLES',
      ],
    });
    const { sidebar, timeline } = scene;
    await sidebar.open();
    await sidebar.expand(SERVER_NAME, 'shop', 'Publications');
    await sidebar.inlineAction('shop_changes', /Tail/);
    await timeline.waitUntilLive();
    await scene.sql(`INSERT INTO orders VALUES (1, 'Ada Lovelace')`);
    await scene.sql(`INSERT INTO orders SELECT n, 'Grace' FROM generate_series(2, 9) AS n`);
    await scene.sql(`INSERT INTO audit VALUES (1, 'Ada came')`);
    await scene.sql(`DELETE FROM orders WHERE id = 2`);
    await timeline.rows('8 changes').waitFor();
    await timeline.rows('audit').waitFor();
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  const fileOf = (name: string): string => path.join(scene.vscode.workspace, name);
  const acceptDialog = async (name: string): Promise<void> => {
    const dialog = scene.page.locator('.quick-input-widget');
    await expect.poll(() => dialog.locator('input').first().inputValue()).toContain('shop_changes');
    await dialog.locator('input').first().fill(fileOf(name));
    await dialog.getByRole('button', { name: /^(OK|Export)$/ }).click();
  };
  const linesOf = async (name: string): Promise<Line[]> => {
    const text = await readFile(fileOf(name), 'utf8');
    return text
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as Line);
  };

  it('is narrowed to a text and exported: what passes, whole, for its owner alone', async () => {
    const { timeline, quickInput, page } = scene;
    await timeline.filterBox.fill('ADA');
    await expect.poll(() => timeline.rowCount()).toBe(2);
    await scene.picture('e2e-text-filter');
    await quickInput.run('WAL Explorer: Export Timeline');
    await quickInput.choose('Filtered Changes');
    await quickInput.choose('JSON Lines');
    await acceptDialog('ada.jsonl');
    await page
      .getByText(/Exported \d+ events up to/)
      .first()
      .waitFor();
    await scene.picture('e2e-exported');
    const lines = await linesOf('ada.jsonl');
    expect(lines.filter(({ kind }) => kind !== 'relation')).toMatchObject([
      { kind: 'begin' },
      { kind: 'insert', table: 'orders', new: { id: '1', customer: 'Ada Lovelace' } },
      { kind: 'commit' },
      { kind: 'begin' },
      { kind: 'insert', table: 'audit', new: { id: '1', what: 'Ada came' } },
      { kind: 'commit' },
    ]);
    expect((await stat(fileOf('ada.jsonl'))).mode & 0o777).toBe(0o600);
  });

  it('is exported as a capture that opens and shows the same rows', async () => {
    const { timeline, quickInput, page } = scene;
    await quickInput.run('WAL Explorer: Export Timeline');
    await quickInput.choose('Filtered Changes');
    await quickInput.choose('Capture File');
    await acceptDialog('ada.walcap');
    const note = page.locator('.notification-toast', { hasText: 'Exported 2 events' });
    await note.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('tab', { name: /ada\.walcap/ }).waitFor();
    await expect.poll(() => timeline.rowCount().catch(() => -1)).toBe(2);
    await timeline.rows('Ada Lovelace').waitFor();
    await timeline.rows('Ada came').waitFor();
    await scene.picture('e2e-exported-capture');
  });

  it('can be gone to by LSN, and is copied as JSON', async () => {
    const { timeline, quickInput, page } = scene;
    const [, insert] = await linesOf('ada.jsonl').then(lines =>
      lines.filter(({ kind }) => kind === 'begin' || kind === 'insert'),
    );
    await timeline.rows('Ada came').click();
    await page.keyboard.press('Control+g');
    await quickInput.answer('Go to LSN', 'nowhere');
    await quickInput.says('Enter an LSN');
    await quickInput.answer('Go to LSN', String(insert?.['lsn']));
    const chosen = timeline.grid.locator('[aria-selected=true]');
    await expect.poll(() => chosen.first().innerText()).toContain('Ada Lovelace');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await quickInput.run('WAL Explorer: Copy Row as JSON');
    // The page's own types are not those of a test.
    const clipboard = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');
    await expect.poll(clipboard).toContain('"customer":"Ada Lovelace"');
    expect(JSON.parse(await clipboard())).toEqual(insert);
  });
});
