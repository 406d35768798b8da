import type { ASTNode } from '@marcbachmann/cel-js';
import { Environment, ParseError } from '@marcbachmann/cel-js';
import { FilterError } from './filterError';

/**
 * The syntax of CEL is the library's. What the expression means is ours: NULL and absent values have to make
 * a comparison unknown, numerics must not pass through doubles, and no pattern may hang, none of which
 * the library's evaluation can be taught.
 */
const environment = new Environment({ limits: { maxDepth: 100, maxAstNodes: 2000 } });

/** Throws {@link FilterError}. */
export function parseSyntax(text: string): ASTNode {
  try {
    return environment.parse(text).ast;
  } catch (error) {
    // So many signs in a row that the parser ran out of stack.
    if (error instanceof RangeError) {
      throw new FilterError('This expression is nested too deeply.', 0, text.length);
    }
    if (!(error instanceof ParseError)) throw error;
    const { start = 0, end = text.length } = error.range ?? {};
    const from = Math.min(start, text.length);
    throw new FilterError(
      explain(error, text, from),
      from,
      Math.max(from, Math.min(end, text.length)),
    );
  }
}

const TOKENS: Readonly<Record<string, string>> = {
  RPAREN: ')',
  RBRACKET: ']',
  RBRACE: '}',
  COLON: ':',
  IDENTIFIER: 'a name',
};

/** What people write who think of SQL or of another language. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/^=(?!=)/, 'Write == to compare.'],
  [/^and\b/i, 'Write && for and.'],
  [/^or\b/i, 'Write || for or.'],
  [/^&(?!&)/, 'Write && for and.'],
  [/^\|(?!\|)/, 'Write || for or.'],
  [/^not\s+in\b/i, 'Write !(value in [...]) for not in.'],
  [/^not\b/i, 'Write ! for not.'],
  [/^is\s+not\s+null\b/i, 'Write != null.'],
  [/^is\b/i, 'Write == null.'],
  [/^i?like\b/i, 'Write .contains("..."), .startsWith("...") or .matches("...").'],
  [/^>\s*(?!=)/, 'A value is missing before this.'],
  [/^~/, 'Write .matches("...").'],
  [/^[“”„‘’]/u, 'Write texts in plain quotes: "...".'],
  [/^in\s*\(/i, 'Write a list in square brackets: in [1, 2].'],
];

function explain(error: ParseError, text: string, from: number): string {
  const rest = text.slice(from);
  if (error.code === 'unterminated_string') return 'This text has no closing quote.';
  if (/^\s*<>/.test(text.slice(Math.max(0, from - 1)))) return 'Write != for not equal.';
  for (const [pattern, message] of FOREIGN) if (pattern.test(rest)) return message;
  if (rest.trim() === '') return endMissing(error);
  switch (error.code) {
    case 'expected_token': {
      const wanted = /^Expected (\w+)/.exec(error.summary)?.[1] ?? '';
      if (wanted === 'IDENTIFIER')
        return 'After a point comes a name. Write others as new["a name"].';
      return `Here ${TOKENS[wanted] ?? wanted} is missing.`;
    }
    case 'unexpected_character': {
      const before = /[A-Za-z0-9_.]$/.test(text.slice(0, from));
      if (before && rest.charCodeAt(0) > 127) {
        return 'Names with such letters are written in brackets and quotes: new["größe"].';
      }
      return 'This is not understood here. Is an operator missing before it, such as &&?';
    }
    case 'reserved_identifier':
      return 'CEL keeps this word for itself. Write a column of this name as new["name"].';
    case 'invalid_escape_sequence':
      return 'In quotes a backslash is written twice: "\\\\d", or the whole text is written r"\\d".';
    case 'limit_exceeded':
      return 'This expression is nested too deeply or too long.';
    case 'unexpected_token':
      return 'A value is missing here.';
    default:
      return `${error.summary}.`;
  }
}

function endMissing(error: ParseError): string {
  const wanted = /^Expected (\w+)/.exec(error.summary)?.[1];
  return wanted === undefined || TOKENS[wanted] === undefined
    ? 'The expression ends where a value is missing.'
    : `The expression ends, and ${TOKENS[wanted]} is missing.`;
}
