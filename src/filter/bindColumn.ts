import type { RelationColumn } from '../logical/relation';
import type { FindType } from '../logical/types/binary/binaryText';
import type { Side } from './expressionTree';
import type { FilterRow } from './filterEvent';
import type { Evaluate, Frame } from './frame';
import type { ColumnKind } from './values/columnKind';
import { columnKind } from './values/columnKind';
import { parseMoment } from './values/moment';
import { callFunction } from './values/callFunction';
import { parseNumeral } from './values/numeral';
import type { Value } from './values/value';
import { Decimal, parseBool, Untyped, Uuid } from './values/value';

/** The tables that closures are made for: undefined where there is no row. */
export interface Scope {
  readonly relation: FilterRow['relation'] | undefined;
  readonly findType: FindType | undefined;
}

export interface BoundColumn {
  readonly kind: ColumnKind;
  /** Its text as it came, null for NULL, undefined where it is not there. */
  readonly raw: (frame: Frame) => string | null | undefined;
  readonly evaluate: Evaluate;
}

/** Undefined where the table has no such column. */
export function bindColumn(side: Side, name: string, scope: Scope): BoundColumn | undefined {
  const { relation } = scope;
  const index = relation?.columns.findIndex(column => column.name === name) ?? -1;
  const column = relation?.columns[index];
  if (relation === undefined || column === undefined) return undefined;
  if (side === 'key' && !identifies(relation, column)) return undefined;
  const kind = columnKind(column, scope.findType);
  const raw = rawOf(side, index);
  const read = READ[kind];
  return {
    kind,
    raw,
    evaluate: frame => {
      const text = raw(frame);
      return text === null || text === undefined ? undefined : read(text);
    },
  };
}

/** With identity full nobody tells which columns are the key: all of them identify the row. */
function identifies({ replicaIdentity }: FilterRow['relation'], column: RelationColumn): boolean {
  return column.key || replicaIdentity === 'full';
}

function rawOf(side: Side, index: number): BoundColumn['raw'] {
  switch (side) {
    case 'old':
      return ({ row }) => row?.before(index);
    case 'new':
      return ({ row }) => row?.after(index);
    case 'key':
      return ({ row }) => {
        const before = row?.before(index);
        return before === undefined ? row?.after(index) : before;
      };
  }
}

/** What the text of a value is; undefined where it is not what its type prints. */
const READ: Readonly<Record<ColumnKind, (text: string) => Value | undefined>> = {
  integer: text => (/^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined),
  numeric: readDecimal,
  float: Number,
  bool: parseBool,
  moment: parseMoment,
  position: text => callFunction('lsn', [text]),
  uuid: text => new Uuid(text),
  character: trimBlanks,
  text: text => text,
  untyped: text => new Untyped(text),
};

function readDecimal(text: string): Decimal | undefined {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return new Decimal(text);
  const numeral = parseNumeral(text);
  return numeral === undefined ? undefined : new Decimal(numeral);
}

/** char(n) is padded, and compares without its padding. */
export function trimBlanks(text: string): string {
  return text.endsWith(' ') ? text.replace(/ +$/, '') : text;
}
