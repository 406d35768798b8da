import { execFile } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { Frame, Page } from 'playwright-core';
import { ensureDefined } from '../../../src/base/assert';
import { PROJECT_ROOT } from '../../../scripts/projectRoot';
import { launchBrowser } from '../../../scripts/vscode/browser';
import { ensureHost } from '../../../scripts/vscode/host';
import { startVscodeServer } from '../../../scripts/vscode/server';
import type { ServerOptions, VscodeServer } from '../../../scripts/vscode/server';
import { PAGE_METER } from './pageMeter';

/** A real VS Code with the packed extension, and a page of it in Chromium that is measured by itself. */
export interface BenchPage {
  readonly vscode: VscodeServer;
  readonly page: Page;
  close(): Promise<void>;
}

export async function openBenchPage(
  options: Pick<ServerOptions, 'settings' | 'homeFiles'>,
  prepare: (vscode: VscodeServer) => Promise<void>,
): Promise<BenchPage> {
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const vsix = process.env['WALEXPLORER_VSIX'] ?? (await pack());
    const host = await ensureHost('vscode-newest');
    const vscode = await startVscodeServer({ host, vsix: [vsix], ...options });
    undo.push(() => vscode.stop());
    await prepare(vscode);
    const browser = await launchBrowser(path.join(vscode.home, 'tmp'));
    undo.push(() => browser.close());
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    await context.addInitScript(PAGE_METER);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(vscode.pageUrl());
    await page.locator('.monaco-workbench').waitFor();
    return { vscode, page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The frame of the timeline, once its first rows are drawn. */
export async function timelineFrame(page: Page): Promise<Frame> {
  const outer = page.locator('iframe.webview.ready').first().contentFrame();
  const rows = outer
    .frameLocator('iframe#active-frame')
    .locator('wal-timeline-grid .viewport .row:not(.loading)');
  while ((await rows.count()) === 0) await page.waitForTimeout(10);
  const handle = await outer.locator('iframe#active-frame').elementHandle();
  return ensureDefined((await handle.contentFrame()) ?? undefined, 'the timeline');
}

/** Memory of scripts in the page of a timeline that is in use, in MB; VS Code's own may share it. */
export async function heapMegabytes(frame: Frame): Promise<number> {
  const session = await frame.page().context().newCDPSession(frame.page());
  await session.send('HeapProfiler.collectGarbage');
  await session.detach();
  const bytes = await frame.evaluate<number>('performance.memory?.usedJSHeapSize ?? 0');
  return Math.round(bytes / 1e5) / 10;
}

/** Packs the extension; gives the file. In a process of its own: the build is no module that can be bundled. */
async function pack(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/run.mjs', 'package'], {
    cwd: PROJECT_ROOT,
  });
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}
