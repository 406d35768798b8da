const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** From here on the digits are collected as bytes: a string that is built by adding takes 20 times as much. */
const LONG = 4096;
/** Half of what V8 takes in one string (`String::kMaxLength`). */
const LONGEST = 2 ** 28 - 12;

/**
 * Lower-case hexadecimal, two digits a byte, as `encode(data, 'hex')` gives it. Throws RangeError where
 * that is more than a string can hold.
 */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length >= LONG) return longHex(bytes);
  let hex = '';
  for (const byte of bytes) hex += DIGITS[byte] ?? '';
  return hex;
}

function longHex(bytes: Uint8Array): string {
  if (bytes.length > LONGEST) {
    throw new RangeError(`${String(bytes.length)} bytes are too many for hexadecimal text`);
  }
  const digits = new Uint8Array(2 * bytes.length);
  let at = 0;
  for (const byte of bytes) {
    digits[at++] = digitUnit(byte >> 4);
    digits[at++] = digitUnit(byte & 15);
  }
  return ascii.decode(digits);
}

/** The character of a digit 0 to 15. */
function digitUnit(digit: number): number {
  return digit < 10 ? 0x30 + digit : 0x57 + digit;
}

const ascii = new TextDecoder();

/** The bytes of hexadecimal text in either case; undefined where it is not that. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = digitOf(text.charCodeAt(2 * i));
    const low = digitOf(text.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) return undefined;
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

/** Value of a hexadecimal digit given as a UTF-16 unit; -1 for anything else. */
function digitOf(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
