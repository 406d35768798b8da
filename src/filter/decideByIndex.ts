import { toLsn } from '../base/lsn';
import { toPgTime } from '../base/time';
import type { Operation } from '../shared/viewSpec';
import { bindTruth } from './bindExpression';
import { orderPasses, TURNED } from './bindComparison';
import type { Comparison, Expression, IndexField } from './expressionTree';
import { allOf } from './expressionTree';
import type { Frame, Truth } from './frame';
import { MOST_STEPS } from './frame';
import { Moment } from './values/moment';
import type { Value } from './values/value';
import { compareValues, Position } from './values/value';
import { constantValue } from './constant';

/** From the least to the greatest of several, both included. */
export interface FactRange<T> {
  readonly min: T;
  readonly max: T;
}

/**
 * What is known of a change, or of many at once, without reading any. An absent one is not known; null is known to
 * be none, such as the table of a message or the time of what is not committed. A range says between which
 * values all lie that have one.
 */
export interface IndexFacts {
  readonly op?: Operation;
  readonly schema?: string | null;
  readonly table?: string | null;
  readonly xid?: number | FactRange<number> | null;
  /** As in `Lsn`. */
  readonly lsn?: bigint | FactRange<bigint>;
  /** As in `PgTime`. */
  readonly time?: bigint | FactRange<bigint> | null;
  readonly size?: number | FactRange<number>;
}

/** What a condition may come to: a set of these. */
const TRUE = 1;
const FALSE = 2;
const UNKNOWN = 4;
const ANYTHING = TRUE | FALSE | UNKNOWN;

export type Decide = (facts: IndexFacts) => number;

/** False: cannot pass. True: passes whatever the values. */
export function decision(outcome: number): boolean | 'maybe' {
  if ((outcome & TRUE) === 0) return false;
  return outcome === TRUE ? true : 'maybe';
}

const INDEX_FIELDS: ReadonlySet<string> = new Set<IndexField>([
  'op',
  'schema',
  'table',
  'xid',
  'lsn',
  'time',
  'size',
]);

/** Whether rows of the index decide the expression alone. */
export function isByIndex(expression: Expression): boolean {
  for (const part of allOf(expression)) {
    if (part.kind === 'column') return false;
    if (part.kind === 'field' && !INDEX_FIELDS.has(part.field)) return false;
  }
  return true;
}

/** Makes a test of facts, which says no more than they tell. */
export function bindDecide(expression: Expression): Decide {
  switch (expression.kind) {
    case 'and': {
      const left = bindDecide(expression.left);
      const right = bindDecide(expression.right);
      return facts => {
        const first = left(facts);
        return first === FALSE ? FALSE : conjunction(first, right(facts));
      };
    }
    case 'or': {
      const left = bindDecide(expression.left);
      const right = bindDecide(expression.right);
      return facts => {
        const first = left(facts);
        return first === TRUE
          ? TRUE
          : opposite(conjunction(opposite(first), opposite(right(facts))));
      };
    }
    case 'not': {
      const operand = bindDecide(expression.operand);
      return facts => opposite(operand(facts));
    }
    default:
      return bindLeaf(expression);
  }
}

/** What `and` may come to, of what its sides may come to. */
function conjunction(left: number, right: number): number {
  let outcome = 0;
  if (((left | right) & FALSE) !== 0) outcome |= FALSE;
  if ((left & right & TRUE) !== 0) outcome |= TRUE;
  if ((left & UNKNOWN) !== 0 && (right & (TRUE | UNKNOWN)) !== 0) outcome |= UNKNOWN;
  if ((right & UNKNOWN) !== 0 && (left & (TRUE | UNKNOWN)) !== 0) outcome |= UNKNOWN;
  return outcome;
}

function opposite(outcome: number): number {
  return (
    (outcome & UNKNOWN) |
    ((outcome & TRUE) === 0 ? 0 : FALSE) |
    ((outcome & FALSE) === 0 ? 0 : TRUE)
  );
}

