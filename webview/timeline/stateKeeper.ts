import type { VsCodeApi } from '../port';
import type { SavedState } from './savedState';

/** State is kept this long after the last change of it, in milliseconds. */
const SAVE_AFTER_MS = 300;

/** Gives VS Code what the panel comes back with, some moments after it changed. */
export class StateKeeper {
  readonly #api: VsCodeApi;
  readonly #state: () => SavedState;
  #timer: number | undefined;
  #saved = '';

  constructor(api: VsCodeApi, state: () => SavedState) {
    this.#api = api;
    this.#state = state;
  }

  /** Something may have changed. */
  saveSoon(): void {
    if (this.#timer !== undefined) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      const state = this.#state();
      const text = JSON.stringify(state);
      if (text === this.#saved) return;
      this.#saved = text;
      this.#api.setState(state);
    }, SAVE_AFTER_MS);
  }
}
