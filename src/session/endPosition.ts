import { setTimeout as sleep } from 'node:timers/promises';
import type { Lsn } from '../base/lsn';
import { parseLsn } from '../base/lsn';
import type { ServerFacts } from '../postgres/catalog/serverFacts';
import type { SqlSession } from '../postgres/sqlSession';

const POLL_MS = 50;
/** The WAL writer takes at most three rounds of wal_writer_delay (200 ms) for an asynchronous commit. */
const FLUSH_MS = 700;

/**
 * Where a look at what is pending ends. A transaction that committed with synchronous_commit=off is
 * visible before its WAL is flushed, and only flushed WAL is decoded: so what was inserted is waited
 * for, briefly, because the WAL of transactions that are still open may stay unflushed for long.
 */
export async function readEndPosition(session: SqlSession, server: ServerFacts): Promise<Lsn> {
  if (server.role === 'standby') return server.currentLsn;
  let inserted: Lsn | undefined;
  const startedAt = performance.now();
  for (;;) {
    const [row] = await session.query(
      'SELECT pg_catalog.pg_current_wal_insert_lsn() AS inserted, pg_catalog.pg_current_wal_flush_lsn() AS flushed',
    );
    inserted ??= parseLsn(row?.['inserted'] ?? '') ?? server.currentLsn;
    const flushed = parseLsn(row?.['flushed'] ?? '') ?? server.currentLsn;
    if (flushed >= inserted) return inserted;
    if (performance.now() - startedAt > FLUSH_MS) return flushed;
    await sleep(POLL_MS);
  }
}
