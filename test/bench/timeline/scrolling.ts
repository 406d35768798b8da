import { symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import type { Figures } from '../replication/figures';
import { machineLoad, round } from '../replication/figures';
import { heapMegabytes, openBenchPage, timelineFrame } from './benchPage';
import { collect, opening, spread } from './pageMeter';

const NAME = 'large.walcap';
/** How often it is opened. */
const OPENINGS = 4;
/** After its start VS Code is busy with itself for a while, in milliseconds. */
const REST_MS = 3000;

/** Opens a capture several times, scrolls through it by wheel, thumb and keys, and types a filter. */
export async function scrolling(capture: string): Promise<Figures> {
  const bench = await openBenchPage({}, vscode =>
    symlink(path.resolve(capture), path.join(vscode.workspace, NAME)),
  );
  try {
    const { page } = bench;
    const load = machineLoad();
    const openings: Opening[] = [];
    let frame = await timed(page, openings);
    while (openings.length < OPENINGS) {
      await page.locator('.tabs-container .tab').first().click({ button: 'middle' });
      frame = await timed(page, openings);
    }
    const each = (part: keyof Opening): string =>
      openings.map(times => String(round(times[part], 0))).join(', ');
    return {
      capture: path.basename(capture),
      ...load,
      'first row after a double click, ms': each('click'),
      'first row after its page began to load, ms': each('page'),
      'first row after our script ran, ms': each('script'),
      ...(await measure(page, frame)),
    };
  } finally {
    await bench.close();
  }
}

/** When the first row was drawn, in milliseconds after what begins an opening. */
interface Opening {
  readonly click: number;
  readonly page: number;
  readonly script: number;
}

/** Opens the capture once VS Code has come to rest, and notes how long that took. */
async function timed(page: Page, openings: Opening[]): Promise<Frame> {
  await page.waitForTimeout(REST_MS);
  const clickedAt = await openCapture(page);
  const frame = await timelineFrame(page);
  const { element, row } = await opening(frame);
  const origin = await frame.evaluate<number>('performance.timeOrigin');
  openings.push({ click: origin + row - clickedAt, page: row, script: row - element });
  return frame;
}

/**
 * Opens it by a double click; when that was, in milliseconds since 1970. Right after its start VS Code knows no
 * editor for it yet and offers the one for texts: then it is opened again.
 */
async function openCapture(page: Page): Promise<number> {
  for (let tries = 1; ; tries++) {
    const file = page.locator('.explorer-folders-view').getByText(NAME);
    await file.hover();
    const clickedAt = Date.now();
    await file.dblclick();
    try {
      await page.locator('iframe.webview.ready').waitFor({ timeout: 6000 });
      return clickedAt;
    } catch (error) {
      if (tries === 5) throw error;
      await page.locator('.tabs-container .tab').first().click({ button: 'middle' });
    }
  }
}

/** How many rows the list has once all are counted. */
async function countedRows(page: Page, list: Locator): Promise<number> {
  for (let before = -1; ;) {
    const rows = Number(await list.getAttribute('aria-rowcount')) - 1;
    if (rows === before) return rows;
    before = rows;
    await page.waitForTimeout(1000);
  }
}

async function measure(page: Page, frame: Frame): Promise<Figures> {
  const list = frame.locator('wal-timeline-grid .list');
  const box = await list.boundingBox();
  const bar = await frame.locator('wal-timeline-grid .scrollbar').boundingBox();
  if (box === null || bar === null) throw new Error('The list is not in sight.');
  const figures: Figures[] = [];
  const during = async (name: string, action: () => Promise<void>): Promise<void> => {
    const { frames } = await collect(frame, action);
    figures.push({ [`${name}, frames`]: frames.length, ...spread(name, frames) });
  };
  await list.focus();
  await page.keyboard.press('Home');
  await page.mouse.move(box.x + 400, box.y + 200);
  const wheel = async (): Promise<void> => {
    for (let i = 0; i < 120; i++) await page.mouse.wheel(0, 400);
  };
  await during('wheel, while rows are counted', wheel);
  const rows = await countedRows(page, list);
  await during('wheel', wheel);
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
  return {
    rows,
    ...figures.reduce((a, b) => ({ ...a, ...b }), {}),
    'JavaScript heap MB, with that of VS Code where it shares the process':
      await heapMegabytes(frame),
  };
}
