import type { Disposable } from '../../base/disposable';

/** Least time between two pushes: one frame at 60 Hz. */
export const FRAME_MS = 16;

/**
 * Pushes the newest snapshot: at most one in a frame, at most one that the other side has not taken
 * yet, none while paused. Whatever changes in between is in the next one.
 */
export class SnapshotPusher implements Disposable {
  readonly #push: () => PromiseLike<unknown>;
  #enabled = false;
  #dirty = false;
  #busy = false;
  #timer: NodeJS.Timeout | undefined;

  /** `push` sends the snapshot of that moment and settles when the other side has it. */
  constructor(push: () => PromiseLike<unknown>) {
    this.#push = push;
  }

  /** Something changed. */
  mark(): void {
    this.#dirty = true;
    this.#schedule();
  }

  /** Pushes from now on; the first goes out when something changes. */
  resume(): void {
    this.#enabled = true;
    this.#schedule();
  }

  pause(): void {
    this.#enabled = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  dispose(): void {
    this.pause();
    this.#dirty = false;
  }

  #schedule(): void {
    if (!this.#enabled || !this.#dirty || this.#busy || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#send();
    }, FRAME_MS);
  }

  async #send(): Promise<void> {
    this.#dirty = false;
    this.#busy = true;
    try {
      await this.#push();
    } catch {
      // The page is gone; its successor asks for a snapshot when it is ready.
      this.pause();
    } finally {
      this.#busy = false;
      this.#schedule();
    }
  }
}
