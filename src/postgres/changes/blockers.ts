import { numberOf, textOf } from '../catalog/rowValues';
import type { SqlSession } from '../sqlSession';
import type { Blocker, WaitFacts } from './changeResult';

const SHOWN = 3;

/**
 * Whom a server process waits for: a logical slot begins where every transaction that runs now is over
 * (`SnapBuildWaitSnapshot`, src/backend/replication/logical/snapbuild.c), and a statement waits for
 * locks. Everybody may see PIDs and application names; undefined when nobody is in its way.
 */
export async function readWait(
  session: SqlSession,
  waitingPid: number,
): Promise<WaitFacts | undefined> {
  const rows = await session.query(
    `SELECT b.pid, a.usename, a.application_name,
            pg_catalog.floor(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)) AS age
       FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::pg_catalog.int4)) b(pid)
       LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
      ORDER BY a.xact_start NULLS LAST, b.pid`,
    [String(waitingPid)],
  );
  if (rows.length === 0) return describeWaitEvent(session, waitingPid);
  const blockers = rows.map((row): Blocker => {
    const age = numberOf(row, 'age');
    return {
      pid: numberOf(row, 'pid') ?? 0,
      user: textOf(row, 'usename') ?? '',
      applicationName: textOf(row, 'application_name') ?? '',
      ageSeconds: age === undefined ? undefined : Math.max(0, age),
    };
  });
  return { blockers, message: describeBlockers(blockers) };
}

function describeBlockers(blockers: readonly Blocker[]): string {
  const shown = blockers.slice(0, SHOWN).map(describeBlocker);
  if (blockers.length > SHOWN) shown.push(`${String(blockers.length - SHOWN)} more`);
  const what = blockers.length === 1 ? 'a running transaction' : 'running transactions';
  return `Waiting for ${what} to end: ${shown.join(', ')}`;
}

function describeBlocker({ pid, user, applicationName, ageSeconds }: Blocker): string {
  if (pid === 0) return 'a prepared transaction';
  const facts = [
    applicationName,
    user === '' ? '' : `user ${user}`,
    ageSeconds === undefined ? '' : `${String(ageSeconds)} s old`,
  ].filter(fact => fact !== '');
  return `PID ${String(pid)}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
}

/** Waits that have no blocker but a name (doc: "Wait Events"). */
async function describeWaitEvent(
  session: SqlSession,
  waitingPid: number,
): Promise<WaitFacts | undefined> {
  const [row] = await session.query(
    `SELECT pg_catalog.pg_is_in_recovery() AS standby,
       (SELECT wait_event FROM pg_catalog.pg_stat_activity WHERE pid = $1::pg_catalog.int4) AS event`,
    [String(waitingPid)],
  );
  if (row?.event === 'WaitForStandbyConfirmation') {
    return {
      blockers: [],
      message: 'Waiting for the standbys of synchronized_standby_slots to confirm',
    };
  }
  if (row?.event === 'SyncRep') {
    return {
      blockers: [],
      message: 'Waiting for a synchronous standby to confirm (synchronous_standby_names)',
    };
  }
  if (row?.standby !== 't') return undefined;
  return {
    blockers: [],
    message:
      'Waiting for the primary to log its running transactions; SELECT pg_log_standby_snapshot() there makes it do so at once',
  };
}
