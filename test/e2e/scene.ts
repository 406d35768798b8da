import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterEach } from 'vitest';
import { packExtension } from '../../scripts/build/packExtension';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import type { PostgresMajor } from '../../scripts/postgres/embeddedServers';
import { PROJECT_ROOT } from '../../scripts/projectRoot';
import { launchBrowser } from '../../scripts/vscode/browser';
import { ensureHost, type HostName } from '../../scripts/vscode/host';
import { startVscodeServer, type VscodeServer } from '../../scripts/vscode/server';
import { Messages } from './messages';
import { QuickInput } from './quickInput';
import { Sidebar } from './sidebar';
import { TimelineFrame } from './timelineFrame';

/** Name of the one connection profile of a scene. */
export const SERVER_NAME = 'test@localhost';
export const DATABASE = 'shop';

export const RESULTS = path.join(PROJECT_ROOT, 'test/results');

export interface SceneOptions {
  /** Statements that are run one by one in the database before VS Code starts. */
  readonly sql?: readonly string[];
  /** User settings besides the quiet ones and the profile. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Lines of postgresql.conf. */
  readonly postgres?: Readonly<Record<string, string>>;
  /** The newest by default. */
  readonly host?: HostName;
  /** Version of the server; 18 by default. */
  readonly major?: PostgresMajor;
  /** Without the connection profile and without a password file; by default there are both. */
  readonly bare?: boolean;
  /** Put before PATH, by the login shell that VS Code asks for its environment. */
  readonly programs?: string;
  /** A workspace that nobody has trusted yet. */
  readonly untrusted?: boolean;
}

/** What VS Code calls the kind of a theme. */
export type ThemeClass = 'vs' | 'vs-dark' | 'hc-black' | 'hc-light';

/** A real Postgres, a real VS Code with the packed extension, and a page of it in Chromium. */
export interface Scene {
  readonly cluster: Cluster;
  readonly vscode: VscodeServer;
  readonly browser: Browser;
  readonly page: Page;
  readonly sidebar: Sidebar;
  readonly quickInput: QuickInput;
  readonly messages: Messages;
  readonly timeline: TimelineFrame;
  /** Runs SQL in the scene's database as the superuser. */
  sql(text: string): ReturnType<Cluster['adminQuery']>;
  /** Keeps a picture of the page in test/results. */
  picture(name: string): Promise<void>;
  /** Chooses a theme by its name and waits until the whole window has its colours. */
  useTheme(name: string, bodyClass: ThemeClass): Promise<void>;
  close(): Promise<void>;
}

let packed: Promise<string> | undefined;

/** The .vsix that is tested: the one that the caller packed, else packed once now. */
function vsix(): Promise<string> {
  const given = process.env['WALEXPLORER_VSIX'];
  if (given !== undefined) return Promise.resolve(given);
  const cache = path.join(PROJECT_ROOT, 'node_modules/.cache/e2e');
  packed ??= mkdir(cache, { recursive: true }).then(() => packExtension(cache));
  return packed;
}

export async function openPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(40_000);
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  return page;
}

function profileOf(cluster: Cluster): Readonly<Record<string, string>> {
  const url = `postgresql://postgres@127.0.0.1:${cluster.port}/${DATABASE}?sslmode=disable`;
  return { name: SERVER_NAME, url };
}

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const { bare = false } = options;
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const [host, file, cluster] = await Promise.all([
      ensureHost(options.host ?? 'vscode-newest'),
      vsix(),
      startCluster({
        major: options.major ?? 18,
        name: 'e2e',
        ...(options.postgres === undefined ? {} : { settings: options.postgres }),
      }),
    ]);
    undo.push(() => cluster.dispose());
    await cluster.adminQuery(`CREATE DATABASE ${DATABASE}`);
    for (const sql of options.sql ?? []) await cluster.adminQuery(sql, DATABASE);
    const vscode = await startVscodeServer({
      host,
      vsix: [file],
      settings: {
        // What slides in takes longer to be clicked.
        'workbench.reduceMotion': 'on',
        ...(bare ? {} : { 'walExplorer.servers': [profileOf(cluster)] }),
        ...options.settings,
      },
      homeFiles: {
        ...(bare ? {} : { '.pgpass': `*:*:*:*:${cluster.password}\n` }),
        ...(options.programs === undefined
          ? {}
          : { '.bash_profile': `PATH=${options.programs}:$PATH\n` }),
      },
      untrusted: options.untrusted ?? false,
    });
    undo.push(() => vscode.stop());
    const browser = await launchBrowser(path.join(vscode.home, 'tmp'));
    undo.push(() => browser.close());
    const page = await openPage(browser, vscode.pageUrl());
    const quickInput = new QuickInput(page);
    return {
      cluster,
      vscode,
      browser,
      page,
      sidebar: new Sidebar(page),
      quickInput,
      messages: new Messages(page),
      timeline: new TimelineFrame(page),
      sql: text => cluster.adminQuery(text, DATABASE),
      picture: async name => {
        await mkdir(RESULTS, { recursive: true });
        await page.screenshot({ path: path.join(RESULTS, `${name}.png`) });
      },
      useTheme: async (name, bodyClass) => {
        await quickInput.run('Preferences: Color Theme');
        await page.keyboard.type(name);
        await quickInput.choose(name);
        await page.locator(`.monaco-workbench.${bodyClass}`).waitFor();
        // The parts of the window follow one after the other, some by a transition.
        await sleep(700);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Keeps a picture of the page for every test of this file that fails. */
export function pictureOfFailures(scene: () => Scene): void {
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    await scene().picture(`failed-${task.name.replaceAll(/[^a-z0-9]+/gi, '-')}`);
  });
}
