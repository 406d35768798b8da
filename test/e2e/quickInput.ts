import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';

interface Patience {
  /** Milliseconds. */
  readonly timeout?: number;
}

const place = async (item: Locator, patience: Patience): Promise<string> =>
  JSON.stringify(await item.boundingBox(patience));

/** The command palette and every other quick pick or input box. */
export class QuickInput {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Waits until it says `text`, wherever in it. */
  async says(text: string | RegExp): Promise<void> {
    await this.#widget.filter({ hasText: text }).waitFor();
  }

  /** Waits until its empty box asks `text`, wherever in it. */
  async asks(text: string | RegExp): Promise<void> {
    await this.#widget.getByPlaceholder(text).waitFor();
  }

  /** Whether what is typed shows as dots. */
  async isSecret(): Promise<boolean> {
    return (await this.#widget.locator('input').first().getAttribute('type')) === 'password';
  }

  get #widget(): Locator {
    return this.#page.locator('.quick-input-widget');
  }

  /** Runs a command by its title, such as `WAL Explorer: Show Log`. */
  async run(title: string): Promise<void> {
    const option = this.#widget.getByRole('option').filter({ hasText: title }).first();
    for (let tries = 1; ; tries++) {
      // A page that has just come may take the focus once more, which closes the palette.
      await this.#page.keyboard.press('F1');
      await this.#widget.locator('input').first().waitFor();
      await this.#page.keyboard.type(title);
      try {
        await option.waitFor({ timeout: 6000 });
        await this.choose(title, { timeout: 3000 });
        return;
      } catch (error) {
        if (tries === 4) throw error;
      }
    }
  }

  /** Chooses the first line that holds `text`. */
  async choose(text: string, patience: Patience = {}): Promise<void> {
    // What the pointer rests on shows a tooltip, which may cover the line.
    await this.#page.mouse.move(0, 0);
    const option = this.#widget.getByRole('option').filter({ hasText: text }).first();
    await option.waitFor(patience);
    // A list that has just come moves its lines once more to show the one that is active.
    let before = '';
    for (
      let now = await place(option, patience);
      now !== before;
      now = await place(option, patience)
    ) {
      before = now;
      await sleep(150);
    }
    await option.click(patience);
  }

  /** Waits for the question, which may be a part of it, types into the box and accepts. */
  async answer(question: string, text: string): Promise<void> {
    await this.says(question);
    const input = this.#widget.locator('input').first();
    await input.waitFor();
    await input.fill(text);
    await input.press('Enter');
  }

  /** Types into the box in place of what is there, and accepts nothing. */
  async type(text: string): Promise<void> {
    await this.#widget.locator('input').first().fill(text);
  }

  async press(key: string): Promise<void> {
    await this.#widget.locator('input').first().press(key);
  }

  /** Ticks the first line that holds `text`, of a question that takes several. */
  async tick(text: string): Promise<void> {
    const option = this.#widget.getByRole('checkbox').filter({ hasText: text }).first();
    await option.click();
  }

  /** Accepts what is chosen. */
  async accept(): Promise<void> {
    await this.press('Enter');
  }
}
