import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { Values } from './independentDecoding';

/** The timeline panel in front: what is inside its two frames. */
export class TimelineFrame {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get frame(): FrameLocator {
    const outer = this.#page.locator('iframe.webview.ready').first();
    return outer.contentFrame().frameLocator('iframe#active-frame');
  }

  get grid(): Locator {
    return this.frame.getByRole('grid').first();
  }

  /** Lines of the list that are in sight and hold `text`. */
  rows(text: string | RegExp = ''): Locator {
    return this.grid.getByRole('row').filter({ hasText: text });
  }

  /**
   * Milliseconds until a line with `text` is in sight. Looks far more often than `waitFor`, which
   * rests for up to half a second between two looks.
   */
  async timeToRow(text: string): Promise<number> {
    const started = performance.now();
    while ((await this.rows(text).count()) === 0) {
      if (performance.now() - started > 10_000) throw new Error(`no row with ${text} in 10 s`);
      await sleep(20);
    }
    return performance.now() - started;
  }

  /** How many lines the whole list has. */
  async rowCount(): Promise<number> {
    return Number(await this.grid.getAttribute('aria-rowcount')) - 1;
  }

  /** A button of the toolbar, by its id. */
  button(id: string): Locator {
    return this.frame.locator(`#${id}`);
  }

  /** Takes a text or an expression. */
  get filterBox(): Locator {
    return this.frame.getByRole('combobox', { name: /^Filter: show only changes/ });
  }

  /** The list, or what is said in its place. */
  get changes(): Locator {
    return this.frame.getByRole('region', { name: 'Changes' });
  }

  get detail(): Locator {
    return this.frame.getByRole('region', { name: 'Detail' });
  }

  /** The values of the selected row: columns that were not sent are left out. */
  async detailValues(): Promise<Readonly<Record<'before' | 'after', Values>>> {
    const before: Record<string, string | null> = {};
    const after: Record<string, string | null> = {};
    for (const row of await this.detail.locator('table.columns tbody tr').all()) {
      const name = await row.getByRole('rowheader').innerText();
      for (const [side, values] of Object.entries({ before, after })) {
        const cell = row.locator(`[data-side=${side}]`);
        if ((await cell.getAttribute('title')) === 'not sent') continue;
        // NULL and the empty text are told by what no text of a value can have.
        if ((await cell.getByTitle('NULL', { exact: true }).count()) > 0) values[name] = null;
        else if ((await cell.getByTitle('empty text', { exact: true }).count()) > 0)
          values[name] = '';
        else values[name] = await cell.innerText();
      }
    }
    return { before, after };
  }

  /** Waits until the panel shows its stream as running. */
  async waitUntilLive(): Promise<void> {
    await this.frame.locator('.state').filter({ hasText: 'live' }).waitFor({ timeout: 30_000 });
  }
}
