import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArrayText } from '../../../src/base/arrayText';
import { prettyJson } from '../../../src/base/prettyJson';
import { prettyValue } from '../../../src/base/prettyValue';

describe('JSON over many lines', () => {
  it('keeps digits, order and repetitions', () => {
    const text = '{"b":12345678901234567890.10,"a":[],"b":{"":null}, "e":1e400,"s":"\\u0041\\"{"}';
    expect(prettyJson(text)).toBe(`{
  "b": 12345678901234567890.10,
  "a": [],
  "b": {
    "": null
  },
  "e": 1e400,
  "s": "\\u0041\\"{"
}`);
  });

  it('is what JSON.stringify makes of any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), value => {
        // -0 and numbers that print in another way are what this is not about.
        const compact = JSON.stringify(value);
        expect(prettyJson(compact)).toBe(JSON.stringify(JSON.parse(compact), undefined, 2));
      }),
    );
  });

  it('takes nothing that JSON.parse refuses', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', 'null', ' ', '-', '"');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), list => {
        const text = list.join('');
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(prettyJson(text) !== undefined).toBe(valid);
      }),
      { numRuns: 5000 },
    );
  });

  it('does not follow nesting without end', () => {
    expect(prettyJson('['.repeat(100_000) + ']'.repeat(100_000))).toBeUndefined();
  });
});

describe('arrays and bytes', () => {
  it('reads what array_out writes', () => {
    expect(readArrayText('{1,NULL,"NULL","a,\\"b\\\\","{}"}')).toEqual([
      '1',
      null,
      'NULL',
      'a,"b\\',
      '{}',
    ]);
    expect(readArrayText('[-1:0][2:2]={{a},{""}}')).toEqual([['a'], ['']]);
    expect(readArrayText('{(1,1),(0,0);(2,2),(1,1)}', ';')).toEqual(['(1,1),(0,0)', '(2,2),(1,1)']);
    for (const none of ['', '{', '{a', '{a,}', 'a', '{a}b', '{"a}', '{{{{{{{a}}}}}}}', '{a{}']) {
      expect(readArrayText(none)).toBeUndefined();
    }
  });

  it('shows an element a line', () => {
    expect(prettyValue('{{1,NULL},{"NULL","a b"}}', 'array')).toBe(`{
  {
    1
    NULL
  }
  {
    "NULL"
    a b
  }
}`);
  });

  it('shows bytes that are text as text, and no others', () => {
    expect(prettyValue('\\x68c3a4', 'bytes')).toBe('hä');
    expect(prettyValue('\\xff', 'bytes')).toBeUndefined();
    expect(prettyValue('h', 'bytes')).toBeUndefined();
  });
});
