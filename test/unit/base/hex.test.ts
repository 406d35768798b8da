import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/base/hex';

describe('hexadecimal', () => {
  it.each([0, 1, 255, 4095, 4096, 100_000])('writes %i bytes as Buffer does', length => {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 31) & 0xff);
    expect(toHex(bytes) === Buffer.from(bytes).toString('hex')).toBe(true);
    expect(fromHex(toHex(bytes))).toEqual(bytes);
  });

  it('refuses what no string can hold, without trying', () => {
    expect(() => toHex(new Uint8Array(2 ** 28))).toThrow(RangeError);
  });
});
