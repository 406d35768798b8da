import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeIndependently, type DecodedTransaction } from './independentDecoding';
import { Keyboard } from './keyboard';
import { openScene, pictureOfFailures, type Scene } from './scene';
import { eventsWith, FILTER, SHOPKEEPER, WRITES } from './shopWrites';

const SLOT = `SELECT confirmed_flush_lsn::text AS at FROM pg_replication_slots
  WHERE slot_name = 'debezium'`;

describe('the whole path, by keyboard alone', () => {
  let scene: Scene;
  let keyboard: Keyboard;
  let truth: readonly DecodedTransaction[];
  beforeAll(async () => {
    scene = await openScene({
      bare: true,
      sql: [...SHOPKEEPER.sql, 'ALTER ROLE shopkeeper SUPERUSER'],
    });
    keyboard = new Keyboard(scene.page);
    await keyboard.watch();
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  const standsAt = (): ReturnType<Scene['sql']> => scene.sql(SLOT);

  const toServers = async (name: string): Promise<void> => {
    await keyboard.run('WAL Explorer: Focus on Servers View');
    await keyboard.toLine(name);
  };

  it('a server is added and browsed', async () => {
    await keyboard.run('WAL Explorer: Add Server');
    await keyboard.pick('Connection String');
    await keyboard.answer('URI or key=value string', SHOPKEEPER.url(scene.cluster.port));
    await keyboard.answer('Name of the server in the sidebar', 'my shop');
    await keyboard.pick('Normal');
    await scene.sidebar.item('shop').waitFor();
    await toServers('shop');
  });

  it('a publication and a slot are created', async () => {
    await keyboard.menu('Create Publication…');
    await keyboard.answer('Name of the publication', 'shop_changes');
    await keyboard.pick('All Tables');
    await keyboard.accept('What shall be published');
    await keyboard.pick('Create Publication');
    await scene.sidebar.item('shop_changes').waitFor();
    await toServers('shop');
    await keyboard.menu('Create Slot…');
    await keyboard.answer('Name of the slot', 'debezium');
    await keyboard.pick('pgoutput');
    await keyboard.accept('Options');
    await keyboard.pick('Create Slot');
    await scene.sidebar.item('debezium').waitFor();
  });

  it('a peek is filtered, searched and gone through', async () => {
    const { timeline, page } = scene;
    await scene.sql(`SELECT pg_create_logical_replication_slot('truth', 'test_decoding')`);
    for (const sql of WRITES) await scene.sql(sql);
    await expect
      .poll(async () => {
        truth = await decodeIndependently(scene, 'truth');
        return truth.length;
      })
      .toBe(WRITES.length);
    await toServers('debezium');
    await keyboard.menu('Peek Slot…');
    await timeline.rows('ADA, the last').waitFor();
    await keyboard.press('Home', 'ArrowRight');
    await timeline.rows('Ada came').waitFor();
    await keyboard.press('ArrowLeft', '/');
    await keyboard.type(FILTER);
    await expect.poll(() => timeline.rowCount()).toBe(3);
    await keyboard.press('Enter');
    await keyboard.press('Control+f');
    await keyboard.type('the last');
    await keyboard.press('Enter');
    const chosen = timeline.grid.locator('[aria-selected=true]');
    await expect.poll(() => chosen.first().innerText()).toContain('ADA, the last');
    await keyboard.press('Escape', 'Control+g');
    await keyboard.answer('Go to LSN', truth[2]?.changes[0]?.lsn ?? '');
    await expect.poll(() => chosen.first().innerText()).toContain('13.00');
    // Who closes a question waits for the focus before the next: it would close the palette, too.
    const body = timeline.frame.locator('body');
    await expect
      .poll(() => body.evaluate<boolean, unknown>('document.hasFocus()', null))
      .toBe(true);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await keyboard.run('WAL Explorer: Copy Row as JSON');
    const clipboard = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');
    await expect.poll(clipboard).toContain('"total":"13.00"');
  });

  it('what passes the filter is exported', async () => {
    const file = path.join(scene.vscode.workspace, 'keyboard.jsonl');
    await keyboard.run('WAL Explorer: Export Timeline');
    await keyboard.pick('Filtered Changes');
    await keyboard.pick('JSON Lines');
    const box = scene.page.locator('.quick-input-widget input').first();
    // VS Code reads the folder before it fills the box.
    await expect.poll(() => box.inputValue(), { timeout: 20_000 }).toContain('.jsonl');
    await keyboard.saveAs(file);
    await scene.page
      .getByText(/Exported \d+ events/)
      .first()
      .waitFor();
    const text = await readFile(file, 'utf8');
    const events = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { readonly kind: string })
      .filter(({ kind }) => kind !== 'relation');
    expect(events).toMatchObject(eventsWith(FILTER, truth));
  });

  it('the slot advances by the menu of a transaction, and by its own', async () => {
    const [, , third, fourth] = truth;
    await keyboard.run('View: Focus Active Editor Group');
    // The row that was gone to is still the chosen one.
    await scene.timeline.frame.locator('[role=grid]:focus').waitFor();
    await keyboard.menu('Advance Slot to Here…');
    await keyboard.modal(`to ${third?.endLsn}`, 'Advance Slot');
    await expect.poll(standsAt).toEqual([{ at: third?.endLsn }]);
    await toServers('debezium');
    await keyboard.menu('Advance Slot…');
    await keyboard.pick('To an LSN…');
    await keyboard.answer('LSN between', fourth?.endLsn ?? '');
    await keyboard.modal(`to ${fourth?.endLsn}`, 'Advance Slot');
    await expect.poll(standsAt).toEqual([{ at: fourth?.endLsn }]);
  });

  it('the slot is dropped by the key for it', async () => {
    await toServers('debezium');
    await keyboard.press('Delete');
    await keyboard.modal('Drop the slot "debezium"', 'Drop Slot');
    await expect.poll(standsAt).toEqual([]);
  });

  it('no pointer has moved or been pressed', async () => {
    expect(await keyboard.pointerEvents()).toEqual([]);
  });
});
