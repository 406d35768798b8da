import { OPERATIONS } from '../shared/viewSpec';
import { isNumber } from './arithmeticType';
import { didYouMean, sourceOf, wrongAt } from './checkProblem';
import type { Expression, StaticType } from './expressionTree';
import { EXAMPLES, typeNoun } from './typeNoun';
import { callFunction } from './values/callFunction';
import { Decimal, readAs } from './values/value';
import type { Value } from './values/value';
import { nearest } from './vocabulary';

/** What a text in quotes is read as, beside a value of another type. */
const SAMPLES: Partial<Record<StaticType, Value>> = {
  bool: true,
  int: 0n,
  double: 0,
  decimal: new Decimal('0'),
  time: callFunction('timestamp', ['2000-01-01']) ?? '',
  lsn: callFunction('lsn', ['0/0']) ?? '',
  duration: callFunction('duration', ['0s']) ?? '',
};

/** Refuses what can never be compared. */
export function checkComparable(text: string, left: Expression, right: Expression): void {
  if (left.type === 'null' || right.type === 'null') {
    throw wrongAt('NULL is tested with == null or != null.', left.type === 'null' ? left : right);
  }
  checkOperation(left, right);
  checkOperation(right, left);
  if (left.type === 'any' || right.type === 'any') return;
  if (left.type === right.type || (isNumber(left.type) && isNumber(right.type))) return;
  for (const [written, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (written.kind !== 'constant' || written.quoted !== true) continue;
    if (typeof written.value !== 'string') continue;
    const sample = SAMPLES[other.type];
    if (sample === undefined) continue;
    if (readAs(written.value, sample) !== undefined) return;
    throw wrongAt(
      `${sourceOf(text, other)} is ${typeNoun(other.type)}, such as ${EXAMPLES[other.type]}.`,
      written,
    );
  }
  throw wrongAt(
    `${sourceOf(text, left)} is ${typeNoun(left.type)} and ${sourceOf(text, right)} is ${typeNoun(right.type)}: they cannot be compared.`,
    { from: left.from, to: right.to },
  );
}

function checkOperation(field: Expression, written: Expression): void {
  if (field.kind !== 'field' || field.field !== 'op') return;
  if (written.kind !== 'constant' || typeof written.value !== 'string') return;
  const name = written.value;
  if (OPERATIONS.some(operation => operation === name)) return;
  const meant =
    OPERATIONS.find(operation => operation.startsWith(name.toLowerCase().charAt(0))) ??
    nearest(name, OPERATIONS);
  throw wrongAt(
    `op is one of ${OPERATIONS.join(', ')}.${name === '' || meant === undefined ? '' : didYouMean(`"${meant}"`)}`,
    written,
  );
}
