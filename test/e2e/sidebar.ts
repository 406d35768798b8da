import { setTimeout as sleep } from 'node:timers/promises';
import { errors, type Locator, type Page } from 'playwright-core';

const escapePattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Run in the page: keeps the label of the button that the next click reaches. */
const NOTE_CLICK = `delete window.clickedButton;
  document.addEventListener('click', ({ target }) => {
    window.clickedButton = target.closest('[role=button]')?.getAttribute('aria-label');
  }, { capture: true, once: true });`;

async function appears(item: Locator): Promise<boolean> {
  try {
    await item.waitFor({ timeout: 5000 });
    return true;
  } catch (error) {
    if (error instanceof errors.TimeoutError) return false;
    throw error;
  }
}

/** The container "WAL Explorer" at the side, with its trees. */
export class Sidebar {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(): Promise<void> {
    const tab = this.#page.getByRole('tab', { name: /^WAL Explorer/ });
    await tab.waitFor();
    // A page that has just come restores its layout: a click in that moment would close it again.
    for (let tries = 0; tries < 20 && !(await this.#isOpen(tab)); tries++) await tab.click();
  }

  async #isOpen(tab: Locator): Promise<boolean> {
    if ((await tab.getAttribute('aria-selected')) !== 'true') return false;
    await sleep(500);
    return (await tab.getAttribute('aria-selected')) === 'true';
  }

  /** The line whose text begins with `name`, or matches it; a capture's is followed by a bracket. */
  item(name: string | RegExp): Locator {
    const pattern =
      typeof name === 'string' ? new RegExp(`^${escapePattern(name)}(?!\\w| \\()`) : name;
    return this.items(pattern).first();
  }

  /** The lines that match. */
  items(pattern: RegExp): Locator {
    return this.#page.getByRole('treeitem', { name: pattern });
  }

  /** Opens line after line, from the top down. */
  async expand(...names: readonly (string | RegExp)[]): Promise<void> {
    for (const name of names) {
      const item = this.item(name);
      await item.waitFor();
      // A server that was just added opens by itself: a click in that moment would close it again.
      for (let tries = 0; tries < 20 && !(await this.#staysOpen(item)); tries++) {
        if ((await item.getAttribute('aria-expanded')) === 'false') {
          await item.locator('.monaco-tl-twistie').click();
        }
      }
    }
  }

  async #staysOpen(item: Locator): Promise<boolean> {
    if ((await item.getAttribute('aria-expanded')) !== 'true') return false;
    await sleep(250);
    return (await item.getAttribute('aria-expanded')) === 'true';
  }

  /** Clicks an icon that shows while the pointer is over the line. */
  async inlineAction(name: string | RegExp, title: RegExp): Promise<void> {
    const item = this.item(name);
    const button = item.getByRole('button', { name: title });
    await item.waitFor();
    // A tree that is drawn again in that moment moves the line away from the pointer, or takes the
    // button from under a click: whoever sees that tries again.
    for (let tries = 0; tries < 10; tries++) {
      await this.#page.mouse.move(0, 0);
      if (await this.#clickArrives(item, button)) return;
    }
    throw new Error(`no click on ${String(title)} of ${String(name)} arrives`);
  }

  async #clickArrives(item: Locator, button: Locator): Promise<boolean> {
    try {
      await item.hover({ timeout: 5000 });
      const label = await button.getAttribute('aria-label', { timeout: 5000 });
      await this.#page.evaluate(NOTE_CLICK);
      await button.click({ timeout: 5000 });
      return label === (await this.#page.evaluate<unknown>('window.clickedButton'));
    } catch (error) {
      if (error instanceof errors.TimeoutError) return false;
      throw error;
    }
  }

  /** Chooses an entry of the line's context menu. */
  async menu(name: string | RegExp, entry: string): Promise<void> {
    // A key that does the same stands behind the entry's name.
    const pattern = new RegExp(`^${escapePattern(entry)}`);
    const item = this.#page.getByRole('menuitem', { name: pattern }).first();
    for (let tries = 0; tries < 10; tries++) {
      await this.item(name).click({ button: 'right' });
      if ((await appears(item)) && (await this.#hasFocus(name))) {
        await item.click();
        return;
      }
      await this.#page.keyboard.press('Escape');
    }
    throw new Error(`no menu of ${String(name)} with ${entry} opens`);
  }

  /** The line of a menu has it: another one may have come under the pointer in that moment. */
  async #hasFocus(name: string | RegExp): Promise<boolean> {
    // The button that opened the menu must not choose from it: VS Code is deaf for a moment.
    await sleep(200);
    return /\bfocused\b/.test((await this.item(name).getAttribute('class')) ?? '');
  }

  /** A button among the texts of a view that has no lines. */
  welcomeButton(name: string): Locator {
    return this.#page.locator('.welcome-view-content').getByRole('button', { name });
  }

  /** What hovering over the line shows. */
  async tooltip(name: string | RegExp): Promise<Locator> {
    const hover = this.#page.locator('.monaco-hover').filter({ visible: true }).first();
    for (let tries = 0; tries < 5 && !(await hover.isVisible()); tries++) {
      // A tree that is drawn again in that moment forgets that the pointer rests on it.
      await this.#page.mouse.move(0, 0);
      await this.item(name).locator('.monaco-icon-label').hover();
      await hover.waitFor({ timeout: 3000 }).catch(() => undefined);
    }
    await hover.waitFor();
    return hover;
  }
}
