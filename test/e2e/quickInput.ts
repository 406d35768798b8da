import type { Locator, Page } from 'playwright-core';

/** The command palette and every other quick pick or input box. */
export class QuickInput {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get #widget(): Locator {
    return this.#page.locator('.quick-input-widget');
  }

  /** Runs a command by its title, such as `WAL Explorer: Show Log`. */
  async run(title: string): Promise<void> {
    await this.#page.keyboard.press('F1');
    await this.#widget.locator('input').first().waitFor();
    await this.#page.keyboard.type(title);
    await this.choose(title);
  }

  /** Chooses the first line that holds `text`. */
  async choose(text: string): Promise<void> {
    const option = this.#widget.getByRole('option').filter({ hasText: text }).first();
    await option.waitFor();
    await option.click();
  }

  /** Types into the box and accepts. */
  async answer(text: string): Promise<void> {
    const input = this.#widget.locator('input').first();
    await input.waitFor();
    await input.fill(text);
    await input.press('Enter');
  }
}
