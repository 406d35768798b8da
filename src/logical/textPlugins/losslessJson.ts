/**
 * JSON whose numbers become strings of their own digits: a double would round a bigint and a numeric.
 * Throws SyntaxError where the text is no JSON.
 */
export function parseLosslessJson(text: string): unknown {
  return JSON.parse(text.replace(TOKENS, token => (NUMBER.test(token) ? `"${token}"` : token)));
}

/** A string, so that what stands in it is passed over, or a number. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
