/**
 * JSON over many lines, two spaces a level. Nothing is parsed into values: numbers keep all their digits,
 * keys their order and their repetitions, strings their escapes. Undefined where the text is no JSON.
 */
export function prettyJson(text: string): string | undefined {
  const out: string[] = [];
  /** What is open: `{` or `[`, innermost last. */
  const open: string[] = [];
  let depth = 0;
  /** What may come: a value, a key, or what follows a value. */
  let expect: 'value' | 'first' | 'key' | 'colon' | 'after' = 'value';
  const newLine = (): void => {
    out.push('\n', '  '.repeat(depth));
  };
  TOKEN.lastIndex = 0;
  for (;;) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null)
      return at === text.length && expect === 'after' && depth === 0 ? out.join('') : undefined;
    const token = match[1] ?? '';
    if (token === '') {
      if (TOKEN.lastIndex === text.length && expect === 'after' && depth === 0) return out.join('');
      return undefined;
    }
    const inObject: boolean = open[depth - 1] === '{';
    const isClosing = token === '}' || token === ']';
    if (isClosing) {
      if (
        depth === 0 ||
        (token === '}') !== inObject ||
        (expect !== 'after' && expect !== 'first')
      ) {
        return undefined;
      }
      open.length = --depth;
      if (expect === 'after') newLine();
      out.push(token);
      expect = 'after';
    } else if (token === ',') {
      if (expect !== 'after' || depth === 0) return undefined;
      out.push(',');
      newLine();
      expect = inObject ? 'key' : 'value';
    } else if (token === ':') {
      if (expect !== 'colon') return undefined;
      out.push(': ');
      expect = 'value';
    } else {
      if (expect === 'colon' || expect === 'after') return undefined;
      if (expect === 'first') newLine();
      const isKey: boolean = (expect === 'first' && inObject) || expect === 'key';
      if (isKey && !token.startsWith('"')) return undefined;
      out.push(token);
      if (token === '{' || token === '[') {
        if (depth >= MAX_DEPTH) return undefined;
        open[depth++] = token;
        expect = 'first';
      } else expect = isKey ? 'colon' : 'after';
    }
  }
}

/** More levels than this help nobody, and their indentation alone would fill the memory. */
const MAX_DEPTH = 500;

/** White space, then a token or the end. */
const TOKEN: RegExp =
  /[ \t\n\r]*("[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|)/y;
