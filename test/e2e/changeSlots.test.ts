import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdminSession } from '../../scripts/postgres/adminSession';
import { openScene, pictureOfFailures, SERVER_NAME, type Scene } from './scene';

/** A name that must stay text wherever it is shown or run. */
const HOSTILE = `"; drop $(bug) [x](command:workbench.action.quit)`;

/** What the output channel has said. */
async function logOf(scene: Scene): Promise<string> {
  const folder = path.join(scene.vscode.home, 'user-data/logs');
  const files = await readdir(folder, { recursive: true });
  const logs = files.filter(file => file.endsWith('Postgres WAL Explorer.log'));
  const texts = await Promise.all(logs.map(file => readFile(path.join(folder, file), 'utf8')));
  return texts.join('\n');
}

describe('changing slots and publications, by mouse', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene({
      sql: [
        'CREATE TABLE orders (id int PRIMARY KEY, what text)',
        'CREATE TABLE audit (what text)',
        `CREATE TABLE "${HOSTILE.replaceAll('"', '""')}" (id int PRIMARY KEY)`,
      ],
    });
    await scene.sidebar.open();
    await scene.sidebar.expand(SERVER_NAME, 'shop');
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  /** Keeps a picture of what is on the screen when it stands still. */
  const pictured = async (name: string): Promise<void> => {
    await sleep(400);
    await scene.picture(`e2e-change-${name}`);
  };

  const slot = async (name: string) => {
    const rows = await scene.sql(
      `SELECT plugin, database, two_phase, confirmed_flush_lsn::text AS at, active
       FROM pg_replication_slots WHERE slot_name = '${name}'`,
    );
    return rows[0];
  };

  it('a publication is made table by table, and says what it would break', async () => {
    const { sidebar, quickInput, messages } = scene;
    await sidebar.menu('shop', 'Create Publication…');
    await pictured('publication-name');
    await quickInput.answer('Name of the publication', 'shop_changes');
    await quickInput.choose('Tables…');
    await quickInput.asks('Which of 3 tables');
    await quickInput.tick('public.audit');
    await quickInput.tick('public.orders');
    await quickInput.tick(HOSTILE.replaceAll('$(', '$ (').replaceAll('](', '] ('));
    await pictured('publication-tables');
    await quickInput.accept();
    await quickInput.asks('What shall be published');
    await pictured('publication-operations');
    await quickInput.accept();
    await quickInput.says('CREATE PUBLICATION');
    await pictured('publication-summary');
    await quickInput.choose('Copy SQL');
    await quickInput.choose('Create Publication');
    await messages.modal('UPDATE and DELETE will fail on 1 table').waitFor();
    await pictured('publication-failing');
    expect(await scene.sql('SELECT pubname FROM pg_publication')).toEqual([]);
    await messages.answerModal('will fail on 1 table', 'Create Publication All the Same');
    await sidebar.item('shop_changes').waitFor();
    const tables = await scene.sql(
      `SELECT tablename FROM pg_publication_tables WHERE pubname = 'shop_changes' ORDER BY 1`,
    );
    expect(tables.map(row => row['tablename'])).toEqual([HOSTILE, 'audit', 'orders'].sort());
  });

  it('a slot is made, its name checked as it is typed, and shown', async () => {
    const { sidebar, quickInput } = scene;
    await sidebar.menu('shop', 'Create Slot…');
    await quickInput.says('Name of the slot');
    await quickInput.type('Debezium');
    await quickInput.says('not the capital D');
    await pictured('slot-name');
    await quickInput.answer('not the capital D', 'debezium');
    await quickInput.asks('output plugin');
    await pictured('slot-plugin');
    await quickInput.choose('pgoutput');
    await quickInput.asks('Options');
    await pictured('slot-options');
    await quickInput.accept();
    await quickInput.says('It keeps WAL until someone reads it or drops it.');
    await pictured('slot-summary');
    await quickInput.choose('Create Slot');
    await sidebar.item('debezium').waitFor();
    expect(await slot('debezium')).toMatchObject({
      plugin: 'pgoutput',
      database: 'shop',
      two_phase: 'f',
    });
    await pictured('slot-created');
  });

  it('a peek shows the rows, and the slot advances to a transaction in it', async () => {
    const { sidebar, timeline, messages } = scene;
    for (const word of ['one', 'two', 'three']) {
      await scene.sql(
        `INSERT INTO orders VALUES (${word.length * 10 + word.charCodeAt(0)}, 'number ${word}')`,
      );
    }
    await sidebar.inlineAction('debezium', /Peek/);
    await timeline.rows('number three').waitFor();
    const before = await slot('debezium');
    await timeline.rows('number two').click({ button: 'right' });
    const entry = scene.page.getByRole('menuitem', { name: 'Advance Slot to Here…', exact: true });
    await entry.waitFor();
    await pictured('advance-menu');
    await sleep(200);
    await entry.click();
    await messages.modal('Advance the slot "debezium"').waitFor();
    await pictured('advance-question');
    await messages.answerModal('Advance the slot "debezium"', 'Advance Slot');
    await messages.notification(/The slot "debezium" .* stands at/).waitFor();
    expect((await slot('debezium'))?.['at']).not.toBe(before?.['at']);
    await scene.quickInput.run('View: Close Editor');
    await sidebar.inlineAction('debezium', /Peek/);
    await timeline.rows('number three').waitFor();
    expect(await timeline.rows('number two').count()).toBe(0);
    expect(await timeline.rows('number one').count()).toBe(0);
    await scene.quickInput.run('View: Close Editor');
  });

  it('a slot that moved since it was shown is shown anew', async () => {
    const { sidebar, quickInput, messages } = scene;
    await scene.sql(`INSERT INTO orders VALUES (7, 'number seven')`);
    await sidebar.menu('debezium', 'Advance Slot…');
    await quickInput.choose('To an LSN…');
    await quickInput.says('where the slot stands');
    await quickInput.type('0/1');
    await quickInput.says('it cannot go back');
    await pictured('advance-lsn');
    await quickInput.press('Escape');
    await sidebar.menu('debezium', 'Advance Slot…');
    await quickInput.asks('How far?');
    await pictured('advance-target');
    await quickInput.choose('To Now');
    await messages.modal('Advance the slot "debezium"').waitFor();
    await scene.sql(`SELECT pg_replication_slot_advance('debezium', pg_current_wal_lsn())`);
    const moved = (await slot('debezium'))?.['at'];
    await scene.sql(`INSERT INTO orders VALUES (8, 'number eight')`);
    await messages.answerModal('Advance the slot "debezium"', 'Advance Slot');
    const notice = /moved/;
    await messages.notification(notice).waitFor();
    await pictured('advance-moved');
    expect((await slot('debezium'))?.['at']).toBe(moved);
    await messages.answer(notice, 'Show It Anew');
    await messages.modal('Advance the slot "debezium"').waitFor();
    await messages.answerModal('Advance the slot "debezium"', 'Cancel');
  });

  it('a slot that waits says for whom, and leaves nothing behind when it is cancelled', async () => {
    const { sidebar, quickInput, messages } = scene;
    const writer: AdminSession = await scene.cluster.openAdmin('shop');
    await writer.query('BEGIN; SELECT pg_current_xact_id()');
    const before = await scene.sql('SELECT slot_name FROM pg_replication_slots ORDER BY 1');
    await sidebar.menu('shop', 'Create Slot…');
    await quickInput.answer('Name of the slot', 'waiting');
    await quickInput.choose('pgoutput');
    await quickInput.asks('Options');
    await quickInput.accept();
    await quickInput.says('It keeps WAL');
    await quickInput.choose('Create Slot');
    const progress = messages.notification(/Creating the slot "waiting"/);
    await messages.notification(/Waiting for .*PID/).waitFor();
    await pictured('slot-waits');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await progress.waitFor({ state: 'detached' });
    await expect
      .poll(() => scene.sql('SELECT slot_name FROM pg_replication_slots ORDER BY 1'))
      .toEqual(before);
    await writer.query('ROLLBACK');
    await writer.end();
  });

  it('a slot is copied', async () => {
    const { sidebar, quickInput } = scene;
    await sidebar.menu('debezium', 'Copy Slot…');
    await quickInput.answer('Name of the copy', 'debezium_copy');
    await quickInput.choose('as the slot itself');
    await quickInput.says('It begins where debezium stands');
    await pictured('copy-summary');
    await quickInput.choose('Copy Slot');
    await sidebar.item('debezium_copy').waitFor();
    expect(await slot('debezium_copy')).toMatchObject({ plugin: 'pgoutput' });
  });

  it('a slot is consumed into a timeline, after a question, and has moved then', async () => {
    const { sidebar, timeline, messages } = scene;
    await scene.sql(`INSERT INTO orders VALUES (9, 'number nine')`);
    const before = await slot('debezium');
    await sidebar.menu('debezium', 'Consume Slot…');
    await messages.modal('Consume the slot "debezium"').waitFor();
    await messages.modal('the publication "shop_changes"').waitFor();
    await pictured('consume-question');
    // Its consumer was there while the question stood.
    await scene.sql(`SELECT pg_replication_slot_advance('debezium', pg_current_wal_lsn())`);
    await scene.sql(`INSERT INTO orders VALUES (10, 'number ten')`);
    await messages.answerModal('Consume the slot "debezium"', 'Consume Slot');
    await messages.answer(/has moved since you looked at it/, 'Show It Anew');
    await messages.answerModal('Consume the slot "debezium"', 'Consume Slot');
    await timeline.rows('number ten').waitFor();
    expect(await timeline.rows('number nine').count()).toBe(0);
    await expect.poll(async () => (await slot('debezium'))?.['at']).not.toBe(before?.['at']);
    await pictured('consume-timeline');

    await sidebar.menu('debezium', 'Drop Slot…');
    const refusal = /The slot "debezium" is in use by PID .* cannot be dropped/;
    await messages.notification(refusal).waitFor();
    await pictured('drop-refused');
    await scene.quickInput.run('Notifications: Clear All Notifications');

    await timeline.button('act-stop').click();
    await expect.poll(async () => (await slot('debezium'))?.['active']).toBe('f');
    await timeline.button('act-restart').click();
    await messages.answerModal('Consume the slot "debezium"', 'Cancel');
    expect((await slot('debezium'))?.['active']).toBe('f');
    await scene.quickInput.run('View: Close Editor');
  });

  it('a slot is dropped after a question, by its menu or by the key', async () => {
    const { sidebar, messages } = scene;
    await sidebar.menu('debezium_copy', 'Drop Slot…');
    await messages.modal('Drop the slot "debezium_copy"').waitFor();
    await pictured('drop-question');
    await messages.answerModal('Drop the slot "debezium_copy"', 'Cancel');
    expect(await slot('debezium_copy')).toBeDefined();
    await sidebar.menu('debezium_copy', 'Drop Slot…');
    await messages.answerModal('Drop the slot "debezium_copy"', 'Drop Slot');
    await sidebar.item('debezium_copy').waitFor({ state: 'detached' });
    expect(await slot('debezium_copy')).toBeUndefined();

    await sidebar.item('debezium').click();
    await scene.page.keyboard.press('Delete');
    await messages.answerModal('Drop the slot "debezium"', 'Drop Slot');
    await sidebar.item('debezium').waitFor({ state: 'detached' });
    expect(await slot('debezium')).toBeUndefined();
  });

  it('every change stands in the log, with its SQL', async () => {
    const said = await logOf(scene);
    expect(said).toMatch(
      /Creating the slot "debezium" on test@localhost: done; SQL: SELECT .*pg_create/,
    );
    expect(said).toMatch(
      /Advancing the slot "debezium".*: done; SQL: .*pg_replication_slot_advance/,
    );
    expect(said).toMatch(/Dropping the slot "debezium".*: done; SQL: .*pg_drop_replication_slot/);
    expect(said).toMatch(
      /Creating the publication "shop_changes".*: done; SQL: CREATE PUBLICATION/,
    );
    expect(said).toMatch(/Creating the slot "waiting".* cancelled/);
  });

  it.each([
    ['Light Modern', 'vs', 'light'],
    ['Dark High Contrast', 'hc-black', 'contrast'],
  ] as const)('the questions are readable in %s', async (theme, bodyClass, name) => {
    const { sidebar, quickInput, messages } = scene;
    await scene.sql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
    await quickInput.run('WAL Explorer: Refresh Servers');
    await scene.useTheme(theme, bodyClass);
    await sidebar.menu('shop', 'Create Slot…');
    await quickInput.answer('Name of the slot', 'x');
    await quickInput.choose('pgoutput');
    await quickInput.asks('Options');
    await quickInput.accept();
    await quickInput.says('It keeps WAL');
    await pictured(`slot-summary-${name}`);
    await quickInput.press('Escape');
    await sidebar.menu(name, 'Drop Slot…');
    await messages.modal(`Drop the slot "${name}"`).waitFor();
    await pictured(`drop-question-${name}`);
    await messages.answerModal(`Drop the slot "${name}"`, 'Cancel');
  });
});
