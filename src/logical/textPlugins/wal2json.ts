/**
 * The JSON of wal2json (https://github.com/eulerto/wal2json), format versions 1 and 2, as events of the
 * native format. What the plugin does not tell stays untold: types' OIDs, which columns are the key, and
 * that a TOASTed column was left out because it did not change.
 */
import { MASKED_TEXT } from '../../shared/columnMask';
import { parseLsn } from '../../base/lsn';
import type { PgTime } from '../../base/time';
import type { Xid } from '../../base/xid';
import { toXid } from '../../base/xid';
import type { LogicalEvent } from '../event';
import { parseLosslessJson } from './losslessJson';
import type { EventPlace, TextChange, TextColumn, TextItem } from './textChange';
import { isWholeRow } from './textChange';
import type { TextPlace } from './textLine';
import { parseTimestamp, TextError } from './textLine';

export type Json = Readonly<Record<string, unknown>>;

/**
 * Takes the texts of one stream, in order: a transaction of format version 1 may come in pieces (option
 * write-in-chunks). Throws TextError where a text is not what the plugin writes.
 */
export class Wal2jsonReader {
  /** The transaction whose pieces are coming. */
  #open: Json | undefined;

  items(text: string, place: TextPlace): readonly TextItem[] {
    const piece = text.trim();
    if (CHUNK_END.test(piece)) {
      const transaction = this.#open ?? {};
      this.#open = undefined;
      return [commitOf(transaction, place)];
    }
    const chunk = CHUNK_START.exec(piece);
    if (chunk !== null) {
      this.#open = objectOf(`${chunk[1] ?? ''}"change":[]}`);
      return [beginOf(this.#open, place)];
    }
    const row = objectOf(piece.replace(/^,/, ''));
    // A piece tells itself by its form: its transaction may have begun where nobody saw it.
    if ('kind' in row) return [changeItem(row, place, xidOf(this.#open ?? row, place))];
    if ('action' in row) return [actionItem(row, place)];
    if (!Array.isArray(row['change'])) throw new TextError('"action" or "change"', 0, text);
    const changes = row['change'].map(change => changeItem(change, place, xidOf(row, place)));
    const [only] = changes;
    // A message outside any transaction stands alone in the same form.
    if (only?.kind === 'message' && !only.transactional) return changes;
    return [beginOf(row, place), ...changes, commitOf(row, place)];
  }

  /** Another stream follows: what was open comes again, or never. */
  restart(): void {
    this.#open = undefined;
  }
}

/** `{..."change":[` and nothing behind it. */
export const CHUNK_START = /^(\{[^[\]]*)"change":\s*\[$/;
export const CHUNK_END = /^\]\s*\}$/;

export function objectOf(text: string): Json {
  let value: unknown;
  try {
    value = parseLosslessJson(text);
  } catch {
    throw new TextError('a JSON object', 0, text);
  }
  if (!isObject(value)) throw new TextError('a JSON object', 0, text);
  return value;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(row: Json, name: string): string | undefined {
  const value = row[name];
  return typeof value === 'string' ? value : undefined;
}

function xidOf(row: Json, place: TextPlace): Xid | undefined {
  const xid = Number(textOf(row, 'xid') ?? place.xid);
  return xid === 0 ? undefined : toXid(xid);
}

function baseOf(place: TextPlace, xid: Xid | undefined): EventPlace {
  return xid === undefined ? { lsn: place.lsn } : { lsn: place.lsn, xid };
}

function commitTimeOf(row: Json): { readonly commitTime?: PgTime } {
  const text = textOf(row, 'timestamp');
  const commitTime = text === undefined ? undefined : parseTimestamp(text);
  return commitTime === undefined ? {} : { commitTime };
}

/** The begin or commit that the members of a text stand for. */
export function wal2jsonEdge(
  fields: Readonly<Record<string, string>>,
  edge: 'begin' | 'commit',
  place: TextPlace,
): LogicalEvent {
  return edge === 'begin' ? beginOf(fields, place) : commitOf(fields, place);
}

function beginOf(row: Json, place: TextPlace): LogicalEvent {
  return { kind: 'begin', ...baseOf(place, xidOf(row, place)), ...commitTimeOf(row) };
}

function commitOf(row: Json, place: TextPlace): LogicalEvent {
  const endLsn = parseLsn(textOf(row, 'nextlsn') ?? '') ?? place.lsn;
  return { kind: 'commit', ...baseOf(place, xidOf(row, place)), endLsn, ...commitTimeOf(row) };
}

/** Format version 2: an object an action. */
function actionItem(row: Json, place: TextPlace): TextItem {
  const base = baseOf(place, xidOf(row, place));
  const action = textOf(row, 'action');
  switch (action) {
    case 'B':
      return beginOf(row, place);
    case 'C':
      return commitOf(row, place);
    case 'M':
      return messageOf(row, place, base);
    case 'T':
      return truncateOf(row, base);
    case 'I':
    case 'U':
    case 'D':
      return {
        kind: 'row',
        operation: OPERATIONS[action],
        place: base,
        ...tableOf(row),
        ...rowsOf(action === 'U', columnsOf(row['identity']), columnsOf(row['columns'])),
        ...primaryKeyOf(columnsOf(row['pk'])),
      };
    default:
      throw new TextError('one of the actions B, C, I, U, D, T, M', 0, JSON.stringify(row));
  }
}

/** Format version 1: a member of "change". */
function changeItem(change: unknown, place: TextPlace, xid: Xid | undefined): TextItem {
  if (!isObject(change)) throw new TextError('a change', 0, JSON.stringify(change));
  const base = baseOf(place, xid);
  const kind = textOf(change, 'kind');
  switch (kind) {
    case 'message':
      return messageOf(change, place, base);
    case 'truncate':
      return truncateOf(change, base);
    case 'insert':
    case 'update':
    case 'delete': {
      const keys = isObject(change['oldkeys']) ? change['oldkeys'] : {};
      const pk = isObject(change['pk']) ? change['pk'] : {};
      return {
        kind: 'row',
        operation: kind,
        place: base,
        ...tableOf(change),
        ...rowsOf(
          kind === 'update',
          zipped(keys['keynames'], keys['keytypes'], keys['keyvalues']),
          zipped(change['columnnames'], change['columntypes'], change['columnvalues']),
        ),
        ...primaryKeyOf(zipped(pk['pknames'], pk['pktypes'], pk['pknames'])),
      };
    }
    default:
      throw new TextError(
        'one of the kinds insert, update, delete, truncate, message',
        0,
        JSON.stringify(change),
      );
  }
}

const OPERATIONS = { I: 'insert', U: 'update', D: 'delete' } as const;

function rowsOf(
  isUpdate: boolean,
  old: readonly TextColumn[],
  columns: readonly TextColumn[],
): Pick<TextChange, 'old' | 'isWholeOld' | 'new'> {
  return { old, isWholeOld: isWholeRow(old, isUpdate ? columns : undefined), new: columns };
}

function primaryKeyOf(columns: readonly TextColumn[]): Pick<TextChange, 'primaryKey'> {
  return columns.length === 0 ? {} : { primaryKey: columns.map(({ name }) => name) };
}

function truncateOf(row: Json, base: EventPlace): LogicalEvent {
  // One object a table; whether it cascades or restarts sequences is not told.
  return {
    kind: 'truncate',
    ...base,
    relations: [tableOf(row)],
    cascade: false,
    restartIdentity: false,
  };
}

function messageOf(row: Json, place: TextPlace, base: EventPlace): LogicalEvent {
  const transactional = row['transactional'] === true;
  return {
    kind: 'message',
    ...(transactional ? base : { lsn: place.lsn }),
    transactional,
    prefix: textOf(row, 'prefix') ?? '',
    content: textOf(row, 'content') ?? '',
    contentEncoding: 'utf8',
  };
}

function tableOf(row: Json): { readonly schema: string; readonly table: string } {
  const table = textOf(row, 'table');
  if (table === undefined) throw new TextError('"table"', 0, JSON.stringify(row));
  return { schema: textOf(row, 'schema') ?? '', table };
}

function columnsOf(list: unknown): readonly TextColumn[] {
  if (!Array.isArray(list)) return [];
  return list.map((column: unknown) => {
    if (!isObject(column)) throw new TextError('a column', 0, JSON.stringify(column));
    return columnOf(textOf(column, 'name') ?? '', textOf(column, 'type'), column['value']);
  });
}

/** Format version 1 gives names, types and values as lists of the same length. */
function zipped(names: unknown, types: unknown, values: unknown): readonly TextColumn[] {
  if (!Array.isArray(names) || !Array.isArray(values)) return [];
  if (names.length !== values.length) {
    throw new TextError('as many values as names', 0, JSON.stringify(names));
  }
  return names.map((name: unknown, i) => {
    const type: unknown = Array.isArray(types) ? types[i] : undefined;
    return columnOf(String(name), typeof type === 'string' ? type : undefined, values[i]);
  });
}

/** A value as Postgres writes it: wal2json has booleans of JSON, and bytea without its \x. */
function columnOf(name: string, type = '', value: unknown): TextColumn {
  if (value === null || value === undefined) return { name, type, value: null };
  if (typeof value === 'boolean') return { name, type, value: value ? 't' : 'f' };
  if (typeof value !== 'string') throw new TextError('a value', 0, JSON.stringify(value));
  if (value === MASKED_TEXT) return { name, type, value };
  return { name, type, value: type === 'bytea' ? `\\x${value}` : value };
}
