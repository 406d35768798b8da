import type { Lsn } from '../../base/lsn';
import { lsnDistance } from '../../base/lsn';
import { readServerFacts, type ServerFacts } from '../catalog/serverFacts';
import { readSlots, type SlotInfo } from '../catalog/slots';
import type { SqlSession } from '../sqlSession';
import { identityOf, type SlotIdentity } from './serverChange';

/** What a person should see before deciding on a slot. */
export interface SlotPreview {
  /** Positions, plugin, database, retained bytes, who reads it, health: everything the server tells. */
  readonly slot: SlotInfo;
  /** For `expected` of the change that is decided on. */
  readonly identity: SlotIdentity;
  readonly server: ServerFacts;
  /** Where the server's WAL ends now: the furthest that the slot can be advanced to. */
  readonly currentLsn: Lsn;
  /**
   * 19 and later with wal_level=replica: it is the last logical slot, and dropping it ends logical
   * decoding for the whole server and invalidates the logical slots of its standbys.
   */
  readonly endsLogicalDecoding: boolean;
  /**
   * 17 and later: it stands in synchronized_standby_slots, so the consumers of all failover slots wait
   * for whoever uses it; without it they wait for ever.
   */
  readonly isWaitedFor: boolean;
}

/** Undefined when there is no slot of that name. Needs no privilege. */
export async function readSlotPreview(
  session: SqlSession,
  name: string,
): Promise<SlotPreview | undefined> {
  const server = await readServerFacts(session);
  const slots = await readSlots(session);
  const slot = slots.find(each => each.name === name);
  if (slot === undefined) return undefined;
  return {
    slot,
    identity: identityOf(slot),
    server,
    currentLsn: server.currentLsn,
    endsLogicalDecoding: isLastLogical(slot, slots) && raisedLevel(server),
    isWaitedFor: slot.type === 'physical' && (await isWaitedFor(session, name)),
  };
}

/** Names of slots hold neither blanks nor quotes, so whatever stands around them in the list goes. */
async function isWaitedFor(session: SqlSession, slot: string): Promise<boolean> {
  const [row] = await session.query(
    `SELECT $1 = ANY (pg_catalog.string_to_array(pg_catalog.regexp_replace(
       pg_catalog.current_setting('synchronized_standby_slots', true), '[\\s"]', '', 'g'), ',')) AS named`,
    [slot],
  );
  return row?.named === 't';
}

/** Where a slot stands for advancing: what its consumer has confirmed, or what a physical one keeps. */
export function positionOf(slot: SlotIdentity): Lsn | undefined {
  return slot.type === 'logical' ? slot.confirmedFlushLsn : slot.restartLsn;
}

/** Bytes of WAL that an advance to `to` skips; undefined where the slot has no position yet. */
export function skippedBytes(slot: SlotIdentity, to: Lsn): number | undefined {
  const from = positionOf(slot);
  return from === undefined ? undefined : Math.max(0, Number(lsnDistance(from, to)));
}

/** Logical decoding is on only because there are logical slots. */
function raisedLevel({ walLevel, effectiveWalLevel }: ServerFacts): boolean {
  return walLevel === 'replica' && effectiveWalLevel === 'logical';
}

function isLastLogical(slot: SlotInfo, slots: readonly SlotInfo[]): boolean {
  const counts = (each: SlotInfo): boolean => each.type === 'logical' && each.health !== 'lost';
  return counts(slot) && slots.every(each => each.name === slot.name || !counts(each));
}
