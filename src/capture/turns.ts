/** How long work goes on before others get a turn, in milliseconds. */
const SLICE_MS = 8;

/**
 * Makes a function for long work to call between its steps: lets what else waits in this thread have a
 * turn when the slice is over, and throws when the work is no longer wanted.
 */
export function takeTurns(signal?: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - since < SLICE_MS) return;
    await new Promise<void>(resolve => setImmediate(resolve));
    since = performance.now();
    signal?.throwIfAborted();
  };
}
