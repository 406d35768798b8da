import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { OverviewRequest } from '../../src/shared/overviewApi';
import type { ViewSpec } from '../../src/shared/viewSpec';
import { graveFindings } from './graveFindings';
import { RESULTS, useOwnPage, usePages } from './usePages';

describe('the overview strip', () => {
  const pages = usePages();
  let page: Page;
  useOwnPage(pages, { changes: '50000' }, async opened => {
    page = opened;
    await page.locator('wal-timeline-grid .row').first().waitFor();
    await expect.poll(() => told()).toContain('50,000 committed changes');
  });

  const plot = () => page.locator('wal-overview .plot');
  const told = () => page.locator('wal-overview .told').innerText();
  const requests = async (): Promise<OverviewRequest[]> => {
    const calls = await page.evaluate(() =>
      window.host.calls.filter(call => call.startsWith('overview({')),
    );
    return calls.map(call => JSON.parse(call.slice('overview('.length, -1)) as OverviewRequest);
  };
  const lastWindow = async () => (await requests()).at(-1)?.window;
  const spec = async (): Promise<ViewSpec | undefined> => {
    const calls = await page.evaluate(() =>
      window.host.calls.filter(call => call.startsWith('setView(')),
    );
    const last = calls.at(-1);
    return last === undefined
      ? undefined
      : (JSON.parse(last.slice('setView('.length, -1)) as ViewSpec);
  };
  const box = async () => (await plot().boundingBox())!;
  const point = async (x: number, y = 20): Promise<void> => {
    const { x: left, y: top } = await box();
    await page.mouse.move(left + x, top + y);
  };

  it('says in words what it shows, and what stands below the pointer', async () => {
    expect(await told()).toMatch(
      /^50,000 committed changes between .+ and .+, most .+ more not committed$/,
    );
    await point(300);
    await expect.poll(told).toMatch(/ \+ .+: \d+ changes: .*\d+ inserts, .*\d+ updates/);
    expect(await plot().getAttribute('aria-label')).toContain('commit time');
    await page.locator('#overview-lsn').click();
    await expect.poll(async () => (await requests()).at(-1)?.by).toBe('lsn');
    await expect.poll(told).toContain('of WAL at 0/');
  });

  it('shows a single change as a line within a second, and no times where there is none', async () => {
    const edges = async (on: Page) => {
      const read = async (name: string) =>
        Number(await on.locator('wal-overview .plot').getAttribute(name));
      return (await read('aria-valuemax')) - (await read('aria-valuemin'));
    };
    /** Pixels of the axis below the line that are not empty. */
    const drawn = (on: Page) =>
      on.evaluate(() => {
        const canvas = document
          .querySelector('wal-timeline')!
          .shadowRoot!.querySelector('wal-overview')!
          .shadowRoot!.querySelector<HTMLCanvasElement>('canvas.bars')!;
        const height = 10;
        const { data } = canvas
          .getContext('2d')!
          .getImageData(0, canvas.height - height, canvas.width, height);
        return data.filter((value, i) => i % 4 === 3 && value > 0).length;
      });
    const one = await pages.open({ changes: '1' });
    await expect.poll(() => edges(one.page)).toBeGreaterThanOrEqual(1_000_000);
    await expect.poll(() => drawn(one.page)).toBeGreaterThan(20);
    await one.page.close();
    const none = await pages.open({ changes: '0' });
    await none.page.locator('wal-overview .told', { hasText: 'No committed changes' }).waitFor();
    expect(await drawn(none.page)).toBe(0);
    await none.page.close();
  });

  it('draws bars that fill pixels of the device, and anew when the theme changes', async () => {
    const colorsAt = () =>
      page.evaluate(() => {
        const strip = document
          .querySelector('wal-timeline')!
          .shadowRoot!.querySelector('wal-overview')!.shadowRoot!;
        const canvas = strip.querySelector<HTMLCanvasElement>('canvas.bars')!;
        const { data } = canvas.getContext('2d')!.getImageData(200, 0, 100, canvas.height);
        const colors = new Set<number>();
        for (let i = 0; i < data.length; i += 4) {
          if (data[i + 3] === 255)
            colors.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
        }
        return {
          right: canvas.width === Math.round(canvas.clientWidth * devicePixelRatio),
          colors: [...colors].sort((a, b) => a - b),
        };
      });
    const dark = await colorsAt();
    expect(dark.right).toBe(true);
    expect(dark.colors.length).toBeGreaterThan(3);
    await page.evaluate(() => {
      const { style } = document.documentElement;
      style.setProperty('--vscode-gitDecoration-addedResourceForeground', '#123456');
    });
    await expect.poll(async () => (await colorsAt()).colors.includes(0x123456)).toBe(true);
  });

  it('chooses what is dragged over, and shows all again with a double click', async () => {
    await point(200);
    await page.mouse.down();
    await point(400);
    await page.mouse.up();
    await expect.poll(async () => (await spec())?.range?.by).toBe('time');
    const range = (await spec())!.range!;
    expect(range.from! < range.to!).toBe(true);
    expect(range.from).toMatch(/^2026-11-20T09:00:\d\d\.\d{6}Z$/);
    await plot().dblclick({ position: { x: 300, y: 20 } });
    await expect.poll(async () => (await spec())?.range).toBeUndefined();
    // To beyond the end: what is committed from now on is chosen too.
    await point(600);
    await page.mouse.down();
    await point((await box()).width - 1);
    await page.mouse.up();
    await expect.poll(async () => Object.keys((await spec())?.range ?? {})).toEqual(['by', 'from']);
    await plot().focus();
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await spec())?.range).toBeUndefined();
  });

  it('zooms at the pointer, moves, and shows all again', async () => {
    const width = (await box()).width;
    await point(width / 4);
    await page.mouse.wheel(0, -400);
    await expect.poll(lastWindow).toBeDefined();
    const whole = 150_000_000;
    const first = (await lastWindow())!;
    const share = (first.to - first.from) / whole;
    expect(share).toBeLessThan(0.5);
    // A quarter of it stands left of the pointer, as before.
    await page.mouse.wheel(0, -400);
    await expect.poll(async () => (await lastWindow())!.from).toBeGreaterThan(first.from);
    const second = (await lastWindow())!;
    const left = (second.from - first.from) / (first.to - first.from - (second.to - second.from));
    expect(left).toBeCloseTo(0.25, 1);
    // The axis moves it.
    await point(600, 52);
    await page.mouse.down();
    await point(500, 52);
    await page.mouse.up();
    await expect.poll(async () => (await lastWindow())!.from).toBeGreaterThan(second.from);
    expect(await spec()).toBeUndefined();
    await page.locator('#overview-all').click();
    await expect.poll(lastWindow).toBeUndefined();
  });

  it('can be used by keyboard alone', async () => {
    await plot().focus();
    await page.keyboard.press('Home');
    const value = () => plot().getAttribute('aria-valuetext');
    await expect.poll(value).toMatch(/:[0-5]9:59\./);
    const before = await value();
    await page.keyboard.press('ArrowRight');
    await expect.poll(value).not.toBe(before);
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(async () => (await spec())?.range?.by).toBe('time');
    await page.keyboard.press('+');
    await expect.poll(lastWindow).toBeDefined();
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await spec())?.range).toBeUndefined();
    await page.keyboard.press('Escape');
    await expect.poll(lastWindow).toBeUndefined();
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.evaluate(() => window.host.calls.some(c => c.includes('"kind":"time"'))))
      .toBe(true);
  });

  it('follows what comes a few times a second, and shows what passes in front of all', async () => {
    const before = (await requests()).length;
    await page.evaluate(async () => {
      const start = performance.now();
      for (let i = 0; i < 40; i++) {
        window.host.receive(5);
        // By the clock: a busy machine sends the rest sooner, and not for longer.
        const wait = start + 25 * (i + 1) - performance.now();
        if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait));
      }
    });
    await expect.poll(told).toContain('54,000 committed changes');
    expect((await requests()).length - before).toBeLessThan(8);
    await page.locator('#op-insert').click();
    await expect.poll(told).toContain('pass the filter');
  });

  it('is hidden by its toggle, and comes back as it was left', async () => {
    await page.locator('#overview-lsn').click();
    await point(300);
    await page.mouse.wheel(0, -400);
    await expect.poll(lastWindow).toBeDefined();
    const window = await lastWindow();
    await page.waitForFunction(() => sessionStorage.getItem('state')?.includes('"by":"lsn"'));
    await page.waitForFunction(
      from => sessionStorage.getItem('state')?.includes(String(from)),
      window!.from,
    );
    await page.reload();
    await expect.poll(lastWindow).toEqual(window);
    expect((await requests()).at(-1)?.by).toBe('lsn');
    await page.locator('#overview').click();
    await expect.poll(() => plot().count()).toBe(0);
    await page.waitForFunction(() => sessionStorage.getItem('state')?.includes('"shown":false'));
    await page.reload();
    await page.locator('wal-timeline-grid .row').first().waitFor();
    expect(await plot().count()).toBe(0);
  });

  for (const theme of ['dark', 'light', 'highContrast']) {
    it(`is sound and drawn in ${theme}, also at 200 percent`, async () => {
      const other = await pages.open({ theme, changes: '50000' });
      const strip = other.page.locator('wal-overview');
      await expect.poll(() => strip.locator('.told').innerText()).toContain('50,000');
      await strip.locator('.plot').hover({ position: { x: 300, y: 20 } });
      for (let i = 0; i < 4; i++) await other.page.mouse.wheel(0, -300);
      await strip.locator('#overview-all').waitFor();
      await other.page.mouse.down();
      await other.page.mouse.move(700, 80);
      await other.page.mouse.up();
      await other.page.locator('wal-narrowing-bar').getByText('committed').waitFor();
      expect(other.errors).toEqual([]);
      expect(await graveFindings(other.page)).toEqual([]);
      const picture = (name: string) => path.join(RESULTS, `overview-${theme}${name}.png`);
      await other.page.screenshot({ path: picture('') });
      // At 200 percent there is half as much room.
      await other.page.setViewportSize({ width: 640, height: 400 });
      await expect.poll(async () => (await strip.boundingBox())!.width).toBe(640);
      expect((await strip.locator('.plot').boundingBox())!.width).toBeGreaterThan(500);
      await other.page.screenshot({ path: picture('-zoom') });
      await other.page.close();
    });
  }
});
