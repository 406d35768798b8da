import { Moment } from './moment';
import { computeNumerals } from './numeral';
import type { Value } from './value';
import { Decimal, numeralOf, Span, Untyped } from './value';

/** Computes; undefined where the two do not go together, or the result is more than its type holds. */
export function compute(left: Value, operator: string, right: Value): Value | undefined {
  if (typeof left === 'bigint' && typeof right === 'bigint') return ints(left, operator, right);
  if (typeof left === 'string' || typeof right === 'string') {
    return operator === '+' ? joined(left, right) : undefined;
  }
  if (left instanceof Untyped && right instanceof Untyped && operator === '+') {
    return left.text + right.text;
  }
  if (isBinaryFloat(left) && isBinaryFloat(right)) {
    return doubles(Number(left), operator, Number(right));
  }
  if (left instanceof Moment || left instanceof Span || right instanceof Moment) {
    return times(left, operator, right);
  }
  const a = numeralOf(left);
  const b = numeralOf(right);
  if (a === undefined || b === undefined) return undefined;
  const numeral = computeNumerals(a, operator, b);
  return numeral === undefined ? undefined : new Decimal(numeral);
}

export function negate(value: Value): Value | undefined {
  if (typeof value === 'number') return -value;
  if (typeof value === 'bigint') return inRange(-value);
  if (value instanceof Span) return new Span(-value.microseconds);
  const numeral = numeralOf(value);
  if (numeral === undefined) return undefined;
  if (numeral === '0' || numeral === 'NaN') return new Decimal(numeral);
  return new Decimal(numeral.startsWith('-') ? numeral.slice(1) : `-${numeral}`);
}

function isBinaryFloat(value: Value): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function joined(left: Value, right: Value): string | undefined {
  const a = left instanceof Untyped ? left.text : left;
  const b = right instanceof Untyped ? right.text : right;
  return typeof a === 'string' && typeof b === 'string' ? a + b : undefined;
}

function ints(a: bigint, operator: string, b: bigint): bigint | undefined {
  switch (operator) {
    case '+':
      return inRange(a + b);
    case '-':
      return inRange(a - b);
    case '*':
      return inRange(a * b);
    case '/':
      return b === 0n ? undefined : inRange(a / b);
    default:
      return b === 0n ? undefined : a % b;
  }
}

/** An int has 64 bits. */
function inRange(value: bigint): bigint | undefined {
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function doubles(a: number, operator: string, b: number): number | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return undefined;
  }
}

function times(left: Value, operator: string, right: Value): Value | undefined {
  if (operator !== '+' && operator !== '-') return undefined;
  if (left instanceof Span && right instanceof Span) {
    const sign = operator === '+' ? 1n : -1n;
    return new Span(left.microseconds + sign * right.microseconds);
  }
  if (left instanceof Moment && right instanceof Span) {
    return moved(left, operator === '+' ? right.microseconds : -right.microseconds);
  }
  if (left instanceof Span && right instanceof Moment && operator === '+') {
    return moved(right, left.microseconds);
  }
  if (left instanceof Moment && right instanceof Moment && operator === '-') {
    const seconds = left.seconds - right.seconds;
    if (!Number.isFinite(seconds)) return undefined;
    return new Span(BigInt(seconds) * 1_000_000n + BigInt(left.microseconds - right.microseconds));
  }
  return undefined;
}

function moved(moment: Moment, microseconds: bigint): Moment {
  if (!Number.isFinite(moment.seconds)) return moment;
  const total = BigInt(moment.microseconds) + microseconds;
  const rest = ((total % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return new Moment(moment.seconds + Number((total - rest) / 1_000_000n), Number(rest));
}
