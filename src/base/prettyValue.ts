import type { ArrayElement } from './arrayText';
import { readArrayText } from './arrayText';
import { fromHex } from './hex';
import { prettyJson } from './prettyJson';

/** How a value can be shown besides as it is. */
export type ValueForm = 'json' | 'array' | 'bytes';

/** The form that values of a type have, by the name that format_type() prints. */
export function formOfType(type: string): ValueForm | undefined {
  if (type.endsWith('[]')) return 'array';
  if (type === 'json' || type === 'jsonb') return 'json';
  return type === 'bytea' ? 'bytes' : undefined;
}

/** The value over many lines, or its bytes as text; undefined where it has no such form. */
export function prettyValue(text: string, form: ValueForm): string | undefined {
  switch (form) {
    case 'json':
      return prettyJson(text);
    case 'array':
      return prettyArray(text);
    case 'bytes':
      return bytesAsText(text);
  }
}

/** An element a line; what is quoted there is quoted here only where it would be mistaken. */
function prettyArray(text: string): string | undefined {
  const elements = readArrayText(text) ?? readArrayText(text, ';');
  if (elements === undefined) return undefined;
  const lines: string[] = [];
  addLines(elements, 0, lines);
  return lines.join('\n');
}

function addLines(elements: readonly ArrayElement[], depth: number, lines: string[]): void {
  const indent = '  '.repeat(depth);
  if (elements.length === 0) {
    lines.push(`${indent}{}`);
    return;
  }
  lines.push(`${indent}{`);
  for (const element of elements) {
    if (element === null) lines.push(`${indent}  NULL`);
    else if (typeof element !== 'string') addLines(element, depth + 1, lines);
    else lines.push(`${indent}  ${shownElement(element)}`);
  }
  lines.push(`${indent}}`);
}

function shownElement(text: string): string {
  const isPlain = text !== '' && text.toUpperCase() !== 'NULL' && !/^\s|\s$|[{}"\\\n]/.test(text);
  return isPlain ? text : `"${text.replace(/["\\]/g, letter => `\\${letter}`)}"`;
}

/** The bytes that `\x…` stands for, where they are UTF-8. */
function bytesAsText(text: string): string | undefined {
  const bytes = text.startsWith('\\x') ? fromHex(text.slice(2)) : undefined;
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
