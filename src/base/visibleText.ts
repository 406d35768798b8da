/**
 * Characters that would change how the text around them is drawn, or not be drawn at all: controls, ends of
 * lines and paragraphs, zero-width spaces, and marks that turn the direction of writing. The joiners (U+200C, U+200D) stay:
 * scripts and emoji need them.
 */
const HIDDEN = /\p{Cc}|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * Makes every hidden character of a value visible: `␊` for a line feed, `‹202E›` for a mark of
 * direction. With `lines`, line feeds and tabs stay as they are, for a value shown over many lines.
 */
export function visibleText(text: string, lines = false): string {
  return text.replace(HIDDEN, char => {
    const code = char.charCodeAt(0);
    if (lines && (code === 0x0a || code === 0x09)) return char;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `‹${code.toString(16).toUpperCase().padStart(4, '0')}›`;
  });
}
