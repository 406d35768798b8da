/** What stands before the first list or object among the members of a JSON object. */
export interface JsonHead {
  /** Strings as they are meant, other values as they are written. */
  readonly fields: Readonly<Record<string, string>>;
  /** The name of the member whose value is a list or an object; nothing behind its `[` or `{` was read. */
  readonly list: string | undefined;
}

/**
 * Reads the beginning of a JSON object, such as the names in a message whose values may be of any length.
 * The text may end anywhere, and a comma may stand before the object: a member that is not whole is left
 * out. Never throws.
 */
export function jsonHead(text: string): JsonHead {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  let at = endOf(OPENING, text, 0);
  while (at > 0) {
    const nameEnd = endOf(STRING, text, at);
    const valueAt = endOf(COLON, text, nameEnd);
    if (nameEnd < 0 || valueAt < 0) break;
    const name = stringOf(text.slice(at, nameEnd));
    if (name === undefined) break;
    const first = text[valueAt];
    if (first === '[' || first === '{') return { fields, list: name };
    const valueEnd = endOf(first === '"' ? STRING : WORD, text, valueAt);
    if (valueEnd < 0) break;
    const value = text.slice(valueAt, valueEnd);
    const shown = first === '"' ? stringOf(value) : value;
    // A number that the text ends with may go on.
    const next = endOf(COMMA, text, valueEnd);
    if (shown === undefined || (next < 0 && text[valueEnd] === undefined)) break;
    fields[name] = shown;
    at = next;
  }
  return { fields, list: undefined };
}

const OPENING = /\s*,?\s*\{\s*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const COLON = /\s*:\s*/y;
const WORD = /[^\s,\]}]+/y;
const COMMA = /\s*,\s*/y;

/** Where the end of what matches at a place is; -1 where nothing does. */
function endOf(pattern: RegExp, text: string, at: number): number {
  if (at < 0) return -1;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function stringOf(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}
