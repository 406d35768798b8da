import type { FilterCompletion } from '../shared/filterApi';
import { COMPLETIONS_LIMIT } from '../shared/filterApi';
import { OPERATIONS } from '../shared/viewSpec';
import type { Token } from './expressionTokens';
import { expressionTokens } from './expressionTokens';
import { FIELDS, FUNCTIONS, isField, isSide, METHODS, QUANTIFIERS, SIDES } from './vocabulary';

/** A table that an expression may speak of. */
export interface FilterTable {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly items: readonly FilterCompletion[];
}

/** What may be written at the caret. Understands expressions that are not finished. */
export function completeFilter(
  text: string,
  caret: number,
  tables: readonly FilterTable[],
): Completion {
  const tokens = expressionTokens(text);
  const named = narrowed(tokens, tables);
  const before = expressionTokens(text.slice(0, caret));
  const last = before.at(-1);
  if (last?.kind === 'text' && last.open === true) {
    return inText(text, last, caret, before.slice(0, -1), tables, named);
  }
  const isWord = last?.kind === 'name' && last.to === caret;
  const word = isWord ? last.text : '';
  const left = isWord ? before.slice(0, -1) : before;
  const from = isWord ? last.from : caret;
  const to = wordEnd(text, caret);
  const at = (items: readonly FilterCompletion[]): Completion => ({
    from,
    to,
    items: ranked(items, word),
  });
  const previous = left.at(-1);
  if (previous?.text === '.' && previous.kind === 'sign') {
    const object = left.at(-2);
    if (object?.kind !== 'name' || !isSide(object.text) || left.at(-3)?.text === '.') {
      return at(methods(endsList(left.slice(0, -1))));
    }
    const columns = columnItems(named);
    const odd = columns.filter(({ insert }) => insert.startsWith('['));
    // Such a name takes the place of the point too.
    const plain = columns.filter(({ insert }) => !insert.startsWith('['));
    const found = ranked(plain, word);
    if (found.length > 0 || odd.length === 0) return at(plain);
    return { from: previous.from, to, items: ranked(odd, word) };
  }
  if (isOperand(previous))
    return at(isWord || previous === undefined ? WORD_OPERATORS : operators(left));
  return at([...expectedValues(left, tables, true), ...operands(word, named)]);
}

/** A quote is open: a value, as far as what stands before tells which. */
function inText(
  text: string,
  token: Token,
  caret: number,
  before: readonly Token[],
  tables: readonly FilterTable[],
  named: readonly FilterTable[],
): Completion {
  const quote = text.charAt(token.from);
  const rest = text.slice(caret);
  const closing = new RegExp(`^[^${quote}\\s)\\]]*${quote}`).exec(rest)?.[0] ?? '';
  const followed = /^\s*in\s+changed\b/.test(rest.slice(closing.length));
  const items = followed ? columnNames(named) : expectedValues(before, tables, false, named);
  return {
    from: token.from + 1,
    to: caret + closing.length,
    items: ranked(
      items.map(item => ({ ...item, insert: `${escaped(item.label, quote)}${quote}` })),
      text.slice(token.from + 1, caret),
    ),
  };
}

function wordEnd(text: string, caret: number): number {
  return caret + (/^[A-Za-z0-9_]*/.exec(text.slice(caret))?.[0].length ?? 0);
}

/** The tables that `table == "x"` and `schema == "x"` in the expression leave. */
function narrowed(
  tokens: readonly Token[],
  tables: readonly FilterTable[],
): readonly FilterTable[] {
  const wanted: Record<'table' | 'schema', Set<string>> = { table: new Set(), schema: new Set() };
  tokens.forEach(({ kind, text }, i) => {
    if (kind !== 'name' || (text !== 'table' && text !== 'schema')) return;
    const operator = tokens[i + 1]?.text;
    if (operator === '==') take(wanted[text], tokens[i + 2]);
    if (operator === 'in') {
      for (let j = i + 3; tokens[j]?.kind === 'text'; j += 2) take(wanted[text], tokens[j]);
    }
  });
  const left = tables.filter(
    ({ schema, table }) =>
      (wanted.table.size === 0 || wanted.table.has(table)) &&
      (wanted.schema.size === 0 || wanted.schema.has(schema)),
  );
  return left.length === 0 ? tables : left;
}

