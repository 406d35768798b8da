import type { ScanEnd } from './blockScanner';

/** How long a file is whose writer is not known, from one look to the next. */
export class FileGrowth {
  #size = 0;
  #read = 0;
  #ended: ScanEnd | undefined;
  #moves = false;
  #hasGrown = false;

  /** Notes the size of this moment; true where it is another one than before. */
  look(size: number): boolean {
    const before = this.#size;
    this.#size = size;
    if (size === before) {
      // All of it was read, and nothing came since.
      if (this.#ended !== undefined) this.#moves = false;
      return false;
    }
    this.#ended = undefined;
    this.#moves = before > 0;
    this.#hasGrown ||= this.#moves && size > before;
    return this.#moves;
  }

  /** It was read up to `offset`, and no further because of `ended`; undefined: for lack of time. */
  read(offset: number, ended: ScanEnd | undefined): void {
    this.#read = offset;
    this.#ended = ended;
  }

  /** Somebody is at it: what is not whole at its end may become so. */
  get moves(): boolean {
    return this.#moves;
  }

  /** It is longer than when it was looked at first. */
  get hasGrown(): boolean {
    return this.#hasGrown;
  }

  /** Bytes behind the last whole block, while nobody is at it. */
  get left(): number {
    return this.#ended === 'torn' && !this.#moves ? this.#size - this.#read : 0;
  }
}
