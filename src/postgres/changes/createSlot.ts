import { setTimeout as sleep } from 'node:timers/promises';
import { readServerFacts } from '../catalog/serverFacts';
import { readSlot } from '../catalog/slots';
import { assertSlotRoom, readSlotRoom } from '../slotRoom';
import { ServerError } from '../serverError';
import type { SqlSession } from '../sqlSession';
import { slotNameProblem } from './changeNames';
import { ChangeCancelled, type ChangeOptions, type ChangeResult } from './changeResult';
import { openWorkSession, runStatement, StatementCancelled } from './runStatement';
import type { CreateSlot } from './serverChange';
import { dropStatement, statementsOf } from './serverChange';
import { nameTaken, refusedByServer } from './slotState';
import type { WritePermit } from './writePermit';
import { WriteRefused } from './writeRefused';

const QUERY_CANCELED = '57014';

export interface CreatedSlot {
  readonly result: ChangeResult;
  /** The session that made it, which a temporary slot lives in. */
  readonly work: SqlSession;
}

/**
 * Makes a slot, in the database of the session. The server makes it anew at each attempt and keeps it
 * only when it is complete (RS_EPHEMERAL, src/include/replication/slot.h), so an attempt that is
 * cancelled, or whose client dies, leaves nothing. One that is complete when the cancel request comes is
 * dropped again.
 *
 * The function and not the replication command CREATE_REPLICATION_SLOT: it takes no WAL sender, and
 * anybody can run what was shown. It exports no snapshot either; its statement's own is given up with
 * each attempt.
 */
export async function createSlot(
  permit: WritePermit,
  session: SqlSession,
  change: CreateSlot,
  options: ChangeOptions,
): Promise<CreatedSlot> {
  permit.assertCovers('create-slot', change.slot);
  await assertPossible(permit, session, change);
  const statements = statementsOf(change);
  const notices: string[] = [];
  const work = await openWorkSession(session, session.target.database, options.signal);
  work.onNotice(notice => notices.push(notice.message));
  try {
    await runStatement(work, session, statements.join('; '), options);
    if (options.signal?.aborted === true) {
      await work.query(dropStatement(change.slot));
      throw new StatementCancelled();
    }
    const slot = await readSlot(session, change.slot);
    return { result: { statements, slot, reached: undefined, notices }, work };
  } catch (error) {
    const isCancelled = error instanceof StatementCancelled;
    if (isCancelled) await dropCancelled(work, change.slot, error.cause);
    await work.close();
    if (!isCancelled) throw refusedByServer(error, change.slot);
    throw await describeCancelled(session, change.slot);
  }
}

/**
 * A cancel request that arrives while the slot is being written to the disk ends the statement, but not
 * the slot. Only the server's own word for it counts: a name that somebody else took meanwhile is another
 * error.
 */
async function dropCancelled(work: SqlSession, name: string, cause: unknown): Promise<void> {
  if (!(cause instanceof ServerError) || cause.sqlState !== QUERY_CANCELED) return;
  try {
    const slot = await readSlot(work, name);
    if (slot !== undefined && !slot.active) await work.query(dropStatement(name));
  } catch {
    // What is left then is told by the session beside it.
  }
}

async function assertPossible(
  permit: WritePermit,
  session: SqlSession,
  change: CreateSlot,
): Promise<void> {
  const problem = slotNameProblem(change.slot);
  if (problem !== undefined) throw new WriteRefused('bad-name', problem);
  if (change.type === 'logical' && change.failover === true) {
    const { role, version } = await readServerFacts(session);
    if (session.majorVersion < 17) {
      throw new WriteRefused(
        'version',
        `PostgreSQL ${version} has no failover slots: they came with 17.`,
      );
    }
    if (role === 'standby') {
      throw new WriteRefused(
        'standby',
        'This server is a standby, where no failover slot can be made. Create it on the primary.',
      );
    }
    if (change.temporary === true) {
      throw new WriteRefused('version', 'A temporary slot cannot be a failover slot.');
    }
  }
  if ((await readSlot(session, change.slot)) !== undefined) throw nameTaken('slot', change.slot);
  assertSlotRoom(await readSlotRoom(session), permit.profile, {
    override: change.override === true,
    isLogical: change.type === 'logical',
  });
}

/** How long a server process may need to notice that its client is gone, in milliseconds. */
const NOTICE_MS = 5_000;

/** Says what a cancel has left: nothing, but where the connection was lost before the answer came. */
async function describeCancelled(session: SqlSession, name: string): Promise<ChangeCancelled> {
  const deadline = performance.now() + NOTICE_MS;
  let slot = await readSlot(session, name);
  while (slot !== undefined && performance.now() < deadline) {
    await sleep(50);
    slot = await readSlot(session, name);
  }
  const quoted = JSON.stringify(name);
  return new ChangeCancelled(
    slot === undefined
      ? `Creating the slot ${quoted} was cancelled: nothing of it is left.`
      : `Creating the slot ${quoted} was cancelled, but the server does not tell that it is gone. Refresh the list of slots.`,
    slot,
  );
}
