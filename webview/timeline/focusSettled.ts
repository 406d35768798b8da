/** How long the page waits for a focus that may not come, since it was elsewhere. */
const WAIT_MS = 500;

/**
 * Resolves when the page has the focus, or does not get it. VS Code gives the focus back to a page a moment
 * after a question or the palette has closed, and a question that is asked by then would lose it again.
 */
export async function focusSettled(): Promise<void> {
  if (document.hasFocus()) return;
  await new Promise<void>(resolve => {
    const settle = (): void => {
      window.clearTimeout(timer);
      window.removeEventListener('focus', settle);
      resolve();
    };
    const timer = window.setTimeout(settle, WAIT_MS);
    window.addEventListener('focus', settle);
  });
}
