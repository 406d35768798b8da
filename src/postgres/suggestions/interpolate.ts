import type { Variables } from './suggestion';

/** Braces that are not closed, each looked for up to the end: with more of them it is no address. */
const MOST_UNCLOSED = 100;
/** Longest value, in characters: variables may name variables, each of them many times. */
const LONGEST_VALUE = 16 * 1024;

/**
 * Puts in the variables that a value names: `$NAME`, `${NAME}`, `${NAME:-default}` and the other forms
 * of Docker Compose; `$$` is a dollar. A variable that is not known is empty. Defaults may name
 * variables too, nested to a fixed depth. A value that would be longer than any address is empty.
 */
export function interpolate(text: string, variables: Variables, depth = 4): string {
  if (depth === 0) return '';
  let result = '';
  let at = 0;
  let unclosed = 0;
  while (at < text.length) {
    if (result.length > LONGEST_VALUE) return '';
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return orEmpty(result + text.slice(at));
    result += text.slice(at, dollar);
    const rest = text.slice(dollar + 1);
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    const close = rest.startsWith('{') ? closingBrace(rest) : -1;
    if (rest.startsWith('$')) {
      result += '$';
      at = dollar + 2;
    } else if (name !== undefined) {
      result += variables.get(name) ?? '';
      at = dollar + 1 + name.length;
    } else if (close > 0) {
      result += expand(rest.slice(1, close), variables, depth);
      at = dollar + 2 + close;
    } else {
      if (rest.startsWith('{') && ++unclosed > MOST_UNCLOSED) return '';
      result += '$';
      at = dollar + 1;
    }
  }
  return orEmpty(result);
}

function orEmpty(value: string): string {
  return value.length > LONGEST_VALUE ? '' : value;
}

/** Where the brace that `text` begins with is closed; -1 where it is not. */
function closingBrace(text: string): number {
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') open += 1;
    else if (text[at] === '}') {
      open -= 1;
      if (open === 0) return at;
    }
  }
  return -1;
}

/** What stands between the braces: a name, and maybe what to do without or with its value. */
function expand(text: string, variables: Variables, depth: number): string {
  const match = /^([A-Za-z_]\w*)(?:(:?)([-?+])(.*))?$/s.exec(text);
  if (match === null) return '';
  const [, name = '', colon = '', operator, word = ''] = match;
  const value = variables.get(name);
  const isThere = value !== undefined && (colon === '' || value !== '');
  if (operator === '+') return isThere ? interpolate(word, variables, depth - 1) : '';
  if (isThere) return value;
  return operator === '-' ? interpolate(word, variables, depth - 1) : '';
}
