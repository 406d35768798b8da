import { toBase64 } from '../base/base64';
import { assertUnreachable } from '../base/assert';
import { ByteReader, DecodeError } from '../base/byteReader';
import type { Lsn } from '../base/lsn';
import type { Xid } from '../base/xid';
import { changeRows } from './changeRows';
import type { LogicalEvent } from './event';
import { decodeMessage } from './pgoutput/decodeMessage';
import type { PgoutputMessage } from './pgoutput/message';
import { decodeUtf8 } from './pgoutput/tuple';
import type { NamedType, Relation } from './relation';
import type { RowMessage } from './rowImage';
import { RowImage } from './rowImage';
import type { FindType } from './types/binary/binaryText';
import { typeName } from './types/typeName';

/** Where a message stands, which its own bytes do not tell. */
export interface MessagePlace {
  readonly lsn: Lsn;
  /** The top transaction; 0 outside one. */
  readonly topXid: number;
  /** The subtransaction that wrote the message, where the event shall name it; 0 otherwise. */
  readonly subxid: number;
  readonly inStream: boolean;
}

/** What the stream described so far. */
export interface Names {
  relation(oid: number): Relation | undefined;
  type(oid: number): NamedType | undefined;
  /** Knows the types that are not built in; without it values in binary form stay bytes. */
  readonly findType?: FindType | undefined;
}

/**
 * The event that a message is. What cannot be read, or fits no table that was described, becomes an
 * `unknown` event with its bytes and the reason, so that one bad message does not end a stream.
 */
export function messageEvent(bytes: Uint8Array, place: MessagePlace, names: Names): LogicalEvent {
  try {
    return eventOf(decodeMessage(new ByteReader(bytes), place.inStream), bytes, place, names);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return unknownEvent(bytes, place, error.message);
  }
}

/** An event for a message that is not understood. */
export function unknownEvent(bytes: Uint8Array, place: MessagePlace, error?: string): LogicalEvent {
  const data = bytes.slice();
  return { kind: 'unknown', ...baseOf(place), data, ...(error === undefined ? {} : { error }) };
}

function baseOf(place: MessagePlace): { lsn: Lsn; xid?: Xid; subxid?: Xid } {
  const { lsn, topXid, subxid } = place;
  if (topXid === 0) return { lsn };
  const xid = topXid as Xid;
  return subxid === 0 ? { lsn, xid } : { lsn, xid, subxid: subxid as Xid };
}

function eventOf(
  message: PgoutputMessage,
  bytes: Uint8Array,
  place: MessagePlace,
  names: Names,
): LogicalEvent {
  const base = baseOf(place);
  switch (message.kind) {
    case 'insert':
    case 'update':
    case 'delete':
      return rowEvent(message, bytes, place, names);
    case 'begin':
      return {
        kind: 'begin',
        ...base,
        commitLsn: message.finalLsn,
        commitTime: message.commitTime,
      };
    case 'commit':
      return { kind: 'commit', ...base, endLsn: message.endLsn, commitTime: message.commitTime };
    case 'relation':
      return relationEvent(message.relation, place, names);
    case 'type':
      return { kind: 'type', ...base, ...message.type };
    case 'truncate': {
      const relations: { schema: string; table: string }[] = [];
      for (const oid of message.relationOids) {
        const relation = names.relation(oid);
        if (relation === undefined) return unknownEvent(bytes, place, undescribed(oid));
        relations.push({ schema: relation.schema, table: relation.name });
      }
      const { cascade, restartIdentity } = message;
      return { kind: 'truncate', ...base, relations, cascade, restartIdentity };
    }
    case 'message': {
      const { transactional, prefix } = message;
      const text = decodeUtf8(message.content);
      return {
        kind: 'message',
        ...base,
        transactional,
        prefix,
        content: text ?? toBase64(message.content),
        contentEncoding: text === undefined ? 'base64' : 'utf8',
      };
    }
    case 'origin':
      return { kind: 'origin', ...base, name: message.name, originLsn: message.originLsn };
    case 'streamStart':
      return { kind: 'streamStart', ...base, first: message.firstSegment };
    case 'streamStop':
      return { kind: 'streamStop', ...base };
    case 'streamCommit':
      return {
        kind: 'streamCommit',
        ...base,
        endLsn: message.endLsn,
        commitTime: message.commitTime,
      };
    case 'streamAbort':
      return {
        kind: 'streamAbort',
        ...base,
        subxid: message.subxid,
        ...(message.abortLsn === undefined ? {} : { abortLsn: message.abortLsn }),
        ...(message.abortTime === undefined ? {} : { abortTime: message.abortTime }),
      };
    case 'beginPrepare':
    case 'prepare':
    case 'streamPrepare': {
      const { kind, gid, endLsn, prepareTime } = message;
      return { kind, ...base, gid, endLsn, prepareTime };
    }
    case 'commitPrepared': {
      const { kind, gid, endLsn, commitTime } = message;
      return { kind, ...base, gid, endLsn, commitTime };
    }
    case 'rollbackPrepared': {
      const { kind, gid, rollbackEndLsn, rollbackTime } = message;
      return { kind, ...base, gid, endLsn: rollbackEndLsn, rollbackTime };
    }
    case 'unknown':
      return unknownEvent(bytes, place);
    default:
      return assertUnreachable(message);
  }
}

