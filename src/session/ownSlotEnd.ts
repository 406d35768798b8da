import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlSession } from '../postgres/sqlSession';
import type { WriteGate } from '../postgres/writeGate';

const POLL_MS = 50;
/** A server process that has not noticed by then that we are gone is told to end. */
const PATIENCE_MS = 300;

/**
 * Resolves true when a temporary slot of ours is gone. A server process in the middle of a huge
 * transaction looks at its socket only now and then; it is ended by its PID, which every role may do
 * to its own sessions. Gives up after `boundMs`.
 */
export async function waitUntilSlotGone(
  side: SqlSession,
  gate: WriteGate,
  slot: string,
  boundMs: number,
): Promise<boolean> {
  const startedAt = performance.now();
  let told = false;
  for (;;) {
    const [row] = await side.query(
      'select active_pid::text as pid from pg_replication_slots where slot_name = $1',
      [slot],
    );
    if (row === undefined) return true;
    const waited = performance.now() - startedAt;
    if (waited > boundMs) return false;
    const pid = row['pid'] ?? '';
    if (waited > PATIENCE_MS && !told && pid !== '') {
      told = true;
      await gate.endOrphan(side, slot, Number(pid));
    }
    await sleep(POLL_MS);
  }
}
