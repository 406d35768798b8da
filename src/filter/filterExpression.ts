import type { FindType } from '../logical/types/binary/binaryText';
import type { FilterProblem } from '../shared/filterApi';
import { FILTER_LIMIT } from '../shared/viewSpec';
import { bindTruth } from './bindExpression';
import { checkExpression } from './checkExpression';
import type { Decide, IndexFacts } from './decideByIndex';
import { bindDecide, decision, isByIndex } from './decideByIndex';
import type { Expression } from './expressionTree';
import type { FilterEvent, FilterRow } from './filterEvent';
import { FilterError } from './filterError';
import type { Frame, Truth } from './frame';
import { MOST_STEPS } from './frame';
import { parseSyntax } from './parseSyntax';

export type ParsedFilter =
  | { readonly filter: FilterExpression; readonly problem?: undefined }
  | { readonly filter?: undefined; readonly problem: FilterProblem };

/**
 * Reads an expression (docs/filter-expressions.md). Never throws.
 *
 * @param findType Knows the types that are not built in. What it does not know when a table is first met
 * compares as what it is compared with.
 */
export function parseFilter(text: string, findType?: FindType): ParsedFilter {
  if (text.length > FILTER_LIMIT) {
    const message = `An expression has at most ${FILTER_LIMIT} characters; this one has ${text.length}.`;
    return { problem: { message, from: FILTER_LIMIT, to: text.length } };
  }
  try {
    const tree = checkExpression(parseSyntax(text), text);
    return { filter: new FilterExpression(text, tree, findType) };
  } catch (error) {
    if (error instanceof FilterError) return { problem: error.problem };
    throw error;
  }
}

/** Plans for tables that have no identity of their own: those that texts of plugins name. */
const MOST_NAMED_PLANS = 200;

/** An expression that was understood. Holds what was compiled for the tables that it met. */
export class FilterExpression {
  readonly text: string;
  readonly tree: Expression;
  /** Rows of the index and their transactions decide alone: {@link decide} never says `maybe` of full facts. */
  readonly byIndex: boolean;
  readonly #findType: FindType | undefined;
  readonly #decide: Decide;
  readonly #plans = new WeakMap<FilterRow['relation'], Truth>();
  readonly #namedPlans = new Map<string, Truth>();
  #rowless: Truth | undefined;
  /** One is enough: evaluation is never interrupted. */
  readonly #frame: Frame = { event: {}, table: undefined, row: undefined, slots: [], steps: 0 };

  constructor(text: string, tree: Expression, findType: FindType | undefined) {
    this.text = text;
    this.tree = tree;
    this.byIndex = isByIndex(tree);
    this.#findType = findType;
    this.#decide = bindDecide(tree);
  }

  /** The same expression for another database, or once more of its types are known. */
  withTypes(findType: FindType): FilterExpression {
    return new FilterExpression(this.text, this.tree, findType);
  }

  /** The message itself has to be read to tell. */
  get needsValues(): boolean {
    return !this.byIndex;
  }

  /**
   * What the facts tell: false where the change cannot pass, true where it does whatever its values, `maybe` where
   * {@link matches} has to be asked. The same call serves a row, a table, a transaction and a zone:
   * answers are cheap, but worth keeping for what many rows share, such as operation and table. A truncate of
   * several tables passes where it does for one of them.
   */
  decide(facts: IndexFacts): boolean | 'maybe' {
    return decision(this.#decide(facts));
  }

  /** Whether a change passes. NULL, absent columns and types that do not fit mean that it does not. */
  matches(event: FilterEvent): boolean {
    const frame = this.#frame;
    const { tables, row } = event;
    const truth = this.#planOf(row?.relation);
    frame.event = event;
    frame.row = row;
    frame.steps = MOST_STEPS;
    try {
      if (tables.length <= 1) {
        frame.table = tables[0];
        return truth(frame) === true;
      }
      for (const table of tables) {
        frame.table = table;
        if (truth(frame) === true) return true;
      }
      return false;
    } catch (error) {
      // Numbers and texts that grow beyond what the engine can hold.
      if (error instanceof RangeError) return false;
      throw error;
    }
  }

  #planOf(relation: FilterRow['relation'] | undefined): Truth {
    if (relation === undefined) return (this.#rowless ??= this.#bind(undefined));
    const known = this.#plans.get(relation);
    if (known !== undefined) return known;
    const plan = relation.oid === 0 ? this.#namedPlan(relation) : this.#bind(relation);
    this.#plans.set(relation, plan);
    return plan;
  }

  /** Such a table is described anew with each row. */
  #namedPlan(relation: FilterRow['relation']): Truth {
    const key = JSON.stringify([
      relation.replicaIdentity,
      relation.columns.map(({ name, typeName, key }) => [name, typeName, key]),
    ]);
    const known = this.#namedPlans.get(key);
    if (known !== undefined) return known;
    const plan = this.#bind(relation);
    if (this.#namedPlans.size >= MOST_NAMED_PLANS) this.#namedPlans.clear();
    this.#namedPlans.set(key, plan);
    return plan;
  }

  #bind(relation: FilterRow['relation'] | undefined): Truth {
    return bindTruth(this.tree, { relation, findType: this.#findType });
  }
}
