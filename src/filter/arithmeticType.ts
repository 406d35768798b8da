import type { Arithmetic, StaticType } from './expressionTree';

export function isNumber(type: StaticType): boolean {
  return type === 'int' || type === 'double' || type === 'decimal';
}

/** What an operation on two types gives; undefined where it cannot be computed. */
export function arithmeticType(
  left: StaticType,
  operator: Arithmetic,
  right: StaticType,
): StaticType | undefined {
  if (left === 'any' || right === 'any') {
    const known = left === 'any' ? right : left;
    return ['bool', 'list', 'null', 'lsn'].includes(known) ? undefined : 'any';
  }
  if (isNumber(left) && isNumber(right)) {
    if ((operator === '/' || operator === '%') && (left === 'decimal' || right === 'decimal')) {
      return undefined;
    }
    if (operator === '%' && (left !== 'int' || right !== 'int')) return undefined;
    if (left === 'decimal' || right === 'decimal') return 'decimal';
    return left === right ? left : 'double';
  }
  if (operator === '+' && left === 'string' && right === 'string') return 'string';
  if (operator !== '+' && operator !== '-') return undefined;
  if (left === 'duration' && right === 'duration') return 'duration';
  if (left === 'time' && right === 'duration') return 'time';
  if (operator === '-' && left === 'time' && right === 'time') return 'duration';
  return operator === '+' && left === 'duration' && right === 'time' ? 'time' : undefined;
}
