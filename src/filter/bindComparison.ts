import { constantValue } from './constant';
import type { BoundColumn, Scope } from './bindColumn';
import { bindColumn, trimBlanks } from './bindColumn';
import type { Comparison, Expression } from './expressionTree';
import type { Evaluate, Truth } from './frame';
import { compareNumerals } from './values/numeral';
import { parseMoment } from './values/moment';
import type { Value } from './values/value';
import { compareTexts, compareValues, numeralOf, Untyped } from './values/value';

/** Whether an order, less than 0, 0 or more, is what the operator asks for. */
export function orderPasses(operator: Comparison, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** The operator that says the same with its sides exchanged. */
export const TURNED: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** Compares two values of any kind: what {@link bindColumnComparison} does faster. */
export function bindValueComparison(operator: Comparison, left: Evaluate, right: Evaluate): Truth {
  return frame => {
    const a = left(frame);
    if (a === undefined) return undefined;
    const b = right(frame);
    if (b === undefined) return undefined;
    const order = compareValues(a, b);
    return order === undefined ? undefined : orderPasses(operator, order);
  };
}

/**
 * A comparison of a column with a constant, which nearly all filters consist of: the constant is turned into
 * the column's type once, and the column's text is compared without making a value of it. Undefined where
 * it is another comparison.
 */
export function bindColumnComparison(
  operator: Comparison,
  left: Expression,
  right: Expression,
  scope: Scope,
): Truth | undefined {
  if (left.kind === 'constant' && right.kind === 'column') {
    return bindColumnComparison(TURNED[operator], right, left, scope);
  }
  if (left.kind !== 'column') return undefined;
  const constant = constantValue(right);
  if (constant === undefined) return undefined;
  const column = bindColumn(left.side, left.name, scope);
  if (column === undefined) return () => undefined;
  return withConstant(operator, column, constant);
}

function withConstant(operator: Comparison, column: BoundColumn, constant: Value): Truth {
  const { raw, kind, evaluate } = column;
  const quoted = constant instanceof Untyped ? constant.text : undefined;
  const text = quoted ?? (typeof constant === 'string' ? constant : undefined);
  switch (kind) {
    case 'integer':
    case 'numeric': {
      const numeral = typeof constant === 'string' ? undefined : numeralOf(constant);
      if (numeral === undefined) return () => undefined;
      return onText(raw, operator, numeral, compareNumerals);
    }
    case 'text':
      return text === undefined ? () => undefined : onText(raw, operator, text, compareTexts);
    case 'character':
      return text === undefined
        ? () => undefined
        : onText(raw, operator, trimBlanks(text), (value, other) =>
            compareTexts(trimBlanks(value), other),
          );
    case 'moment': {
      const moment = quoted === undefined ? constant : parseMoment(quoted);
      return moment === undefined
        ? () => undefined
        : bindValueComparison(operator, evaluate, () => moment);
    }
    case 'uuid':
    case 'float':
    case 'bool':
    case 'position':
    case 'untyped':
      return bindValueComparison(operator, evaluate, () => constant);
  }
}

/** One closure an operator: the test of the operator does not stand in the way of each row. */
function onText(
  raw: BoundColumn['raw'],
  operator: Comparison,
  constant: string,
  compare: (a: string, b: string) => number,
): Truth {
  const value = (passes: (order: number) => boolean): Truth => {
    return frame => {
      const text = raw(frame);
      if (text === null || text === undefined) return undefined;
      return passes(compare(text, constant));
    };
  };
  switch (operator) {
    case '==':
      return value(order => order === 0);
    case '!=':
      return value(order => order !== 0);
    case '<':
      return value(order => order < 0);
    case '<=':
      return value(order => order <= 0);
    case '>':
      return value(order => order > 0);
    case '>=':
      return value(order => order >= 0);
  }
}
