import type { SqlSession } from '../sqlSession';
import { CURRENT_LSN } from './currentLsn';
import { numberOf } from './rowValues';

/** What a server has of what may be many, in numbers. */
export interface ServerSummary {
  readonly slots: number;
  /** Slots that cannot be used any more. */
  readonly lostSlots: number;
  /** Slots whose WAL may be removed at the next checkpoint. */
  readonly unsafeSlots: number;
  /** Bytes of WAL from the oldest restart_lsn to now: what all slots together make the server keep. */
  readonly retainedBytes: number;
  /** Publications in the session's own database. */
  readonly publications: number;
  /** Subscriptions in all databases. */
  readonly subscriptions: number;
}

/** Counts on the server, so that a thousand slots are one short row; no privilege needed. */
export async function readServerSummary(session: SqlSession): Promise<ServerSummary> {
  const [row = {}] = await session.query(`
    WITH now AS MATERIALIZED (SELECT ${CURRENT_LSN} AS lsn)
    SELECT pg_catalog.count(s.slot_name) AS slots,
      pg_catalog.count(*) FILTER (WHERE s.wal_status = 'lost') AS lost,
      pg_catalog.count(*) FILTER (WHERE s.wal_status = 'unreserved') AS unsafe,
      pg_catalog.max(pg_catalog.pg_wal_lsn_diff(now.lsn, s.restart_lsn)) AS retained,
      (SELECT pg_catalog.count(*) FROM pg_catalog.pg_publication) AS publications,
      (SELECT pg_catalog.count(u.oid) FROM pg_catalog.pg_subscription u) AS subscriptions
    FROM now LEFT JOIN pg_catalog.pg_replication_slots s ON true`);
  return {
    slots: numberOf(row, 'slots') ?? 0,
    lostSlots: numberOf(row, 'lost') ?? 0,
    unsafeSlots: numberOf(row, 'unsafe') ?? 0,
    // A standby may have replayed less than a slot's position: that retains nothing.
    retainedBytes: Math.max(0, numberOf(row, 'retained') ?? 0),
    publications: numberOf(row, 'publications') ?? 0,
    subscriptions: numberOf(row, 'subscriptions') ?? 0,
  };
}
