/** A regular expression as it was written, see {@link LinearPattern}. */
export type PatternNode =
  | { readonly kind: 'unit'; readonly accepts: (unit: number) => boolean }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'either'; readonly branches: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly part: PatternNode;
      readonly least: number;
      /** Undefined: any number. */
      readonly most: number | undefined;
    };

/** Most repetitions that may be written in braces. */
const MOST_REPEATS = 200;
/** Groups within groups. */
const MOST_DEPTH = 50;

class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export function parsePattern(
  source: string,
): { readonly node: PatternNode } | { readonly problem: string; readonly at: number } {
  try {
    return { node: new PatternParser(source).parse() };
  } catch (error) {
    if (error instanceof PatternError) return { problem: error.message, at: error.at };
    throw error;
  }
}

type Accepts = (unit: number) => boolean;

class PatternParser {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  #ignoreCase = false;
  #dotAll = false;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): PatternNode {
    const flags = /^\(\?([is]+)\)/.exec(this.#source);
    if (flags !== null) {
      this.#at = flags[0].length;
      this.#ignoreCase = flags[1]?.includes('i') === true;
      this.#dotAll = flags[1]?.includes('s') === true;
    }
    const node = this.#either();
    if (this.#at < this.#source.length) this.#fail('This bracket was not opened.');
    return node;
  }

  #either(): PatternNode {
    const branches = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at++;
      branches.push(this.#sequence());
    }
    return branches.length === 1 && branches[0] !== undefined
      ? branches[0]
      : { kind: 'either', branches };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (let next = this.#source[this.#at]; next !== undefined; next = this.#source[this.#at]) {
      if (next === '|' || next === ')') break;
      parts.push(this.#repeated(this.#single(next)));
    }
    return { kind: 'sequence', parts };
  }

  #repeated(part: PatternNode): PatternNode {
    let node = part;
    for (;;) {
      const counts = this.#counts();
      if (counts === undefined) return node;
      if (part.kind === 'start' || part.kind === 'end' || node !== part) {
        this.#fail('There is nothing here that can be repeated.');
      }
      node = { kind: 'repeat', part, ...counts };
      // Lazy or not, it is found or not.
      if (this.#source[this.#at] === '?') this.#at++;
    }
  }

  #counts(): { readonly least: number; readonly most: number | undefined } | undefined {
    switch (this.#source[this.#at]) {
      case '*':
        this.#at++;
        return { least: 0, most: undefined };
      case '+':
        this.#at++;
        return { least: 1, most: undefined };
      case '?':
        this.#at++;
        return { least: 0, most: 1 };
      case '{': {
        const match = /^\{(\d{1,6})(,(\d{1,6})?)?\}/.exec(this.#source.slice(this.#at));
        if (match === null) return this.#fail('Write { as \\{, or a repetition such as {2,5}.');
        const least = Number(match[1]);
        const most =
          match[2] === undefined ? least : match[3] === undefined ? undefined : Number(match[3]);
        if (Math.max(least, most ?? 0) > MOST_REPEATS || (most ?? least) < least) {
          this.#fail(`Repetitions go from fewer to more, and to ${MOST_REPEATS} at most.`);
        }
        this.#at += match[0].length;
        return { least, most };
      }
      default:
        return undefined;
    }
  }

  #single(next: string): PatternNode {
    switch (next) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '^':
        this.#at++;
        return { kind: 'start' };
      case '$':
        this.#at++;
        return { kind: 'end' };
      case '.': {
        this.#at++;
        const dotAll = this.#dotAll;
        return { kind: 'unit', accepts: unit => dotAll || unit !== LINE_FEED };
      }
      case '*':
      case '+':
      case '?':
      case '{':
        return this.#fail('There is nothing here that can be repeated.');
      case '\\':
        return { kind: 'unit', accepts: this.#cased(this.#escape()) };
      default:
        this.#at++;
        return { kind: 'unit', accepts: this.#cased(is(next.charCodeAt(0))) };
    }
  }

  #group(): PatternNode {
    const from = this.#at;
    this.#at++;
    if (this.#source[this.#at] === '?') {
      if (this.#source[this.#at + 1] !== ':') {
        this.#fail('Of the groups with (? only (?: is understood, and (?i) at the very beginning.');
      }
      this.#at += 2;
    }
    if (++this.#depth > MOST_DEPTH) this.#fail('There are too many groups within groups.');
    const node = this.#either();
    this.#depth--;
    if (this.#source[this.#at] !== ')') {
      this.#at = from;
      this.#fail('This bracket is not closed.');
    }
    this.#at++;
    return node;
  }

  #class(): PatternNode {
    const from = this.#at;
    this.#at++;
    const isNegated = this.#source[this.#at] === '^';
    if (isNegated) this.#at++;
    const members: Accepts[] = [];
    for (let first = true; ; first = false) {
      const next = this.#source[this.#at];
      if (next === undefined) {
        this.#at = from;
        return this.#fail('This bracket is not closed.');
      }
      if (next === ']' && !first) break;
      members.push(this.#member());
    }
    this.#at++;
    const any: Accepts = unit => members.some(member => member(unit));
    const accepts = this.#cased(any);
    return { kind: 'unit', accepts: isNegated ? unit => !accepts(unit) : accepts };
  }

  /** A unit of a class, or a range of them. */
  #member(): Accepts {
    const from = this.#unitOrSet();
    if (typeof from === 'function') return from;
    const next = this.#source[this.#at + 1];
    if (this.#source[this.#at] !== '-' || next === undefined || next === ']') return is(from);
    this.#at++;
    const to = this.#unitOrSet();
    if (typeof to === 'function' || to < from) return this.#fail('This range has no end.');
    return unit => unit >= from && unit <= to;
  }

  #unitOrSet(): number | Accepts {
    if (this.#source[this.#at] !== '\\') return this.#source.charCodeAt(this.#at++);
    const at = this.#at;
    const accepts = this.#escape();
    const name = this.#source[at + 1] ?? '';
    return SETS.has(name.toLowerCase()) ? accepts : this.#lastUnit;
  }

  /** What the escape stood for, where it was a single unit. */
  #lastUnit = 0;

  #escape(): Accepts {
    const name = this.#source[this.#at + 1];
    if (name === undefined) return this.#fail('There is nothing after this \\.');
    const set = SETS.get(name.toLowerCase());
    if (set !== undefined) {
      this.#at += 2;
      return name === name.toLowerCase() ? set : unit => !set(unit);
    }
    const control = CONTROLS.get(name);
    if (control !== undefined) this.#lastUnit = control;
    else if (/[a-zA-Z0-9]/.test(name)) {
      this.#fail(`\\${name} is not understood here. Known are \\d, \\w, \\s, \\t, \\n and \\r.`);
    } else this.#lastUnit = name.charCodeAt(0);
    this.#at += 2;
    return is(this.#lastUnit);
  }

  #cased(accepts: Accepts): Accepts {
    if (!this.#ignoreCase) return accepts;
    return unit => {
      if (accepts(unit)) return true;
      const text = String.fromCharCode(unit);
      const lower = text.toLowerCase();
      const upper = text.toUpperCase();
      return (
        (lower.length === 1 && accepts(lower.charCodeAt(0))) ||
        (upper.length === 1 && accepts(upper.charCodeAt(0)))
      );
    };
  }

  #fail(message: string): never {
    throw new PatternError(message, this.#at);
  }
}

const LINE_FEED = 0x0a;

function is(expected: number): Accepts {
  return unit => unit === expected;
}

const isDigit: Accepts = unit => unit >= 0x30 && unit <= 0x39;
const isWord: Accepts = unit =>
  isDigit(unit) ||
  (unit >= 0x41 && unit <= 0x5a) ||
  (unit >= 0x61 && unit <= 0x7a) ||
  unit === 0x5f;
const isSpace: Accepts = unit =>
  unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit === 0xa0 || unit === 0xfeff;

const SETS: ReadonlyMap<string, Accepts> = new Map([
  ['d', isDigit],
  ['w', isWord],
  ['s', isSpace],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['r', 0x0d],
  ['f', 0x0c],
  ['v', 0x0b],
]);
