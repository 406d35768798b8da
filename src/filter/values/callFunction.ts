import { formatLsn, parseLsn } from '../../base/lsn';
import { Moment, parseMoment } from './moment';
import { parseNumeral } from './numeral';
import type { Value } from './value';
import { compareValues, Decimal, numeralOf, parseSpan, Position, Span, Untyped } from './value';

/** The functions of the vocabulary. Undefined where a value cannot be what is asked for. */
export function callFunction(name: string, args: readonly Value[]): Value | undefined {
  const [value, other] = args;
  if (value === undefined) return undefined;
  switch (name) {
    case 'decimal': {
      const numeral = numberFrom(value);
      return numeral === undefined ? undefined : new Decimal(numeral);
    }
    case 'int':
      return wholeFrom(value);
    case 'double': {
      if (typeof value === 'number') return value;
      const numeral = numberFrom(value);
      return numeral === undefined ? undefined : Number(numeral);
    }
    case 'timestamp':
      if (value instanceof Moment) return value;
      return parsed(value, parseMoment);
    case 'duration':
      return value instanceof Span ? value : parsed(value, parseSpan);
    case 'lsn':
      if (value instanceof Position) return value;
      return parsed(value, text => {
        const lsn = parseLsn(text);
        return lsn === undefined ? undefined : new Position(lsn);
      });
    case 'string':
      return stringFrom(value);
    case 'size':
      return sizeOf(value);
    default:
      return other === undefined ? textFunction(name, value) : twoTexts(name, value, other);
  }
}

/** The text that a value is; undefined where it is none. */
export function plainText(value: Value): string | undefined {
  if (value instanceof Untyped) return value.text;
  return typeof value === 'string' ? value : undefined;
}

function textFunction(name: string, value: Value): Value | undefined {
  const text = plainText(value);
  if (text === undefined) return undefined;
  if (name === 'lowerAscii') return text.replace(/[A-Z]+/g, found => found.toLowerCase());
  return name === 'upperAscii' ? text.replace(/[a-z]+/g, found => found.toUpperCase()) : undefined;
}

function twoTexts(name: string, value: Value, other: Value): boolean | undefined {
  if (Array.isArray(value)) {
    const items = value as readonly Value[];
    return name === 'contains' ? items.some(item => compareValues(item, other) === 0) : undefined;
  }
  const text = plainText(value);
  const part = plainText(other);
  if (text === undefined || part === undefined) return undefined;
  switch (name) {
    case 'contains':
      return text.includes(part);
    case 'startsWith':
      return text.startsWith(part);
    case 'endsWith':
      return text.endsWith(part);
    default:
      return undefined;
  }
}

function parsed<T>(value: Value, parse: (text: string) => T | undefined): T | undefined {
  const text = plainText(value);
  return text === undefined ? undefined : parse(text);
}

function numberFrom(value: Value): string | undefined {
  return typeof value === 'string' ? parseNumeral(value) : numeralOf(value);
}

/** Without the fraction, as CEL and not as SQL, which rounds. */
function wholeFrom(value: Value): bigint | undefined {
  const numeral = numberFrom(value);
  if (numeral === undefined || !/^-?\d/.test(numeral)) return undefined;
  const whole = BigInt(numeral.replace(/\..*$/, ''));
  return BigInt.asIntN(64, whole) === whole ? whole : undefined;
}

function stringFrom(value: Value): string | undefined {
  if (value instanceof Position) return formatLsn(value.lsn);
  if (typeof value === 'boolean') return String(value);
  return plainText(value) ?? numeralOf(value);
}

/** Of a text in code points. */
function sizeOf(value: Value): bigint | undefined {
  if (Array.isArray(value)) return BigInt(value.length);
  const text = plainText(value);
  if (text === undefined) return undefined;
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) size--;
  }
  return BigInt(size);
}
