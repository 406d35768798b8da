import type { ProfileFacts } from '../shared/connection';
import { WriteRefused } from './changes/writeRefused';
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

/** A standby that reconnects needs a slot and a sender, and so may a backup. */
const MUST_STAY_FREE = 2;

export interface RoomRequest {
  /** The person was asked and wants it all the same. */
  readonly override: boolean;
  /** A physical slot leaves wal_level alone. */
  readonly isLogical: boolean;
}

/** Throws WriteRefused when one more slot would leave the server too little room. */
export function assertSlotRoom(
  room: SlotRoom,
  profile: ProfileFacts,
  { override, isLogical }: RoomRequest,
): void {
  if (isLogical && room.switchesLevel) {
    const message =
      'A first logical slot switches this server to wal_level logical and back, which can invalidate slots on its standbys.';
    if (profile.readOnly) throw new WriteRefused('level-switch', message);
    if (!override) throw new WriteRefused('level-switch', message, true);
  }
  if (override) return;
  if (room.freeSlots - 1 < MUST_STAY_FREE) {
    throw new WriteRefused(
      'too-few-slots',
      `Only ${String(room.freeSlots)} of ${String(room.maxSlots)} replication slots are free; two must stay free for standbys.`,
      true,
    );
  }
  assertSenderRoom(room);
}

/** The same for a stream that makes no slot. */
export function assertSenderRoom(room: Pick<SlotRoom, 'maxSenders' | 'freeSenders'>): void {
  if (room.freeSenders < MUST_STAY_FREE) {
    throw new WriteRefused(
      'too-few-senders',
      `Only ${String(room.freeSenders)} of ${String(room.maxSenders)} WAL senders stay free beside ours; two must, for standbys.`,
      true,
    );
  }
}
