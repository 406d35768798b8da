import { assertUnreachable } from '../base/assert';
import { toHex } from '../base/hex';
import type { Lsn } from '../base/lsn';
import { formatLsn, lsnDistance } from '../base/lsn';
import type { PgTime } from '../base/time';
import { formatPgTime } from '../base/time';
import type { EventRow, LogicalEvent } from './event';

/**
 * An event as one line of the native format, version 1, without the line end (docs/event-format.md).
 * Written by hand: an object would reorder columns named like integers, and lose one named `__proto__`.
 */
export function formatEvent(event: LogicalEvent): string {
  if (event.kind === 'gap') {
    const { from, to, reason, seconds } = event;
    // A server that went back leaves no number of bytes.
    const bytes = to < from ? '' : `,"bytes":${String(lsnDistance(from, to))}`;
    const duration = seconds === undefined ? '' : `,"seconds":${String(seconds)}`;
    return `{"kind":"gap",${lsn('from', from)},${lsn('to', to)},"reason":${text(reason)}${bytes}${duration}}`;
  }
  if (event.kind === 'continued') return `{"kind":"continued",${lsn('after', event.after)}}`;
  return `{"kind":"${event.kind}",${lsn('lsn', event.lsn)}${ids(event)}${body(event)}}`;
}

type Placed = Exclude<LogicalEvent, { readonly kind: 'gap' | 'continued' }>;

function body(event: Placed): string {
  switch (event.kind) {
    case 'insert':
      return `${table(event)}${row('new', event.new)}${encoding(event.new)}`;
    case 'update': {
      const { key, old, unchanged } = event;
      const list = unchanged === undefined ? '' : `,"unchanged":[${unchanged.map(text).join(',')}]`;
      return `${table(event)}${row('key', key)}${row('old', old)}${row('new', event.new)}${list}${encoding(key, old, event.new)}`;
    }
    case 'delete':
      return `${table(event)}${row('key', event.key)}${row('old', event.old)}${encoding(event.key, event.old)}`;
    case 'begin':
      return (
        (event.commitLsn === undefined ? '' : `,${lsn('commitLsn', event.commitLsn)}`) +
        time('commitTime', event.commitTime)
      );
    case 'commit':
    case 'streamCommit':
      return `,${lsn('endLsn', event.endLsn)}${time('commitTime', event.commitTime)}`;
    case 'truncate': {
      const relations = event.relations.map(
        relation => `{"schema":${text(relation.schema)},"table":${text(relation.table)}}`,
      );
      return `,"relations":[${relations.join(',')}],"cascade":${event.cascade},"restartIdentity":${event.restartIdentity}`;
    }
    case 'message':
      return `,"transactional":${event.transactional},"prefix":${text(event.prefix)},"content":${text(event.content)},"contentEncoding":"${event.contentEncoding}"${event.uncertain === true ? ',"uncertain":true' : ''}`;
    case 'relation': {
      const columns = event.columns.map(
        column =>
          `{"name":${text(column.name)},"type":${text(column.type)},"typeOid":${column.typeOid},"typeModifier":${column.typeModifier},"key":${column.key}}`,
      );
      return `${table(event)},"oid":${event.oid},"replicaIdentity":"${event.replicaIdentity}","columns":[${columns.join(',')}]`;
    }
    case 'type':
      return `,"oid":${event.oid},"schema":${text(event.schema)},"name":${text(event.name)}`;
    case 'origin':
      return `,"name":${text(event.name)},${lsn('originLsn', event.originLsn)}`;
    case 'streamStart':
      return `,"first":${event.first}`;
    case 'streamStop':
      return '';
    case 'streamAbort':
      return (
        (event.abortLsn === undefined ? '' : `,${lsn('abortLsn', event.abortLsn)}`) +
        time('abortTime', event.abortTime)
      );
    case 'beginPrepare':
    case 'prepare':
    case 'streamPrepare':
      return prepared(event) + time('prepareTime', event.prepareTime);
    case 'commitPrepared':
      return prepared(event) + time('commitTime', event.commitTime);
    case 'rollbackPrepared':
      return prepared(event) + time('rollbackTime', event.rollbackTime);
    case 'unknown':
      return `,"data":"${toHex(event.data)}"${event.error === undefined ? '' : `,"error":${text(event.error)}`}`;
    default:
      return assertUnreachable(event);
  }
}

const text = (value: string): string => JSON.stringify(value);
const lsn = (name: string, value: Lsn): string => `"${name}":"${formatLsn(value)}"`;
/** Left out where it is not known. */
const time = (name: string, value: PgTime | undefined): string =>
  value === undefined ? '' : `,"${name}":"${formatPgTime(value)}"`;

function ids(event: Placed): string {
  if (event.xid === undefined) return '';
  if (event.subxid === undefined) return `,"xid":${event.xid}`;
  return `,"xid":${event.xid},"subxid":${event.subxid}`;
}

function table(event: { readonly schema: string; readonly table: string }): string {
  return `,"schema":${text(event.schema)},"table":${text(event.table)}`;
}

function prepared(event: { readonly gid: string; readonly endLsn: Lsn }): string {
  return `,"gid":${text(event.gid)},${lsn('endLsn', event.endLsn)}`;
}

function row(name: string, columns: EventRow | undefined): string {
  if (columns === undefined) return '';
  let json = `,"${name}":{`;
  let separator = '';
  for (const column of columns) {
    json += separator + text(column.name) + ':';
    json += column.value === null ? 'null' : text(column.value);
    separator = ',';
  }
  return `${json}}`;
}

/** Names the columns whose values are base64; a column is so on both sides or on none. */
function encoding(...rows: (EventRow | undefined)[]): string {
  let names: Set<string> | undefined;
  for (const columns of rows) {
    if (columns === undefined) continue;
    for (const column of columns) {
      if (column.base64 === true) (names ??= new Set()).add(column.name);
    }
  }
  if (names === undefined) return '';
  return `,"encoding":{${[...names].map(name => `${text(name)}:"base64"`).join(',')}}`;
}
