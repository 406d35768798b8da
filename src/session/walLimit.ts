import type { Lsn } from '../base/lsn';
import { lsnDistance } from '../base/lsn';
import { formatBytes } from '../base/quantity';
import type { WatchSample } from '../postgres/shutdownWatch';
import { failedEnd } from './endReasons';
import type { StreamEnd } from './sessionRequest';

/** Where the server stands when a temporary slot of ours is missing. */
export interface SlotlessServer {
  readonly currentLsn: Lsn;
  /** Bytes; undefined for no limit. */
  readonly maxSlotWalKeepBytes: number | undefined;
}

/**
 * The end of a temporary slot that went with its process, where the server has most likely ended that because
 * of max_slot_wal_keep_size. Nothing is left of the slot then, so only what was seen `before` tells.
 */
export function walLimitEnd(
  before: WatchSample | undefined,
  { currentLsn, maxSlotWalKeepBytes }: SlotlessServer,
): StreamEnd | undefined {
  if (maxSlotWalKeepBytes === undefined || before === undefined) return undefined;
  // Before the first look at our slot it kept at most what was written since.
  const kept = Number(lsnDistance(before.currentLsn, currentLsn)) + (before.retainedBytes ?? 0);
  if (kept <= maxSlotWalKeepBytes) return undefined;
  return failedEnd(
    'slot-lost',
    'slot-lost',
    `The server ended our stream, most likely because our slot needed more WAL than max_slot_wal_keep_size (${formatBytes(maxSlotWalKeepBytes)}) keeps`,
    'Start again; raise that setting if it happens again.',
  );
}
