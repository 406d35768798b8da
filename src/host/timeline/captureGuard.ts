import type * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { captureLimits } from '../settings';
import type { CaptureStore } from './captureStore';
import type { Timeline } from './timeline';
import type { Timelines } from './timelines';

/** How often the captures are measured while a stream runs, in ms. */
const MEASURE_MS = 2000;

/**
 * Keeps the captures within their limit while streams of this window run, and their counts for when it is
 * gone: the oldest closed captures go first; where that is not enough, the largest stream of ours ends.
 */
export class CaptureGuard implements Disposable {
  readonly #timelines: Timelines;
  readonly #captures: CaptureStore;
  readonly #log: vscode.LogOutputChannel;
  readonly #listener: Disposable;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(timelines: Timelines, captures: CaptureStore, log: vscode.LogOutputChannel) {
    this.#timelines = timelines;
    this.#captures = captures;
    this.#log = log;
    this.#listener = timelines.onDidChange(() => {
      this.#count();
      this.#measureSoon();
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#listener.dispose();
    clearTimeout(this.#timer);
  }

  #count(): void {
    for (const { capturePath, snapshot } of this.#timelines.list()) {
      const { view, capture } = snapshot;
      this.#captures.count(capturePath, Math.max(0, view.changes - capture.cutChanges));
    }
  }

  #running(): readonly Timeline[] {
    return this.#timelines.list().filter(timeline => timeline.isStreaming);
  }

  #measureSoon(): void {
    if (this.#disposed || this.#running().length === 0) return;
    this.#timer ??= setTimeout(() => {
      void this.#measure()
        .catch((error: unknown) => {
          this.#log.warn(`the captures could not be measured: ${String(error)}`);
        })
        .then(() => {
          this.#timer = undefined;
          this.#measureSoon();
        });
    }, MEASURE_MS).unref();
  }

  async #measure(): Promise<void> {
    const left = await this.#captures.clean();
    if (left <= captureLimits().maxBytes) return;
    const largest = [...this.#running()].sort(
      (a, b) => b.snapshot.capture.bytes - a.snapshot.capture.bytes,
    )[0];
    if (largest === undefined) return;
    this.#log.warn(`${largest.title}: the captures have reached their limit; the stream ends`);
    await largest.endAtCaptureLimit();
  }
}
