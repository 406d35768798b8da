import { readSlot } from '../catalog/slots';
import { assertSlotRoom, readSlotRoom } from '../slotRoom';
import type { SqlSession } from '../sqlSession';
import { slotNameProblem } from './changeNames';
import type { ChangeOptions, ChangeResult } from './changeResult';
import { openWorkSession, runQuickStatement } from './runStatement';
import type { CopySlot } from './serverChange';
import { dropStatement, statementsOf } from './serverChange';
import { nameTaken, refusedByServer, requireSlot } from './slotState';
import type { WritePermit } from './writePermit';
import { WriteRefused } from './writeRefused';

/**
 * Copies a slot, also one that is in use. Runs in the source's own database: elsewhere a copy of a
 * logical slot succeeds and decodes the wrong one (`copy_replication_slot`,
 * src/backend/replication/slotfuncs.c).
 */
export async function copySlot(
  permit: WritePermit,
  session: SqlSession,
  change: CopySlot,
  { signal }: ChangeOptions,
): Promise<ChangeResult> {
  permit.assertCovers('copy-slot', change.slot);
  const problem = slotNameProblem(change.slot);
  if (problem !== undefined) throw new WriteRefused('bad-name', problem);
  const source = await requireSlot(session, change.source);
  const quoted = JSON.stringify(source.name);
  if (source.type !== change.type) {
    throw new WriteRefused('slot-moved', `The slot ${quoted} is not ${change.type} any more.`);
  }
  if (source.health === 'lost') {
    throw new WriteRefused(
      'slot-invalid',
      `The slot ${quoted} cannot be copied. ${source.healthExplanation}`,
    );
  }
  if (source.restartLsn === undefined || source.health === 'creating') {
    throw new WriteRefused(
      'slot-unfinished',
      `The slot ${quoted} keeps no WAL yet, so there is nothing to copy.`,
    );
  }
  if ((await readSlot(session, change.slot)) !== undefined) throw nameTaken('slot', change.slot);
  assertSlotRoom(await readSlotRoom(session), permit.profile, {
    override: change.override === true,
    isLogical: change.type === 'logical',
  });
  const statements = statementsOf(change);
  const notices: string[] = [];
  const database = source.database ?? session.target.database;
  const work = await openWorkSession(session, database, signal);
  work.onNotice(notice => notices.push(notice.message));
  try {
    await runQuickStatement(work, statements.join('; '), signal);
    const slot = await readSlot(session, change.slot);
    const plugin = change.plugin ?? source.plugin;
    if (slot?.database !== source.database || slot?.plugin !== plugin) {
      await work.query(dropStatement(change.slot));
      throw new WriteRefused(
        'slot-moved',
        `The slot ${quoted} was replaced while it was copied; the copy is dropped. Try again.`,
      );
    }
    return { statements, slot, reached: undefined, notices };
  } catch (error) {
    throw refusedByServer(error, change.slot);
  } finally {
    await work.close();
  }
}
