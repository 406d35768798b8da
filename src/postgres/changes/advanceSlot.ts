import { formatLsn, parseLsn, type Lsn } from '../../base/lsn';
import { readServerFacts } from '../catalog/serverFacts';
import { readSlot, type SlotInfo } from '../catalog/slots';
import { ServerError } from '../serverError';
import type { SqlSession } from '../sqlSession';
import { ChangeCancelled, type ChangeOptions, type ChangeResult } from './changeResult';
import { openWorkSession, runStatement, StatementCancelled } from './runStatement';
import { statementsOf, type AdvanceSlot } from './serverChange';
import { positionOf } from './slotPreview';
import { assertFree, assertUnchanged, refusedByServer, requireSlot } from './slotState';
import type { WritePermit } from './writePermit';
import { WriteRefused } from './writeRefused';

const INVALID_PARAMETER = '22023';

/**
 * Moves a slot forward without giving its changes to anybody. A logical slot is moved by decoding all
 * WAL from its restart_lsn (`LogicalSlotAdvanceAndCheckSnapState`, src/backend/replication/logical/logical.c),
 * which may take long and happens in the slot's own database. Given up in between it stands where it
 * stood.
 */
export async function advanceSlot(
  permit: WritePermit,
  session: SqlSession,
  change: AdvanceSlot,
  options: ChangeOptions,
): Promise<ChangeResult> {
  permit.assertCovers('advance-slot', change.slot);
  const statements = statementsOf(change);
  const notices: string[] = [];
  const first = await requireSlot(session, change.slot);
  const database = first.database ?? session.target.database;
  const work = await openWorkSession(session, database, options.signal);
  work.onNotice(notice => notices.push(notice.message));
  try {
    // After the connection is there, so that as little time as can be lies between the look and the change,
    // and through it: a balancer or a failover may have led it to another server.
    const { currentLsn } = await readServerFacts(work);
    assertAdvanceable(await requireSlot(work, change.slot), currentLsn, change);
    const [row] = await runStatement(work, session, statements.join('; '), options);
    const reached = parseLsn(row?.end_lsn ?? '');
    return { statements, slot: await readSlot(session, change.slot), reached, notices };
  } catch (error) {
    if (error instanceof StatementCancelled) throw await cancelled(session, change.slot);
    if (error instanceof ServerError && error.sqlState === INVALID_PARAMETER) {
      throw new WriteRefused(
        'slot-moved',
        `The slot ${JSON.stringify(change.slot)} has just moved past this position: ${error.message}. Look at it again before you decide.`,
      );
    }
    throw refusedByServer(error, change.slot);
  } finally {
    await work.close();
  }
}

/** Throws WriteRefused where the slot, as it is now, cannot or must not be moved like this. */
export function assertAdvanceable(slot: SlotInfo, currentLsn: Lsn, change: AdvanceSlot): void {
  const quoted = JSON.stringify(slot.name);
  if (slot.health === 'lost') {
    throw new WriteRefused(
      'slot-invalid',
      `The slot ${quoted} cannot be advanced. ${slot.healthExplanation} It can only be dropped.`,
    );
  }
  assertFree(slot);
  assertUnchanged(slot, change.expected);
  const from = positionOf(slot);
  if (from === undefined || slot.health === 'creating') {
    throw new WriteRefused(
      'slot-unfinished',
      `The slot ${quoted} keeps no WAL yet, so it has nothing to advance from.`,
    );
  }
  if (change.to < from) {
    throw new WriteRefused(
      'target-behind',
      `The slot ${quoted} stands at ${formatLsn(from)}, which is after ${formatLsn(change.to)}. A slot never goes back.`,
    );
  }
  if (change.to > currentLsn) {
    throw new WriteRefused(
      'target-beyond',
      `The server has written WAL up to ${formatLsn(currentLsn)}, which is before ${formatLsn(change.to)}. Choose a position up to there.`,
    );
  }
}

async function cancelled(session: SqlSession, name: string): Promise<ChangeCancelled> {
  const slot: SlotInfo | undefined = await readSlot(session, name);
  const at = slot === undefined ? undefined : positionOf(slot);
  const where = at === undefined ? '' : ` The slot stands at ${formatLsn(at)}.`;
  return new ChangeCancelled(
    `Advancing the slot ${JSON.stringify(name)} was cancelled.${where}`,
    slot,
  );
}
