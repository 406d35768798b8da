import type { LinearPattern } from './values/linearPattern';
import type { Value } from './values/value';

/** The rows of a change that an expression may look into. */
export type Side = 'old' | 'new' | 'key';

/** What is known of a change without its values. */
export type IndexField = 'op' | 'schema' | 'table' | 'xid' | 'lsn' | 'time' | 'size';

export type FieldName = IndexField | 'prefix' | 'content' | 'changed';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Arithmetic = '+' | '-' | '*' | '/' | '%';

/** `any` is known with a row only: a column, and what is computed of it. */
export type StaticType =
  | 'any'
  | 'bool'
  | 'int'
  | 'double'
  | 'decimal'
  | 'string'
  | 'time'
  | 'lsn'
  | 'duration'
  | 'list'
  | 'null';

export type Quantifier = 'all' | 'exists' | 'exists_one' | 'filter' | 'map';

interface Node {
  readonly type: StaticType;
  /** Its place in the text. */
  readonly from: number;
  readonly to: number;
}

/** A checked expression. */
export type Expression =
  | (Node & {
      readonly kind: 'constant';
      readonly value: Value;
      /** Written as a text in quotes: compared with something else it becomes that. */
      readonly quoted?: true;
    })
  | (Node & { readonly kind: 'null' })
  | (Node & { readonly kind: 'field'; readonly field: FieldName })
  | (Node & { readonly kind: 'column'; readonly side: Side; readonly name: string })
  | (Node & { readonly kind: 'variable'; readonly slot: number })
  | (Node & { readonly kind: 'has'; readonly operand: Expression })
  | (Node & { readonly kind: 'isNull'; readonly operand: Expression; readonly negated: boolean })
  | (Node & {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & { readonly kind: 'in'; readonly left: Expression; readonly right: Expression })
  | (Node & { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression })
  | (Node & { readonly kind: 'not' | 'negate'; readonly operand: Expression })
  | (Node & {
      readonly kind: 'choose';
      readonly condition: Expression;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & {
      readonly kind: 'compute';
      readonly operator: Arithmetic;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & { readonly kind: 'list'; readonly items: readonly Expression[] })
  | (Node & { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] })
  | (Node & {
      readonly kind: 'matches';
      readonly operand: Expression;
      readonly pattern: LinearPattern;
    })
  | (Node & {
      readonly kind: 'quantifier';
      readonly name: Quantifier;
      readonly list: Expression;
      readonly slot: number;
      readonly body: Expression;
    });

/** The expressions directly below one. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'constant':
    case 'null':
    case 'field':
    case 'column':
    case 'variable':
      return [];
    case 'has':
    case 'isNull':
    case 'not':
    case 'negate':
    case 'matches':
      return [expression.operand];
    case 'compare':
    case 'in':
    case 'and':
    case 'or':
    case 'compute':
      return [expression.left, expression.right];
    case 'choose':
      return [expression.condition, expression.left, expression.right];
    case 'list':
      return expression.items;
    case 'call':
      return expression.args;
    case 'quantifier':
      return [expression.list, expression.body];
  }
}

/** An expression and all below it. */
export function* allOf(expression: Expression): Generator<Expression> {
  yield expression;
  for (const part of partsOf(expression)) yield* allOf(part);
}
