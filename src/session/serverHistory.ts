import type { Lsn } from '../base/lsn';
import { formatLsn } from '../base/lsn';
import type { ReplicationSession, SystemIdentity } from '../postgres/replicationSession';
import type { ConnectionTarget } from '../shared/connection';
import { failedEnd, serverOf } from './endReasons';
import { SessionEnded } from './sessionRequest';

/** Where a server stands that a stream came back to, seen from what was received of it before. */
export interface Continuity {
  /**
   * Set where the server lacks WAL that was received before, after a failover to a standby that was behind
   * or a restore: up to here both have the same history.
   */
  readonly lostAfter?: Lsn;
}

/**
 * Compares a server with the one that the stream had before. Positions mean something only within one
 * system and one database: throws {@link SessionEnded} where it is another one. `received`: up to where
 * everything came.
 */
export async function compareServers(
  before: SystemIdentity,
  replication: ReplicationSession,
  now: SystemIdentity,
  received: Lsn,
): Promise<Continuity> {
  const { target } = replication;
  if (now.systemId !== before.systemId) throw otherServer(target, before, now);
  if (now.database !== before.database) throw otherDatabase(target, before, now);
  if (now.timeline === before.timeline) {
    const isStandby = replication.parameter('in_hot_standby') === 'on';
    // A standby may not have replayed yet what its primary had sent; it will.
    return now.walPosition < received && !isStandby ? { lostAfter: now.walPosition } : {};
  }
  if (now.timeline < before.timeline) throw olderTimeline(target, before, now);
  const left = await replication.switchPoint(now.timeline, before.timeline);
  if (left === undefined) throw otherHistory(target, before, now);
  return left < received ? { lostAfter: left } : {};
}

function otherServer(
  target: ConnectionTarget,
  before: SystemIdentity,
  now: SystemIdentity,
): SessionEnded {
  return failed(
    'other-system',
    `${server(target)} is another system now: its identifier is ${now.systemId}, and it was ${before.systemId}`,
    'Its positions mean nothing to this stream. Start again if that is the server that you want.',
  );
}

function otherDatabase(
  target: ConnectionTarget,
  before: SystemIdentity,
  now: SystemIdentity,
): SessionEnded {
  return failed(
    'other-database',
    `${server(target)} serves the database ${JSON.stringify(now.database)} now, not ${JSON.stringify(before.database)}`,
    'Start again if that is the database that you want.',
  );
}

function olderTimeline(
  target: ConnectionTarget,
  before: SystemIdentity,
  now: SystemIdentity,
): SessionEnded {
  return failed(
    'older-timeline',
    `${server(target)} is on timeline ${String(now.timeline)}, and the stream came from timeline ${String(before.timeline)}: it is an old primary, or was restored`,
    'Connect to the server that was promoted, or start again if this is the one that counts.',
  );
}

function otherHistory(
  target: ConnectionTarget,
  before: SystemIdentity,
  now: SystemIdentity,
): SessionEnded {
  return failed(
    'other-history',
    `${server(target)} is on timeline ${String(now.timeline)}, which does not come from timeline ${String(before.timeline)} of this stream`,
    'Start again if this is the server that counts.',
  );
}

/** The end of a stream that confirms: what it has stored is not what the server has any more. */
export function serverBehind(
  target: ConnectionTarget,
  received: Lsn,
  lostAfter: Lsn,
): SessionEnded {
  return failed(
    'server-behind',
    `${server(target)} is behind what was received: it lost its WAL after ${formatLsn(lostAfter)}, and transactions up to ${formatLsn(received)} were stored here`,
    `What was stored after ${formatLsn(lostAfter)} does not exist on this server. Decide what to do with it, then start again with a new file.`,
  );
}

function server(target: ConnectionTarget): string {
  return serverOf(target).replace('the', 'The');
}

function failed(code: string, message: string, action: string): SessionEnded {
  return new SessionEnded(failedEnd('failed', code, message, action));
}
