import { Moment } from './values/moment';
import { bindColumnComparison, bindValueComparison } from './bindComparison';
import type { Scope } from './bindColumn';
import { bindColumn } from './bindColumn';
import { constantValue } from './constant';
import type { Expression, FieldName } from './expressionTree';
import type { Evaluate, Frame, Truth } from './frame';
import { callFunction, plainText } from './values/callFunction';
import { compute, negate } from './values/compute';
import type { Value } from './values/value';
import { compareValues, parseBool, Position, Untyped } from './values/value';

/** Makes a closure of a condition for the rows of one table. */
export function bindTruth(expression: Expression, scope: Scope): Truth {
  switch (expression.kind) {
    case 'and': {
      const left = bindTruth(expression.left, scope);
      const right = bindTruth(expression.right, scope);
      return frame => {
        const first = left(frame);
        if (first === false) return false;
        const second = right(frame);
        return second === false ? false : first && second;
      };
    }
    case 'or': {
      const left = bindTruth(expression.left, scope);
      const right = bindTruth(expression.right, scope);
      return frame => {
        const first = left(frame);
        if (first === true) return true;
        const second = right(frame);
        if (second === true) return true;
        return first === undefined ? undefined : second;
      };
    }
    case 'not': {
      const operand = bindTruth(expression.operand, scope);
      return frame => {
        const value = operand(frame);
        return value === undefined ? undefined : !value;
      };
    }
    case 'compare': {
      const { operator, left, right } = expression;
      return (
        bindColumnComparison(operator, left, right, scope) ??
        bindValueComparison(operator, bindCompared(left, scope), bindCompared(right, scope))
      );
    }
    case 'in':
      return bindMembership(expression.left, expression.right, scope);
    case 'has':
      return bindPresence(expression.operand, scope);
    case 'isNull': {
      const state = bindState(expression.operand, scope);
      const { negated } = expression;
      return frame => {
        const isNull = state(frame);
        return isNull === undefined ? undefined : isNull !== negated;
      };
    }
    case 'matches': {
      const operand = bindText(expression.operand, scope);
      const { pattern } = expression;
      return frame => {
        const text = operand(frame);
        return text === undefined ? undefined : pattern.test(text);
      };
    }
    case 'quantifier':
      if (expression.name === 'map' || expression.name === 'filter') break;
      return bindQuantifier(expression, scope);
    default:
  }
  const evaluate = bindValue(expression, scope);
  return frame => {
    const value = evaluate(frame);
    if (value instanceof Untyped) return parseBool(value.text);
    return typeof value === 'boolean' ? value : undefined;
  };
}

/** Makes a closure of an expression of any type. */
function bindValue(expression: Expression, scope: Scope): Evaluate {
  switch (expression.kind) {
    case 'constant': {
      const { value } = expression;
      return () => value;
    }
    case 'null':
      return () => undefined;
    case 'field':
      return bindField(expression.field);
    case 'column':
      return bindColumn(expression.side, expression.name, scope)?.evaluate ?? (() => undefined);
    case 'variable': {
      const { slot } = expression;
      return frame => frame.slots[slot];
    }
    case 'choose': {
      const condition = bindTruth(expression.condition, scope);
      const left = bindValue(expression.left, scope);
      const right = bindValue(expression.right, scope);
      return frame => {
        const choice = condition(frame);
        if (choice === undefined) return undefined;
        return choice ? left(frame) : right(frame);
      };
    }
    case 'compute': {
      const { operator } = expression;
      const left = bindCompared(expression.left, scope);
      const right = bindCompared(expression.right, scope);
      return frame => {
        const a = left(frame);
        const b = right(frame);
        return a === undefined || b === undefined ? undefined : compute(a, operator, b);
      };
    }
    case 'negate': {
      const operand = bindValue(expression.operand, scope);
      return frame => {
        const value = operand(frame);
        return value === undefined ? undefined : negate(value);
      };
    }
    case 'list': {
      const items = expression.items.map(item => bindCompared(item, scope));
      return frame => {
        const values = items.map(item => item(frame));
        return values.every(value => value !== undefined) ? values : undefined;
      };
    }
    case 'call':
      return bindCall(expression, scope);
    case 'quantifier':
      if (expression.name === 'map' || expression.name === 'filter') {
        return bindListMaker(expression, scope);
      }
      return bindTruth(expression, scope);
    default:
      return bindTruth(expression, scope);
  }
}

/** Beside another value: what is quoted becomes what that is. */
function bindCompared(expression: Expression, scope: Scope): Evaluate {
  const constant = constantValue(expression);
  return constant === undefined ? bindValue(expression, scope) : () => constant;
}

function bindField(field: FieldName): Evaluate {
  switch (field) {
    case 'op':
      return ({ event }) => event.op;
    case 'schema':
      return ({ table }) => table?.schema;
    case 'table':
      return ({ table }) => table?.table;
    case 'xid':
      return ({ event: { xid } }) => (xid === undefined ? undefined : BigInt(xid));
    case 'lsn':
      return ({ event: { lsn } }) => (lsn === undefined ? undefined : new Position(lsn));
    case 'time':
      return ({ event: { time } }) => (time === undefined ? undefined : Moment.of(time));
    case 'size':
      return ({ event: { size } }) => (size === undefined ? undefined : BigInt(size));
    case 'prefix':
      return ({ event }) => event.prefix;
    case 'content':
      return ({ event }) => event.content;
    case 'changed':
      return changedColumns;
  }
}

