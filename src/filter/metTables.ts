import type { FilterProblem } from '../shared/filterApi';
import { checkColumns } from './checkColumns';
import type { FilterTable } from './completeFilter';
import type { Expression } from './expressionTree';

/** The tables that a stream has shown so far, each once, with all columns that it had. */
export class MetTables {
  /** Names of columns, by schema and table. */
  readonly #columns = new Map<string, Map<string, Set<string>>>();

  /** `columns`: none where they are not known. */
  meet(schema: string, table: string, columns: readonly { readonly name: string }[]): void {
    let tables = this.#columns.get(schema);
    if (tables === undefined) this.#columns.set(schema, (tables = new Map<string, Set<string>>()));
    let known = tables.get(table);
    if (known === undefined) tables.set(table, (known = new Set()));
    for (const { name } of columns) known.add(name);
  }

  /** What an expression asks for that none of them has: it is most often misspelled. */
  hint(expression: Expression): FilterProblem | undefined {
    const tables: FilterTable[] = [];
    for (const [schema, named] of this.#columns) {
      for (const [table, names] of named) {
        const columns = Array.from(names, name => ({ name, type: '' }));
        tables.push({ schema, table, columns });
      }
    }
    return checkColumns(expression, tables);
  }
}
