import type { NamedType } from '../relation';
import { BUILTIN_TYPES } from './builtinTypes';

/**
 * The name of a type as `format_type(oid, typmod)` prints it, such as `numeric(10,2)` or
 * `timestamp(3) with time zone`; `oid 16421` where nothing names the type. Types that are not built in
 * are named as their Type message named them, with the schema unless it is `public`.
 * Source: src/backend/utils/adt/format_type.c.
 *
 * @param typeModifier `atttypmod`, -1 for none.
 * @param named Looks up the types that Type messages named.
 */
export function typeName(
  oid: number,
  typeModifier: number,
  named?: (oid: number) => NamedType | undefined,
): string {
  const type = named?.(oid);
  if (type !== undefined) {
    // A domain is named as the type that it stands on.
    if (type.schema === 'pg_catalog') return builtinName(type.name, typeModifier);
    const name = quoteName(type.name);
    return type.schema === 'public' ? name : `${quoteName(type.schema)}.${name}`;
  }
  const builtin = BY_OID.get(oid);
  if (builtin === undefined) return `oid ${oid}`;
  const name = builtinName(builtin.name, typeModifier);
  return builtin.array ? `${name}[]` : name;
}

interface BuiltinType {
  /** `typname`; of an array that of its element. */
  readonly name: string;
  readonly array: boolean;
}

const BY_OID: ReadonlyMap<number, BuiltinType> = new Map(
  BUILTIN_TYPES.flatMap(row => {
    const [oid = '', name = '', array = ''] = row.split(' ');
    return [
      [Number(oid), { name, array: false }],
      ...(array === '0' ? [] : [[Number(array), { name, array: true }]]),
    ] as [number, BuiltinType][];
  }),
);

/** `typname` -> the name that the SQL standard gives the type. */
const SQL_NAMES: ReadonlyMap<string, string> = new Map([
  ['bool', 'boolean'],
  ['float4', 'real'],
  ['float8', 'double precision'],
  ['int2', 'smallint'],
  ['int4', 'integer'],
  ['int8', 'bigint'],
  ['varchar', 'character varying'],
  ['varbit', 'bit varying'],
  ['time', 'time without time zone'],
  ['timetz', 'time with time zone'],
  ['timestamp', 'timestamp without time zone'],
  ['timestamptz', 'timestamp with time zone'],
  // A keyword of another meaning each: the type's own name is quoted.
  ['char', '"char"'],
  ['bit', '"bit"'],
  ['any', '"any"'],
]);

function builtinName(name: string, modifier: number): string {
  if (modifier < 0) return SQL_NAMES.get(name) ?? name;
  switch (name) {
    case 'varchar':
      return `character varying(${modifier - VARHDRSZ})`;
    case 'bpchar':
      return `character(${modifier - VARHDRSZ})`;
    case 'bit':
      return `bit(${modifier})`;
    case 'varbit':
      return `bit varying(${modifier})`;
    case 'numeric':
      return numericName(modifier);
    case 'time':
    case 'timestamp':
      return `${name}(${modifier}) without time zone`;
    case 'timetz':
      return `time(${modifier}) with time zone`;
    case 'timestamptz':
      return `timestamp(${modifier}) with time zone`;
    case 'interval':
      return intervalName(modifier);
    default:
      return SQL_NAMES.get(name) ?? name;
  }
}

/** Bytes of a varlena header, which these type modifiers count in (`VARHDRSZ`, src/include/c.h). */
const VARHDRSZ = 4;

/** `numerictypmodout`, src/backend/utils/adt/numeric.c: the scale is 11 bits, signed since 15. */
function numericName(modifier: number): string {
  if (modifier < VARHDRSZ) return 'numeric';
  const packed = modifier - VARHDRSZ;
  const precision = (packed >> 16) & 0xffff;
  const scale = ((packed & 0x7ff) ^ 1024) - 1024;
  return `numeric(${precision},${scale})`;
}

/** `intervaltypmodout`, src/backend/utils/adt/timestamp.c: a mask of fields above, precision below. */
function intervalName(modifier: number): string {
  const fields = INTERVAL_FIELDS.get((modifier >> 16) & 0x7fff) ?? '';
  const precision = modifier & 0xffff;
  return `interval${fields}${precision === 0xffff ? '' : `(${precision})`}`;
}

const YEAR = 1 << 2;
const MONTH = 1 << 1;
const DAY = 1 << 3;
const HOUR = 1 << 10;
const MINUTE = 1 << 11;
const SECOND = 1 << 12;

const INTERVAL_FIELDS: ReadonlyMap<number, string> = new Map([
  [YEAR, ' year'],
  [MONTH, ' month'],
  [DAY, ' day'],
  [HOUR, ' hour'],
  [MINUTE, ' minute'],
  [SECOND, ' second'],
  [YEAR | MONTH, ' year to month'],
  [DAY | HOUR, ' day to hour'],
  [DAY | HOUR | MINUTE, ' day to minute'],
  [DAY | HOUR | MINUTE | SECOND, ' day to second'],
  [HOUR | MINUTE, ' hour to minute'],
  [HOUR | MINUTE | SECOND, ' hour to second'],
  [MINUTE | SECOND, ' minute to second'],
]);

/** Quotes a name where SQL would need it, save for keywords (`quote_identifier`, ruleutils.c). */
function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