/** Those that are known to be changed. */
function changedColumns({ row }: Frame): Value {
  if (row === undefined) return [];
  return row.relation.columns.filter((_, i) => row.changed(i) === true).map(({ name }) => name);
}

type Text = (frame: Frame) => string | undefined;

/** A value as a text: a column of any type as Postgres printed it. */
function bindText(expression: Expression, scope: Scope): Text {
  if (expression.kind === 'column') {
    const column = bindColumn(expression.side, expression.name, scope);
    return frame => column?.raw(frame) ?? undefined;
  }
  const evaluate = bindValue(expression, scope);
  return frame => {
    const value = evaluate(frame);
    return value === undefined ? undefined : plainText(value);
  };
}

function bindCall(
  { name, args }: Extract<Expression, { readonly kind: 'call' }>,
  scope: Scope,
): Evaluate {
  const [first, second] = args;
  if (first?.kind === 'field' && first.field === 'changed' && second !== undefined) {
    return bindChanged(second, scope);
  }
  // What texts are asked for, all columns have; what numbers are, those of numbers.
  const values = args.map(arg =>
    arg.kind === 'column' && TEXT_FUNCTIONS.has(name)
      ? bindText(arg, scope)
      : bindValue(arg, scope),
  );
  return frame => {
    const given: Value[] = [];
    for (const value of values) {
      const each = value(frame);
      if (each === undefined) return undefined;
      given.push(each);
    }
    return callFunction(name, given);
  };
}

const TEXT_FUNCTIONS = new Set([
  'contains',
  'startsWith',
  'endsWith',
  'lowerAscii',
  'upperAscii',
  'string',
  'size',
]);

function bindMembership(left: Expression, right: Expression, scope: Scope): Truth {
  if (right.kind === 'field') return bindChanged(left, scope);
  if (right.kind === 'list') {
    const value = bindCompared(left, scope);
    if (right.items.length === 0) {
      return frame => (value(frame) === undefined ? undefined : false);
    }
    return anyOf(
      right.items.map(
        item =>
          bindColumnComparison('==', left, item, scope) ??
          bindValueComparison('==', value, bindCompared(item, scope)),
      ),
    );
  }
  const item = bindCompared(left, scope);
  const list = bindValue(right, scope);
  return frame => {
    const value = item(frame);
    const values = list(frame);
    if (value === undefined || !Array.isArray(values)) return undefined;
    return (values as readonly Value[]).some(each => compareValues(value, each) === 0);
  };
}

function anyOf(conditions: readonly Truth[]): Truth {
  return frame => {
    let isUnknown = false;
    for (const condition of conditions) {
      const result = condition(frame);
      if (result === true) return true;
      if (result === undefined) isUnknown = true;
    }
    return isUnknown ? undefined : false;
  };
}

/** Whether an update changed the column of this name: unknown where the old value was not sent. */
function bindChanged(column: Expression, scope: Scope): Truth {
  const name = bindText(column, scope);
  const { relation } = scope;
  return frame => {
    const wanted = name(frame);
    if (wanted === undefined) return undefined;
    const index = relation?.columns.findIndex(each => each.name === wanted) ?? -1;
    return index < 0 || frame.row === undefined ? false : frame.row.changed(index);
  };
}

/** Null is there, what was not sent is not. */
function bindPresence(operand: Expression, scope: Scope): Truth {
  const state = bindState(operand, scope);
  if (operand.kind === 'field') return frame => state(frame) !== true;
  return frame => state(frame) !== undefined;
}

/** Whether it is NULL; undefined where it is not there. A field that a change does not have is NULL. */
function bindState(operand: Expression, scope: Scope): Truth {
  if (operand.kind === 'column') {
    const column = bindColumn(operand.side, operand.name, scope);
    return frame => {
      const raw = column?.raw(frame);
      return raw === undefined ? undefined : raw === null;
    };
  }
  const evaluate = bindValue(operand, scope);
  return frame => evaluate(frame) === undefined;
}

type QuantifierExpression = Extract<Expression, { readonly kind: 'quantifier' }>;

function bindQuantifier(expression: QuantifierExpression, scope: Scope): Truth {
  const { name, slot } = expression;
  const list = bindValue(expression.list, scope);
  const body = bindTruth(expression.body, scope);
  return frame => {
    const values = list(frame);
    if (!Array.isArray(values)) return undefined;
    let count = 0;
    let isUnknown = false;
    for (const value of values as readonly Value[]) {
      if (--frame.steps < 0) return undefined;
      frame.slots[slot] = value;
      const result = body(frame);
      if (result === undefined) isUnknown = true;
      else if (result) count++;
      else if (name === 'all') return false;
      if (name === 'exists' && count > 0) return true;
    }
    if (isUnknown) return undefined;
    return name === 'exists_one' ? count === 1 : name === 'all';
  };
}

function bindListMaker(expression: QuantifierExpression, scope: Scope): Evaluate {
  const { name, slot } = expression;
  const list = bindValue(expression.list, scope);
  const body = name === 'map' ? bindCompared(expression.body, scope) : undefined;
  const passes = name === 'filter' ? bindTruth(expression.body, scope) : undefined;
  return frame => {
    const values = list(frame);
    if (!Array.isArray(values)) return undefined;
    const made: Value[] = [];
    for (const value of values as readonly Value[]) {
      if (--frame.steps < 0) return undefined;
      frame.slots[slot] = value;
      const result = body === undefined ? passes?.(frame) : body(frame);
      if (result === undefined) return undefined;
      if (body !== undefined) made.push(result);
      else if (result === true) made.push(value);
    }
    return made;
  };
}
