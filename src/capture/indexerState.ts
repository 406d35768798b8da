import type { Lsn } from '../base/lsn';
import type { PgTime } from '../base/time';
import type { RelationState } from './relationVersions';

/** The last commit seen: where it ends, and when it was. */
export interface LastCommit {
  readonly endLsn: Lsn;
  readonly commitTime: PgTime;
}

/** What an indexer must know to go on after a directory; plain JSON. */
export interface IndexerState {
  readonly rows: number;
  readonly transactions: number;
  readonly changes: number;
  /** Transactions that were cut off, and their changes. */
  readonly cutTransactions: number;
  readonly cutChanges: number;
  /** Absent in captures of earlier versions. */
  readonly gaps?: number;
  readonly gapBytes?: number;
  /** Bytes of all messages. */
  readonly bytes: number;
  /** Transaction opened by Begin: [xid, ordinal]; null outside one. */
  readonly begun: readonly [number, number] | null;
  /** Stream block that is open. */
  readonly block: readonly [number, number] | null;
  /** Transactions that were sent in part, and those that are prepared. */
  readonly streamed: readonly (readonly [number, number])[];
  readonly prepared: readonly (readonly [number, number])[];
  /** Aborted subtransactions: ordinal, then their xids. */
  readonly subAborts: readonly (readonly [number, readonly number[]])[];
  readonly counts: readonly number[];
  readonly relations: RelationState;
  /** Of messages outside transactions, decimal: the highest position, and up to where they come again. */
  readonly lastOutside: string;
  readonly repeatsTo: string;
  /** Decimal strings; empty before the first commit. */
  readonly lastCommitEnd: string;
  readonly lastCommitTime: string;
}
