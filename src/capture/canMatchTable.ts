import type { Expression } from '../filter/expressionTree';
import type { Relation } from '../logical/relation';

/**
 * Whether an expression may pass for a row of a table, by its columns: what compares a column that the
 * table does not have is unknown, and so is what needs it to be true.
 */
export function canMatchTable(expression: Expression, relation: Relation): boolean {
  switch (expression.kind) {
    case 'and':
      return canMatchTable(expression.left, relation) && canMatchTable(expression.right, relation);
    case 'or':
      return canMatchTable(expression.left, relation) || canMatchTable(expression.right, relation);
    case 'compare':
      return hasColumn(expression.left, relation) && hasColumn(expression.right, relation);
    case 'in':
      return hasColumn(expression.left, relation);
    case 'matches':
    case 'column':
      return hasColumn(expression.kind === 'column' ? expression : expression.operand, relation);
    default:
      return true;
  }
}

function hasColumn(expression: Expression, { columns }: Relation): boolean {
  return expression.kind !== 'column' || columns.some(({ name }) => name === expression.name);
}