function take(set: Set<string>, token: Token | undefined): void {
  if (token?.kind === 'text' && token.open !== true) set.add(token.text);
}

/** What a value may be beside the field and operator before it. */
function expectedValues(
  before: readonly Token[],
  tables: readonly FilterTable[],
  quoted: boolean,
  named: readonly FilterTable[] = tables,
): FilterCompletion[] {
  const items = valuesFor(comparedField(before), before, tables, named);
  return quoted ? items.map(item => ({ ...item, insert: `"${escaped(item.label, '"')}"` })) : items;
}

function valuesFor(
  field: string | undefined,
  before: readonly Token[],
  tables: readonly FilterTable[],
  named: readonly FilterTable[],
): FilterCompletion[] {
  switch (field) {
    case 'op':
      return OPERATIONS.map(label => ({ label, insert: label, detail: '', kind: 'value' }));
    case 'table':
      return unique(tables, ({ table, schema }) => ({
        label: table,
        insert: table,
        detail: schema,
        kind: 'table',
      }));
    case 'schema':
      return unique(tables, ({ schema }) => ({
        label: schema,
        insert: schema,
        detail: '',
        kind: 'schema',
      }));
    default: {
      // changed.contains(" and new["
      const [object, point, method, bracket] = before.slice(-4);
      const asksChanged =
        object?.text === 'changed' &&
        point?.text === '.' &&
        method?.text === 'contains' &&
        bracket?.text === '(';
      const asksColumn =
        before.at(-1)?.text === '[' &&
        isSide(before.at(-2)?.text ?? '') &&
        before.at(-3)?.text !== '.';
      return asksChanged || asksColumn ? columnNames(named) : [];
    }
  }
}

/** The field whose value is written next: after `field ==`, and in `field in [`. */
function comparedField(before: readonly Token[]): string | undefined {
  let i = before.length - 1;
  while (before[i]?.text === ',' || before[i]?.text === '[' || before[i]?.kind === 'text') i--;
  const operator = before[i]?.text ?? '';
  const isList = i < before.length - 1;
  const isRight = isList
    ? operator === 'in'
    : ['==', '!=', '<', '>', '<=', '>='].includes(operator);
  const field = before[i - 1];
  const isPart = before[i - 2]?.text === '.';
  return isRight && field?.kind === 'name' && !isPart && isField(field.text)
    ? field.text
    : undefined;
}

function isOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === 'name') return token.text !== 'in';
  return token.kind !== 'sign' || token.text === ')' || token.text === ']' || token.text === '}';
}

/** What may stand where a value begins. */
function operands(word: string, named: readonly FilterTable[]): FilterCompletion[] {
  const items: FilterCompletion[] = [];
  for (const [label, { detail }] of Object.entries(FIELDS)) {
    items.push({ label, insert: label, detail, kind: 'field' });
  }
  for (const [label, detail] of Object.entries(SIDES)) {
    items.push({ label, insert: `${label}.`, detail, kind: 'field' });
  }
  items.push({ label: 'has', insert: 'has(', detail: 'the column was sent', kind: 'function' });
  for (const [label, { detail }] of Object.entries(FUNCTIONS)) {
    items.push({ label, insert: `${label}(`, detail, kind: 'function' });
  }
  for (const label of ['true', 'false', 'null']) {
    items.push({ label, insert: label, detail: '', kind: 'value' });
  }
  // Who types the name of a column means its new value, mostly.
  if (word.length > 0) {
    for (const side of ['new', 'old']) {
      for (const { label, insert, detail } of columnItems(named)) {
        const written = insert.startsWith('[') ? `${side}${insert}` : `${side}.${insert}`;
        items.push({ label: `${side}.${label}`, insert: written, detail, kind: 'column' });
      }
    }
  }
  return items;
}

