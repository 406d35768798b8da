/** An element of an array of Postgres: a text, NULL, or the elements of a further dimension. */
export type ArrayElement = string | null | readonly ArrayElement[];

/** More dimensions than this no array of Postgres has (`MAXDIM`, src/include/utils/array.h). */
const MAX_DIMENSIONS = 6;

/**
 * The elements of an array as `array_out` prints it, such as `{1,NULL,"a b"}` or `[0:1]={7,8}`; undefined
 * where the text is none.
 */
export function readArrayText(text: string, delimiter = ','): readonly ArrayElement[] | undefined {
  const start = /^(?:\[-?\d+:-?\d+\])+=/.exec(text)?.[0].length ?? 0;
  const reader = new ArrayTextReader(text, start, delimiter);
  const elements = reader.array(1);
  return elements !== undefined && reader.atEnd ? elements : undefined;
}

class ArrayTextReader {
  #at: number;

  constructor(
    readonly text: string,
    start: number,
    readonly delimiter: string,
  ) {
    this.#at = start;
  }

  get atEnd(): boolean {
    return this.#at === this.text.length;
  }

  array(depth: number): ArrayElement[] | undefined {
    if (depth > MAX_DIMENSIONS || !this.#takes('{')) return undefined;
    const elements: ArrayElement[] = [];
    if (this.#takes('}')) return elements;
    do {
      const element = this.text[this.#at] === '{' ? this.array(depth + 1) : this.#element();
      if (element === undefined) return undefined;
      elements.push(element);
    } while (this.#takes(this.delimiter));
    return this.#takes('}') ? elements : undefined;
  }

  #element(): string | null | undefined {
    if (this.#takes('"')) return this.#quoted();
    const start = this.#at;
    let character = this.text[this.#at];
    while (
      character !== undefined &&
      !'{}"\\'.includes(character) &&
      character !== this.delimiter
    ) {
      character = this.text[++this.#at];
    }
    const plain = this.text.slice(start, this.#at);
    if (plain === '') return undefined;
    return plain === 'NULL' ? null : plain;
  }

  #quoted(): string | undefined {
    let value = '';
    for (;;) {
      const character = this.text[this.#at++];
      if (character === undefined) return undefined;
      if (character === '"') return value;
      value += character === '\\' ? (this.text[this.#at++] ?? '') : character;
    }
  }

  #takes(character: string): boolean {
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}
