import type { FilterProblem } from '../shared/filterApi';
import type { FilterTable } from './completeFilter';
import type { Expression } from './expressionTree';
import { allOf } from './expressionTree';
import { nearest } from './vocabulary';

/** What an expression says that cannot match among these tables: a column that none has, a table that is none. */
export function checkColumns(
  expression: Expression,
  tables: readonly FilterTable[],
): FilterProblem | undefined {
  // A capture that has no table yet says nothing.
  if (tables.length === 0) return undefined;
  const columns = new Set(tables.flatMap(({ columns: all }) => all.map(({ name }) => name)));
  const asked = new Set<Expression>();
  for (const part of allOf(expression)) {
    // Who asks whether a column is there knows that it may not be.
    if (part.kind === 'has') asked.add(part.operand);
    if (asked.has(part)) continue;
    // Texts of output plugins describe no columns: nothing is known of them then.
    if (part.kind === 'column' && columns.size > 0 && !columns.has(part.name)) {
      return hint(`No table here has a column ${part.name} so far.`, part.name, columns, part);
    }
    // What is another table than one that is not here is every table.
    if (part.kind !== 'compare' || part.operator === '!=') continue;
    for (const [field, written] of [
      [part.left, part.right],
      [part.right, part.left],
    ] as const) {
      if (field.kind !== 'field' || written.kind !== 'constant') continue;
      const { value } = written;
      if (typeof value !== 'string') continue;
      if (field.field !== 'table' && field.field !== 'schema') continue;
      const { field: what } = field;
      const names = new Set(tables.map(table => table[what]));
      if (names.has(value)) continue;
      const qualified =
        what === 'table' ? tables.find(t => `${t.schema}.${t.table}` === value) : undefined;
      if (qualified !== undefined) {
        return {
          message: `A table is named without its schema: schema == "${qualified.schema}" && table == "${qualified.table}".`,
          from: written.from,
          to: written.to,
        };
      }
      return hint(`There is no ${what} ${value} here so far.`, value, names, written);
    }
  }
  return undefined;
}

function hint(
  sentence: string,
  word: string,
  known: Iterable<string>,
  { from, to }: { readonly from: number; readonly to: number },
): FilterProblem {
  const meant = nearest(word, known);
  return {
    message: meant === undefined ? sentence : `${sentence} Did you mean ${meant}?`,
    from,
    to,
  };
}
