import { describe, expect, it } from 'vitest';
import { visibleText } from '../../../src/base/visibleText';

describe('visibleText', () => {
  it.each([
    ['\u001b[31mred\u001b[0m\u0007', '␛[31mred␛[0m␇'],
    ['a\nb\tc\r', 'a␊b␉c␍'],
    ['\u007f\u009b', '␡‹009B›'],
    ['\u202Elive\u202C', '‹202E›live‹202C›'],
    ['😀 é <img> "; drop', '😀 é <img> "; drop'],
  ])('%j becomes %j', (text, visible) => {
    expect(visibleText(text)).toBe(visible);
  });

  it('keeps lines where they are shown as lines', () => {
    expect(visibleText('a\nb\tc\u0000', true)).toBe('a\nb\tc␀');
  });
});
