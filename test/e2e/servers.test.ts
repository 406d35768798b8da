import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../scripts/postgres/freePort';
import { openScene, pictureOfFailures, type Scene } from './scene';

const POSITIONS = `SELECT restart_lsn, confirmed_flush_lsn, active FROM pg_replication_slots
  WHERE slot_name = 'debezium'`;
const PASSWORD = 'right-and-secret-1';
const NAME = 'Name of the server in the sidebar';
const URI = 'URI or key=value string';
const WRONG = 'wrong-and-secret-2';

/** The files below a folder that hold one of the texts. */
async function filesWith(folder: string, texts: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    // A file that goes away meanwhile holds nothing any more.
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    if (texts.some(text => content.includes(text))) found.push(path.relative(folder, file));
  }
  return found;
}

describe('servers, from the sidebar', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({
      bare: true,
      sql: [
        `CREATE ROLE reader LOGIN REPLICATION PASSWORD '${PASSWORD}'`,
        'CREATE TABLE notes (id int PRIMARY KEY, text text)',
        'CREATE PUBLICATION all_notes FOR TABLE notes',
        `SELECT pg_create_logical_replication_slot('debezium', 'pgoutput')`,
        `INSERT INTO notes VALUES (1, 'pending')`,
      ],
    });
    await scene.sidebar.open();
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  const url = (password: string, port = scene.cluster.port): string =>
    `postgresql://reader${password}@127.0.0.1:${port}/shop?sslmode=disable`;

  it('are added by a connection string; a wrong password is asked for again in a sentence', async () => {
    const { sidebar, quickInput, messages } = scene;
    await sidebar.welcomeButton('Add Server').click();
    await quickInput.choose('Connection String');
    await quickInput.answer(URI, url(`:${WRONG}`));
    await quickInput.answer(NAME, 'by uri');
    await quickInput.choose('Normal');
    const question = 'The server refused the password of user reader. Enter it again.';
    await quickInput.says(question);
    expect(await quickInput.isSecret()).toBe(true);
    await quickInput.answer(question, PASSWORD);
    await sidebar.item('shop').waitFor();
    await messages.answer('Store the password of by uri in the secret storage?', 'Store Password');
  });

  it('keep their password in the secret storage and in no file', async () => {
    const { vscode } = scene;
    expect(await filesWith(path.join(vscode.home, 'user-data'), ['by uri'])).not.toEqual([]);
    expect(await filesWith(vscode.home, [PASSWORD, WRONG])).toEqual([]);
  });

  it('are removed with their password', async () => {
    const { page, sidebar, quickInput, messages } = scene;
    const remove = async (): Promise<void> => {
      await sidebar.menu('by uri', 'Remove Server…');
      await messages.answerModal('Remove the server "by uri" from the sidebar?', 'Remove');
      await sidebar.item('by uri').waitFor({ state: 'detached' });
    };
    const add = async (password: string): Promise<void> => {
      await sidebar.welcomeButton('Add Server').click();
      await quickInput.choose('Connection String');
      await quickInput.answer(URI, url(password));
      await quickInput.answer(NAME, 'by uri');
      await quickInput.choose('Normal');
    };
    await remove();
    await add(`:${PASSWORD}`);
    // Nothing asks: what came with the connection string was stored at once.
    await sidebar.item('shop').waitFor();
    await remove();
    await add('');
    await quickInput.says('Password of user reader at 127.0.0.1');
    await page.keyboard.press('Escape');
    await sidebar.item(/^Error: The user "reader" needs a password .*\.$/).waitFor();
    await sidebar.item(/^What to do: .*\.$/).waitFor();
  });

  it('are added step by step, with a way back', async () => {
    const { page, sidebar, quickInput } = scene;
    await quickInput.run('WAL Explorer: Add Server');
    await quickInput.choose('Step by Step');
    await quickInput.answer('Host name or address', '127.0.0.1');
    await quickInput.answer('Port', 'none');
    await quickInput.says(/port/i);
    await page.locator('.quick-input-widget').getByRole('button', { name: 'Back' }).click();
    await quickInput.says('Host name or address');
    expect(await page.locator('.quick-input-widget input').first().inputValue()).toBe('127.0.0.1');
    await page.keyboard.press('Enter');
    await quickInput.answer('Port', String(scene.cluster.port));
    await quickInput.answer('Database to begin with', 'shop');
    await quickInput.answer('User; looking needs only LOGIN and REPLICATION', 'reader');
    await quickInput.says('Password, kept in the secret storage');
    expect(await quickInput.isSecret()).toBe(true);
    await quickInput.answer('Password, kept in the secret storage', PASSWORD);
    await quickInput.choose('disable');
    await quickInput.answer(NAME, 'careful');
    await quickInput.choose('Read-Only');
    await sidebar.expand('careful', 'shop', 'Publications');
    await sidebar.item('all_notes').waitFor();
    expect(await sidebar.item('careful').innerText()).toContain('read-only');
    expect(await filesWith(scene.vscode.home, [PASSWORD])).toEqual([]);
  });

  it('can be looked at when they are read-only: tail', async () => {
    const { sidebar, timeline } = scene;
    await sidebar.inlineAction('all_notes', /Tail/);
    await timeline.waitUntilLive();
    await scene.sql(`INSERT INTO notes VALUES (2, 'read only tail')`);
    await timeline.rows('read only tail').waitFor();
    await scene.quickInput.run('View: Close Editor');
  });

  it('can be looked at when they are read-only: peek, which leaves the slot where it was', async () => {
    const { sidebar, timeline } = scene;
    const before = await scene.sql(POSITIONS);
    await sidebar.inlineAction('debezium', /Peek/);
    await timeline.rows('pending').waitFor();
    await timeline.rows('read only tail').waitFor();
    await timeline.frame
      .getByText(/Everything that was pending at .* has been shown/)
      .first()
      .waitFor();
    expect(await scene.sql(POSITIONS)).toEqual(before);
    const slots = await scene.sql('SELECT slot_name FROM pg_replication_slots');
    expect(slots).toEqual([{ slot_name: 'debezium' }]);
    await scene.picture('e2e-peek');
    await scene.quickInput.run('View: Close Editor');
  });

  it('that are not there say so in a sentence, and what to do', async () => {
    const { sidebar, quickInput } = scene;
    await quickInput.run('WAL Explorer: Add Server');
    await quickInput.choose('Connection String');
    await quickInput.answer(URI, url('', await freePort()));
    await quickInput.answer(NAME, 'nobody there');
    await quickInput.choose('Normal');
    await sidebar.item(/^Error: Nothing listens on 127\.0\.0\.1:\d+: .*\.$/).waitFor();
    await expect.poll(() => sidebar.items(/^What to do: .*\.$/).count()).toBe(2);
  });

  it('that go down say so, and are there again after Refresh', async () => {
    const { sidebar, quickInput } = scene;
    await scene.cluster.stop('immediate');
    await quickInput.run('WAL Explorer: Refresh Servers');
    await expect.poll(() => sidebar.items(/^Error: Nothing listens/).count()).toBe(3);
    await scene.picture('e2e-servers-down');
    await scene.cluster.start();
    await sidebar.inlineAction('careful', /Refresh/);
    await sidebar.item('all_notes').waitFor();
  });

  it('of several hosts are on the one that will do, which the test of the connection names', async () => {
    const { page, sidebar, quickInput, cluster } = scene;
    const hosts = [await freePort(), cluster.port].map(port => `127.0.0.1:${port}`).join(',');
    await quickInput.run('WAL Explorer: Add Server');
    await quickInput.choose('Connection String');
    const parameters = 'sslmode=disable&target_session_attrs=primary';
    await quickInput.answer(URI, `postgresql://reader:${PASSWORD}@${hosts}/shop?${parameters}`);
    await quickInput.answer(NAME, 'either');
    await quickInput.choose('Normal');
    await sidebar.menu('either', 'Test Connection');
    await quickInput.says('Check of either');
    await quickInput.type('Connected to');
    await quickInput.says(`Connected to 127.0.0.1:${cluster.port} as reader, to the database shop`);
    await scene.picture('e2e-several-hosts');
    await page.keyboard.press('Escape');
    expect(await filesWith(path.join(scene.vscode.home, 'user-data'), [hosts])).not.toEqual([]);
  });
});
