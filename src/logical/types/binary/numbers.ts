import { DecodeError } from '../../../base/byteReader';
import type { ValueReader } from './valueReader';

/** Fixed point below and above these decimal exponents, as printf("%g") would (src/common/d2s.c, f2s.c). */
const FIXED_FROM = -4;
const FLOAT8_FIXED_BELOW = 15;
const FLOAT4_FIXED_BELOW = 6;
/** Nine significant digits tell every float4 from its neighbours. */
const FLOAT4_DIGITS = 9;

/** `float8out` with extra_float_digits above 0: the shortest digits that read back as the same value. */
export function float8Text(value: number): string {
  return special(value) ?? decimal(shortestFloat8(value), FLOAT8_FIXED_BELOW);
}

/** Above this whole numbers lie between two neighbours. */
const EXACT_INTEGERS = 2 ** 53;
const FLOAT8_DIGITS = 17;

/**
 * The digits as `d.ddde+x`. JavaScript takes a number that lies exactly between two neighbours for the
 * one it is read as; the server does not, and prints a digit more.
 */
function shortestFloat8(value: number): string {
  const shortest = value.toExponential();
  if (Math.abs(value) < EXACT_INTEGERS || !liesBetween(shortest, value)) return shortest;
  for (let digits = 0; digits < FLOAT8_DIGITS - 1; digits++) {
    const text = value.toExponential(digits);
    if (Number(text) === value && !liesBetween(text, value)) return withoutTrailingZeros(text);
  }
  return value.toExponential(FLOAT8_DIGITS - 1);
}

/** Whether the decimal number is exactly half-way between `value` and a neighbour of it. */
function liesBetween(text: string, value: number): boolean {
  const { digits, scale } = partsOf(text);
  if (scale < 0) return false;
  const twice = digits * 10n ** BigInt(scale) * 2n;
  const exact = BigInt(Math.abs(value));
  return [-1n, 1n].some(step => {
    const neighbour = neighbourOf(Math.abs(value), step);
    return Number.isFinite(neighbour) && twice === exact + BigInt(neighbour);
  });
}

function neighbourOf(value: number, step: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + step);
  return view.getFloat64(0);
}

/** `d.ddde+x` as a whole number and the power of ten that it is multiplied with; without its sign. */
function partsOf(text: string): { readonly digits: bigint; readonly scale: number } {
  const [, digits = '', exponent = ''] = /^-?([\d.]+)e(.+)$/.exec(text) ?? [];
  const behindPoint = digits.includes('.') ? digits.length - 2 : 0;
  return { digits: BigInt(digits.replace('.', '')), scale: Number(exponent) - behindPoint };
}

/** `float4out`; `value` is a float4 held in a double. */
export function float4Text(value: number): string {
  return special(value) ?? decimal(shortestFloat4(value), FLOAT4_FIXED_BELOW);
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'Infinity';
  if (value === -Infinity) return '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  return undefined;
}

/**
 * The digits as `d.ddde+x`: the fewest that lie between the halves of the way to both neighbours, and of
 * those the nearest, an even last digit where two are as near. Halves of the way are exact in a double.
 */
function shortestFloat4(value: number): string {
  const size = Math.abs(value);
  const least = (size + float4Neighbour(size, -1)) / 2;
  const most = (size + float4Neighbour(size, 1)) / 2;
  for (let behindPoint = 0; behindPoint < FLOAT4_DIGITS - 1; behindPoint++) {
    const { digits, scale } = partsOf(size.toExponential(behindPoint));
    const numberOf = (whole: bigint): number => Number(`${whole}e${scale}`);
    const fits = (whole: bigint): boolean => numberOf(whole) > least && numberOf(whole) < most;
    const below = numberOf(digits) > size ? digits - 1n : digits;
    const above = below + 1n;
    if (!fits(below) && !fits(above)) continue;
    const twiceMiddle = numberOf(below + above);
    const isNearerAbove = twiceMiddle === 2 * size ? above % 2n === 0n : 2 * size > twiceMiddle;
    const best = fits(above) && (isNearerAbove || !fits(below)) ? above : below;
    return `${value < 0 ? '-' : ''}${numberOf(best).toExponential()}`;
  }
  return withoutTrailingZeros(value.toExponential(FLOAT4_DIGITS - 1));
}

/** The float4 before (-1) or after (1) a positive one; infinity is taken for the next power of two. */
function float4Neighbour(value: number, step: 1 | -1): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  view.setUint32(0, view.getUint32(0) + step);
  const neighbour = view.getFloat32(0);
  return Number.isFinite(neighbour) ? neighbour : 2 ** 128;
}

/** `d.dd00e+x` without the zeros, which say nothing. */
function withoutTrailingZeros(text: string): string {
  return text.replace(/(\.\d*?)0+e/, '$1e').replace('.e', 'e');
}

/** `d.ddde±x` as the server prints it. */
function decimal(text: string, fixedBelow: number): string {
  const [, sign = '', mantissa = '', power = ''] = /^(-?)([\d.]+)e(.+)$/.exec(text) ?? [];
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  if (exponent < FIXED_FROM || exponent >= fixedBelow) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    const point = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits.slice(0, 1)}${point}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

const NUMERIC_NEGATIVE = 0x4000;
const NUMERIC_NAN = 0xc000;
const NUMERIC_POSITIVE_INFINITY = 0xd000;
const NUMERIC_NEGATIVE_INFINITY = 0xf000;
/** Decimal digits in one digit of base 10,000 (`DEC_DIGITS`). */
const DECIMALS = 4;
const MAX_DIGIT = 9_999;
/** `NUMERIC_DSCALE_MASK`: no scale is larger. */
const MAX_SCALE = 0x3fff;

/** `numeric_send`: count, weight and sign of digits to the base 10,000, and the scale to show. */
export function numericText(reader: ValueReader): string {
  const count = reader.u16();
  const weight = reader.i16();
  const sign = reader.u16();
  const scale = reader.u16();
  if (sign === NUMERIC_NAN) return 'NaN';
  if (sign === NUMERIC_POSITIVE_INFINITY) return 'Infinity';
  if (sign === NUMERIC_NEGATIVE_INFINITY) return '-Infinity';
  if (scale > MAX_SCALE || (sign !== 0 && sign !== NUMERIC_NEGATIVE)) {
    throw new DecodeError(4, 'sign and scale of a numeric', 4, 4);
  }
  let digits = '';
  for (let i = 0; i < count; i++) digits += digitText(reader.u16());
  // The decimal point stands behind the digit of weight 0.
  const before = (weight + 1) * DECIMALS;
  const whole = before <= 0 ? '' : digits.slice(0, before).padEnd(before, '0');
  const behind = before <= 0 ? '0'.repeat(-before) + digits : digits.slice(before);
  const fraction = behind.slice(0, scale).padEnd(scale, '0');
  const text = whole.replace(/^0+(?=.)/, '') || '0';
  return `${sign === NUMERIC_NEGATIVE ? '-' : ''}${text}${scale > 0 ? `.${fraction}` : ''}`;
}

/** A digit of base 10,000; `numeric_recv` takes no larger one. */
function digitText(digit: number): string {
  if (digit > MAX_DIGIT) throw new DecodeError(8, 'digit of a numeric', 2, 2);
  return String(digit).padStart(DECIMALS, '0');
}

/** `cash_out` with lc_monetary C: cents, with a dollar sign and groups of three. */
export function moneyText(cents: bigint): string {
  const size = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  const whole = size.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${cents < 0n ? '-' : ''}$${whole}.${size.slice(-2)}`;
}