function methods(isList: boolean): FilterCompletion[] {
  const items: FilterCompletion[] = [];
  for (const [label, { detail, takes }] of Object.entries(METHODS)) {
    if (isList && takes[0]?.includes('list') !== true) continue;
    const insert = takes.length === 1 ? `${label}()` : `${label}(`;
    items.push({ label, insert, detail, kind: 'function' });
  }
  if (isList) {
    for (const [label, detail] of Object.entries(QUANTIFIERS)) {
      items.push({ label, insert: `${label}(`, detail, kind: 'function' });
    }
  }
  return items;
}

function endsList(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  return last?.text === 'changed' ? tokens.at(-2)?.text !== '.' : last?.text === ']';
}

const COMPARISONS: readonly (readonly [string, string])[] = [
  ['==', 'equal'],
  ['!=', 'not equal'],
  ['<', 'less'],
  ['<=', 'less or equal'],
  ['>', 'greater'],
  ['>=', 'greater or equal'],
];

const WORD_OPERATORS: readonly FilterCompletion[] = [
  { label: 'in', insert: 'in ', detail: 'one of a list', kind: 'operator' },
];

const CONNECTORS: readonly FilterCompletion[] = [
  { label: '&&', insert: '&& ', detail: 'and', kind: 'operator' },
  { label: '||', insert: '|| ', detail: 'or', kind: 'operator' },
];

/** After a value: what compares it, unless it has been compared. */
function operators(left: readonly Token[]): readonly FilterCompletion[] {
  const compared = left.findLastIndex(({ text }) => ['&&', '||', '(', ','].includes(text));
  const isCompared = left
    .slice(compared + 1)
    .some(({ text, kind }) => kind !== 'text' && /^([=!<>]=|[<>]|in)$/.test(text));
  const isCondition = left.at(-1)?.text === ')';
  const comparisons = COMPARISONS.map(([label, detail]): FilterCompletion => ({
    label,
    insert: `${label} `,
    detail,
    kind: 'operator',
  }));
  if (isCompared) return CONNECTORS;
  return isCondition
    ? [...CONNECTORS, ...comparisons, ...WORD_OPERATORS]
    : [...comparisons, ...WORD_OPERATORS, ...CONNECTORS];
}

/** Columns by name; where several tables have one, its detail names the first. */
function columnItems(named: readonly FilterTable[]): FilterCompletion[] {
  return columnNames(named).map(item =>
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(item.label) && !RESERVED.has(item.label)
      ? item
      : { ...item, insert: `["${escaped(item.label, '"')}"]` },
  );
}

function columnNames(named: readonly FilterTable[]): FilterCompletion[] {
  const columns = named.flatMap(({ table, columns: all }) =>
    all.map(({ name, type }) => ({ name, type, table })),
  );
  return unique(columns, ({ name, type, table }) => ({
    label: name,
    insert: name,
    detail: named.length === 1 ? type : `${type}, ${table}`,
    kind: 'column',
  }));
}

/** Words that cannot stand behind a point. */
const RESERVED = new Set(['true', 'false', 'null', 'in']);

function unique<T>(values: readonly T[], item: (value: T) => FilterCompletion): FilterCompletion[] {
  const items = new Map<string, FilterCompletion>();
  for (const value of values) {
    const made = item(value);
    if (!items.has(made.label)) items.set(made.label, made);
  }
  return [...items.values()];
}

function escaped(text: string, quote: string): string {
  return text.replace(/[\\\n\r]/g, unit => ESCAPES[unit] ?? unit).replaceAll(quote, `\\${quote}`);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };

/** Those that begin with the word first, then those that have it elsewhere; what is there already is left out. */
function ranked(items: readonly FilterCompletion[], word: string): readonly FilterCompletion[] {
  const wanted = word.toLowerCase();
  const rank = ({ label }: FilterCompletion): number => {
    const name = label.toLowerCase();
    if (name.startsWith(wanted)) return 0;
    return name.includes(`.${wanted}`) ? 1 : name.includes(wanted) ? 2 : 3;
  };
  return [0, 1, 2]
    .flatMap(wantedRank => items.filter(item => rank(item) === wantedRank))
    .slice(0, COMPLETIONS_LIMIT);
}
