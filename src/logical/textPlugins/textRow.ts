import type { Tuple } from '../pgoutput/message';
import type { Relation, RelationColumn } from '../relation';
import type { RowMessage } from '../rowImage';
import type { TextChange, TextColumn } from './textChange';
import { UNCHANGED } from './textChange';

/**
 * A change that a text tells as a table and a message of pgoutput, so that what shows rows shows it too.
 * The table has the columns that the text names; which of them are the key is what it tells: those of the
 * old row, unless that is the whole row.
 */
export function textRow(change: TextChange): {
  readonly relation: Relation;
  readonly message: RowMessage;
} {
  const { operation, schema, table, old, isWholeOld, primaryKey } = change;
  const names = [...new Set([...change.new, ...old].map(({ name }) => name))];
  const byName = (columns: readonly TextColumn[]): Map<string, TextColumn> =>
    new Map(columns.map(column => [column.name, column]));
  const oldByName = byName(old);
  const newByName = byName(change.new);
  const keys = new Set(primaryKey ?? (isWholeOld ? [] : oldByName.keys()));
  const columns = names.map((name): RelationColumn => {
    const typeName = (newByName.get(name) ?? oldByName.get(name))?.type ?? '';
    return { name, typeOid: 0, typeModifier: -1, key: keys.has(name), typeName };
  });
  const relation = { oid: 0, schema, name: table, replicaIdentity: 'unknown', columns } as const;
  const oldKind = isWholeOld ? 'full' : 'key';
  // A column that does not stand in the new row of an update did not change: wal2json leaves it out.
  const oldRow = (): Tuple => tuple(names, oldByName, isWholeOld ? 'n' : '');
  const newRow = (): Tuple => tuple(names, newByName, operation === 'update' ? 'u' : '');
  switch (operation) {
    case 'insert':
      return { relation, message: { kind: operation, relationOid: 0, new: newRow() } };
    case 'delete':
      return {
        relation,
        message: { kind: operation, relationOid: 0, oldKind, old: oldRow() },
      };
    case 'update':
      return {
        relation,
        message: {
          kind: operation,
          relationOid: 0,
          ...(old.length === 0 ? {} : { oldKind, old: oldRow() }),
          new: newRow(),
        },
      };
  }
}

/** What a side has for a column that the text does not name there: NULL, unchanged, or nothing. */
type Missing = 'n' | 'u' | '';

function tuple(
  names: readonly string[],
  columns: ReadonlyMap<string, TextColumn>,
  missing: Missing,
): Tuple {
  const kinds = new Uint8Array(names.length);
  const starts = new Uint32Array(names.length);
  const ends = new Uint32Array(names.length);
  const values: Uint8Array[] = [];
  let at = 0;
  names.forEach((name, i) => {
    const column = columns.get(name);
    starts[i] = at;
    if (column === undefined) kinds[i] = missing === '' ? 0 : missing.charCodeAt(0);
    else if (column.value === UNCHANGED) kinds[i] = UNCHANGED_KIND;
    else if (column.value === null) kinds[i] = NULL_KIND;
    else {
      const value = column.bytes ?? utf8.encode(column.value);
      values.push(value);
      at += value.length;
      kinds[i] = TEXT_KIND;
    }
    ends[i] = at;
  });
  const bytes = new Uint8Array(at);
  let to = 0;
  for (const value of values) {
    bytes.set(value, to);
    to += value.length;
  }
  return { bytes, kinds, starts, ends };
}

/** Kinds of a column in TupleData. */
const NULL_KIND = 0x6e; // n
const UNCHANGED_KIND = 0x75; // u
const TEXT_KIND = 0x74; // t

const utf8 = new TextEncoder();
