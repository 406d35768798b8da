import type { SqlSession } from '../sqlSession';
import type { ChangeResult } from './changeResult';
import { statementsOf, type DropSlot } from './serverChange';
import { readSlotPreview, type SlotPreview } from './slotPreview';
import { assertFree, assertUnchanged, refusedByServer, slotMissing } from './slotState';
import type { WritePermit } from './writePermit';
import { WriteRefused } from './writeRefused';

/** Drops a slot that nobody uses; the server itself refuses one that is taken at this moment. */
export async function dropSlot(
  permit: WritePermit,
  session: SqlSession,
  change: DropSlot,
): Promise<ChangeResult> {
  permit.assertCovers('drop-slot', change.slot);
  const preview = await readSlotPreview(session, change.slot);
  if (preview === undefined) throw slotMissing(change.slot);
  assertDroppable(preview, change);
  const statements = statementsOf(change);
  try {
    await session.query(statements.join('; '));
  } catch (error) {
    throw refusedByServer(error, change.slot);
  }
  return { statements, slot: undefined, reached: undefined, notices: [] };
}

/** Throws WriteRefused where the slot, as it is now, cannot or must not be dropped. */
export function assertDroppable(
  { slot, endsLogicalDecoding }: SlotPreview,
  change: DropSlot,
): void {
  assertFree(slot);
  assertUnchanged(slot, change.expected);
  if (!endsLogicalDecoding || change.override === true) return;
  throw new WriteRefused(
    'level-switch',
    `The slot ${JSON.stringify(slot.name)} is the last logical one: without it this server goes back to wal_level replica, which invalidates logical slots of its standbys.`,
    true,
  );
}
