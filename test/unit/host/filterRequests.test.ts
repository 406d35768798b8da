import { describe, expect, it } from 'vitest';
import { checkFilterCaret, checkFilterText } from '../../../src/host/timeline/filterRequests';
import { FILTER_LIMIT } from '../../../src/shared/viewSpec';

describe('questions about an expression', () => {
  it('pass when they are in shape, without what does not belong', () => {
    expect(checkFilterText({ text: 'op', more: 1 })).toEqual({ text: 'op' });
    expect(checkFilterCaret({ text: 'op', caret: 2, more: 1 })).toEqual({ text: 'op', caret: 2 });
    // What is too long for an expression is answered as such.
    const text = 'x'.repeat(FILTER_LIMIT + 1);
    expect(checkFilterText({ text })).toEqual({ text });
  });

  it('are refused when they are not', () => {
    for (const params of [null, 'op', {}, { text: 1 }, { text: 'x'.repeat(FILTER_LIMIT * 5) }]) {
      expect(() => checkFilterText(params)).toThrow();
      expect(() => checkFilterCaret(params)).toThrow();
    }
    for (const caret of [undefined, -1, 1.5, NaN, '1', Number.MAX_SAFE_INTEGER]) {
      expect(() => checkFilterCaret({ text: 'op', caret })).toThrow();
    }
  });
});
