import type { ByteReader } from '../../base/byteReader';
import { DecodeError } from '../../base/byteReader';
import type { Xid } from '../../base/xid';
import type { PgoutputMessage } from './message';
import { MESSAGE_LABELS } from './messageName';
import { readRelation, readType } from './readRelation';
import { readTuple } from './tuple';

/**
 * The layouts of pgoutput's messages, protocols 1 to 4, each written once: with a plain reader a walk
 * gives the message, with a reader that keeps fields it gives the annotated bytes.
 *
 * Source: src/backend/replication/logical/proto.c (`logicalrep_write_*`); the meanings are those of
 * the doc section "Logical Replication Message Formats".
 */

/**
 * Decodes one message. `inStream`: it stands between Stream Start and Stream Stop, where seven kinds
 * carry an xid. Bytes after the end of a known message are left unread. Values are views of
 * `reader.bytes`. Throws DecodeError where the message is too short or contradicts its layout; a
 * letter that we do not know gives kind `unknown`.
 */
export function decodeMessage(reader: ByteReader, inStream: boolean): PgoutputMessage {
  const letter = String.fromCharCode(
    reader.letter('message', 'Kind of the message', MESSAGE_LABELS),
  );
  switch (letter) {
    case 'I':
      return readInsert(reader, inStream);
    case 'U':
      return readUpdate(reader, inStream);
    case 'D': {
      const xid = streamXid(reader, inStream);
      const oid = relationOid(reader);
      const oldKind = oldTupleKind(reader, reader.letter('old row', OLD_MEANING, OLD_LABELS));
      return { kind: 'delete', ...xid, relationOid: oid, oldKind, old: oldTuple(reader) };
    }
    case 'B':
      return {
        kind: 'begin',
        finalLsn: reader.lsn(
          'final LSN',
          'The final LSN of the transaction: where its commit starts',
        ),
        commitTime: reader.time('commit time', 'Commit timestamp of the transaction'),
        xid: xid(reader),
      };
    case 'C':
      flags(reader);
      return { kind: 'commit', ...commitPositions(reader) };
    case 'R':
      return {
        kind: 'relation',
        ...streamXid(reader, inStream),
        relation: readRelation(reader),
      };
    case 'Y':
      return {
        kind: 'type',
        ...streamXid(reader, inStream),
        type: readType(reader),
      };
    case 'T':
      return readTruncate(reader, inStream);
    case 'M':
      return readLogicalMessage(reader, inStream);
    case 'O':
      return {
        kind: 'origin',
        originLsn: reader.lsn('origin LSN', 'The LSN of the commit on the origin server'),
        name: reader.cstring('name', 'Name of the origin'),
      };
    case 'S':
      return {
        kind: 'streamStart',
        xid: xid(reader),
        firstSegment:
          reader.letter('first segment', 'Whether this is the first block of the transaction', {
            0: 'no',
            1: 'yes',
          }) === 1,
      };
    case 'E':
      return { kind: 'streamStop' };
    case 'c': {
      const streamed = xid(reader);
      flags(reader);
      return { kind: 'streamCommit', xid: streamed, ...commitPositions(reader) };
    }
    case 'A':
      return readStreamAbort(reader);
    case 'b':
      return { kind: 'beginPrepare', ...preparedTransaction(reader) };
    case 'P':
      flags(reader);
      return { kind: 'prepare', ...preparedTransaction(reader) };
    case 'p':
      flags(reader);
      return { kind: 'streamPrepare', ...preparedTransaction(reader) };
    case 'K':
      flags(reader);
      return {
        kind: 'commitPrepared',
        ...commitPositions(reader),
        xid: xid(reader),
        gid: gid(reader),
      };
    case 'r':
      flags(reader);
      return {
        kind: 'rollbackPrepared',
        prepareEndLsn: reader.lsn('prepare end LSN', 'The end LSN of the prepared transaction'),
        rollbackEndLsn: reader.lsn('rollback end LSN', 'The end LSN of the rollback'),
        prepareTime: reader.time('prepare time', 'Prepare timestamp of the transaction'),
        rollbackTime: reader.time('rollback time', 'Rollback timestamp of the transaction'),
        xid: xid(reader),
        gid: gid(reader),
      };
    default:
      return {
        kind: 'unknown',
        letter,
        content: reader.take(
          reader.remaining,
          'content',
          'A message that is not known here: its bytes as they are',
          'hex',
        ),
      };
  }
}

function readInsert(reader: ByteReader, inStream: boolean): PgoutputMessage {
  // The commonest message of all: no spreading.
  if (!inStream) {
    return { kind: 'insert', relationOid: relationOid(reader), new: newTuple(reader) };
  }
  const xid = blockXid(reader);
  return { kind: 'insert', xid, relationOid: relationOid(reader), new: newTuple(reader) };
}

function readUpdate(reader: ByteReader, inStream: boolean): PgoutputMessage {
  const stream = streamXid(reader, inStream);
  const oid = relationOid(reader);
  const at = reader.offset;
  const part = reader.letter('row', 'Which row follows', ROW_LABELS);
  if (part === NEW) {
    return { kind: 'update', ...stream, relationOid: oid, new: newTupleData(reader) };
  }
  const oldKind = oldTupleKind(reader, part, at);
  const old = oldTuple(reader);
  return { kind: 'update', ...stream, relationOid: oid, oldKind, old, new: newTuple(reader) };
}

