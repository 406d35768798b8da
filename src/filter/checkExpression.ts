import type { ASTNode } from '@marcbachmann/cel-js';
import { arithmeticType, isNumber } from './arithmeticType';
import { checkComparable } from './checkComparable';
import { didYouMean, placeOf, sourceOf, wrongAt } from './checkProblem';
import { constantOf, literalOf, wholeNumber } from './constant';
import type { Arithmetic, Comparison, Expression, StaticType } from './expressionTree';
import { FilterError } from './filterError';
import { EXAMPLES, typeNoun } from './typeNoun';
import { callFunction } from './values/callFunction';
import { negate } from './values/compute';
import { LinearPattern } from './values/linearPattern';
import {
  FIELDS,
  FUNCTIONS,
  isField,
  isQuantifier,
  isSide,
  METHODS,
  nearest,
  QUANTIFIERS,
  SIDES,
} from './vocabulary';

/** Gives names their meaning and finds what cannot be right whatever the row. Throws {@link FilterError}. */
export function checkExpression(ast: ASTNode, text: string): Expression {
  const checker = new Checker(text);
  return checker.truth(checker.check(ast));
}

type Node<Op extends ASTNode['op']> = Extract<ASTNode, { readonly op: Op }>;

class Checker {
  readonly #text: string;
  /** Names that a quantifier gave to the elements of its list. */
  readonly #variables: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  check(ast: ASTNode): Expression {
    switch (ast.op) {
      case 'value':
        return literalOf(this.#text, ast);
      case 'id':
        return this.#name(ast);
      case '.':
      case '[]':
        return this.#access(ast);
      case 'call':
        return this.#call(ast);
      case 'rcall':
        return this.#method(ast);
      case 'list': {
        const items = ast.args.map(item => this.check(item));
        return { kind: 'list', type: 'list', ...placeOf(ast), items };
      }
      case '&&':
      case '||': {
        const left = this.truth(this.check(ast.args[0]));
        const right = this.truth(this.check(ast.args[1]));
        const kind = ast.op === '&&' ? 'and' : 'or';
        return { kind, type: 'bool', ...placeOf(ast), left, right };
      }
      case '!_': {
        const operand = this.truth(this.check(ast.args));
        return { kind: 'not', type: 'bool', ...placeOf(ast), operand };
      }
      case '-_':
        return this.#negative(ast);
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.#comparison(ast, ast.op);
      case 'in':
        return this.#membership(ast);
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        return this.#arithmetic(ast, ast.op);
      case '?:': {
        const condition = this.truth(this.check(ast.args[0]));
        const left = this.check(ast.args[1]);
        const right = this.check(ast.args[2]);
        const type = left.type === right.type ? left.type : 'any';
        return { kind: 'choose', type, ...placeOf(ast), condition, left, right };
      }
      default:
        throw new FilterError('This part of CEL is not used here.', ast.start, ast.end);
    }
  }

  /** What stands where something is to be true or false. */
  truth(expression: Expression): Expression {
    const { type } = expression;
    if (type === 'bool' || type === 'any') return expression;
    throw wrongAt(
      `This is ${typeNoun(type)}. Say what it is to be, such as ${sourceOf(this.#text, expression)} == ${EXAMPLES[type]}.`,
      expression,
    );
  }

