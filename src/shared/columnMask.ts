/**
 * Which columns keep their values to themselves. A pattern is `schema.table.column`, `table.column` in any
 * schema, or `column` in any table. Each part is
 * - a name, compared whatever the case: `Users` covers `users` and `"Users"`;
 * - a name in double quotes, as SQL writes it (`""` is a quote in it): exactly that one, dots and all;
 * - either with `*` outside quotes, which stands for anything: `*`, `*_token`.
 *
 * `*` alone, with nothing else, covers everything that is a value: also the contents of logical messages
 * and texts that name no columns.
 */

/** What stands in the place of a masked value, in every form that has no other way to say so. */
export const MASKED_TEXT = '•••• masked';

/** Longest pattern that is read, in UTF-16 units; a name has at most 63 bytes. */
const PATTERN_LIMIT = 500;
/** Most patterns of a list. */
export const MASK_LIMIT = 1000;

export class MaskPatternError extends Error {
  override readonly name = 'MaskPatternError';
}

type TestName = (name: string) => boolean;

interface Pattern {
  readonly schema: TestName;
  readonly table: TestName;
  readonly column: TestName;
}

/** A list of patterns, read. */
export class ColumnMask {
  /** The patterns as they were written, each once. */
  readonly patterns: readonly string[];
  /** Every value is masked, also those that belong to no column. */
  readonly everything: boolean;
  readonly #patterns: readonly Pattern[];

  /** Throws MaskPatternError where one of them cannot be read: what it was meant to hide is not known. */
  constructor(patterns: readonly string[]) {
    this.patterns = [...new Set(patterns.map(pattern => pattern.trim()))];
    this.everything = this.patterns.includes(EVERYTHING);
    this.#patterns = this.patterns.map(readPattern);
  }

  /** Nothing is masked. */
  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  has(schema: string, table: string, column: string): boolean {
    return this.#patterns.some(
      pattern => pattern.column(column) && pattern.table(table) && pattern.schema(schema),
    );
  }
}

/** Covers every value there is. */
export const EVERYTHING = '*';

export const NO_MASK = new ColumnMask([]);

/** As {@link ColumnMask}, of lists from elsewhere: where one cannot be read, every value is masked. */
export function maskOf(patterns: readonly string[]): ColumnMask {
  if (patterns.length === 0) return NO_MASK;
  try {
    return new ColumnMask(patterns);
  } catch (error) {
    if (!(error instanceof MaskPatternError)) throw error;
    return new ColumnMask([EVERYTHING]);
  }
}

/** Why a text is no pattern, as a sentence; undefined where it is one. */
export function maskPatternProblem(pattern: string): string | undefined {
  try {
    readPattern(pattern.trim());
    return undefined;
  } catch (error) {
    if (!(error instanceof MaskPatternError)) throw error;
    return error.message;
  }
}

/** The pattern of exactly this column. */
export function patternOf(schema: string, table: string, column: string): string {
  return [schema, table, column].map(quoted).join('.');
}

/** Names that a pattern may hold without quotes and that cover no other name by it. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

const ANY: TestName = () => true;

function readPattern(text: string): Pattern {
  const parts = partsOf(text);
  const [schema = ANY, table = ANY, column = ANY] = [
    ...Array<TestName>(3 - parts.length).fill(ANY),
    ...parts,
  ];
  return { schema, table, column };
}

function partsOf(text: string): TestName[] {
  if (text === '') throw problem(text, 'is empty');
  if (text.length > PATTERN_LIMIT) throw problem(`${text.slice(0, 20)}…`, 'is too long');
  const parts: TestName[] = [];
  let at = 0;
  for (;;) {
    const quotedPart = QUOTED.exec(text.slice(at));
    const raw = quotedPart?.[0] ?? /^[^."]*/.exec(text.slice(at))?.[0] ?? '';
    at += raw.length;
    if (raw === '' || raw === '""') throw problem(text, 'has an empty name');
    parts.push(
      quotedPart === null
        ? unquotedTest(raw.trim())
        : exactly(raw.slice(1, -1).replaceAll('""', '"')),
    );
    if (at === text.length) break;
    if (text[at] !== '.') throw problem(text, 'has a quote that is not closed, or in a name');
    at++;
  }
  if (parts.length > 3) throw problem(text, 'has more than schema, table and column');
  return parts;
}

const QUOTED = /^"(?:[^"]|"")*"/;

function exactly(name: string): TestName {
  return candidate => candidate === name;
}

/** `*` stands for anything; goes over the name once for each piece, so that no pattern takes long. */
function unquotedTest(text: string): TestName {
  const pieces = text.toLowerCase().split('*');
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return name => name.toLowerCase() === first;
  return name => {
    const lower = name.toLowerCase();
    if (!lower.startsWith(first) || !lower.endsWith(last)) return false;
    const end = lower.length - last.length;
    let at = first.length;
    for (const piece of rest) {
      const found = lower.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= end;
  };
}

function problem(text: string, what: string): MaskPatternError {
  return new MaskPatternError(
    `"${text}" ${what}: a masked column is written schema.table.column, table.column or column`,
  );
}
