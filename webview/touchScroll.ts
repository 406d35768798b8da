/** Below this speed, in pixels a frame, a thrown list stands still. */
const SLOWEST = 0.4;
const FRICTION = 0.95;

/** Scrolls by finger, and lets the list run on when it was thrown (not with reduced motion). */
export class TouchScroll {
  readonly #scroll: (by: number) => void;
  #finger: number | undefined;
  #at = 0;
  #speed = 0;
  #frame = 0;

  constructor(scroll: (by: number) => void) {
    this.#scroll = scroll;
  }

  readonly down = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch') return;
    this.stop();
    this.#finger = event.pointerId;
    this.#at = event.clientY;
  };

  readonly move = (event: PointerEvent): void => {
    if (event.pointerId !== this.#finger) return;
    const by = this.#at - event.clientY;
    this.#at = event.clientY;
    this.#speed = by;
    this.#scroll(by);
  };

  readonly up = (event: PointerEvent): void => {
    if (event.pointerId !== this.#finger) return;
    this.#finger = undefined;
    if (!prefersReducedMotion()) this.#run();
  };

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#speed = 0;
  }

  #run(): void {
    if (Math.abs(this.#speed) < SLOWEST) return;
    this.#frame = requestAnimationFrame(() => {
      this.#scroll(this.#speed);
      this.#speed *= FRICTION;
      this.#run();
    });
  }
}

/** VS Code tells it by a class; the media query alone is not reliable in webviews. */
function prefersReducedMotion(): boolean {
  return (
    document.body.classList.contains('vscode-reduce-motion') ||
    matchMedia('(prefers-reduced-motion: reduce)').matches
  );
}
