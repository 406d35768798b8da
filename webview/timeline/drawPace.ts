/**
 * What the host tells is drawn so often at most, in milliseconds, and more seldom where that takes long: most of
 * the time is for keys and wheel.
 */
const LEAST_MS = 80;
const MOST_MS = 320;
/** Of the time, what is told takes one part in so many to be drawn. */
const SHARE = 5;

/** How often a panel draws what it is told without having asked. */
export class DrawPace {
  #drawnAt = -Infinity;
  /** How long the last frame took to be made and painted, in milliseconds. */
  #frameMs = 0;
  #timer: number | undefined;

  /** Draws at once where nothing was drawn for a while, else some moments later, once. */
  drawSoon(draw: () => void): void {
    if (this.#timer !== undefined) return;
    const pause = Math.min(MOST_MS, Math.max(LEAST_MS, SHARE * this.#frameMs));
    const wait = this.#drawnAt + pause - performance.now();
    if (wait <= 0) draw();
    else {
      this.#timer = window.setTimeout(() => {
        this.#timer = undefined;
        draw();
      }, wait);
    }
  }

  /** Makes a frame, and measures it up to its painting. */
  async measure(frame: () => unknown): Promise<void> {
    const began = performance.now();
    await frame();
    requestAnimationFrame(() => {
      this.#frameMs = performance.now() - began;
    });
  }

  drew(): void {
    this.#drawnAt = performance.now();
  }

  stop(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
