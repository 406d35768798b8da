/** Waits for a step of the end, but not longer than this; what it throws does not stop the end. */
export async function bounded<T>(step: Promise<T> | undefined, ms: number): Promise<T | undefined> {
  if (step === undefined) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>(resolve => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, ms);
  });
  try {
    return await Promise.race([step, timeout]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves some time after the signal; never without it. */
export function afterAbort(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise(resolve => {
    const wait = (): void => {
      setTimeout(resolve, ms).unref();
    };
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
}
