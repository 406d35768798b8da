import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { Browser, Page } from 'playwright-core';
import { afterEach } from 'vitest';
import { packExtension } from '../../scripts/build/packExtension';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster';
import { PROJECT_ROOT } from '../../scripts/projectRoot';
import { launchBrowser } from '../../scripts/vscode/browser';
import { ensureHost } from '../../scripts/vscode/host';
import { startVscodeServer, type VscodeServer } from '../../scripts/vscode/server';
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
}

/** A real Postgres, a real VS Code with the packed extension, and a page of it in Chromium. */
export interface Scene {
  readonly cluster: Cluster;
  readonly vscode: VscodeServer;
  readonly browser: Browser;
  readonly page: Page;
  readonly sidebar: Sidebar;
  readonly quickInput: QuickInput;
  readonly timeline: TimelineFrame;
  /** Runs SQL in the scene's database as the superuser. */
  sql(text: string): ReturnType<Cluster['adminQuery']>;
  /** Keeps a picture of the page in test/results. */
  picture(name: string): Promise<void>;
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
  page.setDefaultTimeout(20_000);
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  return page;
}

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const [host, file, cluster] = await Promise.all([
      ensureHost('vscode-newest'),
      vsix(),
      startCluster({ major: 18, name: 'e2e' }),
    ]);
    undo.push(() => cluster.dispose());
    await cluster.adminQuery(`CREATE DATABASE ${DATABASE}`);
    for (const sql of options.sql ?? []) await cluster.adminQuery(sql, DATABASE);
    const vscode = await startVscodeServer({
      host,
      vsix: [file],
      settings: {
        'walExplorer.servers': [
          {
            name: SERVER_NAME,
            url: `postgresql://postgres@127.0.0.1:${cluster.port}/${DATABASE}?sslmode=disable`,
          },
        ],
        ...options.settings,
      },
      homeFiles: { '.pgpass': `*:*:*:*:${cluster.password}\n` },
    });
    undo.push(() => vscode.stop());
    const browser = await launchBrowser(path.join(vscode.home, 'tmp'));
    undo.push(() => browser.close());
    const page = await openPage(browser, vscode.pageUrl());
    return {
      cluster,
      vscode,
      browser,
      page,
      sidebar: new Sidebar(page),
      quickInput: new QuickInput(page),
      timeline: new TimelineFrame(page),
      sql: text => cluster.adminQuery(text, DATABASE),
      picture: async name => {
        await mkdir(RESULTS, { recursive: true });
        await page.screenshot({ path: path.join(RESULTS, `${name}.png`) });
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
