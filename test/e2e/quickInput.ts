import type { Locator, Page } from 'playwright-core';

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

  /** Whether what is typed shows as dots. */
  async isSecret(): Promise<boolean> {
    return (await this.#widget.locator('input').first().getAttribute('type')) === 'password';
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

  /** Waits for the question, which may be a part of it, types into the box and accepts. */
  async answer(question: string, text: string): Promise<void> {
    await this.says(question);
    const input = this.#widget.locator('input').first();
    await input.waitFor();
    await input.fill(text);
    await input.press('Enter');
  }
}
