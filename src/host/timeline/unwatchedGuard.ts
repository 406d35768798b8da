import type { Disposable } from '../../base/disposable';

/** Most seconds between two questions; where the time is shorter than a minute, half of that time. */
const POLL_SECONDS = 30;

/**
 * Notices that nobody looks any more. In a remote or web window the extension host lives on for hours
 * after the browser tab is gone, and no panel is disposed: the only sign is that messages to the
 * window are not delivered. A question that is answered, true or false, proves a window (a hidden
 * panel answers false); one that stays open does not.
 *
 * Counts unanswered questions, not time by the clock, so that a machine that slept is no absence.
 */
export class UnwatchedGuard implements Disposable {
  readonly #poll: () => PromiseLike<unknown>;
  readonly #onUnwatched: () => void;
  readonly #minutes: () => number;
  readonly #timer: NodeJS.Timeout;
  #missed = 0;
  #open = false;

  constructor(options: {
    /** Asks the window; settles when it answered. */
    readonly poll: () => PromiseLike<unknown>;
    readonly minutes: () => number;
    /** Nobody looked for that long. */
    readonly onUnwatched: () => void;
  }) {
    this.#poll = options.poll;
    this.#minutes = options.minutes;
    this.#onUnwatched = options.onUnwatched;
    const seconds = Math.min(POLL_SECONDS, options.minutes() * 30);
    this.#timer = setInterval(() => {
      this.#tick(seconds);
    }, seconds * 1000);
    this.#timer.unref();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  #tick(seconds: number): void {
    if (this.#open) {
      this.#missed += 1;
      if (this.#missed * seconds >= this.#minutes() * 60) {
        this.dispose();
        this.#onUnwatched();
      }
      return;
    }
    this.#open = true;
    const answered = (): void => {
      this.#open = false;
      this.#missed = 0;
    };
    this.#poll().then(answered, answered);
  }
}
