import type { CellValue, Fate } from './timelineRow';
import type { Operation } from './viewSpec';
import type { Who } from './who';

export interface DetailColumn {
  readonly name: string;
  /** As format_type() prints it, such as `numeric(10,2)`; `oid 16421` where the type is not known. */
  readonly type: string;
  readonly key: boolean;
  readonly before: CellValue;
  readonly after: CellValue;
  readonly changed: boolean;
}

export interface TransactionFacts {
  readonly transaction: number;
  readonly xid: number;
  readonly firstSeq: number;
  readonly firstLsn: string;
  /** Position of the commit record, and the end of it; empty while not known. */
  readonly commitLsn: string;
  readonly endLsn: string;
  readonly commitTime: string;
  readonly fate: Fate;
  readonly streamed: boolean;
  readonly changes: number;
  readonly byOperation: Readonly<Record<Operation, number>>;
  readonly tables: readonly string[];
  /** The changes of each of these, the most first. */
  readonly byTable?: readonly { readonly table: string; readonly changes: number }[];
  readonly bytes: number;
  /** It took at least so long, in milliseconds; absent where nothing tells. */
  readonly lastedMs?: number;
  /** Name of the replication origin that it came from. */
  readonly origin?: string;
  /** The name that PREPARE TRANSACTION gave it. */
  readonly gid?: string;
  /** Absent: nobody looked who writes while this transaction ran. */
  readonly who?: Who;
}

export interface ChangeDetail {
  /** The message stands in a part of the file that is not as it was written. */
  readonly damage?: string;
  readonly seq: number;
  readonly operation: Operation | 'other';
  /** The name of the message, such as `Insert` or `Stream Commit`. */
  readonly messageName: string;
  readonly lsn: string;
  readonly serverTime: string;
  readonly xid: number;
  readonly schema: string;
  readonly table: string;
  readonly relation?: {
    readonly oid: number;
    readonly replicaIdentity: 'default' | 'nothing' | 'full' | 'index' | 'unknown';
  };
  /** The row before and after, in the relation's column order; empty for what has no row. */
  readonly columns: readonly DetailColumn[];
  /** A logical message. */
  readonly message?: {
    readonly prefix: string;
    readonly transactional: boolean;
    readonly content: CellValue;
  };
  readonly truncate?: {
    readonly tables: readonly string[];
    readonly cascade: boolean;
    readonly restartIdentity: boolean;
  };
  readonly transaction?: TransactionFacts;
  /** Length of the message in bytes. */
  readonly length: number;
  /** What could not be decoded, and why; empty when all is well. */
  readonly error: string;
}

/** Most bytes of one {@link MessageBytes}. */
export const BYTES_LIMIT = 256 * 1024;

export interface MessageBytes {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly total: number;
}
