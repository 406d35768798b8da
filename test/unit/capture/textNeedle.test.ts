import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextNeedle } from '../../../src/capture/textNeedle';

const letters = fc.constantFrom(
  ...['a', 'A', 'k', 'K', '\u212a', 'i', 'I', '\u0130', '\u0131', 'ß', 'ẞ', 'Σ', 'ς', 'σ', 'é'],
  ...['É', 'e\u0301', '😀', ' ', '\u0000', '\u0307', 'x', 'тест', 'ТЕСТ', '\ufeff'],
);
const textArb = (maxLength: number) =>
  fc.array(letters, { maxLength }).map(parts => parts.join(''));

describe('a text to look for', () => {
  it('is found in bytes exactly where toLowerCase() finds it in the text', () => {
    fc.assert(
      fc.property(textArb(4), textArb(12), fc.nat(5), (text, value, pad) => {
        fc.pre(text !== '');
        const bytes = Buffer.concat([
          Buffer.alloc(pad, text),
          Buffer.from(value),
          Buffer.alloc(pad, text),
        ]);
        const end = pad + Buffer.byteLength(value);
        const want = value.toLowerCase().includes(text.toLowerCase());
        expect(new TextNeedle(text).isInBytes(bytes, pad, end)).toBe(want);
      }),
      { numRuns: 5000 },
    );
  });

  it('knows every character whose lower case has a letter of ASCII', () => {
    const found: string[] = [];
    for (let code = 0x80; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const character = String.fromCodePoint(code);
      const lower = character.toLowerCase();
      if (!/[\0-\x7f]/.test(lower)) continue;
      found.push(character);
      const ascii = /[\0-\x7f]/.exec(lower)![0];
      const bytes = Buffer.from(`..${character}..`);
      expect(new TextNeedle(ascii).isInBytes(bytes, 0, bytes.length)).toBe(true);
    }
    expect(found).toEqual(['\u0130', '\u212a']);
  });

  it('is not in what is no text', () => {
    const bytes = Buffer.from([0x61, 0xff, 0x62]);
    expect(new TextNeedle('a').isInBytes(bytes, 0, 3)).toBe(false);
    expect(new TextNeedle('\ufffd').isInBytes(bytes, 0, 3)).toBe(false);
    expect(new TextNeedle('a').isInBytes(bytes, 0, 1)).toBe(true);
  });
});
