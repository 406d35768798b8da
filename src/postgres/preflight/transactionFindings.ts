import { formatPlural, formatSpan } from '../../base/quantity';
import { numberOf, textOf } from '../catalog/rowValues';
import type { SqlRow, SqlSession } from '../sqlSession';
import { ok, warning, type Finding } from './finding';

/** A transaction that has run for less is taken for one that ends soon. */
const LONG_SECONDS = 30;

const LIST = `SELECT pid, usename, application_name, backend_xid, xact_start, query
FROM pg_catalog.pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start;`;
const LIST_PREPARED = 'SELECT * FROM pg_catalog.pg_prepared_xacts ORDER BY prepared;';

/**
 * A new logical slot waits for every transaction that has written something and runs, in any database.
 * Those of others tell their age only to members of pg_read_all_stats. `longSeconds`: what counts as long.
 */
export async function transactionFindings(
  session: SqlSession,
  longSeconds = LONG_SECONDS,
): Promise<readonly Finding[]> {
  const isLong = (row: SqlRow): boolean => (numberOf(row, 'seconds') ?? -1) >= longSeconds;
  // None can be written here on a standby, which waits for those of its primary.
  const running = await session.query(`
    SELECT pid, usename, application_name,
      pg_catalog.date_part('epoch', pg_catalog.now() - xact_start) AS seconds
    FROM pg_catalog.pg_stat_activity
    WHERE backend_xid IS NOT NULL AND pid <> pg_catalog.pg_backend_pid()
    ORDER BY xact_start NULLS LAST LIMIT 100`);
  const prepared = await session.query(`
    SELECT gid, owner, pg_catalog.date_part('epoch', pg_catalog.now() - prepared) AS seconds
    FROM pg_catalog.pg_prepared_xacts ORDER BY prepared LIMIT 100`);
  const long = running.filter(isLong);
  const old = prepared.filter(isLong);
  const findings: Finding[] = [];
  const [first] = long;
  if (first !== undefined) {
    findings.push(
      warning(
        'transactions',
        `${formatPlural(long.length, 'transaction has', 'transactions have')} run for long, the longest for ${spanOf(first)} (PID ${textOf(first, 'pid') ?? '?'}, user ${textOf(first, 'usename') ?? ''}${applicationOf(first)}): a new slot waits until all of them have ended.`,
        'Wait for their end, or end what hangs. This lists them:',
        LIST,
      ),
    );
  }
  const [gone] = old;
  if (gone !== undefined) {
    findings.push(
      warning(
        'transactions',
        `${formatPlural(old.length, 'transaction is', 'transactions are')} prepared and not finished, the oldest for ${spanOf(gone)} (${JSON.stringify(textOf(gone, 'gid') ?? '')}): a new slot waits for them.`,
        'Have whoever prepared them commit them or roll them back. This lists them:',
        LIST_PREPARED,
      ),
    );
  }
  const hidden = running.filter(row => textOf(row, 'seconds') === undefined).length;
  if (findings.length === 0) {
    findings.push(
      ok(
        'transactions',
        hidden === 0
          ? 'No transaction has run for long: a new slot would be ready at once.'
          : `${formatPlural(hidden, 'transaction')} of others ${hidden === 1 ? 'runs' : 'run'} now, since when cannot be seen: a new slot waits for ${hidden === 1 ? 'it' : 'them'}.`,
      ),
    );
  }
  return findings;
}

function spanOf(row: SqlRow): string {
  return formatSpan(numberOf(row, 'seconds') ?? 0);
}

function applicationOf(row: SqlRow): string {
  const name = textOf(row, 'application_name') ?? '';
  return name === '' ? '' : `, ${JSON.stringify(name)}`;
}
