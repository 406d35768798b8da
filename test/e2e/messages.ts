import type { Locator, Page } from 'playwright-core';

/** What VS Code says outside of its views: notifications and modal questions. */
export class Messages {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The notification that holds `text`. */
  notification(text: string | RegExp): Locator {
    return this.#page.locator('.notifications-toasts .notification-list-item').filter({
      hasText: text,
    });
  }

  /** Presses a button of the notification that holds `text`. */
  async answer(text: string | RegExp, button: string): Promise<void> {
    const item = this.notification(text);
    await item.getByRole('button', { name: button, exact: true }).click();
    await item.waitFor({ state: 'detached' });
  }

  /** The modal question that holds `text`. */
  modal(text: string | RegExp): Locator {
    return this.#page.getByRole('dialog').filter({ hasText: text });
  }

  /** Presses a button of the modal question that holds `text`. */
  async answerModal(text: string, button: string): Promise<void> {
    const dialog = this.#page.getByRole('dialog').filter({ hasText: text });
    await dialog.getByRole('button', { name: button, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  }
}
