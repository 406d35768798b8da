import type { Lsn } from '../../base/lsn';
import type { PgTime } from '../../base/time';
import type { Xid } from '../../base/xid';
import type { NamedType, Relation } from '../relation';

/**
 * The messages of pgoutput, protocols 1 to 4, as they stand on the wire.
 * Source: src/backend/replication/logical/proto.c, `LogicalRepMsgType` in
 * src/include/replication/logicalproto.h; doc: "Logical Replication Message Formats".
 */

/**
 * The columns of a row as sent. Nothing is decoded until asked for: `bytes` is a view of the message.
 * Column `i` is of kind `kinds[i]` (`n` null, `u` unchanged TOAST, `t` text, `b` binary) and its value
 * stands at `starts[i]` .. `ends[i]` of `bytes`.
 */
export interface Tuple {
  readonly bytes: Uint8Array;
  readonly kinds: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** What the old row of an UPDATE or DELETE holds: `K` key columns only, `O` the whole row. */
export type OldTupleKind = 'key' | 'full';

/**
 * `xid` of a message inside a stream block is the (sub)transaction that wrote it; outside a block it
 * is absent, because the message belongs to the transaction that Begin named.
 */
interface InStream {
  readonly xid?: Xid;
}

export type PgoutputMessage =
  | {
      readonly kind: 'begin';
      readonly finalLsn: Lsn;
      readonly commitTime: PgTime;
      readonly xid: Xid;
    }
  | {
      readonly kind: 'commit';
      readonly commitLsn: Lsn;
      readonly endLsn: Lsn;
      readonly commitTime: PgTime;
    }
  | { readonly kind: 'origin'; readonly originLsn: Lsn; readonly name: string }
  | ({ readonly kind: 'relation'; readonly relation: Relation } & InStream)
  | ({ readonly kind: 'type'; readonly type: NamedType } & InStream)
  | ({ readonly kind: 'insert'; readonly relationOid: number; readonly new: Tuple } & InStream)
  | ({
      readonly kind: 'update';
      readonly relationOid: number;
      readonly oldKind?: OldTupleKind;
      readonly old?: Tuple;
      readonly new: Tuple;
    } & InStream)
  | ({
      readonly kind: 'delete';
      readonly relationOid: number;
      readonly oldKind: OldTupleKind;
      readonly old: Tuple;
    } & InStream)
  | ({
      readonly kind: 'truncate';
      readonly relationOids: readonly number[];
      readonly cascade: boolean;
      readonly restartIdentity: boolean;
    } & InStream)
  | ({
      readonly kind: 'message';
      readonly transactional: boolean;
      readonly lsn: Lsn;
      readonly prefix: string;
      readonly content: Uint8Array;
    } & InStream)
  | { readonly kind: 'streamStart'; readonly xid: Xid; readonly firstSegment: boolean }
  | { readonly kind: 'streamStop' }
  | {
      readonly kind: 'streamCommit';
      readonly xid: Xid;
      readonly commitLsn: Lsn;
      readonly endLsn: Lsn;
      readonly commitTime: PgTime;
    }
  | {
      readonly kind: 'streamAbort';
      readonly xid: Xid;
      readonly subxid: Xid;
      /** Protocol 4 with streaming=parallel only. */
      readonly abortLsn?: Lsn;
      readonly abortTime?: PgTime;
    }
  | {
      readonly kind: 'beginPrepare' | 'prepare' | 'streamPrepare';
      readonly prepareLsn: Lsn;
      readonly endLsn: Lsn;
      readonly prepareTime: PgTime;
      readonly xid: Xid;
      readonly gid: string;
    }
  | {
      readonly kind: 'commitPrepared';
      readonly commitLsn: Lsn;
      readonly endLsn: Lsn;
      readonly commitTime: PgTime;
      readonly xid: Xid;
      readonly gid: string;
    }
  | {
      readonly kind: 'rollbackPrepared';
      readonly prepareEndLsn: Lsn;
      readonly rollbackEndLsn: Lsn;
      readonly prepareTime: PgTime;
      readonly rollbackTime: PgTime;
      readonly xid: Xid;
      readonly gid: string;
    }
  /** A message type that we do not know: shown raw, and the stream goes on. */
  | { readonly kind: 'unknown'; readonly letter: string; readonly content: Uint8Array };
