import type { Lsn } from '../../base/lsn';
import { parseLsn } from '../../base/lsn';
import { Moment, parseMoment } from './moment';
import type { Numeral } from './numeral';
import { compareNumerals, numeralOfDouble, parseNumeral } from './numeral';

/** A number of any size and scale. */
export class Decimal {
  readonly numeral: Numeral;

  constructor(numeral: Numeral) {
    this.numeral = numeral;
  }
}

/** A position in the WAL. */
export class Position {
  readonly lsn: Lsn;

  constructor(lsn: Lsn) {
    this.lsn = lsn;
  }
}

/** A uuid, in lower case as Postgres prints it. */
export class Uuid {
  readonly text: string;

  constructor(text: string) {
    this.text = text.toLowerCase();
  }
}

/** A length of time. */
export class Span {
  readonly microseconds: bigint;

  constructor(microseconds: bigint) {
    this.microseconds = microseconds;
  }
}

/**
 * A text that becomes what it is compared with, as a quoted literal of SQL does (type `unknown`): written in
 * an expression, or the value of a column whose type nobody told.
 */
export class Untyped {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * What an expression computes with: int (bigint), double (number) and so on. SQL NULL and what is absent
 * are no values: `undefined` stands for both, and whatever is computed of it is undefined too.
 */
export type Value =
  | boolean
  | bigint
  | number
  | string
  | Decimal
  | Moment
  | Position
  | Uuid
  | Span
  | Untyped
  | readonly Value[];

/** Less than 0, 0, more than 0; undefined where the two cannot be compared. */
export function compareValues(a: Value, b: Value): number | undefined {
  if (a instanceof Untyped) return b instanceof Untyped ? compareTexts(a.text, b.text) : meet(a, b);
  if (b instanceof Untyped) {
    const order = meet(b, a);
    return order === undefined ? undefined : -order;
  }
  if (typeof a === 'string') return typeof b === 'string' ? compareTexts(a, b) : undefined;
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : undefined;
  if (a instanceof Moment) return b instanceof Moment ? a.compare(b) : undefined;
  if (a instanceof Position) return b instanceof Position ? sign(a.lsn - b.lsn) : undefined;
  if (a instanceof Uuid) return b instanceof Uuid ? compareTexts(a.text, b.text) : undefined;
  if (a instanceof Span) {
    return b instanceof Span ? sign(a.microseconds - b.microseconds) : undefined;
  }
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : Number(a > b);
  if (typeof a === 'number' && typeof b === 'number') return compareDoubles(a, b);
  const left = numeralOf(a);
  const right = numeralOf(b);
  return left === undefined || right === undefined ? undefined : compareNumerals(left, right);
}

/** Compares a text with a value as the value's type. */
function meet({ text }: Untyped, other: Value): number | undefined {
  const value = readAs(text, other);
  return value === undefined ? undefined : compareValues(value, other);
}

/** What a text is as a value of the same type as the other; undefined where it is none. */
export function readAs(text: string, other: Value): Value | undefined {
  if (typeof other === 'string') return text;
  if (typeof other === 'boolean') return parseBool(text);
  if (other instanceof Moment) return parseMoment(text);
  if (other instanceof Position) return positionOf(text);
  if (other instanceof Span) return parseSpan(text);
  if (other instanceof Uuid) return /^[0-9a-f-]{36}$/i.test(text) ? new Uuid(text) : undefined;
  if (typeof other === 'number') return doubleOf(text);
  if (typeof other === 'bigint' || other instanceof Decimal) {
    const numeral = parseNumeral(text);
    return numeral === undefined ? undefined : new Decimal(numeral);
  }
  return undefined;
}

function positionOf(text: string): Position | undefined {
  const lsn = parseLsn(text);
  return lsn === undefined ? undefined : new Position(lsn);
}

function doubleOf(text: string): number | undefined {
  const numeral = parseNumeral(text);
  return numeral === undefined ? undefined : Number(numeral);
}

/** As `bool_in` of Postgres takes it, without the abbreviations that nobody writes. */
export function parseBool(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case 't':
    case 'true':
    case 'yes':
    case 'on':
    case '1':
      return true;
    case 'f':
    case 'false':
    case 'no':
    case 'off':
    case '0':
      return false;
    default:
      return undefined;
  }
}

/** The number that a value is; undefined where it is none. */
export function numeralOf(value: Value): Numeral | undefined {
  if (value instanceof Decimal) return value.numeral;
  if (value instanceof Untyped) return parseNumeral(value.text);
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'number' ? numeralOfDouble(value) : undefined;
}

/** As float8_cmp: NaN equals itself and is above all. */
function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** In the order of code points, which is that of the bytes of UTF-8 and of the collation C. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointOrder(x) - codePointOrder(y);
  }
  return a.length - b.length;
}

/** Halves of pairs stand for code points above all that one unit stands for. */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : Number(difference > 0n);
}

const UNIT_US: Readonly<Record<string, bigint>> = {
  d: 86_400_000_000n,
  h: 3_600_000_000n,
  m: 60_000_000n,
  s: 1_000_000n,
  ms: 1000n,
  us: 1n,
};

/** `1h30m`, `90s`, `-250ms`, `2d`. Undefined for anything else. */
export function parseSpan(text: string): Span | undefined {
  const match = /^(-?)((?:\d{1,12}(?:d|h|ms|m|s|us))+)$/.exec(text);
  if (match === null) return undefined;
  let total = 0n;
  for (const [, count = '0', unit = 's'] of (match[2] ?? '').matchAll(/(\d+)(d|h|ms|m|s|us)/g)) {
    total += BigInt(count) * (UNIT_US[unit] ?? 0n);
  }
  return new Span(match[1] === '-' ? -total : total);
}
