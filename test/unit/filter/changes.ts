import { toLsn } from '../../../src/base/lsn';
import { toPgTime } from '../../../src/base/time';
import type { FilterEvent, FilterRow } from '../../../src/filter/filterEvent';
import { parseFilter } from '../../../src/filter/filterExpression';
import type { RelationColumn, ReplicaIdentity } from '../../../src/logical/relation';

/** OIDs of built-in types by the names that tests use. */
export const TYPES = {
  int: 23,
  bigint: 20,
  oid: 26,
  numeric: 1700,
  float: 701,
  bool: 16,
  text: 25,
  char: 1042,
  uuid: 2950,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  json: 114,
  lsn: 3220,
  enum: 16_400,
  domain: 16_401,
  unknown: 16_402,
} as const;

export type TypeName = keyof typeof TYPES;

/** What one side holds; `undefined` was not sent. */
export type Side = Readonly<Record<string, string | null | undefined>>;

export interface Change {
  readonly types: Readonly<Record<string, TypeName>>;
  readonly keys?: readonly string[];
  readonly identity?: ReplicaIdentity;
  readonly old?: Side;
  readonly new?: Side;
}

const CUSTOM = new Map([
  [TYPES.enum, { name: 'mood', typtype: 'e', category: 'E' }],
  [TYPES.domain, { name: 'price', typtype: 'd', category: 'N', base: TYPES.numeric }],
]);

export const findType = (oid: number) => CUSTOM.get(oid as 16_400 | 16_401);

export function rowOf({ types, keys = [], identity = 'default', ...sides }: Change): FilterRow {
  const names = Object.keys(types);
  const columns = names.map((name): RelationColumn => ({
    name,
    typeOid: TYPES[types[name]!],
    typeModifier: -1,
    key: keys.includes(name),
  }));
  const before = (i: number) => sides.old?.[names[i]!];
  const after = (i: number) => sides.new?.[names[i]!];
  return {
    relation: { oid: 1, columns, replicaIdentity: identity },
    before,
    after,
    changed: i => (before(i) === undefined ? undefined : before(i) !== after(i)),
  };
}

export function eventOf(more: Partial<FilterEvent> = {}): FilterEvent {
  return {
    op: 'update',
    lsn: toLsn(0x16b6c50n),
    xid: 763,
    time: toPgTime(817_380_000_123_456n),
    size: 120,
    tables: [{ schema: 'public', table: 'orders' }],
    row: undefined,
    prefix: undefined,
    content: undefined,
    ...more,
  };
}

/** Whether a change passes; an expression that cannot be read fails the test. */
export function passes(text: string, event: FilterEvent): boolean {
  const { filter, problem } = parseFilter(text, findType);
  if (filter === undefined) throw new Error(`${text}: ${problem.message}`);
  return filter.matches(event);
}

/** A row with one column `c`. */
export function one(type: TypeName, value: string | null | undefined): FilterEvent {
  return eventOf({ row: rowOf({ types: { c: type }, new: { c: value } }) });
}
