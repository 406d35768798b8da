/** A field of a filter, and what may follow it only in an expression. */
const COMPARED =
  /^\s*(?:!\s*)?\(*\s*(?:op|schema|table|xid|lsn|time|size|prefix|content)\s*(?:==|!=|<=?|>=?|in\s*\[)/;
const METHOD =
  /^\s*(?:!\s*)?\(*\s*(?:changed|schema|table|prefix|content)\s*\.\s*(?:contains|exists|startsWith|endsWith|matches|size)\s*\(/;
const OF_ROW =
  /^\s*(?:!\s*)?\(*\s*(?:new|old|key)\s*(?:\.\s*[A-Za-z_]\w*|\[\s*["'][^"']*["']\s*\])\s*(?:==|!=|<=?|>=?|in\s*\[|\.\s*\w+\()/;
const HAS = /^\s*(?:!\s*)?\(*\s*has\s*\(\s*(?:new|old|key)\b/;

/** Whether what is typed is an expression beyond doubt, and no text that somebody looks for. */
export function looksLikeExpression(typed: string): boolean {
  return [COMPARED, METHOD, OF_ROW, HAS].some(pattern => pattern.test(typed));
}
