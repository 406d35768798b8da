import { describe, expect, it } from 'vitest';
import { escapeMarkdown, visibleLine } from '../../../src/host/escapeMarkdown';

describe('escapeMarkdown', () => {
  it.each([
    '[x](command:evil)',
    '![x](http://evil/x.png)',
    '<img src=x onerror=alert(1)>',
    '$(warning) `code` **bold** | cell',
    'http://example.com',
    'a&lt;b',
    'line\nbreak\r\n# heading',
    '\\[x](y)',
    'www.example.com a@b.example',
  ])('leaves no markup in %j', text => {
    const escaped = escapeMarkdown(text).replace(/&#\d+;/g, '');
    expect(escaped).toMatch(/^[\p{L}\p{N} ,;%/+='"?\u2400-\u2426]*$/u);
  });

  it('means the same text', () => {
    const text = 'a <b> [c](d) *e* 中文 é $(x) 10.5%';
    const back = escapeMarkdown(text).replace(/&#(\d+);/g, (_all, code: string) =>
      String.fromCodePoint(Number(code)),
    );
    expect(back).toBe(text);
  });
});

describe('visibleLine', () => {
  it('shows what cannot be seen', () => {
    expect(visibleLine('a\u202eb\nc\u0000')).toBe('a‹202E›b␊c␀');
  });

  it('cuts what is long', () => {
    expect(visibleLine('x'.repeat(600))).toHaveLength(501);
  });
});
