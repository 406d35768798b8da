import { formatCount } from '../../base/quantity';
import { numberOf } from '../catalog/rowValues';
import type { SqlSession } from '../sqlSession';
import { WriteRefused } from './writeRefused';

/** The part of the room that one statement may take: the others belong to those who work there. */
const MOST = 0.5;

/**
 * Throws WriteRefused where a statement that locks so many tables at once may leave other sessions, of
 * whatever database, without a lock: theirs would fail with "out of shared memory" (53200).
 */
export async function assertLockRoom(session: SqlSession, tables: number): Promise<void> {
  const room = await readLockRoom(session);
  if (tables <= room * MOST) return;
  const instead = session.majorVersion >= 15 ? 'whole schemas or all tables' : 'all tables';
  throw new WriteRefused(
    'too-many-locks',
    `To publish ${formatCount(tables)} tables by name locks each of them at once, and all sessions of this server together have room for about ${formatCount(room)} locks (max_locks_per_transaction): statements of others may fail with "out of shared memory". Publish ${instead}, which locks none.`,
    true,
  );
}

/** Locks that all sessions can hold together, as the manual has it under max_locks_per_transaction. */
async function readLockRoom(session: SqlSession): Promise<number> {
  const [row] = await session.query(
    `SELECT pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int8
       * (pg_catalog.current_setting('max_connections')::pg_catalog.int8
          + pg_catalog.current_setting('max_prepared_transactions')::pg_catalog.int8) AS room`,
  );
  return numberOf(row ?? {}, 'room') ?? 0;
}
