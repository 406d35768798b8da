import { checkColumns } from '../filter/checkColumns';
import type { FilterTable } from '../filter/completeFilter';
import { completeFilter } from '../filter/completeFilter';
import { parseFilter } from '../filter/filterExpression';
import type { FilterApi } from '../shared/filterApi';
import type { DescribedTables, RelationCatalog } from './relationCatalog';
import { tableIdOf } from './relationCatalog';

type Answer<K extends keyof FilterApi> = Awaited<ReturnType<FilterApi[K]>>;

/** Answers about expressions with the tables that a capture has seen. */
export class FilterQuestions {
  readonly #source: Pick<DescribedTables, 'relations'>;
  readonly #catalog: RelationCatalog;
  #tables: readonly FilterTable[] = [];
  /** Descriptions that {@link #tables} were made of. */
  #seen = 0;

  constructor(source: Pick<DescribedTables, 'relations'>, catalog: RelationCatalog) {
    this.#source = source;
    this.#catalog = catalog;
  }

  check(text: string): Answer<'checkFilter'> {
    const { filter, problem } = parseFilter(text, this.#catalog.findType);
    if (filter === undefined) return { problem };
    const hint = checkColumns(filter.tree, this.tables());
    return hint === undefined ? {} : { hint };
  }

  complete(text: string, caret: number): Answer<'completeFilter'> {
    return completeFilter(text, Math.min(caret, text.length), this.tables());
  }

  /** Each table once, with the columns that it has or had. */
  tables(): readonly FilterTable[] {
    const { all } = this.#source.relations;
    if (all.length === this.#seen) return this.#tables;
    const tables = new Map<
      string,
      { schema: string; table: string; columns: Map<string, string> }
    >();
    // The newest first: its columns stand above those that it has no more.
    for (const { version } of all.toReversed()) {
      const relation = this.#catalog.relation(version);
      if (relation === undefined) continue;
      const { schema, name: table } = relation;
      const id = tableIdOf(relation);
      const known = tables.get(id) ?? { schema, table, columns: new Map<string, string>() };
      tables.set(id, known);
      for (const { name, typeOid, typeModifier, typeName } of relation.columns) {
        const type = typeName ?? this.#catalog.typeName(typeOid, typeModifier);
        if (!known.columns.has(name)) known.columns.set(name, type);
      }
    }
    this.#seen = all.length;
    this.#tables = [...tables.values()].reverse().map(({ schema, table, columns }) => ({
      schema,
      table,
      columns: [...columns].map(([name, type]) => ({ name, type })),
    }));
    return this.#tables;
  }
}
