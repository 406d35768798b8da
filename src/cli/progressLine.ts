import { visibleText } from '../base/visibleText';
import type { Terminal } from './terminal';

const INTERVAL_MS = 200;
const WIDTH = 79;

/** One line on stderr that is written over and over, where a person reads it; otherwise nothing. */
export class ProgressLine {
  readonly #terminal: Terminal;
  #shownAt = -INTERVAL_MS;
  #visible = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(text: string): void {
    if (!this.#terminal.interactive) return;
    const now = performance.now();
    if (now - this.#shownAt < INTERVAL_MS) return;
    this.#shownAt = now;
    this.#visible = true;
    this.#terminal.stderr.write(`\r${visibleText(text).slice(0, WIDTH).padEnd(WIDTH)}`);
  }

  /** Removes the line, so that what follows begins at the left. */
  clear(): void {
    if (!this.#visible) return;
    this.#visible = false;
    this.#shownAt = -INTERVAL_MS;
    this.#terminal.stderr.write(`\r${' '.repeat(WIDTH)}\r`);
  }

  /** A line that stays, on a terminal or not. */
  print(text: string): void {
    this.clear();
    this.#terminal.stderr.write(`${visibleText(text)}\n`);
  }
}
