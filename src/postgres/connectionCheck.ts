import type { ConnectionTarget, Failure } from '../shared/connection';
import { explainFailure } from './explainFailure';
import { readCheckFacts } from './preflight/checkFacts';
import { toNeed, type CheckRequest } from './preflight/checkRequest';
import { connectionFindings } from './preflight/connectionFindings';
import { ok, problem, type Finding } from './preflight/finding';
import { publicationFindings } from './preflight/publicationFindings';
import { replicationFindings } from './preflight/replicationFindings';
import { roomFindings } from './preflight/roomFindings';
import {
  limitFindings,
  managerFindings,
  pluginFindings,
  roleFindings,
  statisticsFindings,
  synchronousFindings,
  valueFindings,
  walLevelFinding,
} from './preflight/serverFindings';
import { slotFindings } from './preflight/slotFindings';
import { transactionFindings } from './preflight/transactionFindings';
import { versionFinding } from './preflight/versionFindings';
import { openSqlSession, type SessionOptions, type SqlSession } from './sqlSession';

/**
 * Connects and looks whether what is wanted would work, as {@link checkServer} does. Where there is no
 * connection, that is the one finding. Rejects only when `signal` is aborted.
 */
export async function checkTarget(
  target: ConnectionTarget,
  request: CheckRequest,
  options: SessionOptions,
): Promise<readonly Finding[]> {
  let session: SqlSession;
  try {
    session = await openSqlSession(target, options);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    return [unreachable(explainFailure(error, { target }))];
  }
  try {
    return await checkServer(session, request, options);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    return [unreachable(explainFailure(error, { target: session.target }))];
  } finally {
    await session.close();
  }
}

/**
 * Looks, before a stream begins, at everything that can be in its way on this server, for this user: in the
 * given session, by opening a replication connection beside it, and, for a slot of another database, a session
 * there. Changes nothing: no slot is made, and what was opened is gone when this resolves.
 */
export async function checkServer(
  session: SqlSession,
  request: CheckRequest,
  options: SessionOptions,
): Promise<readonly Finding[]> {
  const need = toNeed(request);
  const facts = await readCheckFacts(session);
  const today = new Date().toISOString().slice(0, 10);
  const findings = [
    ...connectionFindings(session, facts),
    versionFinding(facts.server, today),
    ...roleFindings(facts),
    ...managerFindings(facts),
    walLevelFinding(facts, need),
    // Counted before our own WAL sender is there.
    ...(await roomFindings(session, facts, need)),
  ];
  const { slot, findings: ofSlot } =
    need.slot === undefined
      ? { slot: undefined, findings: [] }
      : await slotFindings(session, need.slot, need.wants);
  const database = slot?.database ?? session.target.database;
  const target = { ...session.target, database };
  findings.push(
    ...(await replicationFindings(target, facts, session.backendPid, options)),
    ...ofSlot,
    ...pluginFindings(facts, need.plugin ?? slot?.plugin ?? 'pgoutput', slot !== undefined),
  );
  const plugin = need.plugin ?? slot?.plugin ?? 'pgoutput';
  if (plugin === 'pgoutput' && slot?.type !== 'physical') {
    findings.push(...(await publicationsThere(session, target, need.publications, options)));
  }
  findings.push(...synchronousFindings(facts));
  if (need.wants === 'tail') findings.push(...(await transactionFindings(session)));
  findings.push(
    ...limitFindings(facts),
    ...valueFindings(facts),
    ...statisticsFindings(facts, session.target.user),
  );
  if (need.readOnly) {
    findings.push(
      ok('profile', 'Marked read-only here: every statement that changes the server is refused.'),
    );
  }
  return findings;
}

/** A slot's publications are those of its own database. */
async function publicationsThere(
  session: SqlSession,
  target: ConnectionTarget,
  publications: readonly string[],
  options: SessionOptions,
): Promise<readonly Finding[]> {
  if (target.database === session.target.database) {
    return publicationFindings(session, publications);
  }
  let there: SqlSession;
  try {
    there = await openSqlSession(target, options);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    const failure = explainFailure(error, { target });
    return [{ ...problem('slot-database', failure.message, failure.action), cause: failure.code }];
  }
  try {
    return await publicationFindings(there, publications);
  } finally {
    await there.close();
  }
}

/** Why nothing could be looked at. */
export function unreachable({ code, message, action }: Failure): Finding {
  return { ...problem('reachable', message, action), cause: code };
}