function rowEvent(
  message: RowMessage,
  bytes: Uint8Array,
  place: MessagePlace,
  names: Names,
): LogicalEvent {
  const relation = names.relation(message.relationOid);
  if (relation === undefined) return unknownEvent(bytes, place, undescribed(message.relationOid));
  const mismatch = RowImage.mismatch(relation, message);
  if (mismatch !== undefined) return unknownEvent(bytes, place, mismatch);
  const rows = changeRows(new RowImage(relation, message), names.findType);
  const { lsn } = place;
  const { schema, name: table } = relation;
  // Filled in one by one: spreading objects of many shapes is what would take most of the time here.
  switch (message.kind) {
    case 'insert': {
      const event: Draft<'insert'> = { kind: 'insert', lsn, schema, table, new: rows.new ?? [] };
      return withIds(event, place);
    }
    case 'update': {
      const event: Draft<'update'> = { kind: 'update', lsn, schema, table, new: rows.new ?? [] };
      if (rows.key !== undefined) event.key = rows.key;
      if (rows.old !== undefined) event.old = rows.old;
      if (rows.unchanged !== undefined) event.unchanged = rows.unchanged;
      return withIds(event, place);
    }
    case 'delete': {
      const event: Draft<'delete'> = { kind: 'delete', lsn, schema, table };
      if (rows.key !== undefined) event.key = rows.key;
      if (rows.old !== undefined) event.old = rows.old;
      return withIds(event, place);
    }
    default:
      return assertUnreachable(message);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft<K extends RowMessage['kind']> = Mutable<Extract<LogicalEvent, { readonly kind: K }>>;

function withIds<E extends { xid?: Xid; subxid?: Xid }>(event: E, place: MessagePlace): E {
  if (place.topXid !== 0) {
    event.xid = place.topXid as Xid;
    if (place.subxid !== 0) event.subxid = place.subxid as Xid;
  }
  return event;
}

/** The event that describes a table. */
export function relationEvent(
  relation: Relation,
  place: MessagePlace,
  names: Pick<Names, 'type'>,
): LogicalEvent {
  return {
    kind: 'relation',
    ...baseOf(place),
    schema: relation.schema,
    table: relation.name,
    oid: relation.oid,
    replicaIdentity: relation.replicaIdentity,
    columns: relation.columns.map(column => ({
      name: column.name,
      type: typeName(column.typeOid, column.typeModifier, oid => names.type(oid)),
      typeOid: column.typeOid,
      typeModifier: column.typeModifier,
      key: column.key,
    })),
  };
}

const undescribed = (oid: number): string =>
  `no Relation message described the table of OID ${oid}`;