  #name(ast: Node<'id'>): Expression {
    const name = ast.args;
    const place = placeOf(ast);
    const slot = this.#variables.lastIndexOf(name);
    if (slot >= 0) return { kind: 'variable', type: 'any', ...place, slot };
    if (isField(name)) return { kind: 'field', type: FIELDS[name].type, ...place, field: name };
    if (isSide(name)) {
      throw new FilterError(
        `Name a column: ${name}.total, or ${name}["odd name"].`,
        ast.start,
        ast.end,
      );
    }
    const meant = nearest(name, [
      ...Object.keys(FIELDS),
      ...Object.keys(SIDES),
      ...this.#variables,
    ]);
    const advice =
      meant === undefined
        ? `Columns are written new.${name} or old.${name}; texts in quotes.`
        : `Did you mean ${meant}?`;
    throw new FilterError(`There is no field ${name}. ${advice}`, ast.start, ast.end);
  }

  #access(ast: Node<'.' | '[]'>): Expression {
    const [object] = ast.args;
    if (object.op === 'id' && isSide(object.args) && !this.#variables.includes(object.args)) {
      const name = columnName(ast);
      if (name === undefined) {
        throw new FilterError(
          `The name of a column is a text in quotes: ${object.args}["name"].`,
          ast.start,
          ast.end,
        );
      }
      return { kind: 'column', type: 'any', ...placeOf(ast), side: object.args, name };
    }
    const operand = this.check(object);
    const what = operand.kind === 'column' ? 'A column' : sourceOf(this.#text, operand);
    const advice =
      operand.kind === 'column' ? ' Texts and JSON are looked into with .contains("...").' : '';
    throw new FilterError(`${what} has no parts.${advice}`, ast.pos, ast.end);
  }

  #call(ast: Node<'call'>): Expression {
    const [name, args] = ast.args;
    const nameEnd = ast.start + name.length;
    if (name === 'has') return this.#has(ast, args);
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) {
      const advice = Object.hasOwn(METHODS, name)
        ? `Write it behind the value: value.${name}(...).`
        : didYouMean(nearest(name, ['has', ...Object.keys(FUNCTIONS)]));
      throw new FilterError(`There is no function ${name}.${advice}`, ast.start, nameEnd);
    }
    return this.#applied(ast, name, known, args, ast.start, nameEnd);
  }

  #has(ast: Node<'call'>, args: readonly ASTNode[]): Expression {
    const operand = args.length === 1 && args[0] !== undefined ? this.check(args[0]) : undefined;
    if (operand?.kind !== 'column' && operand?.kind !== 'field') {
      throw new FilterError('has() takes a column, such as has(old.total).', ast.start, ast.end);
    }
    return { kind: 'has', type: 'bool', ...placeOf(ast), operand };
  }

  #method(ast: Node<'rcall'>): Expression {
    const [name, receiver, args] = ast.args;
    const from = Math.max(receiver.end, this.#text.indexOf(name, receiver.end));
    const to = from + name.length;
    if (isQuantifier(name)) return this.#quantifier(ast, name, receiver, args);
    const known = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (known === undefined) {
      const all = [...Object.keys(METHODS), ...Object.keys(QUANTIFIERS)];
      const advice = Object.hasOwn(FUNCTIONS, name)
        ? ` Write ${name}(value).`
        : didYouMean(nearest(name, all));
      throw new FilterError(`There is no function ${name}.${advice}`, from, to);
    }
    if (name === 'matches') return this.#matches(ast, receiver, args);
    return this.#applied(ast, name, known, [receiver, ...args], from, to);
  }

  #matches(ast: Node<'rcall'>, receiver: ASTNode, args: readonly ASTNode[]): Expression {
    const operand = this.#textual(this.check(receiver));
    const [pattern] = args;
    if (args.length !== 1 || pattern?.op !== 'value' || typeof pattern.args !== 'string') {
      const { start, end } = pattern ?? ast;
      throw new FilterError('matches takes one regular expression in quotes.', start, end);
    }
    const compiled = LinearPattern.compile(pattern.args);
    if ('problem' in compiled) {
      // Escapes make a literal longer than what it stands for.
      const isPlain = this.#text.slice(pattern.start + 1, pattern.end - 1) === pattern.args;
      const from = isPlain ? Math.min(pattern.start + 1 + compiled.at, pattern.end) : pattern.start;
      throw new FilterError(compiled.problem, from, pattern.end);
    }
    return { kind: 'matches', type: 'bool', ...placeOf(ast), operand, pattern: compiled.pattern };
  }

  #textual(expression: Expression): Expression {
    if (expression.type === 'any' || expression.type === 'string') return expression;
    throw wrongAt(`This is ${typeNoun(expression.type)}, and no text.`, expression);
  }

  #applied(
    ast: ASTNode,
    name: string,
    {
      type,
      takes,
    }: { readonly type: StaticType; readonly takes: readonly (readonly StaticType[])[] },
    nodes: readonly ASTNode[],
    from: number,
    to: number,
  ): Expression {
    if (nodes.length !== takes.length) {
      const isMethod = Object.hasOwn(METHODS, name) && from !== ast.start;
      const wanted = takes.length - (isMethod ? 1 : 0);
      const count = wanted === 0 ? 'nothing' : wanted === 1 ? 'one value' : `${wanted} values`;
      throw new FilterError(`${name} takes ${count} in its brackets.`, from, to);
    }
    const args = nodes.map((node, i) => {
      const arg = this.check(node);
      const wanted = takes[i] ?? [];
      if (arg.type !== 'any' && !wanted.includes(arg.type)) {
        throw wrongAt(
          `${name} takes ${typeNoun(wanted[0] ?? 'any')} here, and this is ${typeNoun(arg.type)}.`,
          arg,
        );
      }
      return arg;
    });
    const place = placeOf(ast);
    const [first] = args;
    // What is known already is computed once; it also shows what cannot be read.
    if (first?.kind === 'constant' && args.length === 1) {
      const value = callFunction(name, [first.value]);
      if (value === undefined) {
        throw wrongAt(`This is not ${typeNoun(type)}: write ${EXAMPLES[type]}.`, first);
      }
      return constantOf(value, place, type);
    }
    return { kind: 'call', type, ...place, name, args };
  }

  #quantifier(
    ast: Node<'rcall'>,
    name: keyof typeof QUANTIFIERS,
    receiver: ASTNode,
    args: readonly ASTNode[],
  ): Expression {
    const list = this.#list(this.check(receiver));
    const [variable, condition] = args;
    if (args.length !== 2 || variable?.op !== 'id' || condition === undefined) {
      throw new FilterError(
        `${name} takes a name and a condition: changed.${name}(c, c.startsWith("a")).`,
        ast.start,
        ast.end,
      );
    }
    const slot = this.#variables.length;
    this.#variables.push(variable.args);
    const checked = this.check(condition);
    this.#variables.pop();
    const body = name === 'map' ? checked : this.truth(checked);
    const type = name === 'map' || name === 'filter' ? 'list' : 'bool';
    return { kind: 'quantifier', type, ...placeOf(ast), name, list, slot, body };
  }

  #list(expression: Expression): Expression {
    if (expression.type === 'list') return expression;
    throw wrongAt(
      'This is no list. Lists are changed, and [1, 2, 3] as it stands here.',
      expression,
    );
  }

  #negative(ast: Node<'-_'>): Expression {
    const operand = this.check(ast.args);
    const place = placeOf(ast);
    if (operand.kind === 'constant') {
      const value = operand.quoted === true ? undefined : negate(operand.value);
      if (value !== undefined) {
        return constantOf(typeof value === 'bigint' ? wholeNumber(value) : value, place);
      }
    }
    if (!isNumber(operand.type) && operand.type !== 'duration' && operand.type !== 'any') {
      throw wrongAt(`This is ${typeNoun(operand.type)}, which has no sign.`, operand);
    }
    return { kind: 'negate', type: operand.type, ...place, operand };
  }

  #comparison(ast: Node<Comparison>, operator: Comparison): Expression {
    const left = this.check(ast.args[0]);
    const right = this.check(ast.args[1]);
    const place = placeOf(ast);
    if (left.kind === 'null' || right.kind === 'null') {
      const operand = left.kind === 'null' ? right : left;
      if (operator !== '==' && operator !== '!=') {
        throw wrongAt('NULL is tested with == null or != null.', ast);
      }
      if (operand.kind !== 'column' && operand.kind !== 'field') {
        throw wrongAt('Only a column or a field is compared with null.', operand);
      }
      return { kind: 'isNull', type: 'bool', ...place, operand, negated: operator === '!=' };
    }
    checkComparable(this.#text, left, right);
    return { kind: 'compare', type: 'bool', ...place, operator, left, right };
  }

  #membership(ast: Node<'in'>): Expression {
    const [item, container] = ast.args;
    const place = placeOf(ast);
    const left = this.check(item);
    // As CEL looks into a map: whether there is such a column.
    if (container.op === 'id' && isSide(container.args) && left.kind === 'constant') {
      const name = left.value;
      if (typeof name !== 'string') throw wrongAt('Write the name of a column in quotes.', left);
      const operand = {
        kind: 'column',
        type: 'any',
        ...place,
        side: container.args,
        name,
      } as const;
      return { kind: 'has', type: 'bool', ...place, operand };
    }
    const right = this.#list(this.check(container));
    if (right.kind === 'list') {
      for (const each of right.items) checkComparable(this.#text, left, each);
    } else if (left.type !== 'any' && left.type !== 'string') {
      throw wrongAt(`This is ${typeNoun(left.type)}, and the list has names.`, left);
    }
    return { kind: 'in', type: 'bool', ...place, left, right };
  }

  #arithmetic(ast: Node<Arithmetic>, operator: Arithmetic): Expression {
    const left = this.check(ast.args[0]);
    const right = this.check(ast.args[1]);
    const type = arithmeticType(left.type, operator, right.type);
    if (type === undefined) {
      throw wrongAt(
        `${typeNoun(left.type)} ${operator} ${typeNoun(right.type)} cannot be computed.`,
        ast,
      );
    }
    return { kind: 'compute', type, ...placeOf(ast), operator, left, right };
  }
}

function columnName(ast: Node<'.' | '[]'>): string | undefined {
  const [, name] = ast.args;
  if (typeof name === 'string') return name;
  return name.op === 'value' && typeof name.args === 'string' ? name.args : undefined;
}
