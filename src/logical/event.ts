import type { Lsn } from '../base/lsn';
import type { PgTime } from '../base/time';
import type { Xid } from '../base/xid';

/**
 * The native event format, version 1 (docs/event-format.md): what the command line prints and exports
 * hold. A row is a list, not an object: a column may be called `__proto__` or `10`, and its place counts.
 */

export interface EventColumn {
  readonly name: string;
  /** Postgres's exact text form; null is SQL NULL. */
  readonly value: string | null;
  /** Set where the bytes are not text: `value` is base64 then. */
  readonly base64?: true;
}

export type EventRow = readonly EventColumn[];

interface EventBase {
  /** WAL start position that the server gave with the message. */
  readonly lsn: Lsn;
  readonly xid?: Xid;
  /** The subtransaction, where it differs; `raw` delivery only. */
  readonly subxid?: Xid;
}

interface InTable extends EventBase {
  readonly schema: string;
  readonly table: string;
}

export type LogicalEvent =
  | (EventBase & { readonly kind: 'begin'; readonly commitLsn?: Lsn; readonly commitTime?: PgTime })
  | (InTable & { readonly kind: 'insert'; readonly new: EventRow })
  | (InTable & {
      readonly kind: 'update';
      /** Old key columns (identity default or index). */
      readonly key?: EventRow;
      /** The whole old row (identity full). */
      readonly old?: EventRow;
      readonly new: EventRow;
      /** Columns that are TOASTed and unchanged: not in the WAL, so not in `new`. */
      readonly unchanged?: readonly string[];
    })
  | (InTable & { readonly kind: 'delete'; readonly key?: EventRow; readonly old?: EventRow })
  | (EventBase & {
      readonly kind: 'truncate';
      readonly relations: readonly { readonly schema: string; readonly table: string }[];
      readonly cascade: boolean;
      readonly restartIdentity: boolean;
    })
  | (EventBase & {
      readonly kind: 'message';
      readonly transactional: boolean;
      readonly prefix: string;
      readonly content: string;
      readonly contentEncoding: 'utf8' | 'base64';
      /**
       * `assembled` only: it may have been rolled back. In a streamed transaction the server does not
       * tell which subtransaction wrote a message, and one was aborted after this message had come.
       */
      readonly uncertain?: true;
    })
  | (EventBase & {
      readonly kind: 'relation';
      readonly schema: string;
      readonly table: string;
      readonly oid: number;
      readonly replicaIdentity: string;
      readonly columns: readonly {
        readonly name: string;
        /** As format_type() prints it; `oid 16421` where nothing names the type. */
        readonly type: string;
        readonly typeOid: number;
        readonly typeModifier: number;
        readonly key: boolean;
      }[];
    })
  | (EventBase & {
      readonly kind: 'type';
      readonly oid: number;
      readonly schema: string;
      readonly name: string;
    })
  | (EventBase & { readonly kind: 'origin'; readonly name: string; readonly originLsn: Lsn })
  | (EventBase & { readonly kind: 'commit'; readonly endLsn: Lsn; readonly commitTime?: PgTime })
  | (EventBase & { readonly kind: 'streamStart'; readonly first: boolean })
  | (EventBase & { readonly kind: 'streamStop' })
  | (EventBase & {
      readonly kind: 'streamCommit';
      readonly endLsn: Lsn;
      readonly commitTime?: PgTime;
    })
  | (EventBase & {
      readonly kind: 'streamAbort';
      readonly abortLsn?: Lsn;
      readonly abortTime?: PgTime;
    })
  | (EventBase & {
      readonly kind: 'beginPrepare' | 'prepare' | 'streamPrepare';
      readonly gid: string;
      readonly endLsn: Lsn;
      readonly prepareTime?: PgTime;
    })
  | (EventBase & {
      readonly kind: 'commitPrepared';
      readonly gid: string;
      readonly endLsn: Lsn;
      readonly commitTime?: PgTime;
    })
  | (EventBase & {
      readonly kind: 'rollbackPrepared';
      readonly gid: string;
      readonly endLsn: Lsn;
      readonly rollbackTime?: PgTime;
    })
  /** Positions that were not seen; `to` is where the stream went on. */
  | {
      readonly kind: 'gap';
      readonly from: Lsn;
      readonly to: Lsn;
      readonly reason: string;
      /** Seconds without a stream; absent where there was one. */
      readonly seconds?: number;
    }
  /** Another stream follows, which sends again what was open here; `raw` delivery only. */
  | { readonly kind: 'continued'; readonly after: Lsn }
  /** A message that we do not know or could not read, with its bytes. */
  | (EventBase & { readonly kind: 'unknown'; readonly data: Uint8Array; readonly error?: string });

/** `assembled`: whole committed transactions in commit order. `raw`: messages as they came. */
export type Delivery = 'assembled' | 'raw';
