import { DecodeError } from '../../../base/byteReader';
import { utf8Text } from './plainText';
import type { ValueReader } from './valueReader';

/** Weights of a position by their number (src/include/tsearch/ts_type.h); D is not printed. */
const WEIGHTS = ['', 'C', 'B', 'A'] as const;
/** `WEP_GETPOS`: the position is in the low 14 bits, the weight above. */
const POSITION_BITS = 14;

/** `tsvectorsend`: lexemes in order, each with its positions (src/backend/utils/adt/tsvector.c). */
export function tsvectorText(reader: ValueReader): string {
  const count = reader.count(3);
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    const lexeme = quoted(reader);
    const positions = Array.from({ length: reader.u16() }, () => {
      const packed = reader.u16();
      const weight = WEIGHTS[packed >>> POSITION_BITS] ?? '';
      return `${packed & ((1 << POSITION_BITS) - 1)}${weight}`;
    });
    parts.push(positions.length === 0 ? lexeme : `${lexeme}:${positions.join(',')}`);
  }
  return parts.join(' ');
}

const VALUE = 1;
const OPERATOR = 2;

const NOT = 1;
const AND = 2;
const OR = 3;
const PHRASE = 4;
/** `tsearch_op_priority`, by operator. */
const PRIORITIES: Readonly<Record<number, number>> = { [NOT]: 4, [AND]: 2, [OR]: 1, [PHRASE]: 3 };
/** A query nested deeper than this is left as bytes. */
const MAX_DEPTH = 500;

/** `tsquerysend`: operators before their operands, the right one first (src/backend/utils/adt/tsquery.c). */
export function tsqueryText(reader: ValueReader): string {
  if (reader.count(2) === 0) return '';
  return operand(reader, -1, false, 0);
}

function operand(
  reader: ValueReader,
  parentPriority: number,
  isRightOfPhrase: boolean,
  depth: number,
): string {
  if (depth > MAX_DEPTH) throw new DecodeError(0, 'a query of fewer levels', MAX_DEPTH, depth);
  const type = reader.u8();
  if (type === VALUE) return queryValue(reader);
  if (type !== OPERATOR) throw new DecodeError(0, 'the type of a query item', VALUE, type);
  const operator = reader.u8();
  const priority = PRIORITIES[operator];
  if (priority === undefined) throw new DecodeError(0, 'a query operator', NOT, operator);
  if (operator === NOT) {
    const text = `!${operand(reader, priority, false, depth + 1)}`;
    return priority < parentPriority ? `( ${text} )` : text;
  }
  const isPhrase = operator === PHRASE;
  const distance = isPhrase ? reader.u16() : 0;
  const right = operand(reader, priority, isPhrase, depth + 1);
  const left = operand(reader, priority, false, depth + 1);
  const sign =
    operator === AND ? '&' : operator === OR ? '|' : distance === 1 ? '<->' : `<${distance}>`;
  const text = `${left} ${sign} ${right}`;
  const needsParentheses = priority < parentPriority || (isPhrase && isRightOfPhrase);
  return needsParentheses ? `( ${text} )` : text;
}

function queryValue(reader: ValueReader): string {
  const weights = reader.u8();
  const isPrefix = reader.u8() !== 0;
  const text = quoted(reader);
  if (weights === 0 && !isPrefix) return text;
  const letters = ['A', 'B', 'C', 'D'].filter((_, i) => (weights & (8 >> i)) !== 0);
  return `${text}:${isPrefix ? '*' : ''}${letters.join('')}`;
}

function quoted(reader: ValueReader): string {
  const text = utf8Text(reader.cstring());
  return `'${text.replace(/['\\]/g, '$&$&')}'`;
}
