import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameLocator, Locator, Page } from 'playwright-core';

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

  /** The list, or what is said in its place. */
  get changes(): Locator {
    return this.frame.getByRole('region', { name: 'Changes' });
  }

  get detail(): Locator {
    return this.frame.getByRole('region', { name: 'Detail' });
  }

  /** Waits until the panel shows its stream as running. */
  async waitUntilLive(): Promise<void> {
    await this.frame.locator('.state').filter({ hasText: 'live' }).waitFor({ timeout: 30_000 });
  }
}
