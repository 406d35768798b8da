import { formatBytes, formatSpan } from '../../base/quantity';
import { serverTimeMs } from '../../postgres/catalog/serverTime';
import type { SlotInfo } from '../../postgres/catalog/slots';
import type { SidebarNode } from './sidebarNode';

/** Values of pg_replication_slots.wal_status in words (doc: system-views). */
const WAL_STATUS: Readonly<Record<string, string>> = {
  reserved: 'within max_wal_size',
  extended: 'more than max_wal_size, still protected',
  unreserved: 'may be removed at the next checkpoint',
  lost: 'removed: the slot cannot be used any more',
};

/** What a column that is true or false says. */
const FLAGS: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  temporary: ['yes: gone with its session', 'no: kept until it is dropped'],
  active: ['yes: somebody reads it', 'no'],
  two_phase: ['yes: prepared transactions are decoded', 'no: prepared ones come at their commit'],
  conflicting: ['yes: recovery removed what it needs', 'no'],
  failover: ['yes: standbys keep a copy', 'no'],
  synced: ['yes: copied from the primary', 'no'],
};

/** What NULL means in a column; elsewhere it says that there is none. */
const NULL_WORDS: Readonly<Record<string, string>> = {
  plugin: 'none: a physical slot',
  database: 'none: physical slots belong to all',
  active_pid: 'nobody reads it',
  xmin: 'none: holds back no vacuum',
  catalog_xmin: 'none: holds back no vacuum of catalogs',
  restart_lsn: 'none: keeps no WAL',
  confirmed_flush_lsn: 'none',
  wal_status: 'none: keeps no WAL',
  safe_wal_size: 'no limit, or lost',
  conflicting: 'does not apply to physical slots',
  invalidation_reason: 'none: it is valid',
  inactive_since: 'in use',
  two_phase_at: 'two-phase is off',
};

/** Every column of pg_replication_slots that the server has, in its order, with what its value means. */
export function slotFacts(slot: SlotInfo, now: number): SidebarNode['tooltip']['facts'] {
  return Object.entries(slot.columns).map(([column, value]) => [
    column,
    value === null
      ? (NULL_WORDS[column] ?? 'none')
      : [value === 't' || value === 'f' ? '' : value, meaningOf(slot, column, value, now)]
          .filter(Boolean)
          .join(' · '),
  ]);
}

function meaningOf(slot: SlotInfo, column: string, value: string, now: number): string {
  const flag = FLAGS[column];
  if (value === 't') return flag?.[0] ?? 'yes';
  if (value === 'f') return flag?.[1] ?? 'no';
  switch (column) {
    case 'wal_status':
      return WAL_STATUS[value] ?? '';
    case 'restart_lsn':
      return slot.retainedBytes === undefined ? '' : `keeps ${formatBytes(slot.retainedBytes)}`;
    case 'confirmed_flush_lsn':
      return slot.pendingBytes === undefined ? '' : `${formatBytes(slot.pendingBytes)} behind`;
    case 'safe_wal_size':
      return `${formatBytes(Number(value))} more may be written before it is in danger`;
    case 'inactive_since': {
      const since = serverTimeMs(value);
      return since === undefined ? '' : `${formatSpan((now - since) / 1000)} ago`;
    }
    default:
      return '';
  }
}