function readTruncate(reader: ByteReader, inStream: boolean): PgoutputMessage {
  const stream = streamXid(reader, inStream);
  const at = reader.offset;
  const count = reader.u32('number of relations');
  const options = reader.flags('options', 'Option bits for TRUNCATE', {
    1: 'CASCADE',
    2: 'RESTART IDENTITY',
  });
  if (count * 4 > reader.remaining) {
    throw new DecodeError(at, `a list of ${count} relations`, count * 4, reader.remaining);
  }
  const relationOids: number[] = [];
  for (let i = 0; i < count; i++) relationOids.push(relationOid(reader));
  return {
    kind: 'truncate',
    ...stream,
    relationOids,
    cascade: (options & 1) !== 0,
    restartIdentity: (options & 2) !== 0,
  };
}

function readLogicalMessage(reader: ByteReader, inStream: boolean): PgoutputMessage {
  const stream = streamXid(reader, inStream);
  const transactional =
    (reader.flags('flags', 'Whether the message is transactional', { 1: 'transactional' }) & 1) !==
    0;
  const lsn = reader.lsn('LSN', 'The LSN of the logical decoding message');
  const prefix = reader.cstring('prefix', 'The prefix of the logical decoding message');
  const length = reader.u32('length', 'Length of the content');
  const content = reader.take(length, 'content', 'The content of the logical decoding message');
  return { kind: 'message', ...stream, transactional, lsn, prefix, content };
}

function readStreamAbort(reader: ByteReader): PgoutputMessage {
  const top = xid(reader);
  const subxid = reader.u32(
    'subtransaction xid',
    'Xid of the subtransaction (same as the transaction for the whole of it)',
  ) as Xid;
  // Protocol 4 with streaming=parallel adds both; nothing but the length tells.
  if (reader.remaining < 16) return { kind: 'streamAbort', xid: top, subxid };
  return {
    kind: 'streamAbort',
    xid: top,
    subxid,
    abortLsn: reader.lsn('abort LSN', 'The LSN of the abort operation'),
    abortTime: reader.time('abort time', 'Abort timestamp of the transaction'),
  };
}

/** Commit LSN, end LSN and time: the tail that Commit, Stream Commit and Commit Prepared share. */
function commitPositions(reader: ByteReader) {
  return {
    commitLsn: reader.lsn('commit LSN', 'The LSN of the commit'),
    endLsn: reader.lsn('end LSN', 'The end LSN of the transaction'),
    commitTime: reader.time('commit time', 'Commit timestamp of the transaction'),
  };
}

/** What Begin Prepare, Prepare and Stream Prepare share. */
function preparedTransaction(reader: ByteReader) {
  return {
    prepareLsn: reader.lsn('prepare LSN', 'The LSN of the prepare'),
    endLsn: reader.lsn('end LSN', 'The end LSN of the prepared transaction'),
    prepareTime: reader.time('prepare time', 'Prepare timestamp of the transaction'),
    xid: xid(reader),
    gid: gid(reader),
  };
}

function streamXid(reader: ByteReader, inStream: boolean): { readonly xid?: Xid } {
  return inStream ? { xid: blockXid(reader) } : NOT_STREAMED;
}

const blockXid = (reader: ByteReader): Xid =>
  reader.u32('xid', 'Xid of the transaction or subtransaction (only in a stream block)') as Xid;

const NOT_STREAMED = {};

const xid = (reader: ByteReader): Xid => reader.u32('xid', 'Xid of the transaction') as Xid;
const gid = (reader: ByteReader): string =>
  reader.cstring('gid', 'The user defined GID of the prepared transaction');
const flags = (reader: ByteReader): number => reader.flags('flags', 'Currently unused');
const relationOid = (reader: ByteReader): number =>
  reader.u32('relation OID', 'OID of the relation');

const NEW = 0x4e; // N
const KEY = 0x4b; // K
const OLD = 0x4f; // O
const OLD_MEANING = 'Which part of the old row follows';
const OLD_LABELS = {
  K: 'old key (replica identity default or index)',
  O: 'whole old row (replica identity full)',
} as const;
const NEW_LABELS = { N: 'new row' } as const;
const ROW_LABELS = { ...OLD_LABELS, ...NEW_LABELS } as const;

function oldTupleKind(reader: ByteReader, part: number, at = reader.offset - 1): 'key' | 'full' {
  if (part === KEY) return 'key';
  if (part === OLD) return 'full';
  throw badPart(at, part, 'K or O');
}

const oldTuple = (reader: ByteReader) =>
  readTuple(
    reader,
    'old row',
    'The old row; in a key row, columns outside the key are sent as NULL',
  );

function newTuple(reader: ByteReader) {
  const at = reader.offset;
  const part = reader.letter('row', 'The new row follows', NEW_LABELS);
  if (part !== NEW) throw badPart(at, part, 'N');
  return newTupleData(reader);
}

const newTupleData = (reader: ByteReader) => readTuple(reader, 'new row', 'The new row');

function badPart(at: number, part: number, wanted: string): DecodeError {
  return new DecodeError(at, 'row', 1, 1, `row kind ${part} at byte ${at} is not ${wanted}`);
}
