import { describe, expect, it } from 'vitest';
import { binaryText } from '../../../src/logical/types/binary/binaryText';

const NUMERIC = 1700;

/** Count, weight, sign and scale, then the digits to the base 10,000. */
const numeric = (...words: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(2 * words.length);
  words.forEach((word, i) => {
    new DataView(bytes.buffer).setUint16(2 * i, word);
  });
  return bytes;
};

describe('a numeric in binary form', () => {
  it('is read up to its largest digit', () => {
    expect(binaryText(NUMERIC, numeric(2, 0, 0, 4, 9999, 1), () => undefined)).toBe('9999.0001');
  });

  it('keeps its bytes where a digit is larger than the server takes', () => {
    expect(binaryText(NUMERIC, numeric(2, 0, 0, 4, 10_000, 1), () => undefined)).toBeUndefined();
  });
});