function bindLeaf(expression: Expression): Decide {
  if (!isByIndex(expression)) return () => ANYTHING;
  const fields = new Set<IndexField>();
  for (const part of allOf(expression)) {
    if (part.kind === 'field') fields.add(part.field as IndexField);
  }
  const truth = bindTruth(expression, { relation: undefined, findType: undefined });
  const inRange = bindRange(expression);
  const used = [...fields];
  return facts => {
    let hasRange = false;
    for (const field of used) {
      const fact = facts[field];
      if (fact === undefined) return ANYTHING;
      if (typeof fact === 'object' && fact !== null) hasRange = true;
    }
    return hasRange ? inRange(facts) : evaluated(truth, facts);
  };
}

function evaluated(truth: Truth, facts: IndexFacts): number {
  const result = truth(frameOf(facts));
  return result === undefined ? UNKNOWN : result ? TRUE : FALSE;
}

function frameOf({ op, schema, table, xid, lsn, time, size }: IndexFacts): Frame {
  return {
    event: {
      ...(op === undefined ? {} : { op }),
      ...(typeof xid === 'number' ? { xid } : {}),
      ...(typeof lsn === 'bigint' ? { lsn: toLsn(lsn) } : {}),
      ...(typeof time === 'bigint' ? { time: toPgTime(time) } : {}),
      ...(typeof size === 'number' ? { size } : {}),
    },
    // Where only one of the two is known, the other is not asked for.
    table:
      typeof schema === 'string' || typeof table === 'string'
        ? ({ schema: schema ?? undefined, table: table ?? undefined } as {
            schema: string;
            table: string;
          })
        : undefined,
    row: undefined,
    slots: [],
    steps: MOST_STEPS,
  };
}

/** A field beside constants, for facts that are ranges. */
function bindRange(expression: Expression): Decide {
  if (expression.kind === 'in' && expression.right.kind === 'list') {
    const { left } = expression;
    const tests = expression.right.items.map(right =>
      bindRange({ ...expression, kind: 'compare', operator: '==', left, right }),
    );
    return facts => {
      let outcome = FALSE;
      for (const test of tests) {
        outcome = opposite(conjunction(opposite(outcome), opposite(test(facts))));
      }
      return outcome;
    };
  }
  if (expression.kind !== 'compare') return () => ANYTHING;
  const { left, right, operator } = expression;
  if (left.kind !== 'field' && right.kind === 'field') {
    return bindRange({ ...expression, operator: TURNED[operator], left: right, right: left });
  }
  const constant = constantValue(right);
  if (left.kind !== 'field' || constant === undefined) return () => ANYTHING;
  const { field } = left;
  return facts => {
    const range = rangeOf(facts, field);
    if (range === undefined) return ANYTHING;
    const low = compareValues(range.min, constant);
    const high = compareValues(range.max, constant);
    return low === undefined || high === undefined
      ? UNKNOWN
      : overRange(operator, low, high) | UNKNOWN;
  };
}

/** `low` and `high`: how the ends of the range compare with the constant. */
function overRange(operator: Comparison, low: number, high: number): number {
  if (operator === '==' || operator === '!=') {
    const equal = low > 0 || high < 0 ? FALSE : low === 0 && high === 0 ? TRUE : TRUE | FALSE;
    return operator === '==' ? equal : opposite(equal);
  }
  const first = orderPasses(operator, low) ? TRUE : FALSE;
  const last = orderPasses(operator, high) ? TRUE : FALSE;
  return first | last;
}

function rangeOf(facts: IndexFacts, field: string): FactRange<Value> | undefined {
  switch (field) {
    case 'xid':
    case 'size': {
      const range = facts[field];
      if (typeof range !== 'object' || range === null) return undefined;
      return { min: BigInt(range.min), max: BigInt(range.max) };
    }
    case 'lsn': {
      const range = facts.lsn;
      if (typeof range !== 'object') return undefined;
      return { min: new Position(toLsn(range.min)), max: new Position(toLsn(range.max)) };
    }
    case 'time': {
      const range = facts.time;
      if (typeof range !== 'object' || range === null) return undefined;
      return { min: Moment.of(toPgTime(range.min)), max: Moment.of(toPgTime(range.max)) };
    }
    default:
      return undefined;
  }
}
