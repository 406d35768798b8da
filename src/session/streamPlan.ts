import type { Lsn } from '../base/lsn';
import type { ReplicationSession } from '../postgres/replicationSession';
import type { WritePermit } from '../postgres/changes/writePermit';
import type { SqlSession } from '../postgres/sqlSession';
import type { ConnectionTarget } from '../shared/connection';
import type { StreamFacts } from '../shared/frameSink';
import type { PeekBudget } from '../shared/session';

/** What a session has found out and decided before it changes anything on the server. */
export interface StreamPlan {
  /** In the database that is decoded. */
  readonly target: ConnectionTarget;
  readonly facts: StreamFacts;
  /** The slot that is streamed. */
  readonly slot: string;
  /**
   * Makes the temporary slot of ours; absent where the slot is somebody's own. Resolves with the position
   * that it begins at.
   */
  readonly makeSlot?: (
    replication: ReplicationSession,
    side: SqlSession,
  ) => Promise<Lsn | undefined>;
  /** 0/0 is where the slot stands. */
  readonly startLsn: Lsn;
  /**
   * What the server is told: what is `written`, for a slot that ends with us; what is `stored`, for one
   * that stays; or nothing.
   */
  readonly confirm: 'written' | 'stored' | 'never';
  /** Of the write gate, to confirm on a slot that is not ours. */
  readonly permit?: WritePermit;
  /** As the server had it at the start; while it names us nothing is confirmed. */
  readonly synchronousStandbyNames: string;
  readonly untilLsn?: Lsn;
  readonly budget?: PeekBudget;
  /** Changes within the budget that were shown before a Continue and come again. */
  readonly repeatedChanges?: number;
  readonly idleSeconds?: number;
  /** Most bytes of WAL that may be kept because of us. */
  readonly retainedBudget: number;
  /** The slot that we copied: WAL which that one keeps too is not kept because of us. */
  readonly copiedFrom?: string;
  /**
   * The server must decode in memory, or it may crash (src/session/decodingCrash.ts); `bounded`: the stream ends where it
   * would keep so much WAL that this is not certain.
   */
  readonly inMemory?: 'bounded' | 'forced';
  /** What to say when everything wanted has come. */
  readonly completeMessage: string;
}
