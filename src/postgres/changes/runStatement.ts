import { setTimeout as sleep } from 'node:timers/promises';
import { ServerError } from '../serverError';
import type { SqlRow, SqlSession } from '../sqlSession';
import { openSqlSession } from '../sqlSession';
import { readWait } from './blockers';
import type { ChangeOptions } from './changeResult';

/** Longest wait of one attempt, in milliseconds: also how long an attempt outlives a lost client. */
const LOCK_TIMEOUT_MS = 10_000;
/** After this time it is said for whom we wait. */
const QUIET_MS = 300;
const POLL_MS = 1_000;
const CANCEL_AGAIN_MS = 100;
/** A server that does not give a statement up in this time gets no more of it: the connection is ended. */
const CANCEL_LIMIT_MS = 10_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** The statement was given up because the caller's signal said so. */
export class StatementCancelled extends Error {
  override readonly name = 'StatementCancelled';
}

/**
 * A session of its own for a statement that may take long, in the database that it has to be in: it
 * has no time limit, the server notices within a second when we are gone, and `side` stays free to
 * tell what goes on.
 */
export async function openWorkSession(
  side: SqlSession,
  database: string,
  signal?: AbortSignal,
): Promise<SqlSession> {
  const work = await openSqlSession(
    { ...side.target, database },
    {
      applicationName: side.parameter('application_name') ?? '',
      statementTimeoutMs: 0,
      signal,
    },
  );
  try {
    await work.query(`SET lock_timeout = ${String(LOCK_TIMEOUT_MS)}`);
    // Where the system cannot do it, the end of an attempt is when it is noticed.
    await work.watchForOurDeath();
    return work;
  } catch (error) {
    work.destroy();
    throw error;
  }
}

/**
 * Runs a statement that may wait for others. Attempts are bounded by the lock timeout and repeated,
 * so that none holds a snapshot for long. Rejects with StatementCancelled when the signal came in
 * time; a statement that was done before the cancel request arrived resolves as if there were none.
 * No cancel request of ours is on its way any more when this settles: it would hit the next statement.
 */
export async function runStatement(
  work: SqlSession,
  side: SqlSession,
  sql: string,
  { signal, onWait }: ChangeOptions,
): Promise<readonly SqlRow[]> {
  const stopTelling = onWait === undefined ? undefined : tellWaiting(work, side, onWait);
  let settled = false;
  let cancelling: Promise<void> | undefined;
  const cancel = (): void => {
    cancelling = cancelUntilSettled(work, () => settled);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      if (signal?.aborted === true) throw new StatementCancelled();
      try {
        return await work.query(sql);
      } catch (error) {
        if (isAborted(signal)) throw new StatementCancelled(undefined, { cause: error });
        if (!(error instanceof ServerError) || error.sqlState !== LOCK_NOT_AVAILABLE) throw error;
      }
    }
  } finally {
    settled = true;
    signal?.removeEventListener('abort', cancel);
    stopTelling?.();
    await cancelling;
  }
}

/**
 * Runs a statement that is over in a moment. It is not cancelled: the server would say that it was, also
 * where it had just been done. Given up, it is waited for a little longer, and then the connection is ended.
 */
export async function runQuickStatement(
  work: SqlSession,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<readonly SqlRow[]> {
  let limit: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    limit = setTimeout(() => {
      work.dropForSilence();
    }, CANCEL_LIMIT_MS);
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await work.query(sql);
  } finally {
    signal?.removeEventListener('abort', giveUp);
    clearTimeout(limit);
  }
}

/** For the compiler, which takes an earlier look for the last word. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** A cancel request that arrives between two statements is lost, so it is repeated. Never rejects. */
async function cancelUntilSettled(work: SqlSession, isSettled: () => boolean): Promise<void> {
  const deadline = performance.now() + CANCEL_LIMIT_MS;
  while (!isSettled() && work.ended === undefined) {
    try {
      if (performance.now() > deadline) throw new Error('the server does not cancel');
      await work.cancel();
    } catch {
      // It does not listen, or cannot be reached by a second connection: losing the first ends the attempt too.
      work.destroy();
      return;
    }
    await sleep(CANCEL_AGAIN_MS);
  }
}

function tellWaiting(
  work: SqlSession,
  side: SqlSession,
  onWait: NonNullable<ChangeOptions['onWait']>,
): () => void {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    try {
      const facts = await readWait(side, work.backendPid);
      if (facts !== undefined && !isOver()) onWait(facts);
    } catch {
      // Only the names are missing; the statement itself tells when the server is gone.
    }
    if (!isOver()) timer = setTimeout(() => void look(), POLL_MS);
  };
  const isOver = (): boolean => over;
  timer = setTimeout(() => void look(), QUIET_MS);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
