import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { Frame, Page } from 'playwright-core';
import { ensureDefined } from '../../src/base/assert';
import { PROJECT_ROOT } from '../../scripts/projectRoot';
import { launchBrowser } from '../../scripts/vscode/browser';
import { ensureHost } from '../../scripts/vscode/host';
import { startVscodeServer } from '../../scripts/vscode/server';
import { captureOf } from './capture/generate';
import type { Figures } from './replication/figures';
import { machineLoad, percentile, round } from './replication/figures';

const LARGE = path.join(PROJECT_ROOT, 'node_modules/.cache/bench-capture/v1-10000000.walcap');
const NAME = 'large.walcap';

/**
 * How smooth the timeline is in a real VS Code in Chromium (docs/performance.md):
 * `npm run bench -- timeline [CAPTURE]`. Without a capture it takes the one of ten million changes that
 * `npm run bench -- capture` makes where it is there, else makes one of a million. Frames are measured by the
 * page itself.
 */
export async function run(options: {
  readonly json: boolean;
  readonly args?: readonly string[];
}): Promise<void> {
  const given = options.args?.[0] ?? (existsSync(LARGE) ? LARGE : undefined);
  const capture = given ?? (await captureOf(1_000_000)).file;
  const undo: (() => Promise<void>)[] = [];
  try {
    const vsix = process.env['WALEXPLORER_VSIX'] ?? (await pack());
    const host = await ensureHost('vscode-newest');
    const vscode = await startVscodeServer({ host, vsix: [vsix] });
    undo.push(() => vscode.stop());
    await symlink(path.resolve(capture), path.join(vscode.workspace, NAME));
    const browser = await launchBrowser(path.join(vscode.home, 'tmp'));
    undo.push(() => browser.close());
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(vscode.pageUrl());
    const opened = await openCapture(page);
    const frame = await timelineFrame(page);
    const rowAfter = round(performance.now() - opened, 0);
    const figures = { 'row after a double click, ms': rowAfter, ...(await measure(page, frame)) };
    const all = { capture: path.basename(capture), ...machineLoad(), ...figures };
    if (options.json) console.log(JSON.stringify(all));
    else for (const [name, value] of Object.entries(all)) console.log(`${name}: ${value}`);
  } finally {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  }
}

/** Runs in the page of the timeline: between `start` and `stop` the times from frame to frame are collected. */
const METER = `(() => {
  let deltas = [];
  let running = false;
  let last = 0;
  const frame = now => {
    if (!running) return;
    if (last > 0) deltas.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  window.meter = {
    start: () => {
      deltas = [];
      last = 0;
      running = true;
      requestAnimationFrame(frame);
    },
    stop: () => {
      running = false;
      return deltas;
    },
  };
})();`;

/** Packs the extension; gives the file. In a process of its own: the build is no module that can be bundled. */
async function pack(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/run.mjs', 'package'], {
    cwd: PROJECT_ROOT,
  });
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

/**
 * Opens it by a double click; when that was. Right after its start VS Code knows no editor for it yet and
 * offers the one for texts: then it is opened again.
 */
async function openCapture(page: Page): Promise<number> {
  for (let tries = 1; ; tries++) {
    await page.locator('.explorer-folders-view').getByText(NAME).dblclick();
    const opened = performance.now();
    try {
      await page.locator('iframe.webview.ready').waitFor({ timeout: 6000 });
      return opened;
    } catch (error) {
      if (tries === 5) throw error;
      await page.locator('.tabs-container .tab').first().click({ button: 'middle' });
    }
  }
}

/** The frame of the timeline, once its first rows are drawn. */
async function timelineFrame(page: Page): Promise<Frame> {
  const outer = page.locator('iframe.webview.ready').first().contentFrame();
  const rows = outer
    .frameLocator('iframe#active-frame')
    .locator('wal-timeline-grid .viewport .row:not(.loading)');
  while ((await rows.count()) === 0) await page.waitForTimeout(10);
  const handle = await outer.locator('iframe#active-frame').elementHandle();
  const frame = ensureDefined((await handle.contentFrame()) ?? undefined, 'the timeline');
  await frame.evaluate(METER);
  return frame;
}

async function measure(page: Page, frame: Frame): Promise<Figures> {
  const list = frame.locator('wal-timeline-grid .list');
  const box = await list.boundingBox();
  const bar = await frame.locator('wal-timeline-grid .scrollbar').boundingBox();
  if (box === null || bar === null) throw new Error('The list is not in sight.');
  const rows = Number(await list.getAttribute('aria-rowcount')) - 1;
  const frames: Figures[] = [];
  const during = async (name: string, action: () => Promise<void>): Promise<void> => {
    await frame.evaluate('window.meter.start()');
    await action();
    const deltas = await frame.evaluate<number[]>('window.meter.stop()');
    frames.push({
      [`${name}, frames`]: deltas.length,
      [`${name}, p50 ms`]: round(percentile(deltas, 0.5), 1),
      [`${name}, p95 ms`]: round(percentile(deltas, 0.95), 1),
      [`${name}, max ms`]: round(Math.max(0, ...deltas), 1),
    });
  };
  await list.focus();
  await page.keyboard.press('Home');
  await page.mouse.move(box.x + 400, box.y + 200);
  await during('wheel', async () => {
    for (let i = 0; i < 120; i++) await page.mouse.wheel(0, 400);
  });
  await during('wheel through all', async () => {
    for (let i = 0; i < 120; i++) await page.mouse.wheel(0, (rows * 22) / 120);
  });
  await page.keyboard.press('Home');
  const x = bar.x + bar.width / 2;
  await during('thumb', async () => {
    await page.mouse.move(x, bar.y + 8);
    await page.mouse.down();
    await page.mouse.move(x, bar.y + bar.height, { steps: 80 });
    await page.mouse.move(x, bar.y, { steps: 80 });
    await page.mouse.up();
  });
  await list.focus();
  await during('page keys', async () => {
    for (let i = 0; i < 60; i++) await page.keyboard.press('PageDown');
  });
  await page.keyboard.press('Escape');
  await during('typing a filter', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('op == "update" && size > 100', { delay: 30 });
    await frame.locator('#chip-filter').waitFor();
  });
  const paint = await frame.evaluate<number>(
    `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1`,
  );
  const memory = await frame.evaluate<number>('performance.memory?.usedJSHeapSize ?? 0');
  return {
    rows,
    'first paint of the page, ms': round(paint, 0),
    ...frames.reduce((a, b) => ({ ...a, ...b }), {}),
    'JavaScript heap MB, with that of VS Code where it shares the process': round(memory / 1e6, 1),
  };
}
