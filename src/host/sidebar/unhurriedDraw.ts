/** A line as far as its drawing cares: its id begins with its parent's id and a slash. */
interface Line {
  readonly id: string;
}

/** VS Code collects for 200 ms what is to be drawn again; lines that open by themselves come first. */
const QUIET_MS = 300;

/**
 * Draws lines again, but none while what is below it is being read for the tree: VS Code would ask a
 * second time, and older ones take the second answer for other lines with the same ids and show an
 * error in place of the tree. Such a line is drawn when there was nothing to read for a moment.
 */
export class UnhurriedDraw<T extends Line> {
  readonly #draw: (lines: T[]) => void;
  /** How often what is below a line is being read, by id. */
  readonly #reading = new Map<string, number>();
  readonly #waiting = new Map<string, T>();
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(draw: (lines: T[]) => void) {
    this.#draw = draw;
  }

  /** Passes on what is read below `line`. */
  async whileReading<R>(line: T, read: Promise<R>): Promise<R> {
    const { id } = line;
    this.#reading.set(id, (this.#reading.get(id) ?? 0) + 1);
    try {
      return await read;
    } finally {
      const left = (this.#reading.get(id) ?? 1) - 1;
      if (left > 0) this.#reading.set(id, left);
      else this.#reading.delete(id);
      clearTimeout(this.#timer);
      if (!this.#isDisposed) this.#timer = setTimeout(this.#drawLate, QUIET_MS);
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  lines(lines: readonly T[]): void {
    const ready = lines.filter(line => !this.#isReadBelow(line.id));
    for (const line of lines) if (!ready.includes(line)) this.#waiting.set(line.id, line);
    if (ready.length > 0) this.#draw(ready);
  }

  readonly #drawLate = (): void => {
    const late = [...this.#waiting.values()];
    this.#waiting.clear();
    this.lines(late);
  };

  #isReadBelow(id: string): boolean {
    if (this.#reading.has(id)) return true;
    return [...this.#reading.keys()].some(read => read.startsWith(`${id}/`));
  }
}
