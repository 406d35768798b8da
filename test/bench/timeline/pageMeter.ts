import type { Frame } from 'playwright-core';
import { percentile, round } from '../replication/figures';
import type { Figures } from '../replication/figures';

/**
 * Runs in every page before its own scripts. In that of a timeline it notes when the list was there and when a
 * row of it was first seen drawn, in milliseconds since the page began to load; `window.meter` collects the
 * times from frame to frame, and from each key and turn of the wheel to the end of the frame after it.
 */
export const PAGE_METER = `(() => {
  const list = () => document.querySelector('wal-timeline')?.shadowRoot
    ?.querySelector('wal-timeline-grid')?.shadowRoot;
  const opening = { element: -1, row: -1 };
  // By a timer: VS Code writes the page into a frame that is there already, which ends what waits for frames.
  const timer = setInterval(() => {
    if (opening.element < 0 && customElements.get('wal-timeline')) opening.element = performance.now();
    if (!list()?.querySelector('.viewport .row:not(.loading)')) return;
    clearInterval(timer);
    requestAnimationFrame(() => {
      opening.row = performance.now();
    });
  }, 2);
  let running = false;
  let frames = [];
  let inputs = [];
  let last = 0;
  const frame = now => {
    if (!running) return;
    if (last > 0) frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  const input = ({ timeStamp }) => {
    if (!running) return;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        inputs.push(performance.now() - timeStamp);
        port1.close();
      };
      port2.postMessage(0);
    });
  };
  window.meter = {
    opening,
    start() {
      addEventListener('keydown', input, { capture: true });
      addEventListener('wheel', input, { capture: true, passive: true });
      [frames, inputs, last, running] = [[], [], 0, true];
      requestAnimationFrame(frame);
    },
    stop() {
      running = false;
      return { frames, inputs };
    },
  };
})();`;

/** What a frame of the page collected, in milliseconds. */
interface Collected {
  readonly frames: readonly number[];
  readonly inputs: readonly number[];
}

/** Collects while something is done in a timeline. */
export async function collect(frame: Frame, action: () => Promise<void>): Promise<Collected> {
  await frame.evaluate('window.meter.start()');
  await action();
  return frame.evaluate<Collected>('window.meter.stop()');
}

/** When the page had our element, and when a row was drawn, in milliseconds since it began to load. */
export async function opening(
  frame: Frame,
): Promise<{ readonly element: number; readonly row: number }> {
  await frame.waitForFunction('window.meter.opening.row >= 0');
  return frame.evaluate('window.meter.opening');
}

/** Median, 95th percentile and the longest of some times. */
export function spread(name: string, times: readonly number[]): Figures {
  return {
    [`${name}, p50 ms`]: round(percentile(times, 0.5), 1),
    [`${name}, p95 ms`]: round(percentile(times, 0.95), 1),
    [`${name}, max ms`]: round(Math.max(0, ...times), 1),
  };
}
