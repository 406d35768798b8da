import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';

/** What every frame counts: events that only a pointer makes. */
const COUNTER = `
  window.pointerEvents = [];
  for (const type of ['pointerdown', 'mousedown', 'mousemove', 'pointermove', 'wheel', 'touchstart']) {
    window.addEventListener(type, event => {
      if (event.isTrusted) window.pointerEvents.push(type);
    }, true);
  }
`;

/** More lines than any list of a test has. */
const MOST_LINES = 60;

/** A person who has a keyboard and nothing else. */
export class Keyboard {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** From now on every pointer event is counted, also in frames that come later. */
  async watch(): Promise<void> {
    await this.#page.addInitScript(COUNTER);
    await this.#page.evaluate(COUNTER);
  }

  /** The pointer events of all frames since {@link watch}. */
  async pointerEvents(): Promise<readonly string[]> {
    const frames = this.#page.frames();
    const counted = await Promise.all(
      frames.map(frame => frame.evaluate<string[]>('window.pointerEvents ?? []')),
    );
    return counted.flat();
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }

  /** Runs a command by its title in the palette. */
  async run(title: string): Promise<void> {
    await this.press('F1');
    await this.#quickInput.getByPlaceholder(/command/i).waitFor();
    await this.type(title);
    await this.#acceptFocused(title);
  }

  /** Narrows the list of a question to `text` and takes what is left first. */
  async pick(text: string): Promise<void> {
    await this.#quickInput.getByRole('option').filter({ hasText: text }).first().waitFor();
    await this.type(text);
    await this.#acceptFocused(text);
  }

  /** Waits for a question and accepts what is chosen already. */
  async accept(question: string): Promise<void> {
    await this.#quickInput.getByPlaceholder(question).waitFor();
    await this.press('Enter');
  }

  /** Waits for a question, types over what is in its box and accepts. */
  async answer(question: string, text: string): Promise<void> {
    await this.#quickInput.filter({ hasText: question }).waitFor();
    await this.press('Control+a');
    await this.type(text);
    await this.press('Enter');
  }

  /** Types over where to save and accepts: again where nothing comes of it, as while VS Code reads the folder. */
  async saveAs(file: string): Promise<void> {
    await this.press('Control+a');
    await this.type(file);
    const box = this.#quickInput.locator('input').first();
    for (let tries = 1; ; tries++) {
      await this.press('Enter');
      try {
        await box.waitFor({ state: 'hidden', timeout: 5000 });
        return;
      } catch (error) {
        if (tries === 4) throw error;
      }
    }
  }

  /** Goes down the tree that has the focus to the line that begins with `name`. */
  async toLine(name: string): Promise<void> {
    await this.#page.getByRole('treeitem', { name }).first().waitFor();
    await this.press('Home');
    const focused = this.#page.locator('.monaco-list:focus-within .monaco-list-row.focused');
    await this.#step(focused, 'ArrowDown', name);
  }

  /** Opens the menu of what has the focus and chooses from it. */
  async menu(entry: string): Promise<void> {
    await this.press('Shift+F10');
    const items = this.#page.getByRole('menuitem');
    await items.filter({ hasText: entry }).first().waitFor();
    await this.#step(this.#page.locator('.action-item.focused'), 'ArrowDown', entry);
    await this.press('Enter');
  }

  /** Answers the modal question that holds `text` by one of its buttons. */
  async modal(text: string, button: string): Promise<void> {
    const dialog = this.#page.getByRole('dialog').filter({ hasText: text });
    await dialog.waitFor();
    await this.#step(dialog.locator('.monaco-button:focus'), 'Tab', button);
    await this.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  }

  /** Presses `key` until what is focused begins with `text`. */
  async #step(focused: Locator, key: string, text: string): Promise<void> {
    for (let line = 0; line < MOST_LINES; line++) {
      const [now] = (await focused.count()) === 0 ? [''] : await focused.allInnerTexts();
      if (now?.trim().startsWith(text) === true) return;
      await this.press(key);
      await sleep(60);
    }
    throw new Error(`"${text}" was not reached by ${key}`);
  }

  get #quickInput(): Locator {
    return this.#page.locator('.quick-input-widget');
  }

  async #acceptFocused(text: string): Promise<void> {
    const focused = this.#quickInput.locator('.monaco-list-row.focused');
    await focused.filter({ hasText: text }).waitFor();
    await this.press('Enter');
  }
}
