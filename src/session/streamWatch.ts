import { formatBytes } from '../base/quantity';
import { CURRENT_LSN } from '../postgres/catalog/currentLsn';
import type { GoneReason, WatchSample } from '../postgres/shutdownWatch';
import { openShutdownWatch } from '../postgres/shutdownWatch';
import type { SqlSession } from '../postgres/sqlSession';
import { harmfulEnd } from './decodingCrash';
import { failedEnd, passing, serverOf, shutdownEnd } from './endReasons';
import type { StreamEnd } from './sessionRequest';
import type { SessionStatus } from './sessionStatus';
import type { StreamPlan } from './streamPlan';
import { walLimitEnd } from './walLimit';
import { matchesSynchronousStandby } from '../postgres/syncStandby';

const POLL_MS = 1_000;
const SLOT_ACTION = 'Start again with a slot that exists.';

export interface WatchOptions {
  readonly applicationName: string;
  readonly status: SessionStatus;
  readonly signal: AbortSignal;
  /** Ends the session. */
  readonly finish: (end: StreamEnd) => void;
  /** Told of each look at the server while it counts. */
  readonly sampled: (sample: WatchSample) => void;
}

/** Stands beside a stream and knows what may be confirmed. */
export interface StreamWatch {
  /** False while synchronous_standby_names would make us a standby that commits wait for. */
  readonly mayConfirm: boolean;
  /** A session on the same server, while there is one. */
  readonly session: SqlSession | undefined;
  /** What was last seen of the slot. */
  readonly sample: WatchSample | undefined;
  /** No sample and no end of the server counts any more; the session stays. */
  silence(): void;
  close(): Promise<void>;
}

/**
 * Watches over a stream of ours: a shutdown of the server must not wait for us, what our slot retains
 * is kept within its budget, and nothing is confirmed while commits would wait for it.
 */
export async function watchStream(plan: StreamPlan, options: WatchOptions): Promise<StreamWatch> {
  const { status, applicationName, signal } = options;
  const confirms = plan.confirm !== 'never';
  let mayConfirm = !matchesSynchronousStandby(plan.synchronousStandbyNames, applicationName);
  let seen = false;
  let last: WatchSample | undefined;
  let silent = false;
  const finish = (end: StreamEnd): void => {
    if (!silent) options.finish(end);
  };

  const check = async (sample: WatchSample, before: WatchSample | undefined): Promise<void> => {
    const matches = matchesSynchronousStandby(sample.synchronousStandbyNames, applicationName);
    mayConfirm = !matches;
    if (matches && confirms) noteUnconfirmed(status);
    seen ||= sample.slotExists;
    const lost = lostSlot(sample, plan, seen ? before : undefined);
    if (lost !== undefined) finish(lost);
    const harmful = plan.inMemory === 'bounded' ? harmfulEnd(sample.retainedBytes ?? 0) : undefined;
    if (harmful !== undefined) finish(harmful);
    // The WAL that a slot of somebody's keeps is not kept because of us.
    if (plan.makeSlot === undefined || sample.retainedBytes === undefined) return;
    const retainedBytes = await readRetained(watch.session, plan, sample.retainedBytes);
    if (silent) return;
    status.update({ retainedBytes, confirming: confirms && mayConfirm });
    if (retainedBytes > plan.retainedBudget) finish(overBudget(plan, retainedBytes));
  };
  const watch = await openShutdownWatch(plan.target, {
    applicationName,
    slot: plan.slot,
    pollMs: POLL_MS,
    signal,
    onSample: sample => {
      if (silent) return;
      const before = last;
      last = sample;
      options.sampled(sample);
      // A poll that fails is one of many; a session that is lost is told by onGone.
      check(sample, before).catch(() => undefined);
    },
    onGone: (reason, error) => {
      finish(serverGone(plan, reason, error));
    },
  });
  return {
    get mayConfirm() {
      return mayConfirm;
    },
    get session() {
      return watch.session;
    },
    get sample() {
      return last;
    },
    silence: () => {
      silent = true;
    },
    close: () => watch.close(),
  };
}

function noteUnconfirmed(status: SessionStatus): void {
  status.note(
    'synchronous_standby_names names every client or ours, so nothing is confirmed: commits would wait for us. Our slot retains WAL, up to its budget',
  );
}

/** `before`: what was seen last, once the slot was seen at all; then it must be there. */
function lostSlot(
  sample: WatchSample,
  plan: StreamPlan,
  before: WatchSample | undefined,
): StreamEnd | undefined {
  if (before !== undefined && !sample.slotExists) {
    const limit = plan.makeSlot === undefined ? undefined : walLimitEnd(before, sample);
    if (limit !== undefined) return limit;
    const message = `The server has no slot ${JSON.stringify(plan.slot)} any more`;
    const end = failedEnd('slot-lost', 'slot-dropped', message, SLOT_ACTION);
    // A temporary one goes with the server process of its stream, whose end we have not heard of yet.
    return plan.makeSlot === undefined ? end : passing(end);
  }
  if (sample.walStatus !== 'lost') return undefined;
  const message = 'The server removed WAL that the slot needs (max_slot_wal_keep_size)';
  return failedEnd('slot-lost', 'slot-lost', message, 'Start again with a new slot.');
}

function overBudget(plan: StreamPlan, retainedBytes: number): StreamEnd {
  const [kept, allowed] = [formatBytes(retainedBytes), formatBytes(plan.retainedBudget)];
  return {
    reason: 'retained-wal',
    message: `The server keeps ${kept} of WAL because of us, and ${allowed} are allowed`,
  };
}

/** Without a session beside it a stream must not go on: nobody would notice a shutdown. */
function serverGone(plan: StreamPlan, reason: GoneReason, error: Error | undefined): StreamEnd {
  if (reason === 'shutdown') return shutdownEnd(plan.target, error);
  return passing(
    failedEnd(
      'server-shutdown',
      'connection-lost',
      `${serverOf(plan.target).replace('the', 'The')} cannot be reached any more`,
      'Check the server and the network, then start again.',
      error?.message ?? '',
    ),
  );
}

/** What would be free if our slot were gone: not what the slot that we copied keeps as well. */
async function readRetained(
  session: SqlSession | undefined,
  plan: StreamPlan,
  retainedBytes: number,
): Promise<number> {
  if (plan.copiedFrom === undefined || session === undefined) return retainedBytes;
  const [row] = await session.query(
    `SELECT pg_catalog.pg_wal_lsn_diff(coalesce(source.restart_lsn, ${CURRENT_LSN}), own.restart_lsn)::text AS retained
       FROM pg_catalog.pg_replication_slots own
       LEFT JOIN pg_catalog.pg_replication_slots source ON source.slot_name = $2
      WHERE own.slot_name = $1`,
    [plan.slot, plan.copiedFrom],
  );
  return Math.max(0, Number(row?.['retained'] ?? 0));
}
