import type { ConnectionTarget, Failure } from '../../shared/connection';
import { explainFailure } from '../explainFailure';
import { openReplicationSession } from '../replicationSession';
import type { SessionOptions } from '../sqlSession';
import { letRoleReplicate } from './adviceSql';
import type { CheckFacts } from './checkFacts';
import { ok, problem, warning, type Finding } from './finding';

/**
 * Opens a replication connection, as a stream does, and asks it who it is: what a service grants by other
 * means than the role's attribute shows in no other way, and neither does a pooler that hides itself.
 */
export async function replicationFindings(
  target: ConnectionTarget,
  facts: CheckFacts,
  expectedPid: number,
  options: SessionOptions,
): Promise<readonly Finding[]> {
  const refusal = await refusalOf(target, options);
  // The process that the server named at the start is another one than that which answers.
  const isPooled = facts.servingPid !== expectedPid;
  if (refusal?.code === 'pooler') {
    return [{ ...problem('pooler', refusal.message, refusal.action), cause: refusal.code }];
  }
  const pooler = isPooled
    ? [
        warning(
          'pooler',
          'A connection pooler stands in the way: another server process answers than the one that was named at the start.',
          'Connect to the Postgres server itself, past PgBouncer or the like.',
        ),
      ]
    : [];
  if (refusal === undefined) {
    return [
      ...pooler,
      ok(
        'replication',
        'The user may open replication connections; one was opened, and closed again.',
      ),
    ];
  }
  const sql = statementFor(refusal, target, facts);
  return [
    ...pooler,
    {
      ...problem(
        'replication',
        refusal.message,
        sql === undefined
          ? refusal.action
          : 'Ask a superuser, or who else may grant it, to run this:',
        sql,
      ),
      cause: refusal.code,
    },
  ];
}

function statementFor(
  { code }: Failure,
  { user }: ConnectionTarget,
  { manager }: CheckFacts,
): string | undefined {
  if (code !== 'no-replication-privilege') return undefined;
  return manager?.grant?.(user) ?? letRoleReplicate(user);
}

async function refusalOf(
  target: ConnectionTarget,
  options: SessionOptions,
): Promise<Failure | undefined> {
  try {
    const replication = await openReplicationSession(target, options);
    try {
      await replication.identifySystem();
    } finally {
      await replication.close();
    }
    return undefined;
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    return explainFailure(error, { target });
  }
}
