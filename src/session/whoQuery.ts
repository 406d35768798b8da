import { flagOf, numberOf, textOf } from '../postgres/catalog/rowValues';
import type { SqlRow, SqlSession } from '../postgres/sqlSession';
import type { WhoNote } from '../shared/captureNote';
import { WHO_QUERY_LIMIT } from '../shared/who';
import { statementWithoutSecrets } from './statementWithoutSecrets';

/** Most transactions of one sample, those that run longest first. */
const MOST_SEEN = 200;

/** One look at who writes. */
export interface WhoSample {
  /** By the server's clock. */
  readonly at: string;
  /** Milliseconds that it took the server. */
  readonly tookMs: number;
  /** Where the server's WAL ends: the same as before where nothing was written. */
  readonly lsn: string;
  /** A standby runs no transactions of its own that write. */
  readonly standby: boolean;
  readonly seen: readonly WhoNote[];
}

/** What `pg_stat_activity` shows instead of the statement of another role (src/backend/utils/adt/pgstatfuncs.c). */
const HIDDEN = '<insufficient privilege>';

const TIME_FORMAT = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;
/** The session's time zone is UTC. */
const isoTime = (column: string): string =>
  `coalesce(pg_catalog.to_char(${column}, ${TIME_FORMAT}), '')`;

/**
 * The transactions of this database that have an xid, with who runs them: `backend_xid` is the top one. Left
 * out are sessions of ours, and walsenders, which our role may not recognise but which hold no xid.
 */
const QUERY = `
  WITH seen AS MATERIALIZED (
    SELECT a.backend_xid::text AS xid, a.pid, a.application_name, a.usename::text AS usename,
        pg_catalog.host(a.client_addr) AS address, a.client_port, a.backend_start, a.xact_start,
        pg_catalog.left(a.query, ${String(WHO_QUERY_LIMIT)}) AS query,
        pg_catalog.length(a.query) > ${String(WHO_QUERY_LIMIT)} AS query_cut, NULL AS gid
      FROM pg_catalog.pg_stat_activity a
     WHERE a.backend_xid IS NOT NULL AND a.datname = pg_catalog.current_database()
       AND a.pid <> pg_catalog.pg_backend_pid()
       AND NOT pg_catalog.starts_with(coalesce(a.application_name, ''), 'walexplorer_')
       AND a.backend_type IS DISTINCT FROM 'walsender'
    UNION ALL
    SELECT p.transaction::text, NULL, NULL, p.owner::text, NULL, NULL, NULL, p.prepared, NULL, NULL, p.gid
      FROM pg_catalog.pg_prepared_xacts p
     WHERE p.database = pg_catalog.current_database()
     ORDER BY 8 NULLS LAST
     LIMIT ${String(MOST_SEEN)}
  )
  SELECT ${isoTime('pg_catalog.clock_timestamp()')} AS at,
      extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp()) * 1000 AS took,
      pg_catalog.pg_is_in_recovery() AS standby,
      CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
        ELSE pg_catalog.pg_current_wal_insert_lsn() END AS lsn,
      s.xid, s.pid, s.application_name, s.usename, s.address, s.client_port, s.query, s.query_cut, s.gid,
      ${isoTime('s.backend_start')} AS backend_start, ${isoTime('s.xact_start')} AS xact_start
    FROM (SELECT) one LEFT JOIN seen s ON true`;

export async function sampleWho(session: SqlSession): Promise<WhoSample> {
  const rows = await session.query(QUERY);
  const [first] = rows;
  const at = first?.['at'] ?? '';
  return {
    at,
    tookMs: Number(first?.['took'] ?? 0),
    lsn: first?.['lsn'] ?? '',
    standby: first?.['standby'] === 't',
    seen: rows.filter(row => textOf(row, 'xid') !== undefined).map(row => noteOf(row, at)),
  };
}

function noteOf(row: SqlRow, at: string): WhoNote {
  const sent = textOf(row, 'query') ?? '';
  const query = statementWithoutSecrets(sent);
  const gid = textOf(row, 'gid');
  const visible = query !== HIDDEN && gid === undefined;
  return {
    kind: 'who',
    xid: numberOf(row, 'xid') ?? 0,
    application: textOf(row, 'application_name') ?? '',
    user: textOf(row, 'usename') ?? '',
    client: visible ? clientOf(row) : '',
    pid: numberOf(row, 'pid') ?? 0,
    backendStart: textOf(row, 'backend_start') ?? '',
    // Of a prepared transaction the time of its prepare: it began before.
    began: gid === undefined ? (textOf(row, 'xact_start') ?? '') : '',
    query: visible ? query : '',
    queryCut: visible && (flagOf(row, 'query_cut') || query !== sent),
    queryVisible: visible,
    firstSeen: at,
    seenAt: at,
    prepared: gid ?? '',
  };
}

/** `client_addr` is NULL and `client_port` -1 on a Unix-domain socket; both are NULL without a client. */
function clientOf(row: SqlRow): string {
  const address = textOf(row, 'address');
  const port = textOf(row, 'client_port');
  if (address === undefined) return port === '-1' ? 'local socket' : '';
  return address.includes(':') ? `[${address}]:${port ?? ''}` : `${address}:${port ?? ''}`;
}
