import { parseConnectionString } from '../connectionString';
import { quoteIdentifier } from '../quote';
import type { SqlRow, SqlSession } from '../sqlSession';
import { flagOf, namesOf, numberOf, textOf } from './rowValues';

/**
 * `disabled`: nobody receives. `running`: its worker is at work. `down`: it is enabled and has no
 * worker at this moment, as while the publisher cannot be reached or after an error.
 */
export type SubscriptionState = 'disabled' | 'running' | 'down';

export interface SubscriptionInfo {
  readonly name: string;
  /** The database of the subscription; every database shows all of them. */
  readonly database: string;
  readonly owner: string;
  readonly state: SubscriptionState;
  readonly publications: readonly string[];
  /** The slot at the publisher; undefined where the subscription has none. */
  readonly slot: string | undefined;
  /** `user@host:port/database` of the publisher, never with a password; parts that are not given are left out. */
  readonly publisher: string | undefined;
  /** Why {@link publisher} is absent: only superusers and pg_read_all_data may read the connection. */
  readonly publisherHidden: 'no' | 'privilege' | 'unreadable';
  /** Process id of the apply worker. */
  readonly workerPid: number | undefined;
  /** WAL position of the publisher that was received, `X/X` as the server prints it. */
  readonly receivedLsn: string | undefined;
  /** When the worker last heard from the publisher, as the server prints it. */
  readonly lastMessageAt: string | undefined;
  /** Errors while changes were applied (15 and later), since the statistics were reset. */
  readonly applyErrors: number | undefined;
  /** Every column of pg_subscription that we may read, without the connection. */
  readonly columns: Readonly<Record<string, string | null>>;
}

/** Columns that this query adds to the catalog's own; no version has a column with such a name. */
const ADDED = 'walexplorer_';
const CONNECTION = 'subconninfo';

/**
 * The subscriptions of all databases by database and name: pg_subscription is shared. Everybody may
 * read it but for the connection, so the columns are asked for by the names that our role may read,
 * which also gives every version's own ones.
 */
export async function readSubscriptions(session: SqlSession): Promise<readonly SubscriptionInfo[]> {
  const readable = (await session.query(READABLE_COLUMNS)).map(row => textOf(row, 'attname') ?? '');
  const own = readable.map(column =>
    // An array as JSON, so that names with commas and quotes stay apart.
    column === 'subpublications'
      ? `pg_catalog.to_json(s.subpublications) AS subpublications`
      : `s.${quoteIdentifier(column)}`,
  );
  const errors =
    session.majorVersion >= 15
      ? `(SELECT e.apply_error_count FROM pg_catalog.pg_stat_subscription_stats e
          WHERE e.subid = s.oid)`
      : 'NULL';
  const leader = session.majorVersion >= 16 ? 'AND w.leader_pid IS NULL' : '';
  const rows = await session.query(`
    SELECT ${own.join(', ')}, d.datname AS ${ADDED}database,
      pg_catalog.pg_get_userbyid(s.subowner) AS ${ADDED}owner, w.pid AS ${ADDED}pid,
      w.received_lsn AS ${ADDED}received, w.last_msg_receipt_time AS ${ADDED}heard,
      ${errors} AS ${ADDED}errors
    FROM pg_catalog.pg_subscription s
    JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
    LEFT JOIN pg_catalog.pg_stat_subscription w
      ON w.subid = s.oid AND w.relid IS NULL AND w.pid IS NOT NULL ${leader}
    ORDER BY d.datname, s.subname`);
  return rows.map(row => toSubscription(row, readable.includes(CONNECTION)));
}

const READABLE_COLUMNS = `
  SELECT attname FROM pg_catalog.pg_attribute
  WHERE attrelid = 'pg_catalog.pg_subscription'::pg_catalog.regclass AND attnum > 0
    AND NOT attisdropped AND pg_catalog.has_column_privilege(attrelid, attnum, 'SELECT')
  ORDER BY attnum`;

function toSubscription(row: SqlRow, mayReadConnection: boolean): SubscriptionInfo {
  const publisher = mayReadConnection ? describePublisher(row[CONNECTION] ?? '') : undefined;
  const workerPid = numberOf(row, `${ADDED}pid`);
  return {
    name: textOf(row, 'subname') ?? '',
    database: textOf(row, `${ADDED}database`) ?? '',
    owner: textOf(row, `${ADDED}owner`) ?? '',
    state: workerPid !== undefined ? 'running' : flagOf(row, 'subenabled') ? 'down' : 'disabled',
    publications: namesOf(row, 'subpublications'),
    slot: textOf(row, 'subslotname'),
    publisher,
    publisherHidden:
      publisher !== undefined ? 'no' : mayReadConnection ? 'unreadable' : 'privilege',
    workerPid,
    receivedLsn: textOf(row, `${ADDED}received`),
    lastMessageAt: textOf(row, `${ADDED}heard`),
    applyErrors: numberOf(row, `${ADDED}errors`),
    columns: Object.fromEntries(
      Object.entries(row).filter(([column]) => column !== CONNECTION && !column.startsWith(ADDED)),
    ),
  };
}

/**
 * The address in a libpq connection string, built from the parts that are no secret; undefined when
 * the string cannot be read: showing it as it is could show a password.
 */
function describePublisher(text: string): string | undefined {
  try {
    const { user, host, hostaddr, port, dbname, service } = parseConnectionString(text);
    const name = host ?? hostaddr;
    const address = name?.includes(':') === true ? `[${name}]` : name;
    const parts = [
      user === undefined ? '' : `${user}@`,
      address ?? (service === undefined ? 'local' : `service ${service}`),
      port === undefined ? '' : `:${port}`,
      dbname === undefined ? '' : `/${dbname}`,
    ];
    return parts.join('');
  } catch {
    // What is wrong with it is the server's business, and the message could hold parts of it.
    return undefined;
  }
}
