import type { SqlSession } from './sqlSession';

/** How many slots and senders the server has left, and whether a logical slot would change its WAL level. */
export interface SlotRoom {
  readonly maxSlots: number;
  readonly freeSlots: number;
  readonly maxSenders: number;
  /** Not counting the senders that run now, ours among them. */
  readonly freeSenders: number;
  /**
   * 19 and later with wal_level=replica: the first logical slot raises effective_wal_level, and the
   * end of the last one lowers it.
   */
  readonly switchesLevel: boolean;
}

/** One cheap query; works in replication sessions and without any privilege. */
export async function readSlotRoom(session: SqlSession): Promise<SlotRoom> {
  const [row] = await session.query(`
    SELECT pg_catalog.current_setting('max_replication_slots') AS max_slots,
      (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots) AS slots,
      pg_catalog.current_setting('max_wal_senders') AS max_senders,
      (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication) AS senders,
      pg_catalog.current_setting('wal_level') AS wal_level,
      pg_catalog.current_setting('effective_wal_level', true) AS effective_level`);
  const number = (name: string): number => Number(row?.[name] ?? 0);
  return {
    maxSlots: number('max_slots'),
    freeSlots: number('max_slots') - number('slots'),
    maxSenders: number('max_senders'),
    freeSenders: number('max_senders') - number('senders'),
    switchesLevel:
      row?.wal_level === 'replica' &&
      row.effective_level !== null &&
      row.effective_level !== 'logical',
  };
}
