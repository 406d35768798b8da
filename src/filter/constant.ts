import type { ASTNode } from '@marcbachmann/cel-js';
import { placeOf } from './checkProblem';
import type { Place } from './checkProblem';
import type { Expression, StaticType } from './expressionTree';
import { FilterError } from './filterError';
import { numeralOfDouble, parseNumeral } from './values/numeral';
import { Decimal, Untyped } from './values/value';
import type { Value } from './values/value';

/** What stands in the text as it is. */
export function literalOf(
  text: string,
  ast: Extract<ASTNode, { readonly op: 'value' }>,
): Expression {
  const value = ast.args;
  const place = placeOf(ast);
  if (value === null) return { kind: 'null', type: 'null', ...place };
  switch (typeof value) {
    case 'string':
      return { kind: 'constant', type: 'string', ...place, value, quoted: true };
    case 'boolean':
      return { kind: 'constant', type: 'bool', ...place, value };
    case 'bigint':
      return constantOf(wholeNumber(value), place);
    case 'number': {
      const written = text.slice(ast.start, ast.end);
      if (parseNumeral(written) !== numeralOfDouble(value)) {
        throw new FilterError(
          `A number with a point keeps about 16 digits. Write decimal("${written}") for all of them.`,
          ast.start,
          ast.end,
        );
      }
      return constantOf(value, place);
    }
    default: {
      if (value instanceof Uint8Array) {
        throw new FilterError(
          'Bytes are written as Postgres prints them: "\\\\x0001".',
          ast.start,
          ast.end,
        );
      }
      return constantOf(wholeNumber(BigInt(String(value))), place);
    }
  }
}

export function constantOf(
  value: Value,
  place: Place,
  type: StaticType = typeof value === 'bigint'
    ? 'int'
    : typeof value === 'number'
      ? 'double'
      : 'decimal',
): Expression {
  return { kind: 'constant', type, ...place, value };
}

/** What a constant is beside a value of another type. */
export function constantValue(expression: Expression): Value | undefined {
  if (expression.kind !== 'constant') return undefined;
  const { value, quoted } = expression;
  return quoted === true && typeof value === 'string' ? new Untyped(value) : value;
}

const LEAST_INT = -(2n ** 63n);
const MOST_INT = 2n ** 63n - 1n;

/** What is more than an int holds is a decimal: numerics are that wide. */
export function wholeNumber(value: bigint): Value {
  return value < LEAST_INT || value > MOST_INT ? new Decimal(String(value)) : value;
}
