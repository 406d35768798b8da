import type { Locator, Page } from 'playwright-core';

const escapePattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The container "WAL Explorer" at the side, with its trees. */
export class Sidebar {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(): Promise<void> {
    const tab = this.#page.getByRole('tab', { name: /^WAL Explorer/ });
    await tab.waitFor();
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  }

  /** The line whose text begins with `name`, or matches it. */
  item(name: string | RegExp): Locator {
    const pattern = typeof name === 'string' ? new RegExp(`^${escapePattern(name)}(?!\\w)`) : name;
    return this.#page.getByRole('treeitem', { name: pattern }).first();
  }

  /** Opens line after line, from the top down. */
  async expand(...names: readonly (string | RegExp)[]): Promise<void> {
    for (const name of names) {
      const item = this.item(name);
      await item.waitFor();
      if ((await item.getAttribute('aria-expanded')) === 'false') {
        await item.locator('.monaco-tl-twistie').click();
      }
    }
  }

  /** Clicks an icon that shows while the pointer is over the line. */
  async inlineAction(name: string | RegExp, title: RegExp): Promise<void> {
    const item = this.item(name);
    await item.hover();
    await item.getByRole('button', { name: title }).click();
  }
}
