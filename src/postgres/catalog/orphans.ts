import { isOwnName } from '../ownName';
import type { SqlSession } from '../sqlSession';
import { readSlots } from './slots';

/** A temporary slot of ours that a server process still holds, whose client may be gone. */
export interface OrphanSlot {
  readonly slot: string;
  readonly pid: number;
  readonly applicationName: string;
  readonly client: string;
  /** When that connection began, as the server prints it. */
  readonly since: string;
  /** It is still being created: the one state in which a server may overlook that a client is gone. */
  readonly isWaiting: boolean;
  readonly retainedBytes: number | undefined;
}

/**
 * Slots of ours that do not belong to the sessions named in `live`. They may belong to another
 * window, so they are for a person to decide on; a stream whose client is gone ends by itself within
 * the sender timeout.
 */
export async function readOrphans(
  session: SqlSession,
  live: ReadonlySet<string>,
): Promise<readonly OrphanSlot[]> {
  const orphans: OrphanSlot[] = [];
  for (const slot of await readSlots(session)) {
    const { consumer } = slot;
    if (!slot.isOurs || !slot.temporary || consumer === undefined || live.has(slot.name)) continue;
    if (!isOwnName(consumer.applicationName)) continue;
    orphans.push({
      slot: slot.name,
      pid: consumer.pid,
      applicationName: consumer.applicationName,
      client: consumer.client,
      since: consumer.since,
      isWaiting: slot.health === 'creating',
      retainedBytes: slot.retainedBytes,
    });
  }
  return orphans;
}
