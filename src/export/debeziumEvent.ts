import { toBase64 } from '../base/base64';
import type { Lsn } from '../base/lsn';
import type { PgTime } from '../base/time';
import { unixMicroseconds } from '../base/time';
import type { EventRow, LogicalEvent } from '../logical/event';
import { debeziumValue } from './debeziumValue';
import type { SqlTable } from './sqlConditions';
import { keyColumns } from './sqlConditions';

/** What stands in `source`, and is not in the event itself. */
export interface DebeziumSource {
  /** `topic.prefix` of the connector. */
  readonly name: string;
  readonly database: string;
  /** When the transaction was committed; undefined while it is not known. */
  readonly commitTime?: PgTime | undefined;
  /** When the event was processed: here, when the server sent it. */
  readonly processedTime?: PgTime | undefined;
  /** End of the commit before; undefined where none is known. */
  readonly lastCommitLsn?: Lsn | undefined;
}

export interface DebeziumTable extends SqlTable {
  readonly columns: readonly {
    readonly name: string;
    readonly typeOid: number;
    readonly typeModifier: number;
    readonly key: boolean;
  }[];
}

/** Stands in place of a value that is TOASTed, unchanged, and so not in the WAL. */
const UNAVAILABLE = '__debezium_unavailable_value';
/** We are not the connector: whoever meets the event shall see where it comes from. */
const VERSION = 'wal-explorer';

/**
 * A change as the values of the events that Debezium's connector for PostgreSQL would send, each one
 * compact JSON without a schema; keys and order as version 3 has them. An update of the key is a delete
 * and a create, as there; a truncate is one event for each table. Settings are the connector's defaults,
 * save for `decimal.handling.mode=string` and `skipped.operations=none`. Empty for what is no change.
 */
export function debeziumEvents(
  event: LogicalEvent,
  table: DebeziumTable | undefined,
  source: DebeziumSource,
): readonly string[] {
  switch (event.kind) {
    case 'insert':
      return [envelope('c', undefined, rowJson(event.new, table), event, source)];
    case 'update': {
      const after = rowJson(event.new, table, event.unchanged);
      const old = event.old ?? event.key;
      const before = old === undefined ? undefined : rowJson(old, table);
      if (old === undefined || !keyChanged(old, event.new, table)) {
        return [envelope('u', before, after, event, source)];
      }
      return [
        envelope('d', before, undefined, event, source),
        envelope('c', undefined, after, event, source),
      ];
    }
    case 'delete':
      return [
        envelope('d', rowJson(event.old ?? event.key ?? [], table), undefined, event, source),
      ];
    case 'truncate':
      return event.relations.map(relation => {
        const place = { ...relation, lsn: event.lsn, xid: event.xid };
        return `{${sourceJson(place, source)},"transaction":null,"op":"t"${processed(source)}}`;
      });
    case 'message': {
      const { prefix, content, contentEncoding } = event;
      const base64 =
        contentEncoding === 'base64' ? content : toBase64(new TextEncoder().encode(content));
      const place = { schema: '', table: '', lsn: event.lsn, xid: event.xid };
      return [
        `{"op":"m"${processed(source)},${sourceJson(place, source)},` +
          `"message":{"prefix":${JSON.stringify(prefix)},"content":"${base64}"}}`,
      ];
    }
    default:
      return [];
  }
}

interface Place {
  readonly schema: string;
  readonly table: string;
  readonly lsn: Lsn;
  readonly xid?: number | undefined;
}

function envelope(
  op: 'c' | 'u' | 'd',
  before: string | undefined,
  after: string | undefined,
  place: Place,
  source: DebeziumSource,
): string {
  return (
    `{"before":${before ?? 'null'},"after":${after ?? 'null'},${sourceJson(place, source)},` +
    `"transaction":null,"op":"${op}"${processed(source)}}`
  );
}

function sourceJson(place: Place, source: DebeziumSource): string {
  const lsn = String(place.lsn);
  const last = source.lastCommitLsn;
  const sequence = JSON.stringify([last === undefined ? null : String(last), lsn]);
  const us = source.commitTime === undefined ? undefined : unixMicroseconds(source.commitTime);
  const text = JSON.stringify;
  return (
    `"source":{"version":"${VERSION}","connector":"postgresql","name":${text(source.name)},` +
    `"ts_ms":${whole(us, 1000n)},"snapshot":"false","db":${text(source.database)},` +
    `"sequence":${text(sequence)},"ts_us":${us === undefined ? 'null' : String(us)},` +
    `"ts_ns":${us === undefined ? 'null' : String(us * 1000n)},` +
    `"schema":${text(place.schema)},"table":${text(place.table)},` +
    `"txId":${place.xid === undefined ? 'null' : String(place.xid)},"lsn":${lsn},"xmin":null}`
  );
}

function processed(source: DebeziumSource): string {
  const us =
    source.processedTime === undefined ? undefined : unixMicroseconds(source.processedTime);
  if (us === undefined) return ',"ts_ms":null,"ts_us":null,"ts_ns":null';
  return `,"ts_ms":${whole(us, 1000n)},"ts_us":${String(us)},"ts_ns":${String(us * 1000n)}`;
}

function whole(us: bigint | undefined, divisor: bigint): string {
  return us === undefined ? 'null' : String(us / divisor);
}

/** All columns of the table: what was not sent is null there, and cannot be told from NULL. */
function rowJson(
  row: EventRow,
  table: DebeziumTable | undefined,
  unchanged: readonly string[] = [],
): string {
  const values = new Map(row.map(column => [column.name, column]));
  const left = new Set(unchanged);
  const columns = table?.columns ?? [
    ...row.map(({ name }) => ({ name, typeOid: 0, typeModifier: -1 })),
    ...unchanged.map(name => ({ name, typeOid: 0, typeModifier: -1 })),
  ];
  const members = columns.map(({ name, typeOid, typeModifier }) => {
    const column = values.get(name);
    let json: string;
    if (left.has(name)) json = unavailable(typeOid);
    else if (column === undefined || column.value === null) json = 'null';
    else if (column.base64 === true) json = JSON.stringify(column.value);
    else json = debeziumValue(column.value, typeOid, typeModifier);
    return `${JSON.stringify(name)}:${json}`;
  });
  return `{${members.join(',')}}`;
}

const BYTEA_OID = 17;

/** Of bytes the connector sends the placeholder as bytes. */
function unavailable(typeOid: number): string {
  if (typeOid !== BYTEA_OID) return `"${UNAVAILABLE}"`;
  return `"${toBase64(new TextEncoder().encode(UNAVAILABLE))}"`;
}

function keyChanged(old: EventRow, now: EventRow, table: DebeziumTable | undefined): boolean {
  const names = table === undefined ? undefined : keyColumns(table);
  if (names === undefined) return false;
  const valueIn = (row: EventRow, name: string): string | null | undefined =>
    row.find(column => column.name === name)?.value;
  return names.some(name => valueIn(old, name) !== valueIn(now, name));
}
