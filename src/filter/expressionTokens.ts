/** A piece of an expression that may not be finished yet. */
export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign';
  /** As written; of a text what stands between its quotes. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** A text without its closing quote. */
  readonly open?: true;
}

/** Names, texts in quotes, numbers, and signs of one or two characters; comments and blanks are left out. */
const PIECE =
  /\/\/[^\n]*|[A-Za-z_][A-Za-z0-9_]*|\d[0-9A-Za-z.]*|"(?:\\.|[^"\\])*("?)|'(?:\\.|[^'\\])*('?)|==|!=|<=|>=|&&|\|\||\S/g;

/** Takes an expression apart, however far it is written. Never fails. */
export function expressionTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(PIECE)) {
    const [piece, double, single] = match;
    const from = match.index;
    const to = from + piece.length;
    if (piece.startsWith('//')) continue;
    if (piece.startsWith('"') || piece.startsWith("'")) {
      const isOpen = (double ?? single ?? '') === '' || piece.length === 1;
      const inner = piece.slice(1, isOpen ? undefined : -1);
      tokens.push({ kind: 'text', text: inner, from, to, ...(isOpen ? { open: true } : {}) });
    } else if (/^[A-Za-z_]/.test(piece)) tokens.push({ kind: 'name', text: piece, from, to });
    else if (/^\d/.test(piece)) tokens.push({ kind: 'number', text: piece, from, to });
    else tokens.push({ kind: 'sign', text: piece, from, to });
  }
  return tokens;
}
