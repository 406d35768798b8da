import type { FieldName, StaticType } from './expressionTree';

/** What an expression may be made of: the words, and what is said of them beside a caret. */

export const FIELDS: Readonly<
  Record<FieldName, { readonly type: StaticType; readonly detail: string }>
> = {
  op: { type: 'string', detail: 'insert, update, delete, truncate or message' },
  schema: { type: 'string', detail: 'schema of the table' },
  table: { type: 'string', detail: 'name of the table' },
  xid: { type: 'int', detail: 'transaction' },
  lsn: { type: 'lsn', detail: 'position in the WAL' },
  time: { type: 'time', detail: 'time of the commit' },
  size: { type: 'int', detail: 'bytes of the message' },
  changed: { type: 'list', detail: 'names of the columns that an update changed' },
  prefix: { type: 'string', detail: 'prefix of a message' },
  content: { type: 'string', detail: 'content of a message' },
};

export function isField(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name);
}

export const SIDES = {
  new: 'the row after the change',
  old: 'the row before the change, as far as it was sent',
  key: 'the columns that identify the row',
} as const;

export function isSide(name: string): name is keyof typeof SIDES {
  return Object.hasOwn(SIDES, name);
}

interface Callable {
  /** Of its value. */
  readonly type: StaticType;
  /** What each argument must be. */
  readonly takes: readonly (readonly StaticType[])[];
  readonly detail: string;
}

const TEXT: readonly StaticType[] = ['string'];
const NUMBERS: readonly StaticType[] = ['int', 'double', 'decimal', 'string'];

export const FUNCTIONS: Readonly<Record<string, Callable>> = {
  decimal: { type: 'decimal', takes: [NUMBERS], detail: 'a number without loss' },
  timestamp: { type: 'time', takes: [['string', 'time']], detail: 'a point in time, ISO 8601' },
  duration: { type: 'duration', takes: [['string', 'duration']], detail: 'such as 1h30m' },
  lsn: { type: 'lsn', takes: [['string', 'lsn']], detail: 'a position in the WAL' },
  int: { type: 'int', takes: [NUMBERS], detail: 'a whole number' },
  double: { type: 'double', takes: [NUMBERS], detail: 'a floating point number' },
  string: {
    type: 'string',
    takes: [['string', 'int', 'double', 'decimal', 'bool', 'lsn']],
    detail: 'as a text',
  },
  size: { type: 'int', takes: [['string', 'list']], detail: 'characters, or elements of a list' },
};

/** The first argument is what stands before the point. */
export const METHODS: Readonly<Record<string, Callable>> = {
  contains: { type: 'bool', takes: [['string', 'list'], TEXT], detail: 'holds this text' },
  startsWith: { type: 'bool', takes: [TEXT, TEXT], detail: 'begins with this text' },
  endsWith: { type: 'bool', takes: [TEXT, TEXT], detail: 'ends with this text' },
  matches: { type: 'bool', takes: [TEXT, TEXT], detail: 'matches this regular expression' },
  lowerAscii: { type: 'string', takes: [TEXT], detail: 'in lower case, A to Z' },
  upperAscii: { type: 'string', takes: [TEXT], detail: 'in upper case, a to z' },
  size: { type: 'int', takes: [['string', 'list']], detail: 'characters, or elements of a list' },
};

/** Take a name and what is to hold for the elements of a list, one after the other, under this name. */
export const QUANTIFIERS = {
  exists: 'holds for one of the list',
  all: 'holds for all of the list',
  exists_one: 'holds for exactly one of the list',
  filter: 'those of the list for which it holds',
  map: 'what it gives for each of the list',
} as const;

export function isQuantifier(name: string): name is keyof typeof QUANTIFIERS {
  return Object.hasOwn(QUANTIFIERS, name);
}

/** The word that was probably meant: at most two letters off, one of a short word, none of two letters. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = (word.length > 4 ? 2 : word.length > 2 ? 1 : 0) + 1;
  for (const candidate of known) {
    if (candidate.toLowerCase() === word.toLowerCase()) return candidate;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), least);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Letters to add, drop, change or swap; `limit` or more where it is at least that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? limit;
}
