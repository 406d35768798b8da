import type { RelationColumn } from '../../logical/relation';
import type { FindType } from '../../logical/types/binary/binaryText';
import { FIRST_CUSTOM_OID } from '../../shared/customType';

/**
 * How the values of a column compare. `untyped`: nobody told the type, so a value becomes what it is compared
 * with. `character` is char(n), whose trailing blanks mean nothing. All that is not named here is `text`.
 */
export type ColumnKind =
  | 'integer'
  | 'numeric'
  | 'float'
  | 'bool'
  | 'moment'
  | 'position'
  | 'uuid'
  | 'character'
  | 'text'
  | 'untyped';

const BY_OID: ReadonlyMap<number, ColumnKind> = new Map([
  [16, 'bool'],
  [20, 'integer'], // int8
  [21, 'integer'], // int2
  [23, 'integer'], // int4
  [26, 'integer'], // oid
  [28, 'integer'], // xid
  [29, 'integer'], // cid
  [700, 'float'],
  [701, 'float'],
  [1042, 'character'],
  [1082, 'moment'], // date
  [1114, 'moment'], // timestamp
  [1184, 'moment'], // timestamptz
  [1700, 'numeric'],
  [2950, 'uuid'],
  [3220, 'position'], // pg_lsn
  [5069, 'numeric'], // xid8: 64 bits unsigned
]);

/** As output plugins that write text name types. */
const BY_NAME: ReadonlyMap<string, ColumnKind> = new Map([
  ['boolean', 'bool'],
  ['bigint', 'integer'],
  ['smallint', 'integer'],
  ['integer', 'integer'],
  ['oid', 'integer'],
  ['real', 'float'],
  ['double precision', 'float'],
  ['numeric', 'numeric'],
  ['character', 'character'],
  ['bpchar', 'character'],
  ['character varying', 'text'],
  ['text', 'text'],
  ['json', 'text'],
  ['jsonb', 'text'],
  ['date', 'moment'],
  ['timestamp without time zone', 'moment'],
  ['timestamp with time zone', 'moment'],
  ['uuid', 'uuid'],
  ['pg_lsn', 'position'],
]);

/** Domains on domains are followed so far. */
const MOST_DOMAINS = 8;

export function columnKind(
  { typeOid, typeName }: Pick<RelationColumn, 'typeOid' | 'typeName'>,
  findType: FindType | undefined,
): ColumnKind {
  if (typeOid === 0) {
    // A modifier stands in brackets, at the end or before `with time zone`.
    return BY_NAME.get((typeName ?? '').replace(/\(\d+(,-?\d+)?\)/, '')) ?? 'untyped';
  }
  let oid = typeOid;
  for (let i = 0; i < MOST_DOMAINS && oid >= FIRST_CUSTOM_OID; i++) {
    const type = findType?.(oid);
    if (type === undefined) return 'untyped';
    if (type.typtype !== 'd') return 'text';
    oid = type.base ?? 0;
    if (oid === 0) return 'untyped';
  }
  return BY_OID.get(oid) ?? 'text';
}
