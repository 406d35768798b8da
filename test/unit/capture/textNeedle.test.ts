import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PairScan } from '../../../src/capture/pairScan';
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
        const lower = (part: string) => part.toLowerCase().replace(/ς/g, 'σ');
        const want = lower(value).includes(lower(text));
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

  it('is a part of a word in capitals too', () => {
    const bytes = Buffer.from('ΟΔΟΣΑ');
    expect(new TextNeedle('ΟΔΟΣ').isInBytes(bytes, 0, bytes.length)).toBe(true);
    expect(new TextNeedle('οδος').isIn('Η ΟΔΟΣ ΑΥΤΗ')).toBe(true);
  });

  it('is not in what is no text', () => {
    const bytes = Buffer.from([0x61, 0xff, 0x62]);
    expect(new TextNeedle('a').isInBytes(bytes, 0, 3)).toBe(false);
    expect(new TextNeedle('\ufffd').isInBytes(bytes, 0, 3)).toBe(false);
    expect(new TextNeedle('a').isInBytes(bytes, 0, 1)).toBe(true);
  });

  /** Where `eachIn` finds it, going on behind each place by `step`. */
  const places = (
    needle: TextNeedle,
    bytes: Uint8Array,
    start: number,
    end: number,
    step: number,
  ) => {
    const found: number[] = [];
    needle.eachIn(bytes, start, end, at => {
      found.push(at);
      return at + step;
    });
    return found;
  };

  it('stands in a piece of a file where it stands in its text', () => {
    const few = fc.constantFrom('a', 'A', 'b', 'Z', '@', '`', '[', '{', '0', '\0', ' ', 'é');
    const text = (minLength: number, maxLength: number) =>
      fc.array(few, { minLength, maxLength }).map(parts => parts.join(''));
    const ascii = text(1, 4).filter(needle => !needle.includes('é'));
    fc.assert(
      fc.property(ascii, text(0, 300), fc.nat(9), fc.nat(9), fc.integer({ min: 1, max: 9 }), check),
      { numRuns: 5000 },
    );
    function check(needle: string, value: string, before: number, after: number, step: number) {
      const bytes = Buffer.from(value, 'latin1');
      const [start, end] = [Math.min(before, bytes.length), Math.max(before, bytes.length - after)];
      const lower = value.slice(0, end).replace(/[A-Z]/g, letter => letter.toLowerCase());
      const want: number[] = [];
      for (let at = start; (at = lower.indexOf(needle.toLowerCase(), at)) >= 0; at += step) {
        want.push(at);
      }
      for (const found of [
        places(new TextNeedle(needle), bytes, start, end, step),
        places(new TextNeedle(needle, () => undefined), bytes, start, end, step),
      ]) {
        expect(found).toEqual(want);
      }
    }
  });

  it('is found at every place of a piece, also of several thousand bytes', () => {
    for (const needle of ['q', 'Qx', 'a needle', `q${'-'.repeat(5000)}z`]) {
      const bytes = Buffer.alloc(200_000, ' ');
      for (let at = 0; at + needle.length <= bytes.length; at += needle.length + 4099) {
        bytes.write(needle.toUpperCase(), at);
      }
      const want = places(new TextNeedle(needle, () => undefined), bytes, 0, bytes.length, 1);
      expect(want.length).toBeGreaterThan(15);
      expect(places(new TextNeedle(needle), bytes, 0, bytes.length, 1)).toEqual(want);
    }
  });

  it('uses the instructions of this processor', () => {
    expect(PairScan.shared()).toBeDefined();
  });
});
