import { INVALID_LSN, type Lsn } from '../../base/lsn';
import { ServerError } from '../serverError';
import type { SqlRow, SqlSession } from '../sqlSession';
import { CURRENT_LSN } from './currentLsn';
import { flagOf, lsnOf, numberOf, textOf } from './rowValues';

export interface ServerFacts {
  /** As `server_version_num`, such as 180004. */
  readonly versionNum: number;
  /** As the server names it, such as `18.4`. */
  readonly version: string;
  readonly role: 'primary' | 'standby';
  readonly walLevel: string;
  /** 19 and later: what wal_level amounts to now, since a logical slot raises it. */
  readonly effectiveWalLevel: string | undefined;
  readonly currentLsn: Lsn;
  /** Identifies the cluster and all its standbys; empty where EXECUTE on pg_control_system was revoked. */
  readonly systemIdentifier: string;
  readonly synchronousStandbyNames: string;
  readonly maxSlots: number;
  readonly freeSlots: number;
  readonly maxSenders: number;
  readonly freeSenders: number;
  /** Bytes of WAL that a slot may keep at most; undefined for no limit. */
  readonly maxSlotWalKeepBytes: number | undefined;
  /** Milliseconds; 0 means that the server never ends a silent client. */
  readonly walSenderTimeoutMs: number;
}

/** SQLSTATE of a privilege that is missing. */
const INSUFFICIENT_PRIVILEGE = '42501';
const SYSTEM_IDENTIFIER = '(SELECT system_identifier FROM pg_catalog.pg_control_system())';

/** What the tree and a session need to know of a server: one query, no privilege needed. */
export async function readServerFacts(session: SqlSession): Promise<ServerFacts> {
  const row = await readRow(session);
  const keep = numberOf(row, 'keep') ?? -1;
  const maxSlots = numberOf(row, 'max_slots') ?? 0;
  const maxSenders = numberOf(row, 'max_senders') ?? 0;
  return {
    versionNum: session.serverVersionNum,
    version: textOf(row, 'version') ?? '',
    role: flagOf(row, 'standby') ? 'standby' : 'primary',
    walLevel: textOf(row, 'wal_level') ?? '',
    effectiveWalLevel: textOf(row, 'effective_wal_level'),
    currentLsn: lsnOf(row, 'lsn') ?? INVALID_LSN,
    systemIdentifier: textOf(row, 'system_identifier') ?? '',
    synchronousStandbyNames: textOf(row, 'synchronous') ?? '',
    maxSlots,
    freeSlots: maxSlots - (numberOf(row, 'slots') ?? 0),
    maxSenders,
    freeSenders: maxSenders - (numberOf(row, 'senders') ?? 0),
    maxSlotWalKeepBytes: keep < 0 ? undefined : keep,
    walSenderTimeoutMs: numberOf(row, 'sender_timeout') ?? 0,
  };
}

/** What everybody may read, with the system identifier where it may be read: some servers revoke that. */
async function readRow(session: SqlSession): Promise<SqlRow> {
  try {
    return await query(session, SYSTEM_IDENTIFIER);
  } catch (error) {
    if (!(error instanceof ServerError) || error.sqlState !== INSUFFICIENT_PRIVILEGE) throw error;
    return query(session, 'NULL');
  }
}

async function query(session: SqlSession, systemIdentifier: string): Promise<SqlRow> {
  const [row = {}] = await session.query(`
    SELECT pg_catalog.current_setting('server_version') AS version,
      pg_catalog.pg_is_in_recovery() AS standby,
      pg_catalog.current_setting('wal_level') AS wal_level,
      pg_catalog.current_setting('effective_wal_level', true) AS effective_wal_level,
      ${CURRENT_LSN} AS lsn,
      ${systemIdentifier} AS system_identifier,
      pg_catalog.current_setting('synchronous_standby_names') AS synchronous,
      pg_catalog.current_setting('max_replication_slots') AS max_slots,
      (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots) AS slots,
      pg_catalog.current_setting('max_wal_senders') AS max_senders,
      (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication) AS senders,
      pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_slot_wal_keep_size')) AS keep,
      (SELECT reset_val FROM pg_catalog.pg_settings
        WHERE name = 'wal_sender_timeout') AS sender_timeout`);
  return row;
}
