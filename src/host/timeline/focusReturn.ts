/** A page that does not answer is not waited for any longer. */
const WAIT_MS = 2000;

/** Waits for a page to have the focus that VS Code gives back to it. */
export class FocusReturn {
  #token = 0;
  #settle: () => void = () => undefined;

  /** @param ask Has the page answer with the token; false where there is no page to be asked. */
  async wait(ask: (token: number) => Thenable<boolean>): Promise<void> {
    this.#settle();
    const token = ++this.#token;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, WAIT_MS);
      this.#settle = (): void => {
        clearTimeout(timer);
        resolve();
      };
      ask(token).then(
        isThere => {
          if (!isThere && token === this.#token) this.#settle();
        },
        () => {
          if (token === this.#token) this.#settle();
        },
      );
    });
  }

  /** The page's answer. */
  take(token: number): void {
    if (token === this.#token) this.#settle();
  }

  dispose(): void {
    this.#settle();
  }
}
