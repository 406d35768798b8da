import type { Lsn } from '../base/lsn';
import { readWait } from '../postgres/changes/blockers';
import type { ReplicationSession } from '../postgres/replicationSession';
import { ServerError } from '../postgres/serverError';
import type { SqlSession } from '../postgres/sqlSession';
import type { WriteGate } from '../postgres/writeGate';
import type { SessionStatus } from './sessionStatus';

/** Longest wait of one attempt: also how long an attempt can outlive a client that was killed. */
const LOCK_TIMEOUT_MS = 10_000;
/** After this time it is said for whom we wait. */
const QUIET_MS = 300;
const POLL_MS = 1_000;
/** Longest wait for the end of an attempt that is cancelled. */
const CANCEL_MS = 1_500;
const LOCK_NOT_AVAILABLE = '55P03';

export interface TemporarySlotOptions {
  readonly gate: WriteGate;
  readonly replication: ReplicationSession;
  readonly side: SqlSession;
  readonly status: SessionStatus;
  readonly signal: AbortSignal;
  readonly name: string;
  readonly plugin: string;
  readonly force: boolean;
}

/**
 * Makes a temporary slot that begins now. The server waits for every transaction that runs, however
 * long it takes; attempts are bounded and repeated, and each one leaves nothing when it is given up.
 * Resolves with its position: what commits after it comes.
 */
export async function createTemporarySlot(options: TemporarySlotOptions): Promise<Lsn> {
  const { gate, replication, signal } = options;
  const stopTelling = tellWaiting(options);
  const cancel = (): void => {
    void cancelUntilSettled(replication, () => settled);
  };
  let settled = false;
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      try {
        const made = await gate.createTemporarySlot(replication, {
          name: options.name,
          plugin: options.plugin,
          lockTimeoutMs: LOCK_TIMEOUT_MS,
          override: options.force,
        });
        return made.consistentPoint;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ServerError) || error.sqlState !== LOCK_NOT_AVAILABLE) throw error;
      }
    }
  } finally {
    settled = true;
    signal.removeEventListener('abort', cancel);
    stopTelling();
  }
}

/**
 * A cancel request that arrives between two statements is lost, so it is repeated. Where it never settles
 * although the requests arrive, the answer is lost on its way: closing the connection ends the attempt too.
 */
async function cancelUntilSettled(
  replication: ReplicationSession,
  isSettled: () => boolean,
): Promise<void> {
  const startedAt = performance.now();
  while (!isSettled() && replication.ended === undefined) {
    try {
      await replication.cancel();
      if (performance.now() - startedAt > CANCEL_MS) replication.destroy();
    } catch {
      // The server cannot be reached by a second connection.
      replication.destroy();
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** Shows who keeps the slot from being made; returns what ends that. */
function tellWaiting({ side, replication, status }: TemporarySlotOptions): () => void {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    let text = 'Waiting for running transactions to end before the slot can begin';
    try {
      text = (await readWait(side, replication.backendPid))?.message ?? text;
    } catch {
      // Only the names are missing; the watch over this session tells when it is gone.
    }
    if (over) return;
    status.enter('waiting', text);
    timer = setTimeout(() => void look(), POLL_MS);
  };
  timer = setTimeout(() => void look(), QUIET_MS);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
