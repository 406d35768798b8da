/**
 * Where WAL ends for the purpose of "how much does a slot retain": the insert position's written end
 * on a primary, the replayed (else received) end on a standby.
 */
export const CURRENT_LSN = `CASE WHEN pg_catalog.pg_is_in_recovery()
  THEN COALESCE(pg_catalog.pg_last_wal_replay_lsn(), pg_catalog.pg_last_wal_receive_lsn())
  ELSE pg_catalog.pg_current_wal_lsn() END`;
