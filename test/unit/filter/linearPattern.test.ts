import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinearPattern } from '../../../src/filter/values/linearPattern';

function compile(source: string): LinearPattern {
  const compiled = LinearPattern.compile(source);
  if ('problem' in compiled) throw new Error(`${source}: ${compiled.problem}`);
  return compiled.pattern;
}

const { pattern } = fc.letrec<{ pattern: string }>(tie => ({
  pattern: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      '\\W',
      '[0-9b-]',
      '^',
      '$',
      '\\.',
      'é',
      '[\\d\\s]',
      '[^\\w]',
      '-',
      '',
    ),
    fc.tuple(tie('pattern'), tie('pattern')).map(parts => parts.join('')),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '*?', '{2}', '{1,3}', '{2,}', '{0,2}?'))
      .map(([a, times]) => `(?:${a})${times}`),
  ),
}));
const subject = fc.string({
  unit: fc.constantFrom('a', 'b', '1', ' ', '.', '-', 'é', '\n', 'A'),
  maxLength: 12,
});

describe('a pattern', () => {
  it('is found where a backtracking engine finds it', () => {
    fc.assert(
      fc.property(
        pattern,
        subject,
        fc.constantFrom('', '(?i)', '(?s)', '(?is)'),
        (source, text, flags) => {
          const expected = new RegExp(source, flags.replace(/\W/g, '')).test(text);
          expect([source, text, compile(flags + source).test(text)]).toEqual([
            source,
            text,
            expected,
          ]);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('takes time that grows with the text alone', () => {
    const text = `${'a'.repeat(1_000_000)}!`;
    for (const source of [
      '(a+)+$',
      '^(a|a)*$',
      '(a|aa)+$',
      '(.*)*x',
      '(a?){100}a{100}b',
      '^(([a-z])+.)+[A-Z]([a-z])+$',
    ]) {
      const compiled = compile(source);
      const start = performance.now();
      expect(compiled.test(text)).toBe(false);
      expect(performance.now() - start).toBeLessThan(5000);
    }
  });

  it('keeps little of what it met', () => {
    const compiled = compile('(.)(.)(.)x.{10}y');
    let seed = 1;
    let text = '';
    for (let i = 0; i < 200_000; i++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      text += String.fromCharCode(0x61 + ((seed >> 8) % 26));
    }
    expect(compiled.test(text)).toBe(/(.)(.)(.)x.{10}y/.test(text));
  });

  it('says what it does not understand, and where', () => {
    const problems: Readonly<Record<string, readonly [string, number]>> = {
      '(a': ['not closed', 0],
      'a)': ['not opened', 1],
      'a[b': ['not closed', 1],
      '*a': ['nothing here', 0],
      'a**': ['nothing here', 1],
      'a{2': ['\\{', 1],
      'a{3,2}': ['from fewer', 1],
      'a{900}': ['200 at most', 1],
      '(?=a)': ['only (?:', 1],
      '\\bfoo': ['\\b is not', 0],
      'a\\': ['nothing after', 1],
      '[z-a]': ['no end', 4],
    };
    for (const [source, [message]] of Object.entries(problems)) {
      const compiled = LinearPattern.compile(source);
      expect([source, 'problem' in compiled && compiled.problem]).toEqual([
        source,
        expect.stringContaining(message),
      ]);
    }
    for (const source of ['(((((){200}){200}){200}){200}){200}', '((a{200}){200}){200}']) {
      expect(LinearPattern.compile(source)).toHaveProperty('problem');
    }
  });
});
