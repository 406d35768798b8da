/**
 * Numbers as text, compared and computed without loss: int8 and numeric are wider than a double. A
 * numeral is what Postgres prints for a numeric or an integer: digits without leading zeros, `-` before
 * them, a fraction after a point, or `NaN`, `Infinity`, `-Infinity`.
 */
export type Numeral = string;

/** Most digits that a written number stands for: `1e1000000000` must not fill the memory. */
const MOST_DIGITS = 200_000;

/** Reads a number in any form that `numeric_in` of 14 takes. Undefined where it is none. */
export function parseNumeral(text: string): Numeral | undefined {
  const match = /^\s*([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:e([+-]?\d{1,6}))?\s*$/i.exec(text);
  if (match === null) return parseSpecial(text);
  const [, sign, whole = '', fraction = match[4] ?? '', , exponent = '0'] = match;
  let digits = whole + fraction;
  let point = whole.length + Number(exponent);
  if (Math.abs(point) + digits.length > MOST_DIGITS) return undefined;
  if (point > digits.length) digits = digits.padEnd(point, '0');
  if (point < 0) {
    digits = '0'.repeat(-point) + digits;
    point = 0;
  }
  return numeral(sign === '-', digits.slice(0, point), digits.slice(point));
}

const SPECIAL: ReadonlyMap<string, Numeral> = new Map([
  ['nan', 'NaN'],
  ['infinity', 'Infinity'],
  ['+infinity', 'Infinity'],
  ['inf', 'Infinity'],
  ['+inf', 'Infinity'],
  ['-infinity', '-Infinity'],
  ['-inf', '-Infinity'],
]);

function parseSpecial(text: string): Numeral | undefined {
  return SPECIAL.get(text.trim().toLowerCase());
}

function numeral(isNegative: boolean, whole: string, fraction: string): Numeral {
  const head = whole.replace(/^0+(?=\d)/, '') || '0';
  const tail = fraction.replace(/0+$/, '');
  const isZero = head === '0' && tail === '';
  return `${isNegative && !isZero ? '-' : ''}${head}${tail === '' ? '' : `.${tail}`}`;
}

/** The shortest number that is this double, as people write it: 0.1 is 0.1. */
export function numeralOfDouble(value: number): Numeral {
  return parseNumeral(String(value)) ?? 'NaN';
}

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * As numeric_cmp: less than 0, 0 or more than 0. NaN equals itself and is above all, as in Postgres.
 * The fraction may end in zeros, as numerics are printed.
 */
export function compareNumerals(a: Numeral, b: Numeral): number {
  const isNegativeA = a.charCodeAt(0) === MINUS;
  const isNegativeB = b.charCodeAt(0) === MINUS;
  const startA = isNegativeA ? 1 : 0;
  const startB = isNegativeB ? 1 : 0;
  if (a.charCodeAt(startA) > NINE || b.charCodeAt(startB) > NINE) return rank(a) - rank(b);
  if (isNegativeA !== isNegativeB) return isNegativeA ? -1 : 1;
  const order = compareDigits(a, startA, b, startB);
  return isNegativeA ? 0 - order : order;
}

/** Of what is no number of digits, beside what is. */
function rank(value: Numeral): number {
  switch (value) {
    case '-Infinity':
      return -1;
    case 'Infinity':
      return 1;
    case 'NaN':
      return 2;
    default:
      return 0;
  }
}

function compareDigits(a: string, startA: number, b: string, startB: number): number {
  const pointA = wholeEnd(a, startA);
  const pointB = wholeEnd(b, startB);
  const longer = pointA - startA - (pointB - startB);
  if (longer !== 0) return longer;
  for (let i = startA, j = startB; i < pointA; i++, j++) {
    const difference = a.charCodeAt(i) - b.charCodeAt(j);
    if (difference !== 0) return difference;
  }
  for (let i = pointA + 1, j = pointB + 1; i < a.length || j < b.length; i++, j++) {
    const digitA = i < a.length ? a.charCodeAt(i) : ZERO;
    const digitB = j < b.length ? b.charCodeAt(j) : ZERO;
    if (digitA !== digitB) return digitA - digitB;
  }
  return 0;
}

function wholeEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) !== POINT) at++;
  return at;
}

/**
 * Sum, difference or product without loss; undefined of what is not finite, for other operators, and where so
 * many digits would take long.
 */
export function computeNumerals(a: Numeral, operator: string, b: Numeral): Numeral | undefined {
  if (a.length + b.length > MOST_DIGITS) return undefined;
  const left = scaled(a);
  const right = scaled(b);
  if (left === undefined || right === undefined) return undefined;
  if (operator === '*') {
    return numeralOfScaled(left.digits * right.digits, left.scale + right.scale);
  }
  const scale = Math.max(left.scale, right.scale);
  const x = left.digits * 10n ** BigInt(scale - left.scale);
  const y = right.digits * 10n ** BigInt(scale - right.scale);
  if (operator === '+') return numeralOfScaled(x + y, scale);
  return operator === '-' ? numeralOfScaled(x - y, scale) : undefined;
}

interface Scaled {
  readonly digits: bigint;
  /** Digits after the point. */
  readonly scale: number;
}

function scaled(value: Numeral): Scaled | undefined {
  if (!/^-?\d+(?:\.\d+)?$/.test(value)) return undefined;
  const point = value.indexOf('.');
  if (point < 0) return { digits: BigInt(value), scale: 0 };
  return { digits: BigInt(value.replace('.', '')), scale: value.length - point - 1 };
}

function numeralOfScaled(digits: bigint, scale: number): Numeral {
  const isNegative = digits < 0n;
  const text = String(isNegative ? -digits : digits).padStart(scale + 1, '0');
  return numeral(isNegative, text.slice(0, text.length - scale), text.slice(text.length - scale));
}
