import type { SqlSession } from '../postgres/sqlSession';

const SHOWN = 3;

/**
 * A standby waits for a record of the running transactions, which an idle primary seldom writes
 * (doc: "Logical Replication Slots"; pg_log_standby_snapshot is there from 16 on, as is this wait).
 */
async function describeIdleStandby(session: SqlSession): Promise<string | undefined> {
  const [row] = await session.query('select pg_is_in_recovery() as standby');
  if (row?.['standby'] !== 't') return undefined;
  return 'Waiting for the primary to log its running transactions before the slot can begin; SELECT pg_log_standby_snapshot() there makes it do so at once';
}

/**
 * Who keeps our slot from being made: a logical slot begins where every transaction that runs now is
 * over (`SnapBuildWaitSnapshot`, src/backend/replication/logical/snapbuild.c). Everybody may see PIDs
 * and application names; PID 0 is a prepared transaction.
 */
export async function describeBlockers(
  session: SqlSession,
  walSenderPid: number,
): Promise<string | undefined> {
  const rows = await session.query(
    `select b.pid::text as pid, a.application_name as application,
            floor(extract(epoch from clock_timestamp() - a.xact_start))::text as seconds
       from unnest(pg_blocking_pids($1::int)) b(pid)
       left join pg_stat_activity a on a.pid = b.pid
      order by a.xact_start nulls last, b.pid`,
    [String(walSenderPid)],
  );
  if (rows.length === 0) return describeIdleStandby(session);
  const shown = rows.slice(0, SHOWN).map(row => {
    if (row['pid'] === '0') return 'a prepared transaction';
    const application = row['application'] ?? '';
    const seconds = row['seconds'] ?? '';
    const facts = [application, seconds === '' ? '' : `${seconds} s old`].filter(f => f !== '');
    return `PID ${row['pid'] ?? '?'}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
  });
  if (rows.length > SHOWN) shown.push(`${String(rows.length - SHOWN)} more`);
  const what = rows.length === 1 ? 'a running transaction' : 'running transactions';
  return `Waiting for ${what} to end before the slot can begin: ${shown.join(', ')}`;
}
