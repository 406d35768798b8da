import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, pictureOfFailures, type Scene } from './scene';
import { QuickInput } from './quickInput';
import { Sidebar } from './sidebar';

const PASSWORD = 'kept-and-secret-1';
const NAME = 'Name of the server in the sidebar';
const LABEL = 'Label that stands beside the name';
const HOSTILE = '<img src=x onerror=alert(1)> "; drop \u202E[x](command:y) $(trash) 🦣';
/** The windows take turns, and wait a while for what the other one wrote. */
const WINDOWS = { timeout: 15_000 };
const NOTICE = 'SELECT privileges and row-level security hide nothing from decoding';

/** The names of the servers in the sidebar, from the top down. */
async function namesIn(page: Page): Promise<readonly string[]> {
  const lines = page.locator('.monaco-list-row[aria-level="1"] .label-name');
  return lines.allInnerTexts();
}

describe('the list of servers', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({
      bare: true,
      sql: [
        `CREATE ROLE reader LOGIN REPLICATION PASSWORD '${PASSWORD}'`,
        'CREATE TABLE notes (id int PRIMARY KEY)',
        'CREATE PUBLICATION all_notes FOR TABLE notes',
      ],
    });
    await scene.sidebar.open();
  });
  afterAll(async () => {
    await scene.close();
  });
  pictureOfFailures(() => scene);

  /** The file that holds the setting, and its text. */
  const settings = async (): Promise<readonly [file: string, text: string]> => {
    const folder = path.join(scene.vscode.home, 'user-data');
    for (const name of await readdir(folder, { recursive: true })) {
      if (path.basename(name) !== 'settings.json') continue;
      const file = path.join(folder, name);
      const text = await readFile(file, 'utf8');
      if (text.includes('walExplorer.servers')) return [file, text];
    }
    throw new Error('no file holds the setting');
  };

  it('takes one from a compose file of the workspace, when it is asked to', async () => {
    const { sidebar, quickInput, messages, vscode, cluster } = scene;
    await writeFile(path.join(vscode.workspace, '.env'), `DB_PASSWORD=${PASSWORD}\n`);
    await writeFile(path.join(vscode.workspace, 'broken.compose.yml'), 'a: [');
    await writeFile(path.join(vscode.workspace, 'compose.broken.yml'), 'services: [');
    await writeFile(
      path.join(vscode.workspace, 'compose.yml'),
      `services:
  db:
    image: postgres:18
    environment: { POSTGRES_USER: reader, POSTGRES_DB: shop, POSTGRES_PASSWORD: "\${DB_PASSWORD:?}" }
    ports: ["127.0.0.1:\${DB_PORT:-${cluster.port}}:5432"]
`,
    );
    await sidebar.welcomeButton('Add Server').click();
    await quickInput.choose('Suggested from This Workspace');
    await quickInput.says('service db in compose.yml');
    await scene.picture('e2e-suggested-server');
    await quickInput.choose(`shop@127.0.0.1:${cluster.port} as reader, with password`);
    await quickInput.answer(NAME, 'first');
    await quickInput.choose('Normal');
    await sidebar.expand('first', 'shop', 'Publications');
    await sidebar.item('all_notes').waitFor();
    expect((await settings())[1]).not.toContain(PASSWORD);
    // The first connection of all says what decoding shows.
    await messages.notification(NOTICE).waitFor();
    await scene.picture('e2e-decoding-notice');
    await messages.answer(NOTICE, 'What This Means');
    await messages.answerModal('What decoding shows', 'OK');
  });

  it('changes one by the same questions, filled in; the password is kept', async () => {
    const { sidebar, quickInput, cluster } = scene;
    await sidebar.menu('first', 'Edit Server…');
    await quickInput.choose('Step by Step');
    const accept = async (question: string): Promise<void> => {
      await quickInput.says(question);
      await quickInput.press('Enter');
    };
    await accept('Host name or address');
    await accept('Port');
    await accept('Database to begin with');
    await accept('User; looking needs only');
    await quickInput.says('Empty: the stored one is kept');
    expect(await quickInput.isSecret()).toBe(true);
    await quickInput.press('Enter');
    await quickInput.choose('disable');
    await quickInput.answer(NAME, 'orders');
    await quickInput.choose('Read-Only');
    await quickInput.answer(LABEL, 'prod');
    await quickInput.says('Purple');
    await scene.picture('e2e-server-color');
    await quickInput.choose('Red');
    await sidebar.item(/^orders, prod/).waitFor();
    await sidebar.expand('orders', 'shop', 'Publications');
    await sidebar.item('all_notes').waitFor();
    const [, text] = await settings();
    expect(text).toContain(`postgresql://reader@127.0.0.1:${cluster.port}/shop?sslmode=disable`);
    expect(text).toContain('"color": "red"');
    expect(text).not.toContain('"first"');
  });

  it('shows the mark wherever the server is', async () => {
    const { page, sidebar, timeline, quickInput } = scene;
    await sidebar.inlineAction('all_notes', /Tail/);
    await timeline.waitUntilLive();
    await page.getByRole('tab', { name: /^all_notes · prod · orders/ }).waitFor();
    await scene.picture('e2e-marked-server');
    await quickInput.run('View: Close Editor');
  });

  it('tests a connection and says what there is, line by line', async () => {
    const { page, sidebar, quickInput } = scene;
    await sidebar.menu('orders', 'Test Connection');
    await quickInput.says('Check of prod · orders');
    // The list draws only what is in sight, so each is looked for by its subject.
    for (const [subject, line] of [
      ['Version', /PostgreSQL 18\.\d+, supported until/],
      ['WAL level', 'wal_level is logical: changes can be decoded.'],
      ['Replication slots', /\d+ of \d+ replication slots are free\./],
      ['WAL senders', /\d+ of \d+ WAL senders are free\./],
      ['may open replication', 'The user may open replication connections'],
      ['Marked read-only', 'Marked read-only here'],
      ['Connected to', /Connected to \S+:\d+ as reader, to the database shop\./],
    ] as const) {
      await quickInput.type(subject);
      await quickInput.says(line);
    }
    await quickInput.type('');
    await scene.picture('e2e-test-connection');
    await page.keyboard.press('Escape');
  });

  it('duplicates one below it, moves it, and is the same in another window', async () => {
    const { page, sidebar, quickInput, vscode } = scene;
    await sidebar.menu('orders', 'Duplicate Server…');
    await quickInput.answer(NAME, HOSTILE);
    await expect.poll(() => namesIn(page).then(names => names.length), WINDOWS).toBe(2);
    expect((await namesIn(page))[0]).toBe('orders');
    expect((await namesIn(page))[1]).toContain('<img src=x onerror=alert(1)> "; drop');
    await scene.picture('e2e-hostile-server');
    // Of the same browser, which is where a VS Code in the browser keeps its secrets.
    const other = await page.context().newPage();
    other.setDefaultTimeout(40_000);
    await other.goto(vscode.pageUrl(), { waitUntil: 'domcontentloaded' });
    await other.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    const there = { sidebar: new Sidebar(other), quickInput: new QuickInput(other) };
    await there.sidebar.open();
    await expect.poll(() => namesIn(other).then(names => names.length), WINDOWS).toBe(2);
    await there.sidebar.menu(/^<img/, 'Move Server Up');
    for (const window of [page, other]) {
      await expect.poll(async () => (await namesIn(window))[1], WINDOWS).toBe('orders');
    }
    // Both windows change the list in the same moment: nothing is lost.
    await there.sidebar.menu(/^<img/, 'Rename Server…');
    await sidebar.menu('orders', 'Duplicate Server…');
    await quickInput.says(NAME);
    await there.quickInput.says(NAME);
    await Promise.all([
      there.quickInput.answer(NAME, 'renamed there'),
      quickInput.answer(NAME, 'made here'),
    ]);
    const all = ['renamed there', 'orders', 'made here'];
    await expect.poll(() => namesIn(page), WINDOWS).toEqual(all);
    await expect.poll(() => namesIn(other), WINDOWS).toEqual(all);
    expect(await other.locator('.notifications-toasts').getByText(NOTICE).count()).toBe(0);
    await other.close();
  });

  it('is put into another order by dragging', async () => {
    const { page, sidebar } = scene;
    await sidebar.item('made here').dragTo(sidebar.item('renamed there'));
    await expect
      .poll(() => namesIn(page), WINDOWS)
      .toEqual(['made here', 'renamed there', 'orders']);
  });

  it('adds one of the service file', async () => {
    const { sidebar, quickInput, vscode, cluster } = scene;
    await writeFile(
      path.join(vscode.home, '.pg_service.conf'),
      `[stock]\nhost=127.0.0.1\nport=${cluster.port}\nuser=reader\ndbname=shop\npassword=${PASSWORD}\n`,
    );
    await quickInput.run('WAL Explorer: Add Server');
    await quickInput.choose('From the Service File');
    await quickInput.choose('stock');
    await quickInput.answer(NAME, 'by service');
    await quickInput.choose('Normal');
    await sidebar.item(/^by service, server, 18/).waitFor();
    expect((await settings())[1]).toContain('postgresql://?service=stock');
  });

  it('says in one line each what is wrong with an entry that was written by hand', async () => {
    const { sidebar } = scene;
    const [file, text] = await settings();
    const others = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const servers = [
      { name: 'good', url: 'postgresql://localhost:1/x' },
      { name: 'good', url: 'x' },
      { name: 'pink', url: 'postgresql://localhost:1/x', color: 'pink' },
      7,
    ];
    await writeFile(file, JSON.stringify({ ...others, 'walExplorer.servers': servers }));
    await sidebar.item(/Error: Entry 2 repeats the name "good"/).waitFor();
    await sidebar.item(/Error: Entry 3 has a color that is none of red/).waitFor();
    await sidebar.item(/Error: Entry 4 is not an object/).waitFor();
    await sidebar.item(/^good/).waitFor();
    await sidebar.item(/^pink/).waitFor();
    await scene.picture('e2e-wrong-entries');
  });
});
