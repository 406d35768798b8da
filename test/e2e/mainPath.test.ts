import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graveFindings } from './graveFindings';
import { decodeIndependently, type DecodedTransaction } from './independentDecoding';
import { openScene, pictureOfFailures, type Scene } from './scene';
import { eventsWith, FILTER, SHOPKEEPER, WRITES, WRITTEN } from './shopWrites';

type Line = Readonly<Record<string, unknown>> & { readonly kind: string };

const SLOT = `SELECT plugin, restart_lsn::text AS restart, confirmed_flush_lsn::text AS at, active
  FROM pg_replication_slots WHERE slot_name = 'debezium'`;

describe.each([
  { host: 'vscode-oldest', major: 14 },
  { host: 'vscode-newest', major: 18 },
] as const)('the whole path in $host with PostgreSQL $major', ({ host, major }) => {
  let scene: Scene;
  let truth: readonly DecodedTransaction[];
  beforeAll(async () => {
    scene = await openScene({ host, major, bare: true, sql: SHOPKEEPER.sql });
    await scene.sidebar.open();
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  const slot = async () => (await scene.sql(SLOT))[0];
  const fileOf = (name: string): string => path.join(scene.vscode.workspace, name);

  it('a server is added by typing, and browsed', async () => {
    const { sidebar, quickInput, cluster } = scene;
    await sidebar.welcomeButton('Add Server').click();
    await quickInput.choose('Connection String');
    await quickInput.answer('URI or key=value string', SHOPKEEPER.url(cluster.port));
    await quickInput.answer('Name of the server in the sidebar', 'my shop');
    await quickInput.choose('Normal');
    await sidebar.expand('my shop', 'shop', 'Publications');
    await sidebar.item(/^No publications/).waitFor();
    expect(await sidebar.item('my shop').innerText()).toContain(`${major}.`);
  });

  it('a publication and a slot are created', async () => {
    const { sidebar, quickInput } = scene;
    await sidebar.menu('shop', 'Create Publication…');
    await quickInput.answer('Name of the publication', 'shop_changes');
    await quickInput.choose('Tables…');
    await quickInput.asks('Which of 2 tables');
    await quickInput.tick('public.audit');
    await quickInput.tick('public.orders');
    await quickInput.accept();
    await quickInput.asks('What shall be published');
    await quickInput.accept();
    await quickInput.says('CREATE PUBLICATION');
    await quickInput.choose('Create Publication');
    await sidebar.item('shop_changes').waitFor();
    await sidebar.menu('shop', 'Create Slot…');
    await quickInput.answer('Name of the slot', 'debezium');
    await quickInput.choose('pgoutput');
    await quickInput.asks('Options');
    await quickInput.accept();
    await quickInput.says('It keeps WAL until someone reads it or drops it.');
    await quickInput.choose('Create Slot');
    await sidebar.item('debezium').waitFor();
    expect(await slot()).toMatchObject({ plugin: 'pgoutput', active: 'f' });
  });

  it('a peek shows the very rows that were written, and leaves the slot as it was', async () => {
    const { sidebar, timeline } = scene;
    await scene.sql(`SELECT pg_create_logical_replication_slot('truth', 'test_decoding')`);
    for (const sql of WRITES) await scene.sql(sql);
    // The test's server does not wait for its disk: a commit is decoded a moment later.
    await expect
      .poll(async () => {
        truth = await decodeIndependently(scene, 'truth');
        return truth.map(({ changes }) => changes.length);
      })
      .toEqual([2, 1, 1, 3, 1, 1, 1]);
    const before = await slot();
    await sidebar.inlineAction('debezium', /Peek/);
    await timeline.rows('ADA, the last').waitFor();
    expect(await timeline.rowCount()).toBe(truth.length);
    await timeline.button('group-flat').click();
    await expect.poll(() => timeline.rowCount()).toBe(WRITTEN.length);
    const lsns: string[] = [];
    for (const [row, written] of WRITTEN.entries()) {
      await timeline.grid.locator(`#row-${row}`).click();
      await expect.poll(() => timeline.detailValues()).toEqual(written);
      lsns.push(await timeline.grid.locator(`#row-${row} .lsn`).innerText());
    }
    expect(lsns).toEqual(truth.flatMap(({ changes }) => changes.map(({ lsn }) => lsn)));
    expect(await slot()).toEqual(before);
    expect(await graveFindings(timeline)).toEqual([]);
  });

  it('what passes the filter is exported, and equals what the server itself decodes', async () => {
    const { timeline, quickInput, page } = scene;
    await timeline.filterBox.fill(FILTER);
    await expect.poll(() => timeline.rowCount()).toBe(4);
    expect(await graveFindings(timeline)).toEqual([]);
    await timeline.button('export').click();
    await timeline.frame.locator('#export-view').click();
    await quickInput.choose('JSON Lines');
    const dialog = page.locator('.quick-input-widget');
    // VS Code reads the folder before it fills the box.
    await expect
      .poll(() => dialog.locator('input').first().inputValue(), { timeout: 20_000 })
      .toContain('.jsonl');
    await dialog.locator('input').first().fill(fileOf('ada.jsonl'));
    await dialog.getByRole('button', { name: /^(OK|Export)$/ }).click();
    await page
      .getByText(/Exported \d+ events/)
      .first()
      .waitFor();
    const text = await readFile(fileOf('ada.jsonl'), 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Line);
    const events = lines.filter(({ kind }) => kind !== 'relation' && kind !== 'type');
    expect(events).toMatchObject(eventsWith(FILTER, truth));
    expect((await stat(fileOf('ada.jsonl'))).mode & 0o777).toBe(0o600);
  });

  it('the slot advances to a transaction of the peek, after a preview', async () => {
    const { sidebar, timeline, messages, page } = scene;
    const target = truth[3];
    await timeline.filterBox.fill('');
    await timeline.rows('Grace 11').click({ button: 'right' });
    const entry = page.getByRole('menuitem', { name: 'Advance Slot to Here…', exact: true });
    await entry.waitFor();
    // The button that opened the menu must not choose from it: VS Code is deaf for a moment.
    await sleep(200);
    await entry.click();
    const question = messages.modal('Advance the slot "debezium"');
    await question.waitFor();
    expect(await question.innerText()).toContain(`to ${target?.endLsn}`);
    await messages.answerModal('Advance the slot "debezium"', 'Advance Slot');
    await messages.notification(/The slot "debezium" .* stands at/).waitFor();
    expect((await slot())?.['at']).toBe(target?.endLsn);
    await scene.quickInput.run('View: Close Editor');
    await sidebar.inlineAction('debezium', /Peek/);
    await timeline.rows('ADA, the last').waitFor();
    expect(await timeline.rowCount()).toBe(truth.length - 4);
    await scene.quickInput.run('View: Close Editor');
  });

  it('the slot is dropped, naming what is lost, and nothing is left on the server', async () => {
    const { sidebar, messages } = scene;
    await sidebar.menu('debezium', 'Drop Slot…');
    const question = messages.modal('Drop the slot "debezium"');
    await question.waitFor();
    expect(await question.innerText()).toMatch(/keeps .*B of WAL/);
    await messages.answerModal('Drop the slot "debezium"', 'Drop Slot');
    await sidebar.item('debezium').waitFor({ state: 'detached' });
    expect(await scene.sql('SELECT slot_name FROM pg_replication_slots')).toEqual([
      { slot_name: 'truth' },
    ]);
    await scene.browser.close();
    await scene.vscode.stop();
    const ours = `SELECT application_name, query FROM pg_stat_activity WHERE usename = 'shopkeeper'`;
    await expect.poll(() => scene.sql(ours), { timeout: 40_000 }).toEqual([]);
  });
});
